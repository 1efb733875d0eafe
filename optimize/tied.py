"""Allocation where decisions for buildings or service centres bind their accounts, or accounts may change managers.

At prices of everything scarce, managers' hours too, each unit decides by itself and every account chooses by itself:
a bound that holds (`optimize.prices`). With the alternatives that units choose there, and each account at one manager,
what is left is a problem without ties (`optimize.decompose`); then the units that were nearest to another alternative
are tried with it, as long as that gains.
"""

from __future__ import annotations

from concurrent.futures import Executor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decompose import Decomposed, decompose
from optimize.elastic import alone
from optimize.prices import Cut, Region, bundle
from optimize.problem import ANY, Problem, with_alternatives
from sim.kernels.allocate_units import Tied, price_units

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
PARTS = 16
"""Parts that units are priced in."""
MANY = 400
"""Managers up to whom prices of hours are searched with those of budgets; beyond, they stay as they started."""
TOLERANCE, PASSES = 1e-5, 150
"""Of the dual, as a share of the uplift, and evaluations of it at most."""
FLIPS = 24
"""Units tried with another alternative at most."""


class TiedFound(NamedTuple):
    """An allocation, its alternatives and the bound."""

    found: Decomposed
    """Of the problem with the alternatives fixed; `bound` is that of the whole problem, `value` too."""
    alternative: Whole


class Priced(NamedTuple):
    """What units would do at prices."""

    alternative: Whole
    margin: Floats
    """How much worse each unit's second best alternative is, yuan."""
    option: Whole
    """Of each account, in the problem's order."""


def decompose_tied(given: Problem, executor: Executor | None = None) -> TiedFound:
    """Return a good allocation with alternatives and managers chosen, and the bound on the best."""
    tied, order = in_units(given)
    units = 0 if given.ties is None else given.ties.value.shape[1]
    start = decompose(
        at_one_manager(with_alternatives(given, np.zeros(units, dtype=np.int64)), None), executor=executor
    )
    price, bound = search(given, tied, start)
    wish = ask(tied, order, price, given)
    alternative = affordable(given, wish, units)
    fixed = at_one_manager(with_alternatives(given, alternative), wish.option)
    best, alternative = improve(given, fixed, alternative, wish, executor)
    if value_with(given, start, np.zeros(units, dtype=np.int64)) > best.value or (best.left < -1e-9).any():
        best, alternative = (
            start._replace(value=value_with(given, start, np.zeros(units, dtype=np.int64))),
            alternative * 0,
        )
    return TiedFound(
        best._replace(bound=bound, price=price[: given.limit.size], hour_price=price[given.limit.size :]), alternative
    )


def value_with(given: Problem, found: Decomposed, alternative: Whole) -> float:
    """Return the value of a problem with alternatives fixed, what they are worth by themselves included."""
    fixed = 0.0 if given.ties is None else given.ties.value[alternative, np.arange(alternative.size)].sum()
    return found.value + float(fixed)


def in_units(given: Problem) -> tuple[Tied, Whole]:
    """Return the accounts in the order of their units, an account without one as a unit of its own, and that order."""
    accounts, ties = given.value.shape[1], given.ties
    units = 0 if ties is None else ties.value.shape[1]
    unit = np.full(accounts, ANY) if ties is None else ties.unit
    alone = unit < 0
    of = np.where(alone, units + np.cumsum(alone) - 1, unit)
    order = np.argsort(of, kind="stable")
    count = np.bincount(of, minlength=units + int(alone.sum()))
    alternatives = 1 if ties is None else len(ties.value)
    value = np.full((alternatives, count.size), -np.inf)
    value[0, units:] = 0.0
    use = np.zeros((given.limit.size, alternatives, count.size))
    if ties is not None:
        value[:, :units], use[:, :, :units] = ties.value, ties.use
    tied = Tied(
        value=np.ascontiguousarray(given.value[:, order]),
        allowed=np.ascontiguousarray(given.allowed[:, order]),
        hours=np.ascontiguousarray(given.hours[:, order]),
        manager=np.ascontiguousarray(given.managers_of_options[:, order]),
        use=np.ascontiguousarray(given.use[:, :, order]),
        needs=np.zeros(len(given.value), dtype=np.int64) if ties is None else ties.needs.astype(np.int64),
        starts=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        unit_value=value,
        unit_use=use,
    )
    return tied, order


