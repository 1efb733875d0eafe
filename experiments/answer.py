"""The answer in sentences: what the plan is worth on futures it has not seen, with intervals, and what it doesn't show.

The optimiser's own figure comes last in the headline and never leads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.experiment import Experiment
from experiments.money import Money, money_for
from optimize.decision import FROM_BOOK
from optimize.plan import Plan
from optimize.worth import Trials

HEADLINE = {
    "retained": "retained_revenue",
    "own_revenue": "own_revenue",
    "contribution": "contribution",
    "blend": "retained_revenue",
    "target_return": "contribution",
}
"""The measure that a plan of each objective is judged by first."""
NOTHING = "nothing"
TODAY = "todays_practice"
FEW = 3
ASSUMED = "How these customers respond is assumed, not measured"


def answer(settings: Experiment, plan: Plan, comparison: pd.DataFrame, trials: Trials) -> str:
    """Return the answer; its first sentence holds the figure, the others what to know beside it."""
    return " ".join(sentences(settings, plan, comparison, trials))


def sentences(settings: Experiment, plan: Plan, comparison: pd.DataFrame, trials: Trials) -> list[str]:
    """Return the sentences of the answer, the headline first."""
    measure = HEADLINE[settings.objective.maximise]
    alone = comparison["against"] == FROM_BOOK
    informed, comparison = comparison[alone], comparison[~alone]
    told = [_headline(settings, plan, comparison, measure), *_information(settings, informed, measure)]
    told += _unbeaten(comparison, measure)
    if measure != "contribution":
        told += [*_contribution(comparison), *_unbeaten(comparison, "contribution")]
    return [*told, *_largest_account(comparison), *_overdrawn(plan, trials), *caveats(settings)]


def caveats(settings: Experiment) -> list[str]:
    """Return what keeps the figures from being a claim; nothing for a synthetic city without notes."""
    notes = " ".join(settings.notes.split()).rstrip(".")
    if not notes and settings.customers is None:
        return []
    told = notes or ASSUMED
    return [f"These are figures of a simulation, no claim about real customers. {told[0].upper()}{told[1:]}."]


def words(name: str) -> str:
    """Return the name of a policy or a measure in words.

    >>> words("biggest_spenders_first_with_offers"), words("todays_practice")
    ('biggest spenders first with offers', "today's practice")
    """
    return "doing nothing" if name == NOTHING else name.replace("_", " ").replace("todays", "today's")


def leads(comparison: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the plan's leads over rules of thumb on one measure, the narrowest first; nothing is no such rule."""
    rows = comparison[(comparison["measure"] == measure) & (comparison["against"] != NOTHING)]
    return rows.sort_values(["mean", "against"], ignore_index=True)


def expected(plan: Plan, measure: str) -> float:
    """Return the optimiser's own figure: what the plan is expected to bring more than doing nothing, yuan."""
    brought = getattr(plan.response, "retained" if measure == "retained_revenue" else measure)
    chosen = plan.allocation.treatment
    idle = getattr(plan.idle, "retained" if measure == "retained_revenue" else measure)[0]
    return float((brought[chosen, np.arange(chosen.size)] - idle).sum())


def _headline(settings: Experiment, plan: Plan, comparison: pd.DataFrame, measure: str) -> str:
    rows = comparison[comparison["measure"] == measure]
    money = money_for(*rows["mean"])
    compared = [*_rows(rows[rows["against"] == NOTHING]), *_rows(leads(comparison, measure).head(1))]
    parts = [_lead(row, money) if index else _first(row, money, measure) for index, row in enumerate(compared)]
    who = "the plan" if plan.allocation.treatment.any() else "the plan, which is to leave every account alone,"
    own = f"expected by the optimiser: {money.short(expected(plan, measure))}"
    return f"Over {settings.months} months {who} {', and '.join(parts)}; {own}."


def _first(row: Any, money: Money, measure: str) -> str:
    verb = "keeps" if measure == "retained_revenue" else "brings"
    gained = f"{verb} {money.full(abs(row['mean']))} {_more(row)} {words(measure)} than {_rival(row)}"
    interval = f"{_ends(row, money)} {money.scale}".strip()
    return f"{gained} (95 % interval {interval}, {row['replications']} fresh futures)"


def _lead(row: Any, money: Money) -> str:
    return f"{money.short(abs(row['mean']))} {_more(row)} ({_ends(row, money)}) than {_rival(row)}"


