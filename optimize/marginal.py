"""What one more hour or yuan would bring: every limit re-solved along a grid, and the frontier of all of them together.

Prices that a solver hands over have the wrong sign or are nil where treatments are whole. Here the problem is solved
again with more and with less of one thing. The bound by prices is a concave function of what there is, so that what a
unit more is worth lies between how it rises with more and how it falls with less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.allocation import allocate, base_of
from optimize.decompose import dual_bound
from optimize.limit import Limit
from optimize.plan import Plan
from optimize.problem import Problem
from optimize.solver import SolverSettings
from sim.book import Book
from sim.errors import InfeasibleError

Floats = NDArray[np.float64]
STEP = 0.05
"""How far a limit is moved to each side, as a share of it."""
SLIGHT = 1e-6
"""What is less than this, in yuan or as a share, is rounding."""
FACTORS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5)


class Marginal(NamedTuple):
    """What more of one thing would bring, in objective for a unit of it."""

    limit: str
    key: str
    unit: str
    available: float
    used: float
    marginal: float
    """Yuan a unit: how the bound changes from a little less to a little more."""
    low: float
    """With a little more: it brings at least this, by the bound."""
    high: float
    """With a little less: it brings no more than this, by the bound."""
    value_more: float
    """Value gained by an allocation with `STEP` more, yuan, within the gaps of both; NaN where none was made."""
    value_less: float
    """Value lost by one with as much less."""

    @property
    def binds(self) -> bool:
        """Return whether more of it would bring anything, by the bound."""
        return self.low * self.available > SLIGHT


def marginal_values(
    plan: Plan, settings: SolverSettings | None = None, executor: Executor | None = None
) -> pd.DataFrame:
    """Return one row a limit that is at most, and one for all managers' hours together: the fields of `Marginal`.

    With `settings`, allocations are made with more and with less too, which takes longer.
    """
    rows = []
    problem, hours = plan.problem, plan.used[plan.used["key"] == "visit.hours"]
    for k, limit in enumerate(plan.shared):
        if not limit.at_least and limit.bound > 0:
            rows.append(
                _around(problem, _scaled_budget(k), limit, float(plan.used["used"].iloc[k]), settings, executor)
            )
    everyone = Limit("managers' hours", "visit.hours", "hours", problem.hours, float(problem.available.sum()))
    rows.append(_around(problem, _scaled_hours, everyone, float(hours["used"].sum()), settings, executor))
    return pd.DataFrame(rows, columns=list(Marginal._fields)).assign(binds=[row.binds for row in rows])


Scaled = Callable[[Problem, float], Problem]


def _scaled_budget(k: int) -> Scaled:
    def scaled(given: Problem, factor: float) -> Problem:
        limit = given.limit.copy()
        limit[k] *= factor
        return given._replace(limit=limit)

    return scaled


def _scaled_hours(given: Problem, factor: float) -> Problem:
    return given._replace(available=given.available * factor)


def _around(
    given: Problem,
    scaled: Scaled,
    limit: Limit,
    used: float,
    settings: SolverSettings | None,
    executor: Executor | None,
) -> Marginal:
    less, same, more = (scaled(given, factor) for factor in (1 - STEP, 1.0, 1 + STEP))
    bounds = [_bound(problem, executor) for problem in (less, same, more)]
    values = [np.nan if settings is None else _value(problem, settings, executor) for problem in (less, same, more)]
    step = STEP * limit.bound
    return Marginal(
        limit=limit.name,
        key=limit.key,
        unit=limit.unit,
        available=limit.bound,
        used=used,
        marginal=(bounds[2] - bounds[0]) / (2 * step),
        low=(bounds[2] - bounds[1]) / step,
        high=(bounds[1] - bounds[0]) / step,
        value_more=values[2] - values[1],
        value_less=values[1] - values[0],
    )


def _bound(given: Problem, executor: Executor | None) -> float:
    try:
        return dual_bound(given, executor)
    except InfeasibleError:
        return -np.inf


def _value(given: Problem, settings: SolverSettings, executor: Executor | None) -> float:
    try:
        return allocate(given, settings, executor).value
    except InfeasibleError:
        return -np.inf


def hour_values(plan: Plan, book: Book, executor: Executor | None = None) -> pd.DataFrame:
    """Return what an hour more of each manager would bring, yuan: manager, available, used, marginal, low, high.

    As `marginal_values`, each manager's hours moved alone, everybody else's as they are.
    """
    hours = plan.used[plan.used["key"] == "visit.hours"].reset_index(drop=True)
    same, rows = _bound(plan.problem, executor), []
    for m, name in enumerate(book.manager_names):
        available, step = plan.problem.available, STEP * float(plan.problem.available[m])
        by_side = []
        for side in (-1.0, 1.0):
            moved = available.copy()
            moved[m] += side * step
            by_side.append(_bound(plan.problem._replace(available=moved), executor))
        low, high = (by_side[1] - same) / step, (same - by_side[0]) / step
        rows.append((name, float(available[m]), float(hours["used"].iloc[m]), (low + high) / 2, low, high))
    return pd.DataFrame(rows, columns=["manager", "available", "used", "marginal", "low", "high"])


def frontier(
    plan: Plan, settings: SolverSettings, factors: Iterable[float] = FACTORS, executor: Executor | None = None
) -> pd.DataFrame:
    """Return the efficient frontier: what plans with so many times the budgets and hours bring and cost.

    Columns: factor, cost and discount (yuan, of the plan), uplift and bound (objective above doing nothing, yuan), gap.
    Limits that are at least stay as they are; where no plan keeps them, the row's figures are missing.
    """
    rows = []
    account = np.arange(plan.allocation.treatment.size)
    at_most = np.array([not limit.at_least for limit in plan.shared], dtype=bool)
    for factor in factors:
        limit = np.where(at_most & (plan.problem.limit > 0), plan.problem.limit * factor, plan.problem.limit)
        given = plan.problem._replace(limit=limit, available=plan.problem.available * factor)
        try:
            found = allocate(given, settings, executor)
        except InfeasibleError:
            rows.append((factor, np.nan, np.nan, np.nan, np.nan, np.nan))
            continue
        cost, discount = (
            table[found.treatment, account].sum() for table in (plan.response.cost, plan.response.discount)
        )
        rows.append((factor, cost, discount, found.value - base_of(given), found.bound - base_of(given), found.gap))
    return pd.DataFrame(rows, columns=["factor", "cost", "discount", "uplift", "bound", "gap"])


def in_words(marginals: pd.DataFrame) -> list[str]:
    """Return a sentence for each limit that binds, the one that 5 % more of brings most first, or that none does.

    >>> import pandas as pd
    >>> row = ("discount", "budgets.discount", "yuan", 1000.0, 999.0, 0.5, 0.4, 0.6, 20.0, 30.0, True)
    >>> in_words(pd.DataFrame([row], columns=[*Marginal._fields, "binds"]))
    ['limited by discount: 999 of 1,000 yuan; one more would bring 0.5 yuan (0.4 to 0.6)']
    """
    binding = marginals[marginals["binds"]]
    if not len(binding):
        return ["no limit binds: more hours or budget would bring nothing"]
    order = (binding["marginal"] * binding["available"]).sort_values(ascending=False).index
    return [
        f"limited by {row['limit']}: {row['used']:,.0f} of {row['available']:,.0f} {row['unit']}; one more would bring "
        f"{row['marginal']:,.3g} yuan ({row['low']:,.3g} to {row['high']:,.3g})"
        for _, row in binding.loc[order].iterrows()
    ]
