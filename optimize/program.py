"""The integer programme in PuLP: variables, limits and objective, a function each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pulp
from numpy.typing import NDArray

from optimize.problem import Problem, used_by
from optimize.solver import INFEASIBLE, Outcome, SolverSettings, relax, solve

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
LEAST_CORE = 1000
"""Variables that are searched at once anyway."""
UNIT = 1000.0
"""Rows and objective are scaled so that what they are about is of this size, which suits solvers' tolerances."""


class Programme(NamedTuple):
    """An integer programme: which of its options each account gets."""

    problem: pulp.LpProblem
    usual: Whole
    """Option of each account that has no variable: what is left when none of its others is chosen."""
    accounts: Whole
    """Account of each variable, shape (variables,)."""
    options: Whole
    """Option of each variable."""
    variables: list[pulp.LpVariable]
    unit: float
    """Yuan in the objective's unit."""
    constant: float
    """Value of the usual options, yuan."""
    impossible: list[str]
    """Rows that no variable can change and that don't hold."""

    def chosen(self) -> Whole:
        """Return the option of each account in the solution that the solver left on the variables."""
        option = self.usual.copy()
        taken = np.array([variable.varValue or 0.0 for variable in self.variables]) > 0.5
        option[self.accounts[taken]] = self.options[taken]
        return option


class Solution(NamedTuple):
    """The answer of the integer programme."""

    option: Whole
    """Of each account."""
    status: str
    """'optimal' (within the gap asked for), 'node limit' or 'infeasible'."""
    value: float
    """Yuan."""
    bound: float
    """No choice within the limits is worth more, yuan."""


def undominated(given: Problem) -> NDArray[np.bool_]:
    """Return the options worth a variable: no other brings as much for no more of anything; the first of equals stays.

    Shape (options, accounts).
    """
    keep = given.allowed.copy()
    uses = np.concatenate([given.hours[None], given.use])
    for b in range(len(keep)):
        for other in range(len(keep)):
            if other != b:
                better = (given.value[other] >= given.value[b]) & (uses[:, other] <= uses[:, b]).all(axis=0)
                strictly = (given.value[other] > given.value[b]) | (uses[:, other] < uses[:, b]).any(axis=0)
                keep[b] &= ~(better & (strictly | (other < b)) & keep[other])
    return keep


def formulate(given: Problem) -> Programme:
    """Return the integer programme of a problem whose accounts all have an option."""
    usual = given.allowed.argmax(axis=0)
    others = given.allowed.copy()
    others[usual, np.arange(usual.size)] = False
    options, accounts = np.nonzero(others)
    problem = pulp.LpProblem("keystay", pulp.LpMaximize)
    variables = [problem.add_variable(f"x{n}_{b}", cat=pulp.LpBinary) for n, b in zip(accounts, options, strict=True)]
    gain = given.value[options, accounts] - given.value[usual[accounts], accounts]
    unit = max(float(np.abs(gain).max(initial=0.0)), 1e-9) / UNIT
    constant = float(given.value[usual, np.arange(usual.size)].sum())
    programme = Programme(problem, usual, accounts, options, variables, unit, constant, [])
    problem.setObjective(pulp.LpAffineExpression(_terms(variables, gain / unit)))
    _one_option(programme)
    _hours(programme, given)
    _budgets(programme, given)
    return programme


