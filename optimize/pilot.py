"""Pilot before roll-out (D30): what a trial of a treatment would cost, and be worth in decisions changed.

The response expects an uplift of each treatment; the uplifts of a family (visits, offers, discounts, letters, calls)
are doubted together: true = x times expected, x ~ N(1, doubt^2). A trial measures x; the plan is then made again. A
plan's value is linear in x, so that what the trial is worth beforehand has a closed form once the plans that are best
for some x are known (`optimize.knowing`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.allocation import allocate
from optimize.decision import Decision
from optimize.knowing import Lines, lines_of, moved_by, worth_of_knowing
from optimize.objective import weight_of_cost
from optimize.pilot_arm import Arm, arm_of, during, family_of, luck
from optimize.pilot_settings import Family
from optimize.plan import Plan
from optimize.problem import Problem, value_of
from optimize.response import Response, estimate
from sim.book import Book
from sim.errors import InputError
from sim.state import City

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def effects(plan: Plan, decision: Decision) -> Floats:
    """Return the part of each treatment's objective above doing nothing that is doubted, shape (treatments, customers).

    What a treatment costs is known.
    """
    value, cost = plan.problem.value, plan.response.cost
    return np.asarray(value - value[0] + weight_of_cost(decision.objective) * (cost - cost[0]))


class Plans(NamedTuple):
    """Plans that are best for some true uplift of a family."""

    lines: Lines
    """In x - 1, yuan of the objective."""
    missing: float
    """How far from the best for its x a plan may be at most, yuan."""


def plans_by_uplift(plan: Plan, decision: Decision, family: Family, executor: Executor | None = None) -> Plans:
    """Return the plans that are best for some true uplift of a family; limits are those of the plan as expected."""
    rows = np.array([family_of(treatment) == family for treatment in plan.response.treatments], dtype=bool)
    doubted = effects(plan, decision) * rows[:, None]
    account, missing = np.arange(doubted.shape[1]), [0.0]

    def solve(x: float) -> tuple[float, float]:
        given: Problem = plan.problem._replace(value=plan.problem.value + x * doubted)
        found = allocate(given, decision.solver, executor)
        missing.append(found.bound - found.value)
        return value_of(plan.problem, found.treatment), float(doubted[found.treatment, account].sum())

    lines = lines_of(solve, decision.pilot.doubt_of(family), decision.pilot.plans)
    return Plans(lines, max(missing))


LEAST = 2
"""Accounts of a trial: one to treat and one to compare it with."""
COLUMNS = (
    "family",
    "treatment",
    "accounts",
    "months",
    "hours",
    "share_of_hours",
    "channel",
    "discount",
    "cost",
    "error",
    "worth",
    "perfect",
    "missing",
    "net",
)


def pilot_table(
    decision: Decision, arm: Arm, plans: Plans, sizes: Whole, months: int, available: float
) -> pd.DataFrame:
    """Return what trials of an arm cost and are worth, one row a number of accounts: the columns of `COLUMNS`.

    `hours` are managers', `share_of_hours` their share of those available; `channel`, `discount` and `cost`, of all
    with `pilot.fixed`, yuan; `error` is the standard error of x. `worth` is yuan of the objective gained after a trial
    while its lesson serves, `perfect` what certainty would be worth, `missing` how far the solver leaves these two
    uncertain; `net` is worth less cost, revenue counted less what it costs to serve.
    """
    pilot, doubt = decision.pilot, decision.pilot.doubt_of(arm.family)
    served = max(pilot.serves - months / min(decision.period, decision.months), 0.0)
    with np.errstate(divide="ignore"):
        error = 1 / np.sqrt(sizes * arm.information)
    worth = served * worth_of_knowing(plans.lines, moved_by(doubt, error))
    revenue = decision.objective.maximise in ("retained", "own_revenue")
    margin = 1 - decision.money.cost_to_serve if revenue else 1.0
    cost = pilot.fixed + sizes * arm.cost
    columns: dict[str, Any] = {
        "family": arm.family,
        "treatment": arm.treatment,
        "accounts": sizes,
        "months": months,
        "hours": sizes * arm.hours,
        "share_of_hours": sizes * arm.hours / max(available, 1e-9),
        "channel": sizes * arm.channel,
        "discount": sizes * arm.discount,
        "cost": cost,
        "error": error,
        "worth": worth,
        "perfect": served * float(worth_of_knowing(plans.lines, doubt)),
        "missing": served * plans.missing,
        "net": margin * worth - cost,
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))


class Trying(NamedTuple):
    """What every pilot of a decision needs: the plan without it, and the months of a trial."""

    decision: Decision
    book: Book
    plan: Plan
    tried: Response
    """Over the months of the trial."""
    variance: Floats
    """Luck of accounts in a trial, as `optimize.pilot_arm.luck` says."""
    months: int


def prepared(
    decision: Decision,
    city: City,
    book: Book,
    plan: Plan,
    months: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trying:
    """Return what pilots of some months need."""
    short = during(decision, months)
    tried = estimate(short, book)
    return Trying(decision, book, plan, tried, luck(short, city, book, tried, seed, executor, progress), months)


def pilots_of(trying: Trying, row: int, sizes: Whole | None = None, executor: Executor | None = None) -> pd.DataFrame:
    """Return what pilots of one treatment cost and are worth, by size.

    `sizes` are those of the settings if None, up to `pilot.most_hours` of managers' hours; there may be none.
    Raises InputError where `sizes` are more than the accounts that the treatment can be tried on.
    """
    decision, pilot = trying.decision, trying.decision.pilot
    arm = arm_of(trying.tried, trying.book, trying.variance, row, pilot.treated)
    available = float(trying.plan.limits.hours.sum()) * trying.months / min(decision.period, decision.months)
    if sizes is None:
        most = min(arm.accounts, pilot.most_hours * available / arm.hours if arm.hours > 0 else np.inf)
        sizes = np.unique(np.minimum(np.array(pilot.sizes, dtype=np.int64), int(most)))
        sizes = sizes[sizes >= LEAST]
    elif (sizes > arm.accounts).any():
        raise InputError(
            f"--accounts: {int(sizes.max()):,} accounts; '{arm.treatment}' can be tried on {arm.accounts:,} of the book"
        )
    if not sizes.size:
        return pd.DataFrame(columns=list(COLUMNS))
    plans = plans_by_uplift(trying.plan, decision, arm.family, executor)
    return pilot_table(decision, arm, plans, sizes, trying.months, available)
