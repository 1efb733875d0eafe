"""Allocation: the best choice of an option for every account, by the method that suits the problem's size."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decompose import Decomposed, decompose
from optimize.polish import Prices, polish
from optimize.problem import NO_UNITS, Problem, excess, value_of
from optimize.program import solve_by_core, solve_whole
from optimize.solver import SolverSettings
from optimize.tied import decompose_tied
from sim.errors import InfeasibleError, KeystayError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
USUAL = SolverSettings()
TRIED_WHOLE = 40_000
"""Choices up to which the whole problem is tried too where decomposition misses the gap."""
POLISHED = 1500
"""Options decided over again where decomposition alone misses the gap, or one an account where these are fewer."""
WIDER = 2
"""How many times as many are tried next."""
MOST = 10_000
"""Options decided over again at most."""


class Allocation(NamedTuple):
    """The option of each account, and how far from the best it can be."""

    treatment: Whole
    """Option of each account, shape (accounts,)."""
    status: str
    """'optimal' (within the gap asked for) or 'node limit'."""
    value: float
    """Expected objective, yuan."""
    bound: float
    """No allocation within the limits has a larger expected objective, yuan."""
    nothing: float
    """Expected objective of doing nothing, yuan."""
    method: str = "integer programme"
    """Or 'decomposition'."""
    prices: Prices | None = None
    """Of everything scarce, where the method found them."""
    alternative: Whole = NO_UNITS
    """Of each unit that binds accounts, shape (units,)."""

    @property
    def gap(self) -> float:
        """Return the certified gap on the uplift over doing nothing: (bound - value) / (bound - nothing).

        Where rules force a plan that brings less than doing nothing, it is relative to that loss.
        """
        if self.bound <= self.value:
            return 0.0
        scale = max(abs(self.bound - self.nothing), abs(self.value - self.nothing))
        return (self.bound - self.value) / scale


def allocate(given: Problem, settings: SolverSettings = USUAL, executor: Executor | None = None) -> Allocation:
    """Return the best allocation within the limits; raises InfeasibleError where there is none.

    Small problems are solved whole as an integer programme, large ones by decomposition; `settings.method` decides
    otherwise. Either way no limit is exceeded, and the gap is proven.
    """
    if not given.allowed.any(axis=0).all():
        raise InfeasibleError("an account has no option that is allowed; doing nothing must be possible, or something")
    choices = int(given.allowed.sum()) - given.manager.shape[-1]
    whole = choices <= settings.whole_below if settings.method == "auto" else settings.method == "integer_programme"
    found = by_program(given, settings, executor) if whole else by_decomposition(given, settings, executor)
    if settings.method == "auto" and not whole and found.gap > settings.gap and choices <= TRIED_WHOLE:
        found = better_of(found, by_program(given, _only_whole(settings), executor), settings.gap)
    exceeded = excess(given, found.treatment, found.alternative)
    if exceeded:
        raise KeystayError(
            f"the allocation exceeds {exceeded[0]}: this is an error in the solver or in Keystay, please report it"
        )
    return found


def by_program(given: Problem, settings: SolverSettings, executor: Executor | None = None) -> Allocation:
    """Return the allocation of the integer programme; where it runs out of nodes, of what decomposition finds too."""
    solution = solve_by_core(given, settings) if settings.gap > 0 else solve_whole(given, settings)
    if solution.status == "infeasible":
        raise InfeasibleError(
            "no plan keeps every limit: budgets, least visits (rules.least_visits) and the contribution floor "
            "(rules.contribution_floor) can't all hold; raise visit.hours or budgets, or lower rules.least_visits"
        )
    value = value_of(given, solution.option, solution.alternative)
    found = Allocation(solution.option, solution.status, value, max(solution.bound, value), base_of(given))
    found = found._replace(alternative=solution.alternative)
    if solution.status == "optimal" or settings.method == "integer_programme":
        return found
    return better_of(found, by_decomposition(given, settings, executor), settings.gap)


def _only_whole(settings: SolverSettings) -> SolverSettings:
    return settings.model_copy(update={"method": "integer_programme"})


def better_of(one: Allocation, other: Allocation, gap: float) -> Allocation:
    """Return the better of two allocations of a problem, with the lower of their bounds."""
    bound = min(one.bound, other.bound)
    best = max(one, other, key=lambda found: found.value)._replace(bound=bound)
    return best._replace(status="optimal" if best.gap <= gap else "node limit")


def by_decomposition(given: Problem, settings: SolverSettings, executor: Executor | None = None) -> Allocation:
    """Return the allocation by prices; where it misses the gap, what is nearest to another choice is decided again."""
    tied = given.ties is not None or given.manager.ndim > 1
    found, alternative = decompose_tied(given, executor) if tied else (decompose(given, executor=executor), NO_UNITS)
    prices = Prices(found.price, found.hour_price)
    if excess(given, found.option, alternative):
        return by_program(given, _only_whole(settings))
    option = found.option if tied else polished(given, found, prices, settings)
    value = value_of(given, option, alternative)
    reached = found.bound - value <= settings.gap * (found.bound - base_of(given))
    return Allocation(
        treatment=option,
        status="optimal" if reached else "node limit",
        value=value,
        bound=max(found.bound, value),
        nothing=base_of(given),
        method="decomposition",
        prices=prices,
        alternative=alternative,
    )


def polished(given: Problem, found: Decomposed, prices: Prices, settings: SolverSettings) -> Whole:
    """Return the options of a decomposition, decided again over more and more of them until the gap is reached."""
    option, size = found.option, min(POLISHED, given.manager.shape[-1])
    allowance = settings.gap * (found.bound - base_of(given))
    while found.bound - value_of(given, option) > allowance and size <= MOST:
        option = polish(given, option, prices, found.bound, size, settings)
        size = size * WIDER if size < given.allowed.sum() else MOST + 1
    return option


def base_of(given: Problem) -> float:
    """Return the value that gaps are taken above."""
    return 0.0 if given.nothing is None else given.nothing


def prices_of(given: Problem, executor: Executor | None = None) -> Prices:
    """Return what a unit of everything scarce is worth in a problem, by its dual."""
    tied = given.ties is not None or given.manager.ndim > 1
    found = decompose_tied(given, executor).found if tied else decompose(given, executor=executor)
    return Prices(found.price, found.hour_price)