def _one_option(programme: Programme) -> None:
    order = np.argsort(programme.accounts, kind="stable")
    starts = np.flatnonzero(np.diff(programme.accounts[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        if members.size:
            one = pulp.LpAffineExpression([(programme.variables[i], 1.0) for i in members])
            programme.problem.addConstraint(one <= 1, f"one_{programme.accounts[members[0]]}")


def _hours(programme: Programme, given: Problem) -> None:
    spent, _ = used_by(given, programme.usual)
    managers = given.manager[programme.accounts]
    extra = given.hours[programme.options, programme.accounts]
    extra = extra - given.hours[programme.usual[programme.accounts], programme.accounts]
    order = np.argsort(managers, kind="stable")
    edges = np.searchsorted(managers[order], np.arange(given.available.size + 1))
    for m in range(given.available.size):
        if np.isfinite(given.available[m]):
            members = order[edges[m] : edges[m + 1]]
            row = [programme.variables[i] for i in members]
            _at_most(programme, f"hours_{m}", row, extra[members], float(given.available[m] - spent[m]))


def _budgets(programme: Programme, given: Problem) -> None:
    _, used = used_by(given, programme.usual)
    for k, use in enumerate(given.use):
        if np.isfinite(given.limit[k]):
            extra = (
                use[programme.options, programme.accounts]
                - use[programme.usual[programme.accounts], programme.accounts]
            )
            _at_most(programme, f"budget_{k}", programme.variables, extra, float(given.limit[k] - used[k]))


def _at_most(programme: Programme, name: str, row: list[pulp.LpVariable], uses: Floats, left: float) -> None:
    if not uses.any():
        programme.impossible.extend([name] if left < -1e-9 else [])
        return
    scale = float(np.abs(uses).max()) / UNIT
    expression = pulp.LpAffineExpression(_terms(row, uses / scale))
    programme.problem.addConstraint(expression <= left / scale, name)


def _terms(variables: list[pulp.LpVariable], coefficients: Floats) -> list[tuple[pulp.LpVariable, float]]:
    return [(variable, float(c)) for variable, c in zip(variables, coefficients, strict=True) if c != 0.0]


def solve_whole(given: Problem, settings: SolverSettings, target: float | None = None) -> Solution:
    """Return the solver's answer to the whole problem, or as soon as a choice is worth `target`, yuan."""
    programme = formulate(given._replace(allowed=undominated(given)))
    if not programme.variables or programme.impossible:
        return _answer(programme, INFEASIBLE if programme.impossible else Outcome("optimal", 0.0, 0.0))
    aim = None if target is None else (target - programme.constant) / programme.unit
    return _answer(programme, solve(programme.problem, settings, aim))


def solve_by_core(given: Problem, settings: SolverSettings) -> Solution:
    """Return the answer in integers over the variables that the relaxation leaves in doubt, widened as needed.

    The relaxation decides all but a few accounts; variables with a large reduced cost are left out. The bound stays
    that of the whole programme, so the gap is certified however small the core was. A core that misses the gap is
    made four times wider, up to the whole programme.
    """
    programme = formulate(given._replace(allowed=undominated(given)))
    if not programme.variables or programme.impossible:
        return _answer(programme, INFEASIBLE if programme.impossible else Outcome("optimal", 0.0, 0.0))
    relaxed = relax(programme.problem, programme.variables, settings)
    if not relaxed.feasible:
        return _answer(programme, INFEASIBLE)
    order = np.argsort(np.where(relaxed.values > 1e-9, 0.0, relaxed.reduced_costs), kind="stable")
    base = 0.0 if given.nothing is None else given.nothing
    allowance = settings.gap * max(abs(relaxed.bound + (programme.constant - base) / programme.unit), 1e-9)
    best = INFEASIBLE
    size = min(max(LEAST_CORE, int(settings.core * given.manager.size)), order.size)
    while True:
        _open_only(programme.variables, order[:size])
        found = solve(programme.problem, settings, relaxed.bound - allowance)
        if found.status != "infeasible":
            bound = min(relaxed.bound, found.bound) if size == order.size else relaxed.bound
            reached = bound - found.value <= allowance
            best = Outcome("optimal" if reached else "node limit", found.value, max(bound, found.value))
        if best.status == "optimal" or size == order.size:
            return _answer(programme, best)
        size = min(4 * size, order.size)


def _open_only(variables: list[pulp.LpVariable], chosen: Whole) -> None:
    opened = np.zeros(len(variables), dtype=bool)
    opened[chosen] = True
    for variable, is_open in zip(variables, opened, strict=True):
        variable.upBound = 1 if is_open else 0


def _answer(programme: Programme, outcome: Outcome) -> Solution:
    option = programme.chosen() if outcome.status != "infeasible" else programme.usual
    value, bound = (programme.constant + programme.unit * part for part in (outcome.value, outcome.bound))
    return Solution(option, outcome.status, value, bound)