def search(given: Problem, tied: Tied, start: Decomposed) -> tuple[Floats, float]:
    """Return prices of budgets and of managers' hours, shape (budgets + managers,), and the bound at them."""
    budgets, managers = given.limit.size, given.available.size
    units = tied.starts.size - 1
    edges = np.unique(np.linspace(0, units, PARTS + 1).astype(int))
    scarce = np.concatenate([given.limit, given.available])
    bound_by = np.flatnonzero(np.isfinite(scarce) & ((np.arange(scarce.size) < budgets) | (managers <= MANY)))
    at = np.concatenate([start.price, np.where(np.isfinite(given.available), start.hour_price, 0.0)])
    alternative, margin = np.zeros(units, np.int64), np.zeros(units)
    chosen = np.zeros(given.value.shape[1], np.int64)

    def full(price: Floats) -> Floats:
        every = at.copy()
        every[bound_by] = price
        return every

    def priced(price: Floats) -> Cut:
        every, worth, rows = full(price), [], []
        for first, last in pairwise(edges):
            used, hours = np.zeros(budgets), np.zeros(managers)
            part = price_units(
                tied, first, last, every[:budgets], every[budgets:], used, hours, alternative, margin, chosen
            )
            worth.append(part)
            rows.append(np.concatenate([used, hours])[bound_by])
        rest = np.setdiff1d(np.flatnonzero(np.isfinite(scarce)), bound_by)
        worth[0] += float(every[rest] @ scarce[rest])
        return Cut(np.array(worth), np.array(rows))

    base = 0.0 if given.nothing is None else given.nothing
    uplift = max(start.bound - base, 1e-9)
    usual = uplift / (np.abs(scarce[bound_by]) + 1e-9) / max(bound_by.size, 1)
    scale = np.maximum(at[bound_by], 0.1 * usual)
    dual = bundle(priced, scarce[bound_by], Region(at[bound_by] / scale, 1.0, scale), base, TOLERANCE, PASSES)
    return full(dual.price), dual.bound


def ask(tied: Tied, order: Whole, price: Floats, given: Problem) -> Priced:
    """Return what units and accounts choose at prices."""
    units, budgets = tied.starts.size - 1, given.limit.size
    alternative, margin = np.zeros(units, np.int64), np.zeros(units)
    chosen = np.zeros(order.size, np.int64)
    used, hours = np.zeros(budgets), np.zeros(given.available.size)
    price_units(tied, 0, units, price[:budgets], price[budgets:], used, hours, alternative, margin, chosen)
    option = np.empty(order.size, dtype=np.int64)
    option[order] = chosen
    return Priced(alternative, margin, option)


def affordable(given: Problem, wish: Priced, units: int) -> Whole:
    """Return the alternatives wished for, less those nearest to indifference as far as budgets don't pay for all."""
    alternative = wish.alternative[:units].copy()
    if given.ties is None:
        return alternative
    for u in np.argsort(wish.margin[:units], kind="stable"):
        if possible(at_one_manager(with_alternatives(given, alternative), wish.option)):
            break
        if np.isfinite(given.ties.value[0, u]):
            alternative[u] = 0
    return alternative


def at_one_manager(given: Problem, option: Whole | None) -> Problem:
    """Return the problem with each account at one manager: that of an option, or without one its first allowed."""
    if given.manager.ndim == 1:
        return given
    account = np.arange(given.value.shape[1])
    at = given.allowed.argmax(axis=0) if option is None else option
    manager = given.manager[at, account]
    here = (given.manager == manager) | (given.hours == 0)
    return given._replace(manager=manager, allowed=given.allowed & here)


def improve(
    given: Problem, fixed: Problem, alternative: Whole, wish: Priced, executor: Executor | None
) -> tuple[Decomposed, Whole]:
    """Return the allocation with these alternatives, or with others at units nearest to them where that gains."""
    best = decompose(fixed, executor=executor)
    best = best._replace(value=value_with(given, best, alternative))
    if given.ties is None:
        return best, alternative
    several = np.flatnonzero(np.isfinite(given.ties.value).sum(axis=0) > 1)
    for u in several[np.argsort(wish.margin[several], kind="stable")][:FLIPS]:
        for a in np.flatnonzero(np.isfinite(given.ties.value[:, u])):
            if a == alternative[u]:
                continue
            other = alternative.copy()
            other[u] = a
            rest = at_one_manager(with_alternatives(given, other), wish.option)
            if not possible(rest):
                continue
            tried = decompose(rest, executor=executor)
            value = value_with(given, tried, other)
            kept, had = (tried.left >= -1e-9).all(), (best.left >= -1e-9).all()
            if kept and (value > best.value or not had):
                best, alternative = tried._replace(value=value), other
    return best, alternative


def possible(given: Problem) -> bool:
    """Return whether every account has an option, and the least that accounts can take keeps every limit."""
    return bool(given.allowed.any(axis=0).all()) and not alone(given)
