"""Polish: accounts that were nearest to another choice are decided over again by a small integer programme."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.problem import Problem, used_by, value_of
from optimize.program import solve_whole
from optimize.solver import SolverSettings

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Prices(NamedTuple):
    """What a unit of everything scarce is worth."""

    budget: Floats
    """Yuan for a unit of each shared budget, shape (budgets,)."""
    hour: Floats
    """Yuan an hour of each manager, shape (managers,)."""


def losses(given: Problem, prices: Prices) -> Floats:
    """Return what each option loses against its account's best at the prices, yuan, shape (options, accounts)."""
    worth = given.value - np.tensordot(prices.budget, given.use, axes=1) - prices.hour[given.manager] * given.hours
    worth = np.where(given.allowed, worth, -np.inf)
    return np.asarray(worth.max(axis=0) - worth)


def polish(
    given: Problem, option: Whole, prices: Prices, bound: float, open_options: int, settings: SolverSettings
) -> Whole:
    """Return a choice worth at least as much, for what the options that lose least can add to it.

    `open_options` is how many options, beside those chosen, are decided over again; all else stays as it is chosen.
    """
    account = np.arange(option.size)
    loss = losses(given, prices)
    loss[option, account] = np.inf
    flat = np.argpartition(loss, min(open_options, loss.size - 1), axis=None)[:open_options]
    opened = np.zeros(loss.shape, dtype=bool)
    opened.flat[flat] = True
    opened &= np.isfinite(loss)
    some = np.flatnonzero(opened.any(axis=0))
    if not some.size:
        return option
    opened[option, account] = True
    found = solve_whole(_rest(given, option, some, opened), settings, _within(given, bound, option, some, settings))
    if found.status == "infeasible":
        return option
    better = option.copy()
    better[some] = found.option
    hours, used = used_by(given, better)
    kept = (hours <= given.available * (1 + 1e-9) + 1e-9).all() and (used <= given.limit + _slack(given)).all()
    return better if kept and value_of(given, better) > value_of(given, option) else option


def _slack(given: Problem) -> Floats:
    return np.asarray(1e-9 * np.maximum(np.abs(given.limit), 1.0))


def _within(given: Problem, bound: float, option: Whole, some: Whole, settings: SolverSettings) -> float:
    """Return what the open accounts must be worth for the whole choice to be within the gap of the bound."""
    base = 0.0 if given.nothing is None else given.nothing
    rest = value_of(given, option) - float(given.value[option[some], some].sum())
    return bound - settings.gap * (bound - base) - rest


def _rest(given: Problem, option: Whole, some: Whole, opened: NDArray[np.bool_]) -> Problem:
    """Return the problem of the open accounts, with what all others leave."""
    hours, used = used_by(given, option)
    own = np.bincount(given.manager[some], weights=given.hours[option[some], some], minlength=hours.size)
    part = np.array([use[option[some], some].sum() for use in given.use])
    there, manager = np.unique(given.manager[some], return_inverse=True)
    return Problem(
        value=given.value[:, some],
        allowed=opened[:, some],
        hours=given.hours[:, some],
        manager=manager,
        available=np.maximum(given.available - hours + own, own)[there],
        use=given.use[:, :, some],
        limit=np.maximum(given.limit - used + part, part),
        budgets=given.budgets,
    )
