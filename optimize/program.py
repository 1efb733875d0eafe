"""The integer programme in PuLP: variables, limits and objective, a function each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pulp
from numpy.typing import NDArray
from scipy import sparse

from optimize.problem import ANY, NO_UNITS, Problem, Ties
from optimize.solver import INFEASIBLE, Outcome, SolverSettings, relax, solve

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
LEAST_CORE = 1000
"""Variables that are searched at once anyway."""
UNIT = 1000.0
"""Rows and objective are scaled so that what they are about is of this size, which suits solvers' tolerances."""


class Programme(NamedTuple):
    """An integer programme: which of its options each account gets, and which alternative each unit."""

    problem: pulp.LpProblem
    usual: Whole
    """Option of each account that has no variable, what is left when none of its others is chosen; -1 in a unit."""
    accounts: Whole
    """Account of each option's variable, shape (variables,)."""
    options: Whole
    variables: list[pulp.LpVariable]
    units: Whole
    """Unit of each alternative's variable."""
    alternatives: Whole
    decisions: list[pulp.LpVariable]
    """A variable for each alternative of each unit."""
    unit: float
    """Yuan in the objective's unit."""
    constant: float
    """Value of the usual options, yuan."""
    impossible: list[str]
    """Rows that no variable can change and that don't hold."""

    def chosen(self) -> tuple[Whole, Whole]:
        """Return options of accounts and alternatives of units in the solution left on the variables."""
        option = self.usual.copy()
        taken = _taken(self.variables)
        option[self.accounts[taken]] = self.options[taken]
        alternative = np.zeros(int(self.units.max(initial=-1)) + 1, dtype=np.int64)
        decided = _taken(self.decisions)
        alternative[self.units[decided]] = self.alternatives[decided]
        return option, alternative


def _taken(variables: list[pulp.LpVariable]) -> NDArray[np.bool_]:
    return np.array([variable.varValue or 0.0 for variable in variables]) > 0.5


class Solution(NamedTuple):
    """The answer of the integer programme."""

    option: Whole
    """Of each account."""
    alternative: Whole
    """Of each unit."""
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
    manager = given.managers_of_options
    needs = np.zeros(len(keep), dtype=int) if given.ties is None else given.ties.needs
    for b in range(len(keep)):
        for other in range(len(keep)):
            if other != b and needs[other] in (needs[b], ANY):
                better = (given.value[other] >= given.value[b]) & (uses[:, other] <= uses[:, b]).all(axis=0)
                strictly = (given.value[other] > given.value[b]) | (uses[:, other] < uses[:, b]).any(axis=0)
                same = (manager[other] == manager[b]) | (given.hours[other] == 0)
                keep[b] &= ~(better & same & (strictly | (other < b)) & keep[other])
    return keep


Loosen = Callable[[pulp.LpProblem, str, float], pulp.LpVariable]
"""Called with the programme, a row's name and its size; returns the variable that the row may be exceeded by."""


def formulate(given: Problem, loosen: Loosen | None = None) -> Programme:
    """Return the integer programme of a problem whose accounts all have an option; `loosen` makes its rows elastic."""
    ties, account = given.ties, np.arange(given.value.shape[1])
    tied = np.zeros(account.size, dtype=bool) if ties is None else ties.unit >= 0
    allowed = given.allowed if ties is None else given.allowed & (tied | np.isin(ties.needs, (ANY, 0))[:, None])
    usual = np.where(tied, -1, allowed.argmax(axis=0))
    others = allowed.copy()
    others[usual[~tied], account[~tied]] = False
    options, accounts = np.nonzero(others)
    decided = np.zeros((0, 0), dtype=bool) if ties is None else np.isfinite(ties.value)
    alternatives, units = np.nonzero(decided)
    problem = pulp.LpProblem("keystay", pulp.LpMaximize)
    variables = [problem.add_variable(f"x{n}_{b}", cat=pulp.LpBinary) for n, b in zip(accounts, options, strict=True)]
    decisions = [problem.add_variable(f"y{u}_{a}", cat=pulp.LpBinary) for u, a in zip(units, alternatives, strict=True)]
    base = _of_usual(given.value, usual)
    gain = np.concatenate([given.value[options, accounts] - base[accounts], _of_units(ties, alternatives, units)])
    unit = max(float(np.abs(gain).max(initial=0.0)), 1e-9) / UNIT
    programme = Programme(
        problem, usual, accounts, options, variables, units, alternatives, decisions, unit, float(base.sum()), []
    )
    problem.setObjective(pulp.LpAffineExpression(_terms([*variables, *decisions], gain / unit)))
    _one_option(programme)
    _one_alternative(programme, ties)
    _hours(programme, given, loosen)
    _budgets(programme, given, loosen)
    return programme


def _of_usual(array: Floats, usual: Whole) -> Floats:
    """Return what usual options have of an array of shape (options, accounts), nil for accounts without one."""
    return np.where(usual >= 0, array[usual, np.arange(usual.size)], 0.0)


def _of_units(ties: Ties | None, alternatives: Whole, units: Whole) -> Floats:
    return np.zeros(0) if ties is None else ties.value[alternatives, units]


