"""Hedging: the choice of options that is best when what options bring depends on an outlook that isn't known.

What a choice is worth under an attitude to risk is the lowest of weighted means over outlooks (`optimize.risk`): its
guarded worth. At given weights the best choice is an allocation like any other (`optimize.allocation`), and its bound
holds for the guarded worth of every choice. A small linear programme over the choices met so far gives the next weights
and the best *mixture* of these choices (Kelley 1960). A mixture can't be carried out; choices near it are looked for by
decomposition, with the mixture's worth in each outlook as limits, and by an integer programme over the options that
lose least at the prices of everything scarce.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from optimize.allocation import allocate, prices_of
from optimize.decompose import decompose
from optimize.hedge_program import solve_hedged
from optimize.hedged import Hedged, Uncertain, guarded_worth, usual_options, worth_of
from optimize.outlook import RiskSettings
from optimize.polish import losses
from optimize.problem import Problem, excess
from optimize.risk import darkest, guarded
from optimize.solver import SolverSettings
from sim.errors import InfeasibleError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
BELOW = (0.0, 1e-3, 4e-3)
"""How far below the mixture's worth a choice may be in each outlook, as shares of the uplift, one after the other."""
SAME = 1e-6
"""Weights and shares that differ by no more are the same, or nil."""
LARGE = 5000
"""Accounts from which on it takes longer to allocate with more limits than to decide some accounts over again."""
OPENED = (600, 1500, 3000)
"""Options that are decided over again by the integer programme, one number after the other."""


class Mixture(NamedTuple):
    """The best mixture of some choices."""

    weight: Floats
    """Of each outlook, where none of the choices is worth more than the mixture, shape (outlooks,)."""
    share: Floats
    """Of each choice, shape (choices,)."""
    worth: Floats
    """Of the mixture, shape (outlooks,)."""
    value: float
    """Guarded worth, yuan."""


class Met(NamedTuple):
    """Choices met, with what each is worth in the outlooks less what is taken off."""

    options: list[Whole]
    worth: list[Floats]

    def add(self, given: Uncertain, option: Whole) -> None:
        """Add a choice."""
        self.options.append(option)
        self.worth.append(worth_of(given, option) - given.less)

    def best(self, cap: Floats) -> int:
        """Return which choice has the largest guarded worth."""
        return int(np.argmax([guarded(worth, cap) for worth in self.worth]))


def best_by_outlook(given: Uncertain, settings: SolverSettings, executor: Executor | None = None) -> list[Whole]:
    """Return the best choice found for each outlook if that one were known to come."""
    return [allocate(weighted(given, row), settings, executor).treatment for row in np.eye(len(given.worth))]


