"""The allocation problem as a value: one option for each account, within managers' hours and shared budgets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels.allocate_price import Block

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


ANY = -1
"""What an option needs that goes with every alternative of its unit, and the unit of an account that has none."""


class Ties(NamedTuple):
    """Units, such as buildings or service centres, for each of which one alternative is chosen that binds its accounts.

    Alternative 0 is what is without a decision. An option needs one alternative of its account's unit or goes with
    any; accounts without a unit have the options that need alternative 0 or go with any. A unit may have no accounts.
    """

    unit: Whole
    """Of each account, -1 without one, shape (accounts,)."""
    needs: Whole
    """Alternative that an option needs, -1 for any, shape (options,)."""
    value: Floats
    """Of an alternative by itself, yuan, shape (alternatives, units); -inf where it isn't allowed."""
    use: Floats
    """Of shared budgets, shape (budgets, alternatives, units)."""
    names: tuple[str, ...]
    """Of the units."""


class Problem(NamedTuple):
    """Choose one allowed option for each account so that value is largest and no limit is exceeded.

    A limit of the form "at least" is one with both sides negated. Where nobody's time is needed, hours are nil and
    every account may be its own manager's.

    >>> tiny = problem(value=[[0.0, 0.0], [5.0, 4.0]], use=[[[0.0, 0.0], [3.0, 2.0]]], limit=[4.0])
    >>> tiny.value.shape, tiny.limit
    ((2, 2), array([4.]))
    """

    value: Floats
    """Yuan, shape (options, accounts), as the next two."""
    allowed: NDArray[np.bool_]
    hours: Floats
    """Of the account's manager."""
    manager: Whole
    """Whose hours an option takes, shape (accounts,), or (options, accounts) where accounts may change managers."""
    available: Floats
    """Hours of each manager, shape (managers,)."""
    use: Floats
    """Of shared budgets, shape (budgets, options, accounts)."""
    limit: Floats
    """Shape (budgets,)."""
    budgets: tuple[str, ...]
    """Names of shared budgets."""
    nothing: float | None = None
    """Value of doing nothing, which gaps are taken above; without it they are taken on the value itself."""
    ties: Ties | None = None
    """What binds accounts together."""

    @property
    def managers_of_options(self) -> Whole:
        """Return whose hours each option takes, shape (options, accounts)."""
        return np.asarray(np.broadcast_to(self.manager, self.value.shape))


def problem(
    value: object,
    use: object,
    limit: object,
    *,
    allowed: object = None,
    hours: object = None,
    manager: object = None,
    available: object = None,
    budgets: tuple[str, ...] | None = None,
    nothing: float | None = None,
) -> Problem:
    """Return a problem from arrays or nested lists; what is left out binds nobody. Raises ValueError on odd shapes."""
    worth = np.asarray(value, dtype=float)
    uses, limits = np.asarray(use, dtype=float), np.asarray(limit, dtype=float)
    options, accounts = worth.shape
    if uses.shape != (limits.size, options, accounts):
        raise ValueError(
            f"use has shape {uses.shape}; with value {worth.shape} and {limits.size} limits it must be "
            f"{(limits.size, options, accounts)}: budgets, options, accounts"
        )
    own = np.arange(accounts, dtype=np.int64)
    at = own if manager is None else np.asarray(manager, dtype=np.int64)
    managers = int(at.max(initial=-1)) + 1
    return Problem(
        value=worth,
        allowed=np.ones(worth.shape, dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool),
        hours=np.zeros(worth.shape) if hours is None else np.asarray(hours, dtype=float),
        manager=at,
        available=np.full(managers, np.inf) if available is None else np.asarray(available, dtype=float),
        use=uses,
        limit=limits,
        budgets=tuple(f"budget {k + 1}" for k in range(limits.size)) if budgets is None else budgets,
        nothing=nothing,
    )


def arranged(given: Problem) -> tuple[Block, Whole]:
    """Return a problem's accounts in the order of their managers, and that order; nothing is copied if it is theirs."""
    managers = given.available.size
    starts = np.concatenate([[0], np.cumsum(np.bincount(given.manager, minlength=managers))]).astype(np.int64)
    order = np.arange(given.manager.size)
    block = Block(given.value, given.allowed, given.hours, given.use, starts, given.available)
    if (np.diff(given.manager) < 0).any():
        order = np.argsort(given.manager, kind="stable")
        block = block._replace(
            value=np.ascontiguousarray(given.value[:, order]),
            allowed=np.ascontiguousarray(given.allowed[:, order]),
            hours=np.ascontiguousarray(given.hours[:, order]),
            use=np.ascontiguousarray(given.use[:, :, order]),
        )
    return block, order


NO_UNITS: Whole = np.zeros(0, dtype=np.int64)
"""Alternatives where there are no units."""


def value_of(given: Problem, option: Whole, alternative: Whole = NO_UNITS) -> float:
    """Return the value of chosen options and of units' alternatives, yuan."""
    value = float(given.value[option, np.arange(option.size)].sum())
    if given.ties is not None:
        value += float(given.ties.value[alternative, np.arange(alternative.size)].sum())
    return value


def used_by(given: Problem, option: Whole, alternative: Whole = NO_UNITS) -> tuple[Floats, Floats]:
    """Return what a choice uses: hours by manager, shape (managers,), and budgets, shape (budgets,)."""
    account = np.arange(option.size)
    manager = given.managers_of_options[option, account]
    hours = np.bincount(manager, weights=given.hours[option, account], minlength=given.available.size)
    used = np.array([use[option, account].sum() for use in given.use])
    if given.ties is not None:
        used += given.ties.use[:, alternative, np.arange(alternative.size)].sum(axis=1)
    return np.asarray(hours, dtype=float), used


def bound_options(given: Problem, alternative: Whole) -> NDArray[np.bool_]:
    """Return which options are allowed once alternatives are chosen, shape (options, accounts)."""
    ties = given.ties
    if ties is None:
        return given.allowed
    at = np.where(ties.unit >= 0, np.append(alternative, 0)[ties.unit], 0)
    return np.asarray(given.allowed & ((ties.needs[:, None] == ANY) | (ties.needs[:, None] == at)))


def with_alternatives(given: Problem, alternative: Whole) -> Problem:
    """Return the problem that is left when alternatives are chosen: without ties, its limits less what they use."""
    if given.ties is None:
        return given
    there = np.arange(alternative.size)
    fixed = float(given.ties.value[alternative, there].sum())
    return given._replace(
        allowed=bound_options(given, alternative),
        limit=given.limit - given.ties.use[:, alternative, there].sum(axis=1),
        nothing=None if given.nothing is None else given.nothing - fixed,
        ties=None,
    )


def excess(given: Problem, option: Whole, alternative: Whole = NO_UNITS, tolerance: float = 1e-7) -> list[str]:
    """Return in words which limits chosen options exceed by more than a rounding error, worst first."""
    hours, used = used_by(given, option, alternative)
    names = [*(f"hours of manager {m}" for m in range(hours.size)), *given.budgets]
    uses, limits = np.concatenate([hours, used]), np.concatenate([given.available, given.limit])
    over = (uses - limits) / np.maximum(np.where(np.isfinite(limits), np.abs(limits), 1.0), 1.0)
    found = [int(i) for i in np.argsort(-over) if over[i] > tolerance]
    if not bound_options(given, alternative)[option, np.arange(option.size)].all():
        return ["what is allowed", *(names[i] for i in found)]
    return [f"{names[i]}: {uses[i]:.6g} of {limits[i]:.6g}" for i in found]
