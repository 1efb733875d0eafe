"""Group decisions and rules that bind accounts together: problems for each alternative, stacked into one with ties."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.limit import Limit
from optimize.problem import Problem, Ties

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Alternative(NamedTuple):
    """What may be decided for a unit, and what its accounts may then get."""

    name: str
    problem: Problem
    """Of all accounts if every unit decided so; limits are the same for every alternative."""
    value: Floats
    """Of deciding so, beside what accounts bring, yuan, shape (units,); -inf where it can't be decided."""
    use: Floats
    """Of shared budgets, beside what accounts use, shape (budgets, units)."""


def stacked(alternatives: list[Alternative], unit: Whole, names: tuple[str, ...]) -> Problem:
    """Return one problem in which each unit decides and accounts have options under each alternative.

    Option `a treatments + b` is treatment b under alternative a; alternative 0 is what is without a decision. `unit` is
    that of each account, -1 without one.
    """
    problems = [alternative.problem for alternative in alternatives]
    first = problems[0]
    return first._replace(
        value=np.concatenate([problem.value for problem in problems]),
        allowed=np.concatenate([problem.allowed for problem in problems]),
        hours=np.concatenate([problem.hours for problem in problems]),
        use=np.concatenate([problem.use for problem in problems], axis=1),
        ties=Ties(
            unit=unit.astype(np.int64),
            needs=np.repeat(np.arange(len(problems)), len(first.value)),
            value=np.stack([alternative.value for alternative in alternatives]),
            use=np.stack([alternative.use for alternative in alternatives], axis=1),
            names=names,
        ),
    )


def charged(limits: list[Limit], kinds: dict[str, Floats]) -> Floats:
    """Return what a decision uses of each limit when it costs units these amounts, shape (limits, units).

    `kinds` are amounts by the scenario key of the budget that pays them; what costs also lowers contribution.
    """
    units = next(iter(kinds.values())).size
    use = np.zeros((len(limits), units))
    cost = sum(kinds.values(), np.zeros(units))
    for row, limit in enumerate(limits):
        if limit.key in kinds:
            use[row] += kinds[limit.key]
        if limit.key in ("budgets.total", "budgets.total_cost", "targets.cost"):
            use[row] += cost - (kinds.get("budgets.discount", 0.0) if limit.key != "budgets.total" else 0.0)
        if limit.key in ("rules.contribution_floor", "targets.margin", "targets.return_on_cost"):
            use[row] += cost
    return use


def as_decided(given: Problem, treatments: int, alternative: Whole) -> Problem:
    """Return the problem of treatments that is left once units have decided: shape (treatments, accounts)."""
    ties = given.ties
    if ties is None:
        return given if given.manager.ndim == 1 else _at_home(given, treatments)
    at = np.where(ties.unit >= 0, np.append(alternative, 0)[ties.unit], 0)
    option = at * treatments + np.arange(treatments)[:, None]
    account = np.arange(at.size)
    there = np.arange(alternative.size)
    return given._replace(
        value=given.value[option, account],
        allowed=given.allowed[option, account],
        hours=given.hours[option, account],
        use=given.use[:, option, account],
        limit=given.limit - ties.use[:, alternative, there].sum(axis=1),
        ties=None,
    )


def _at_home(given: Problem, treatments: int) -> Problem:
    """Return the problem of treatments with every account at its own manager, whose options come first."""
    return given._replace(
        value=given.value[:treatments],
        allowed=given.allowed[:treatments],
        hours=given.hours[:treatments],
        manager=given.manager[0],
        use=given.use[:, :treatments],
    )