def hedge(
    given: Uncertain,
    risk: RiskSettings,
    settings: SolverSettings,
    known: Iterable[Whole] = (),
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Hedged:
    """Return the choice of the largest guarded worth that is found, with a bound that no choice exceeds.

    `known` are choices met before, such as `best_by_outlook`. Problems of at most `settings.whole_below` choices are
    solved whole as an integer programme where it ends within its gap.
    """
    choices = int(given.problem.allowed.sum()) - given.problem.manager.size
    whole = choices <= settings.whole_below if settings.method == "auto" else settings.method == "integer_programme"
    if whole:
        found = solve_hedged(given, settings)
        if found.status == "optimal" or settings.method == "integer_programme":
            return found
        return better_of(found, by_weights(given, risk, settings, known, executor, progress), risk.gap)
    return by_weights(given, risk, settings, known, executor, progress)


def by_weights(
    given: Uncertain,
    risk: RiskSettings,
    settings: SolverSettings,
    known: Iterable[Whole] = (),
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Hedged:
    """Return the choice found by weights on outlooks, and its bound."""
    met, nothing = Met([], []), guarded(given.nothing, given.cap)
    for option in known:
        if not excess(given.problem, option):
            met.add(given, option)
    weight = mixture(np.array(met.worth), given.cap).weight if met.options else given.cap / given.cap.sum()
    bound, passes = np.inf, 0
    while True:
        option, most = _at_weights(weighted(given, weight), settings, executor)
        met.add(given, option)
        bound, passes = min(bound, most - float(weight @ given.less)), passes + 1
        mixed = mixture(np.array(met.worth), given.cap)
        allowance = risk.gap * max(bound - nothing, 0.0)
        if progress:
            progress(passes, risk.passes)
        same = float(np.abs(mixed.weight - weight).max()) < SAME
        if bound - mixed.value <= allowance / 4 or same or passes >= risk.passes:
            break
        weight = mixed.weight
    for option in near(given, met, mixed, bound - nothing, settings):
        met.add(given, option)
        if bound - guarded(met.worth[met.best(given.cap)], given.cap) <= allowance:
            break
    best = met.best(given.cap)
    value = guarded(met.worth[best], given.cap)
    return Hedged(
        option=met.options[best],
        worth=met.worth[best] + given.less,
        value=value,
        bound=max(bound, value),
        nothing=nothing,
        weight=weight,
        status="optimal" if bound - value <= allowance else "gap missed",
        method="weights on outlooks",
        passes=passes,
    )


def _at_weights(asked: Problem, settings: SolverSettings, executor: Executor | None) -> tuple[Whole, float]:
    """Return the choice by decomposition, which needs no polish on the way, and the bound; else by any method."""
    found = decompose(asked, executor=executor)
    if not excess(asked, found.option):
        return found.option, found.bound
    allocated = allocate(asked, settings, executor)
    return allocated.treatment, allocated.bound


def near(given: Uncertain, met: Met, mixed: Mixture, scale: float, settings: SolverSettings) -> Iterator[Whole]:
    """Yield choices near a mixture of choices met, `scale` being the uplift at stake, yuan; first what takes less."""

    def by_limits() -> Iterator[Whole]:
        for below in BELOW:
            option = _with_limits(given, mixed.weight, mixed.worth + given.less - below * scale)
            if option is not None:
                yield option

    def by_polish() -> Iterator[Whole]:
        for opened in OPENED:
            yield polished(given, met.options[met.best(given.cap)], mixed.weight, opened, settings)

    ways = (by_limits, by_polish) if given.problem.manager.size <= LARGE else (by_polish, by_limits)
    for way in ways:
        yield from way()


def polished(given: Uncertain, option: Whole, weight: Floats, opened: int, settings: SolverSettings) -> Whole:
    """Return a choice of at least as large a guarded worth, for what the options that lose least can add to it.

    `opened` is how many options beside those chosen are decided over again; all else stays as it is chosen.
    """
    at = weighted(given, weight)
    loss, account = losses(at, prices_of(at)), np.arange(option.size)
    loss[option, account] = np.inf
    allowed = np.zeros_like(given.problem.allowed)
    allowed.flat[np.argpartition(loss, min(opened, loss.size - 1), axis=None)[:opened]] = True
    allowed &= np.isfinite(loss)
    allowed[option, account] = True
    try:
        found = solve_hedged(given._replace(problem=given.problem._replace(allowed=allowed)), settings).option
    except InfeasibleError:
        return option
    kept = not excess(given.problem, found) and guarded_worth(given, found) > guarded_worth(given, option)
    return found if kept else option


def _with_limits(given: Uncertain, weight: Floats, target: Floats) -> Whole | None:
    """Return a choice by decomposition that is to be worth a target in each outlook, where it keeps the limits."""
    account, usual = np.arange(given.problem.manager.size), usual_options(given.problem)
    base = given.worth[:, usual, account]
    asked = weighted(given, weight)
    asked = asked._replace(
        use=np.concatenate([asked.use, base[:, None] - given.worth]),
        limit=np.append(asked.limit, base.sum(axis=1) - target),
        budgets=(*asked.budgets, *(f"outlook {s + 1}" for s in range(target.size))),
    )
    try:
        option = decompose(asked).option
    except InfeasibleError:
        return None
    return None if excess(given.problem, option) else option


def better_of(one: Hedged, other: Hedged, gap: float) -> Hedged:
    """Return the better of two answers, with the lower of their bounds."""
    best = max(one, other, key=lambda found: found.value)._replace(bound=min(one.bound, other.bound))
    return best._replace(status="optimal" if best.gap <= gap else "gap missed")


def weighted(given: Uncertain, weight: Floats) -> Problem:
    """Return the allocation problem at weights of the outlooks, shape (outlooks,)."""
    value = np.tensordot(weight, given.worth, axes=1)
    return given.problem._replace(value=value, nothing=float(weight @ given.nothing + weight @ given.less))


def mixture(worth: Floats, cap: Floats) -> Mixture:
    """Return the best mixture of choices and the weights that prove it; worth has shape (choices, outlooks).

    >>> found = mixture(np.array([[4.0, 0.0], [0.0, 2.0]]), np.ones(2))
    >>> found.weight.round(6).tolist(), found.worth.round(6).tolist()
    ([0.333333, 0.666667], [1.333333, 1.333333])
    """
    centre = worth[0]
    choices, outlooks = worth.shape
    unit = max(float(np.abs(worth - centre).max()), 1e-9 * float(np.abs(centre).max()), 1e-9)
    found = optimize.linprog(
        np.append((centre - centre.min()) / unit, 1.0),
        A_ub=np.column_stack([(worth - centre) / unit, -np.ones(choices)]),
        b_ub=np.zeros(choices),
        A_eq=np.append(np.ones(outlooks), 0.0)[None],
        b_eq=[1.0],
        bounds=[*((0.0, float(most)) for most in cap), (None, None)],
        method="highs",
    )
    if found.x is None:
        share = np.eye(choices)[int(np.argmax([guarded(row, cap) for row in worth]))]
        weight = darkest(share @ worth, cap)
    else:
        weight, share = np.clip(found.x[:outlooks], 0.0, None), np.maximum(-found.ineqlin.marginals, 0.0)
        weight, share = weight / weight.sum(), share / share.sum()
    return Mixture(weight, share, share @ worth, guarded(share @ worth, cap))
