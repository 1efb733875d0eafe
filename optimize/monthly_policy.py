"""A policy that follows the prices and never exceeds a month's hours or budgets, and what it is worth.

Each month every manager ranks what could be done at its accounts by what it brings beyond that month at the prices, and
does what fits into this month's hours and into its part of what all managers share. In the response model its worth is
measured by what it falls short of the bound: E[worth given up by actions that aren't the best + prices x what is left].
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from optimize.monthly import Monthly, free
from optimize.monthly_prices import Bound, by_manager, starts_of
from sim import draws
from sim.kernels.monthly_gains import table_gains
from sim.kernels.monthly_lives import Lives, live_months
from sim.kernels.monthly_records import ACTIONS, HOURS, MONEY_OFF

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Ranking = Callable[[int, Whole, NDArray[np.float32]], NDArray[np.float32]]
"""Given a manager, where its accounts' tables begin, and the table of the price policy, return what ranks actions."""
KINDS = ("place", "joins", "quits", "leaves", "begins")


class Lived(NamedTuple):
    """A policy in the response model, over some lives."""

    below: Floats
    """What each life falls short of the bound, in expectation given its states, yuan, shape (lives,)."""
    paid: Floats
    """Retained revenue and worth left behind of each life, as it came, yuan, shape (lives,)."""
    used: Floats
    """Shape (lives, 4, months)."""

    def gap(self, bound: Bound, level: float = 0.95) -> tuple[float, float, float]:
        """Return the mean shortfall as a share of the bound's uplift over doing nothing, and its interval."""
        uplift, lives = bound.bound - bound.nothing, self.below.size
        mean = float(self.below.mean())
        half = float(stats.t.ppf(0.5 + level / 2, lives - 1)) * self.error if lives > 1 else np.inf
        return mean / uplift, (mean - half) / uplift, (mean + half) / uplift

    @property
    def error(self) -> float:
        """Return the standard error of the mean shortfall, yuan."""
        return float(self.below.std(ddof=1) / np.sqrt(self.below.size)) if self.below.size > 1 else np.inf


def parts_of(model: Monthly, bound: Bound) -> Floats:
    """Return each manager's part of every month's hours and budgets, shape (managers, 4, months).

    What is shared is parted as it is used at the prices, but for what plans that run already draw.
    """
    used = by_manager(model, bound.found.used[:, HOURS + 1 :]) + 1e-9
    running = np.where(model.process.branch[:, None] == 1, model.process.over, 0.0)
    drawn = np.zeros_like(used)
    drawn[:, MONEY_OFF - 1] = by_manager(model, running)
    spare = model.shared - drawn.sum(axis=0)
    free = np.maximum(used - drawn, 1e-9 * used.sum(axis=0))
    shared = drawn + np.maximum(spare, 0.0) * free / free.sum(axis=0)
    return np.concatenate([model.hours[:, None], shared], axis=1)


def live_policy(
    model: Monthly,
    bound: Bound,
    lives: int,
    seed: int,
    ranking: Ranking | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Lived:
    """Return how the policy fares in the response model over some lives; `ranking` has another one tried instead."""
    months, managers = model.months, len(model.hours)
    parts, prices = parts_of(model, bound), bound.prices
    keys = np.array(
        [
            [[draws.stream(seed, f"monthly {kind} of life {life}", t) for kind in KINDS] for t in range(months)]
            for life in range(lives)
        ],
        dtype=np.uint64,
    )
    starts = starts_of(model)
    sizes = (np.diff(model.process.ends) * ACTIONS * months).astype(np.int64)

    def one(manager: int) -> Lives:
        first, last = int(starts[manager]), int(starts[manager + 1])
        found = Lives(np.zeros(lives), np.zeros(lives), np.zeros((lives, 4, months)))
        if first == last:
            return found
        at = np.concatenate([[0], np.cumsum(sizes[first:last])]).astype(np.int64)
        gains = np.empty(at[-1], dtype=np.float32)
        given = (model.process, model.costs, model.grid)
        table_gains(first, last, True, model.manager, *given, prices, at, gains)
        ranks = gains if ranking is None else ranking(manager, at, gains)
        price = np.concatenate([prices.hours[manager][None], prices.shared])
        for life in range(lives):
            live_months(
                life, first, last, model.key, keys[life], *given, price, parts[manager], at, gains, ranks, found
            )
        return found

    lost, paid, used = np.zeros(lives), np.zeros(lives), np.zeros((lives, 4, months))
    wasted = np.zeros(lives)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for manager, found in enumerate(pool.map(one, range(managers))):
            lost, paid, used = lost + found.lost, paid + found.paid, used + found.used
            left = model.hours[manager] - found.used[:, HOURS]
            wasted += (left * prices.hours[manager]).sum(axis=1)
            if progress:
                progress(manager + 1, managers)
    wasted += ((model.shared - used[:, HOURS + 1 :]) * prices.shared).sum(axis=(1, 2))
    return Lived(lost + wasted, paid, used)


def myopic(model: Monthly) -> Ranking:
    """Return the ranking of who thinks that nothing will be done in the months that follow."""
    starts = starts_of(model)

    def ranked(manager: int, at: Whole, gains: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.empty_like(gains)
        first, last = int(starts[manager]), int(starts[manager + 1])
        given: tuple[Any, ...] = (model.process, model.costs, model.grid, free(model), at, found)
        table_gains(first, last, False, model.manager, *given)
        return found

    return ranked
