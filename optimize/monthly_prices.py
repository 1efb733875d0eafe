"""Prices of every month's hours and budgets, and the bound that they prove on any policy.

At prices each account is a decision process of its own, so that the sum of what accounts can be worth, plus what hours
and budgets are worth at the prices, is above what any policy brings that keeps them (Hawkins 2003; Adelman and
Mersereau 2008). That holds at any prices that aren't below nought; the best are found manager by manager, then for what
all managers share, in turn, by the bundle method of `optimize.prices`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.monthly import Monthly, Worth, free, nothing_but, priced
from optimize.monthly_settings import MonthlySettings
from optimize.prices import Cut, Dual, Region, bundle
from sim.kernels import monthly as kernel
from sim.kernels.monthly_records import HOURS, Prices

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Told how many of the searches for prices are done, and how many there are at most."""
LEAST = 0.01
"""Of the hours wanted, by which prices are scaled where there are fewer."""
AGAIN = 0.1
"""How far from the prices found before, as a share of the scale, the next ones are looked for first."""


class Bound(NamedTuple):
    """A certificate: no policy within the hours and budgets of every month brings more."""

    prices: Prices
    bound: float
    """Yuan of retained revenue over the horizon, the worth of states left behind included."""
    nothing: float
    """Of doing nothing over the period."""
    found: Worth
    """Accounts at the prices."""
    passes: float
    """How often the book was gone through."""


def best_prices(model: Monthly, settings: MonthlySettings, progress: Progress | None = None) -> Bound:
    """Return prices near to the best, and their bound."""
    tell = progress or (lambda *_: None)
    nothing = priced(nothing_but(model), free(model)).worth
    prices, bases = free(model), by_manager(model, nothing)
    search = Search(model, settings, bases)
    best, passes = search.certified(prices), 1.0
    steps = settings.rounds * (bases.size + 1)
    for turn in range(settings.rounds):
        begun = turn * (bases.size + 1)
        prices = search.hours(prices, turn, partial(_told, tell, begun, steps))
        prices = search.shared(prices, turn)
        found = search.certified(prices)
        passes = search.passes + turn + 2.0
        improved = best.bound - found.bound
        best = found if improved > 0 else best
        if turn and improved <= settings.gap * (best.bound - nothing.sum()):
            break
    tell(steps, steps)
    return best._replace(passes=passes)


def _told(tell: Progress, begun: int, steps: int, done: int) -> None:
    tell(begun + done, steps)


def starts_of(model: Monthly) -> Whole:
    """Return where each manager's accounts begin, shape (managers + 1,)."""
    counts = np.bincount(model.manager, minlength=len(model.hours))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def by_manager(model: Monthly, amounts: Floats) -> Floats:
    """Return amounts of accounts summed by their manager, shape (managers, ...)."""
    total = np.zeros((len(model.hours), *amounts.shape[1:]))
    np.add.at(total, model.manager, amounts)
    return total


class Search:
    """The search for prices: what it goes by, and how much of the book it has gone through."""

    def __init__(self, model: Monthly, settings: MonthlySettings, bases: Floats):
        self.model, self.settings, self.bases = model, settings, bases
        self.starts = starts_of(model)
        self.passes = 0.0
        customers = model.manager.size
        self.worth = Worth(np.zeros(customers), np.zeros((customers, 4, model.months)))

    def certified(self, prices: Prices) -> Bound:
        """Return the bound at some prices."""
        found = priced(self.model, prices)
        available = float((prices.hours * self.model.hours).sum() + (prices.shared * self.model.shared).sum())
        return Bound(prices, float(found.worth.sum()) + available, float(self.bases.sum()), found, 0.0)

    def hours(self, prices: Prices, turn: int, tell: Callable[[int], None]) -> Prices:
        """Return better prices of hours, those of what is shared as they are."""
        hours, done = prices.hours.copy(), 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(lambda manager: self._manager(manager, prices, turn), range(len(hours)))
            for manager, dual in enumerate(found):
                hours[manager] = dual.price
                self.passes += dual.passes * (self.starts[manager + 1] - self.starts[manager]) / self.starts[-1]
                done += 1
                tell(done)
        return prices._replace(hours=hours)

    def _manager(self, manager: int, prices: Prices, turn: int) -> Dual:
        """Return the best prices of one manager's hours."""
        first, last = self.starts[manager], self.starts[manager + 1]
        limit = self.model.hours[manager]
        if first == last:
            return Dual(np.zeros(limit.size), 0.0, 0)
        groups = min(self.settings.groups, int(last - first))
        edges = np.linspace(0, last - first, groups, endpoint=False).astype(np.int64)
        mine = Prices(prices.hours.copy(), prices.shared)

        def cut(price: Floats) -> Cut:
            mine.hours[manager] = np.maximum(price, 0.0)
            self._price(first, last, mine)
            worth, used = self.worth.worth[first:last], self.worth.used[first:last, HOURS]
            return Cut(np.add.reduceat(worth, edges), np.add.reduceat(used, edges, axis=0))

        at_none = cut(np.zeros(limit.size))
        gained = max(float(at_none.worth.sum()) - self.bases[manager], 1e-9)
        if (at_none.used.sum(axis=0) <= limit).all():
            return Dual(np.zeros(limit.size), float(at_none.worth.sum()), 1)
        most = max(limit.sum(), LEAST * float(at_none.used.sum()))
        scale = np.full(limit.size, gained / most)
        start = Region(prices.hours[manager] / scale, AGAIN if turn else 1.0, scale)
        return bundle(cut, limit, start, float(self.bases[manager]), self.settings.gap / 4, self.settings.passes)

    def shared(self, prices: Prices, turn: int) -> Prices:
        """Return better prices of what all managers share, those of hours as they are."""
        model = self.model
        limit = model.shared.ravel()

        def cut(price: Floats) -> Cut:
            found = priced(model, prices._replace(shared=np.maximum(price, 0.0).reshape(model.shared.shape)))
            hours = (prices.hours * model.hours).sum(axis=1)
            used = found.used[:, HOURS + 1 :].reshape(model.manager.size, -1)
            return Cut(by_manager(model, found.worth) + hours, by_manager(model, used))

        now = cut(prices.shared.ravel())
        gained = max(float(now.worth.sum() - self.bases.sum()), 1e-9)
        scale = gained / np.maximum(np.abs(limit) + np.abs(now.used.sum(axis=0)), 1e-9) / limit.size
        start = Region(prices.shared.ravel() / scale, AGAIN if turn else 1.0, scale)
        dual = bundle(cut, limit, start, float(self.bases.sum()), self.settings.gap / 4, self.settings.passes)
        self.passes += dual.passes + 1
        return prices._replace(shared=dual.price.reshape(model.shared.shape))

    def _price(self, first: int, last: int, prices: Prices) -> None:
        model = self.model
        kernel.price_accounts(first, last, model.manager, model.process, model.costs, model.grid, prices, *self.worth)