def _one_option(programme: Programme) -> None:
    order = np.argsort(programme.accounts, kind="stable")
    starts = np.flatnonzero(np.diff(programme.accounts[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        if members.size:
            account = programme.accounts[members[0]]
            one = pulp.LpAffineExpression([(programme.variables[i], 1.0) for i in members])
            programme.problem.addConstraint(one <= 1 if programme.usual[account] >= 0 else one == 1, f"one_{account}")


def _one_alternative(programme: Programme, ties: Ties | None) -> None:
    """Let each unit have one alternative, and its accounts only options that go with it."""
    if ties is None:
        return
    of_unit = dict(
        zip(
            zip(programme.units.tolist(), programme.alternatives.tolist(), strict=True),
            programme.decisions,
            strict=True,
        )
    )
    for u in range(ties.value.shape[1]):
        alternatives = [of_unit[u, a] for a in range(len(ties.value)) if (u, a) in of_unit]
        programme.problem.addConstraint(pulp.lpSum(alternatives) == 1, f"unit_{u}")
    bound: dict[tuple[int, int], list[pulp.LpVariable]] = {}
    for i, (n, b) in enumerate(zip(programme.accounts.tolist(), programme.options.tolist(), strict=True)):
        if ties.unit[n] >= 0 and ties.needs[b] != ANY:
            bound.setdefault((n, int(ties.needs[b])), []).append(programme.variables[i])
    for (n, a), options in bound.items():
        decision = of_unit.get((int(ties.unit[n]), a))
        programme.problem.addConstraint(pulp.lpSum(options) <= (0 if decision is None else decision), f"tie_{n}_{a}")


def _hours(programme: Programme, given: Problem, loosen: Loosen | None) -> None:
    managers, account = given.managers_of_options, np.arange(programme.usual.size)
    there = programme.usual >= 0
    base = _of_usual(given.hours, programme.usual)
    at_base = np.where(there, managers[programme.usual, account], 0)
    spent = np.bincount(at_base[there], weights=base[there], minlength=given.available.size)
    variable = np.arange(programme.accounts.size)
    row = np.concatenate([managers[programme.options, programme.accounts], at_base[programme.accounts]])
    column = np.concatenate([variable, variable])
    take = np.concatenate([given.hours[programme.options, programme.accounts], -base[programme.accounts]])
    shape = (given.available.size, max(variable.size, 1))
    table = sparse.coo_matrix((take, (row, column)), shape=shape).tocsr()
    for m in np.flatnonzero(np.isfinite(given.available)):
        members = table.indices[table.indptr[m] : table.indptr[m + 1]]
        hours = table.data[table.indptr[m] : table.indptr[m + 1]]
        _at_most(
            programme,
            f"hours_{m}",
            [programme.variables[i] for i in members],
            hours,
            float(given.available[m] - spent[m]),
            loosen,
        )


def _budgets(programme: Programme, given: Problem, loosen: Loosen | None) -> None:
    row = [*programme.variables, *programme.decisions]
    for k, use in enumerate(given.use):
        if np.isfinite(given.limit[k]):
            base = _of_usual(use, programme.usual)
            more = use[programme.options, programme.accounts] - base[programme.accounts]
            decided = np.zeros(0) if given.ties is None else given.ties.use[k][programme.alternatives, programme.units]
            _at_most(
                programme,
                f"budget_{k}",
                row,
                np.concatenate([more, decided]),
                float(given.limit[k] - base.sum()),
                loosen,
            )


def _at_most(
    programme: Programme, name: str, row: list[pulp.LpVariable], uses: Floats, left: float, loosen: Loosen | None
) -> None:
    if not uses.any() and loosen is None:
        programme.impossible.extend([name] if left < -1e-9 else [])
        return
    largest = float(np.abs(uses).max(initial=0.0))
    scale = max(largest, 1e-9) / UNIT
    terms = _terms(row, uses / scale)
    if loosen is not None:
        size = max(abs(left), largest, 1e-9)
        terms.append((loosen(programme.problem, name, size), -size / scale))
    programme.problem.addConstraint(pulp.LpAffineExpression(terms) <= left / scale, name)


def _terms(variables: list[pulp.LpVariable], coefficients: Floats) -> list[tuple[pulp.LpVariable, float]]:
    return [(variable, float(c)) for variable, c in zip(variables, coefficients, strict=True) if c != 0.0]


def solve_whole(given: Problem, settings: SolverSettings, target: float | None = None) -> Solution:
    """Return the solver's answer to the whole problem, or as soon as a choice is worth `target`, yuan."""
    programme = formulate(given._replace(allowed=undominated(given)))
    if not (programme.variables or programme.decisions) or programme.impossible:
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
    if not (programme.variables or programme.decisions) or programme.impossible:
        return _answer(programme, INFEASIBLE if programme.impossible else Outcome("optimal", 0.0, 0.0))
    relaxed = relax(programme.problem, programme.variables, settings)
    if not relaxed.feasible:
        return _answer(programme, INFEASIBLE)
    order = np.argsort(np.where(relaxed.values > 1e-9, 0.0, relaxed.reduced_costs), kind="stable")
    base = 0.0 if given.nothing is None else given.nothing
    allowance = settings.gap * max(abs(relaxed.bound + (programme.constant - base) / programme.unit), 1e-9)
    best = INFEASIBLE
    size = min(max(LEAST_CORE, int(settings.core * given.manager.shape[-1])), order.size)
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
    option, alternative = programme.chosen() if outcome.status != "infeasible" else (programme.usual, NO_UNITS)
    value, bound = (programme.constant + programme.unit * part for part in (outcome.value, outcome.bound))
    return Solution(option, alternative, outcome.status, value, bound)
