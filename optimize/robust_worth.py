"""What a robust plan is worth: simulated beside the nominal one under each outlook, on the same fresh futures.

Future number i has the same luck under every outlook and every plan, so that all differences are paired.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.decision import ObjectiveSettings
from optimize.outlook import RiskSettings
from optimize.risk import darkest
from optimize.robust_plan import NOMINAL, NOTHING, ROBUST, RobustPlan, best_for
from optimize.worth import Difference, Trials, paired_difference, try_out
from sim.state import City

Floats = NDArray[np.float64]
INFORMED = "informed"
"""What the plan that is best for an outlook is called under that outlook."""
TRIED = (NOTHING, NOMINAL, ROBUST, INFORMED)


class Tried(NamedTuple):
    """Plans tried out under each outlook."""

    outlooks: tuple[str, ...]
    objective: Floats
    """Simulated objective, yuan, shape (outlooks, replications, plans), plans as in `TRIED`."""
    trials: dict[str, Trials]
    """All measures, by outlook."""


def try_robustly(
    made: RobustPlan,
    city: City,
    replications: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Tried:
    """Simulate the nominal plan, the robust one, the one for that outlook and doing nothing, under each outlook."""
    trials, done, most = {}, 0, replications * len(made.outlooks)

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        if progress:
            progress(done, most)

    for name, decision in made.outlooks.items():
        trials[name] = try_out(decision, city, made.programmes(name), replications, seed, executor, advance)
    objective = np.array([simulated_objective(one, made.outlooks[name].objective) for name, one in trials.items()])
    return Tried(tuple(trials), objective, trials)


def simulated_objective(trials: Trials, objective: ObjectiveSettings) -> Floats:
    """Return the objective that was simulated, yuan, shape (replications, plans)."""

    def of(measure: str) -> Floats:
        return np.asarray(trials.values[:, :, trials.measures.index(measure)])

    match objective.maximise:
        case "retained":
            return of("retained_revenue")
        case "own_revenue":
            return of("own_revenue")
        case "contribution":
            return of("contribution")
        case "blend":
            return of("contribution") + objective.retained_weight * of("retained_revenue")
        case "target_return":
            return of("contribution") - objective.required_return * of("programme_cost")


def counted_worth(tried: Tried, risk: RiskSettings) -> Floats:
    """Return the objective less what the attitude to risk takes off, yuan, shape (outlooks, replications, plans).

    Regret is against the plan that does best under the outlook in the mean of its futures, of those tried.
    """
    if risk.measure == "max_regret":
        best = tried.objective.mean(axis=1).argmax(axis=1)
        return tried.objective - np.take_along_axis(tried.objective, best[:, None, None], axis=2)
    if risk.counted == "uplift":
        return tried.objective - tried.objective[:, :, [TRIED.index(NOTHING)]]
    return tried.objective


def guarded_lead(tried: Tried, risk: RiskSettings, cap: Floats, plan: str = ROBUST, other: str = NOMINAL) -> Difference:
    """Return by how much a plan is better than another under the attitude to risk, with its 95 % interval.

    The interval is that of the paired difference at each plan's darkest weights: right to first order where one set
    of outlooks is clearly the darkest, and narrow where two are about equally dark.
    """
    worth = counted_worth(tried, risk)
    one, rival = (worth[:, :, TRIED.index(name)] for name in (plan, other))
    return paired_difference(darkest(one.mean(axis=1), cap) @ one, darkest(rival.mean(axis=1), cap) @ rival)


def simulated_table(tried: Tried) -> pd.DataFrame:
    """Return what was simulated, one row a plan and outlook.

    Columns: plan, outlook, objective, and uplift (over nothing), regret (to the best tried) and against_nominal, each
    with its 95 % interval `_low` and `_high`, yuan; replications.
    """
    rows = []
    for s, outlook in enumerate(tried.outlooks):
        here = tried.objective[s]
        best = int(here.mean(axis=0).argmax())
        for i, plan in enumerate(TRIED):
            columns: dict[str, float | str | int] = {
                "plan": best_for(outlook) if plan == INFORMED else plan,
                "outlook": outlook,
                "objective": float(here[:, i].mean()),
            }
            compared = {
                "uplift": (i, TRIED.index(NOTHING)),
                "regret": (best, i),
                "against_nominal": (i, TRIED.index(NOMINAL)),
            }
            for name, (a, b) in compared.items():
                found = paired_difference(here[:, a], here[:, b])
                columns |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
            rows.append({**columns, "replications": len(here)})
    return pd.DataFrame(rows)


def regret_matrix(expected: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    """Return regret by plan and outlook, yuan: columns plan, outlook, expected, simulated, low, high."""
    seen = simulated[["plan", "outlook", "regret", "regret_low", "regret_high"]]
    names = {"regret": "simulated", "regret_low": "low", "regret_high": "high"}
    told = expected[["plan", "outlook", "regret"]].rename(columns={"regret": "expected"})
    return told.merge(seen.rename(columns=names), on=["plan", "outlook"], how="left", validate="one_to_one")
