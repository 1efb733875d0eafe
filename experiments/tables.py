"""The tables of a result, in tidy form: one row an observation, one column a quantity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from optimize.worth import Trials
from sim.history import COSTS, History, hours, yuan

BILLS = ("retained", "won_back", "shortfall", "breakage", "lost", "discount")
COUNTS = (
    "visits_due",
    "visits_made",
    "backlog",
    "visits_dropped",
    "letters",
    "calls",
    "calls_missed",
    "calls_waiting",
    "hall_handled",
    "online_handled",
    "turned_away",
    "agent_contacts",
    "agent_wins",
    "invited",
    "attended",
    "terms_ended",
    "plans_accepted",
    "plans_renewed",
    "plans_left",
    "on_plan",
    "discounted",
    "complaints",
    "call_outs",
    "desk_backlog",
    "kept",
    "revealed",
)


def months_table(histories: Mapping[str, History], carriers: Iterable[str]) -> pd.DataFrame:
    """Return each policy's run month by month: money in yuan/month, counts, and every carrier's revenue."""
    names = tuple(carriers)
    return pd.concat([_months(policy, history, names) for policy, history in histories.items()], ignore_index=True)


def _months(policy: str, history: History, carriers: tuple[str, ...]) -> pd.DataFrame:
    months = len(history.retained)
    revenue = yuan(history.revenue.sum(axis=2))
    columns = {
        "policy": [policy] * months,
        "month": np.arange(months),
        **{f"revenue.{carrier}": revenue[:, index] for index, carrier in enumerate(carriers)},
        **{name: yuan(getattr(history, name)) for name in (*BILLS, *COSTS, "cost_to_serve")},
        **{name: getattr(history, name) for name in COUNTS},
        "visit_hours": hours(history.visit_hours),
    }
    return pd.DataFrame(columns)


def summary_table(trials: Trials, level: float = 0.95) -> pd.DataFrame:
    """Return each policy's measures over futures: policy, measure, mean, and the t interval of the mean."""
    count = len(trials.seeds)
    half = stats.t.ppf(0.5 + level / 2, count - 1) / np.sqrt(count)
    rows = []
    for policy, by_measure in zip(trials.policies, trials.values.transpose(1, 2, 0), strict=True):
        for measure, values in zip(trials.measures, by_measure, strict=True):
            mean, reach = float(values.mean()), float(half * values.std(ddof=1))
            rows.append((policy, measure, mean, mean - reach, mean + reach, count))
    return pd.DataFrame(rows, columns=["policy", "measure", "mean", "low", "high", "replications"])
