"""The integer programme in PuLP: variables, limits and objective, a function each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pulp
from numpy.typing import NDArray

from optimize.budget import Limits
from optimize.decision import SolverSettings
from optimize.response import Response
from optimize.solver import INFEASIBLE, Outcome, relax, solve
from sim.book import Book
from sim.errors import InfeasibleError

Floats = NDArray[np.float64]
THOUSAND = 1000.0
LEAST_CORE = 1000
"""Variables that are searched at once anyway."""


class Programme(NamedTuple):
    """An allocation problem: which of the allowed treatments each account gets."""

    problem: pulp.LpProblem
    accounts: NDArray[np.int64]
    """Account of each variable, shape (variables,)."""
    treatments: NDArray[np.int64]
    """Treatment of each variable; treatment 0 (nothing) has no variable, it is what is left."""
    variables: list[pulp.LpVariable]


class Allocation(NamedTuple):
    """A solution: the treatment of each account, and how far from the best it can be."""

    treatment: NDArray[np.int64]
    status: str
    value: float
    """Expected objective, yuan."""
    bound: float
    """No allocation within the limits has a larger expected objective, yuan."""
    nothing: float
    """Expected objective of doing nothing, yuan."""

    @property
    def gap(self) -> float:
        """Return the certified gap on the uplift over doing nothing: (bound - value) / (bound - nothing).

        Where rules force a plan that brings less than doing nothing, it is relative to that loss.
        """
        if self.bound <= self.value:
            return 0.0
        scale = max(abs(self.bound - self.nothing), abs(self.value - self.nothing))
        return (self.bound - self.value) / scale


def undominated(response: Response, worth: Floats) -> NDArray[np.bool_]:
    """Return treatments worth a variable: no other brings as much objective and contribution for no more of any budget.

    Shape (treatments, customers). The first of equals stays.
    """
    uses = np.stack([response.hours, response.discount, response.channel, response.seat_minutes, response.cost])
    scores = np.concatenate([np.stack([worth, response.contribution]), -uses])
    keep = response.choices.allowed.copy()
    visits = np.array([t.visits for t in response.treatments])
    for b in range(1, len(keep)):
        for other in range(len(keep)):
            if other != b and visits[other] >= visits[b]:
                better = (scores[:, other] >= scores[:, b]).all(axis=0)
                strictly = (scores[:, other] > scores[:, b]).any(axis=0) | (other < b)
                keep[b] &= ~(better & strictly & keep[other])
    return keep


def formulate(response: Response, book: Book, worth: Floats, limits: Limits, floor: float | None) -> Programme:
    """Return the integer programme of one treatment an account within the limits; `floor` is the least contribution."""
    keep = undominated(response, worth)
    visits = np.array([t.visits for t in response.treatments])[:, None]
    short = visits < limits.least_visits
    treatments, accounts = np.nonzero((keep & ~short)[1:])
    treatments += 1
    problem = pulp.LpProblem("keystay", pulp.LpMaximize)
    variables = [
        problem.add_variable(f"x{n}_{b}", cat=pulp.LpBinary) for n, b in zip(accounts, treatments, strict=True)
    ]
    programme = Programme(problem, accounts, treatments, variables)
    _objective(programme, worth)
    _one_treatment(programme, short[0])
    _hours(programme, response, book, limits)
    for name in ("discount", "channel", "seat_minutes", "total_cost"):
        uses = response.cost if name == "total_cost" else getattr(response, name)
        _budget(programme, name, uses, float(getattr(limits, name)))
    if floor is not None:
        _at_least(programme, "contribution_floor", response.contribution, floor)
    return programme


def allocate(
    response: Response, book: Book, worth: Floats, limits: Limits, floor: float | None, settings: SolverSettings
) -> Allocation:
    """Return the best allocation within the limits; raises InfeasibleError where there is none."""
    check_least_visits(response, book, limits)
    programme = formulate(response, book, worth, limits, floor)
    outcome = solve_by_core(programme, settings) if programme.variables else leave_all(response, floor)
    if outcome.status == "infeasible":
        raise InfeasibleError(
            "no plan keeps every limit: budgets, least visits (rules.least_visits) and the contribution floor "
            "(rules.contribution_floor) can't all hold; raise visit.hours or budgets, or lower rules.least_visits"
        )
    chosen = np.zeros(book.key.size, dtype=np.int64)
    values = np.array([variable.varValue or 0.0 for variable in programme.variables])
    taken = values > 0.5
    chosen[programme.accounts[taken]] = programme.treatments[taken]
    nothing = float(worth[0].sum())
    value = float(worth[chosen, np.arange(chosen.size)].sum())
    return Allocation(chosen, outcome.status, value, max(nothing + THOUSAND * outcome.bound, value), nothing)


def leave_all(response: Response, floor: float | None) -> Outcome:
    """Return the outcome where nothing can be done at any account: it stands unless it misses the floor."""
    missed = floor is not None and float(response.contribution[0].sum()) < floor
    return INFEASIBLE if missed else Outcome("optimal", 0.0, 0.0)


def solve_by_core(programme: Programme, settings: SolverSettings) -> Outcome:
    """Solve the programme in integers over the variables that the relaxation leaves in doubt, widening as needed.

    The relaxation decides all but a few accounts; variables with a large reduced cost are left out. The bound stays
    that of the whole programme, so the gap is certified however small the core was. A core that misses the gap is
    made four times wider, up to the whole programme.
    """
    relaxed = relax(programme.problem, programme.variables, settings)
    if not relaxed.feasible:
        return INFEASIBLE
    order = np.argsort(np.where(relaxed.values > 1e-9, 0.0, relaxed.reduced_costs), kind="stable")
    allowance = settings.gap * max(abs(relaxed.bound), 1e-9)
    best = INFEASIBLE
    accounts = int(programme.accounts.max()) + 1
    size = min(max(LEAST_CORE, int(settings.core * accounts)), order.size)
    while True:
        _open_only(programme.variables, order[:size])
        found = solve(programme.problem, settings, target=relaxed.bound - allowance)
        if found.status != "infeasible":
            bound = min(relaxed.bound, found.bound) if size == order.size else relaxed.bound
            reached = bound - found.value <= allowance
            best = Outcome("optimal" if reached else "node limit", found.value, max(bound, found.value))
        if best.status == "optimal" or size == order.size:
            return best
        size = min(4 * size, order.size)


def _open_only(variables: list[pulp.LpVariable], chosen: NDArray[np.int64]) -> None:
    opened = np.zeros(len(variables), dtype=bool)
    opened[chosen] = True
    for variable, is_open in zip(variables, opened, strict=True):
        variable.upBound = 1 if is_open else 0


def check_least_visits(response: Response, book: Book, limits: Limits) -> None:
    """Raise InfeasibleError, naming the manager and the hours missing, where visits that must be made don't fit."""
    visits = np.array([t.visits for t in response.treatments])[:, None]
    enough = response.choices.allowed & (visits >= limits.least_visits)
    if not enough.any(axis=0).all():
        account = int(np.flatnonzero(~enough.any(axis=0))[0])
        raise InfeasibleError(
            f"rules.least_visits: account {book.ids[account]} must get {limits.least_visits[account]} visits a year, "
            f"but the menu (treatments.visits) goes to {int(visits.max())}"
        )
    least = np.where(enough, response.hours, np.inf).min(axis=0)
    needed = np.bincount(book.manager, weights=least, minlength=limits.hours.size)
    short = needed - limits.hours
    if (short > 1e-6).any():
        worst = int(short.argmax())
        factor = float((needed / np.maximum(limits.hours, 1e-9)).max())
        raise InfeasibleError(
            f"rules.least_visits: the visits that must be made take {needed[worst]:.0f} hours of account manager "
            f"{book.manager_names[worst]}, who has {limits.hours[worst]:.0f} (visit.hours): {short[worst]:.0f} are "
            f"missing, and {int((short > 1e-6).sum())} of {short.size} managers are short; raise visit.hours "
            f"{factor:.2f} times or lower rules.least_visits"
        )


