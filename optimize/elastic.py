"""What to relax where no plan keeps every limit: the fewest rules, and of each the least.

Every limit may be exceeded in an elastic programme. First the number of rules exceeded is made least, then by how much,
relative to each limit's size. Accounts may be split between treatments in it, which makes it quick and its amounts the
least that could do; a plan with whole treatments may need a trifle more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pulp
from numpy.typing import NDArray

from optimize.problem import Problem
from optimize.program import Programme, formulate, undominated
from optimize.solver import solve_strictly

Floats = NDArray[np.float64]
LARGEST = 250_000
"""Choices up to which the elastic programme is solved; beyond, only limits that can't be kept alone are told."""
TRIFLE = 1e-6
"""Share of a limit's size below which it isn't exceeded."""


class Relaxation(NamedTuple):
    """A limit to relax."""

    row: int
    """Budget of the problem, or from the number of budgets on the hours of a manager."""
    by: float
    """In its unit."""


class Elastic(NamedTuple):
    """The elastic programme: how far each row is exceeded."""

    programme: Programme
    slack: dict[str, pulp.LpVariable]
    size: dict[str, float]
    """What of a row's unit a slack of one stands for."""


def what_to_relax(given: Problem, rules: tuple[tuple[int, ...], ...]) -> list[Relaxation]:
    """Return the limits of the fewest rules, and how far, that make a plan possible; nothing where one is.

    `rules` lists the rows that each rule stands for, such as all managers' hours, or both sides of an amount.
    """
    if given.allowed.sum() > LARGEST:
        return alone(given)
    elastic = _elastic(given._replace(allowed=undominated(given)))
    problem = elastic.programme.problem
    exceeded = [problem.add_variable(f"rule_{r}", cat=pulp.LpBinary) for r in range(len(rules))]
    for rule, rows in zip(exceeded, rules, strict=True):
        for row in rows:
            name = _name(given, row)
            if name in elastic.slack:
                problem.addConstraint(elastic.slack[name] <= _most(given, row) / elastic.size[name] * rule)
    for variable in [*elastic.programme.variables, *elastic.programme.decisions]:
        variable.cat = pulp.LpContinuous
    problem.setObjective(-pulp.lpSum(exceeded))
    fewest = solve_strictly(problem)
    if fewest is None or fewest > -0.5:
        return []
    problem.addConstraint(pulp.lpSum(exceeded) <= round(-fewest))
    problem.setObjective(-pulp.lpSum(elastic.slack.values()))
    solve_strictly(problem)
    every = range(given.limit.size + given.available.size)
    amounts = {row: _by(given, row, elastic) for row in every}
    return [Relaxation(row, by) for row, by in amounts.items() if by > 0.0]


def alone(given: Problem) -> list[Relaxation]:
    """Return the limits that can't be kept whatever is done about the others, and by how much they fall short."""
    account = np.arange(given.value.shape[1])
    hours = np.where(given.allowed, given.hours, np.inf)
    manager = given.managers_of_options[hours.argmin(axis=0), account]
    needed = np.bincount(manager, weights=hours.min(axis=0), minlength=given.available.size) - given.available
    used = np.array([np.where(given.allowed, use, np.inf).min(axis=0).sum() for use in given.use]) - given.limit
    short = np.concatenate([used, needed])
    size = np.maximum(np.abs(np.concatenate([given.limit, given.available])), 1.0)
    return [Relaxation(int(row), float(short[row])) for row in np.flatnonzero(short > TRIFLE * size)]


def _name(given: Problem, row: int) -> str:
    return f"budget_{row}" if row < given.limit.size else f"hours_{row - given.limit.size}"


def _most(given: Problem, row: int) -> float:
    """Return by how much a row can be exceeded at all."""
    if row < given.limit.size:
        return max(float(np.where(given.allowed, given.use[row], 0.0).max(axis=0).sum() - given.limit[row]), 0.0)
    return float(np.where(given.allowed, given.hours, 0.0).max(axis=0).sum())


def _by(given: Problem, row: int, elastic: Elastic) -> float:
    name = _name(given, row)
    slack = elastic.slack.get(name)
    amount = 0.0 if slack is None else float(slack.varValue or 0.0)
    return amount * elastic.size[name] if amount > TRIFLE else 0.0


def _elastic(given: Problem) -> Elastic:
    """Return the programme with a slack, in the row's own size, on every row."""
    slack: dict[str, pulp.LpVariable] = {}
    size: dict[str, float] = {}

    def loosen(problem: pulp.LpProblem, name: str, of: float) -> pulp.LpVariable:
        slack[name], size[name] = problem.add_variable(f"slack_{name}", lowBound=0), of
        return slack[name]

    return Elastic(formulate(given, loosen), slack, size)