def _rival(row: Any) -> str:
    name = words(row["against"])
    return name if row["against"] == NOTHING else f"the best rule of thumb, {name}"


def _more(row: Any) -> str:
    return "more" if row["mean"] >= 0 else "less"


def _rows(frame: pd.DataFrame) -> list[Any]:
    return [row for _, row in frame.iterrows()]


def _information(settings: Experiment, rows: pd.DataFrame, measure: str) -> list[str]:
    """Tell that the plan saw the truth, and what that was worth over a plan made from the carrier's own book."""
    if settings.book.information != "oracle":
        return []
    told = ["The plan and the rules of thumb saw the truth (book.information is oracle), which no carrier does."]
    worth = [_worth(row) for name in dict.fromkeys((measure, "contribution")) for row in _rows(_of(rows, name))]
    if worth:
        told.append(
            f"Over the plan made from the carrier's own book, perfect information is worth {' and '.join(worth)}."
        )
    return told


def _of(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    return rows[rows["measure"] == measure]


def _worth(row: Any) -> str:
    money = money_for(row["mean"], row["low"], row["high"])
    interval = f"95 % interval {_ends(row, money)} {money.scale}".strip()
    return f"{money.full(row['mean'])} of {words(row['measure'])} ({interval})"


def _unbeaten(comparison: pd.DataFrame, measure: str) -> list[str]:
    """Name the policies that the plan is not shown to beat, as the interval of its lead is not above zero."""
    rows = comparison[comparison["measure"] == measure]
    better, beaten = rows["high"] < 0, rows["low"] > 0
    told = []
    if better.any():
        told.append(f"On {words(measure)} the plan does worse than {_named(rows[better])}.")
    if not beaten.any() and not better.any():
        return [f"On {words(measure)} it is shown to beat none of the {len(rows)} alternatives."]
    if not (beaten | better).all():
        told.append(f"On {words(measure)} it is not shown to beat {_named(rows[~beaten & ~better])}.")
    return told


def _named(rows: pd.DataFrame) -> str:
    """Name policies, with the plan's lead over them where they are few."""
    money = money_for(*rows["mean"], *rows["low"], *rows["high"])
    few = len(rows) <= FEW
    named = [words(row["against"]) + (f" ({_short(row, money)})" if few else "") for row in _rows(rows)]
    return " or ".join(filter(None, [", ".join(named[:-1]), named[-1]]))


def _short(row: Any, money: Money) -> str:
    return f"{money.short(row['mean'])}, {_ends(row, money)}"


def _contribution(comparison: pd.DataFrame) -> list[str]:
    rows = leads(comparison, "contribution")
    today = _rows(rows[rows["against"] == TODAY])
    closest = _rows(rows[rows["against"] != TODAY].head(1))
    if not today:
        return []
    money = money_for(*rows["mean"])
    told = [f"{money.full(abs(today[0]['mean']))} ({_ends(today[0], money)}) {_above(today[0])} today's practice"]
    told += [
        f"{money.short(abs(row['mean']))} ({_ends(row, money)}) {_above(row)} the closest rule, {words(row['against'])}"
        for row in closest
    ]
    return [f"Its contribution is {', and '.join(told)}."]


def _ends(row: Any, money: Money) -> str:
    return money.interval(row["low"], row["high"])


def _above(row: Any) -> str:
    return "above" if row["mean"] >= 0 else "below"


def _largest_account(comparison: pd.DataFrame) -> list[str]:
    """Tell how much of the gain hangs on the one account that differs most, over nothing and over the best rule."""
    rows = comparison[comparison["measure"] == "retained_revenue"]
    told = [*_rows(rows[rows["against"] == NOTHING]), *_rows(leads(comparison, "retained_revenue").head(1))]
    shares = [
        f"{100 * row['largest_account_share']:.0f} % of its gain in retained revenue over {words(row['against'])}"
        for row in told
        if np.isfinite(row["largest_account_share"])
    ]
    return [f"The one account that differs most makes {' and '.join(shares)}."] if shares else []


def _overdrawn(plan: Plan, trials: Trials) -> list[str]:
    """Tell where the plan, whose budgets hold in expectation, gave more discount than it was allowed."""
    given = float(trials.values[:, trials.policies.index("plan"), trials.measures.index("discount_given")].mean())
    if given <= plan.limits.discount:
        return []
    money = money_for(given)
    over = f"{money.full(given)} of discounts on average, where {money.short(plan.limits.discount)} were budgeted"
    return [f"Budgets hold in the optimiser's expectation; in the simulation it gave {over}."]