def _objective(programme: Programme, worth: Floats) -> None:
    gain = (worth[programme.treatments, programme.accounts] - worth[0, programme.accounts]) / THOUSAND
    programme.problem.setObjective(pulp.LpAffineExpression(_terms(programme.variables, gain)))


def _one_treatment(programme: Programme, must: NDArray[np.bool_]) -> None:
    order = np.argsort(programme.accounts, kind="stable")
    starts = np.flatnonzero(np.diff(programme.accounts[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        if members.size:
            account = int(programme.accounts[members[0]])
            one = pulp.LpAffineExpression([(programme.variables[i], 1.0) for i in members])
            programme.problem.addConstraint(one == 1 if must[account] else one <= 1, f"one_{account}")


def _hours(programme: Programme, response: Response, book: Book, limits: Limits) -> None:
    extra = response.hours - response.hours[0]
    manager = book.manager[programme.accounts]
    for m in range(limits.hours.size):
        members = np.flatnonzero(manager == m)
        left = limits.hours[m] - response.hours[0, book.manager == m].sum()
        use = extra[programme.treatments[members], programme.accounts[members]]
        row = pulp.LpAffineExpression(_terms([programme.variables[i] for i in members], use))
        programme.problem.addConstraint(row <= float(left), f"hours_{m}")


def _budget(programme: Programme, name: str, uses: Floats, limit: float) -> None:
    if not np.isfinite(limit):
        return
    extra = (uses[programme.treatments, programme.accounts] - uses[0, programme.accounts]) / THOUSAND
    row = pulp.LpAffineExpression(_terms(programme.variables, extra))
    programme.problem.addConstraint(row <= (limit - float(uses[0].sum())) / THOUSAND, name)


def _at_least(programme: Programme, name: str, brings: Floats, floor: float) -> None:
    extra = (brings[programme.treatments, programme.accounts] - brings[0, programme.accounts]) / THOUSAND
    row = pulp.LpAffineExpression(_terms(programme.variables, extra))
    programme.problem.addConstraint(row >= (floor - float(brings[0].sum())) / THOUSAND, name)


def _terms(variables: list[pulp.LpVariable], coefficients: Floats) -> list[tuple[pulp.LpVariable, float]]:
    return [(variable, float(c)) for variable, c in zip(variables, coefficients, strict=True) if c != 0.0]
