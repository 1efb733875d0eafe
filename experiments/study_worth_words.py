"""The study of worth in sentences: the answer first, then what failed, as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from experiments.answer import words
from experiments.money import money_for
from experiments.study_tables import NOT_WORSE
from optimize.contenders import BLEND, CONTRIBUTION, PLAN
from optimize.decision import FROM_TRUTH

if TYPE_CHECKING:
    from experiments.study_worth import ScenarioWorth, WorthStudy

NAMES = {
    PLAN: "plan for retained revenue",
    CONTRIBUTION: "plan for contribution",
    BLEND: "plan for both",
    FROM_TRUTH: "plan from the truth",
    "planned_again": "plan made again each quarter",
    "month_by_month": "policy month by month",
}


def called(policy: str) -> str:
    """Return what the page calls a policy.

    >>> called("plan_for_both"), called("todays_practice"), called("nothing")
    ('plan for both', "today's practice", 'doing nothing')
    """
    return NAMES.get(policy, words(policy))


def amount(row: Any, *, ends: bool = True) -> str:
    """Return a lead with its interval in million yuan.

    >>> amount({"mean": 2.2e6, "low": -1e5, "high": 4.5e6})
    '2.20 (−0.10 to 4.50)'
    """
    text = f"{row['mean'] / 1e6:.2f}"
    if ends:
        text += f" ({row['low'] / 1e6:.2f} to {row['high'] / 1e6:.2f})"
    return text.replace("-0.00", "0.00").replace("-", "−")


def headline(done: WorthStudy) -> str:
    """Return the answer: the lead over the best rule in the first scenario that is held against claims."""
    for part in done.scenarios:
        rows = part.claims[(part.claims["policy"] == PLAN) & part.claims["best"]] if part.claimed else part.claims[:0]
        if len(rows):
            return f"{_lead(part, rows.iloc[0])} {tally(done)}"
    return "No scenario of this study is held against the claims."


def _lead(part: ScenarioWorth, row: Any) -> str:
    money = money_for(row["mean"], row["low"], row["high"])
    more = "more" if row["mean"] >= 0 else "less"
    shown = "" if row["low"] > 0 or row["high"] < 0 else ", which shows neither to be better"
    return (
        f"In {part.title} ({part.customers:,} customers, {part.months} months) the plan retains "
        f"{money.full(abs(row['mean']))} {more} than the best rule of thumb, {called(row['against'])} "
        f"(simultaneous 95 % interval of its lead {money.interval(row['low'], row['high'])}{_of(money.scale)}, "
        f"{row['futures']} fresh futures){shown}."
    )


def _of(scale: str) -> str:
    return f" {scale}" if scale else ""


def tally(done: WorthStudy) -> str:
    """Return how many claims hold, in words."""
    holds = [bool(hold) for _, row in judged(done) for hold in [row["holds"]]]
    return f"Of {len(holds)} claims {sum(holds)} hold." if holds else "No claim was judged."


def judged(done: WorthStudy) -> Iterator[tuple[ScenarioWorth, Any]]:
    """Yield every claim that is judged, with its scenario: leads over rules, then not being worse than greedy."""
    for part in done.scenarios:
        if part.claimed:
            for table in (part.verdicts, part.greedy):
                for row in table.to_dict("records"):
                    yield part, row


def failures(done: WorthStudy) -> list[str]:
    """Return a sentence for each claim that doesn't hold, and for what could not be tried."""
    told = [_failed(part, row) for part, row in judged(done) if not row["holds"]]
    for part in done.scenarios:
        told += [f"{part.title}: {called(name)} is left out: {why}" for name, why in part.left_out.items()]
    return told


def _failed(part: ScenarioWorth, row: Any) -> str:
    measure = words(row["measure"])
    if str(row["against"]).startswith("incremental_greedy"):
        return (
            f"{part.title}: the {called(row['policy'])} is not shown to be no worse than {called(row['against'])} in "
            f"{measure}: {share(row)}, where the lower end should be above {percent(NOT_WORSE)}."
        )
    return (
        f"{part.title}: the {called(row['policy'])} is not shown to lead {called(row['against'])} in {measure}: "
        f"{amount(row)} million yuan."
    )


def share(row: Any) -> str:
    """Return a relative lead with its interval, in per cent."""
    return f"{percent(row['mean'])} ({percent(row['low'])} to {percent(row['high'])})"


def percent(value: float) -> str:
    """Return a share in per cent, to three places.

    >>> percent(-0.00123)
    '−0.123 %'
    """
    return f"{100 * value:.3f} %".replace("-", "−")


def gains(part: ScenarioWorth, measure: str = "retained_revenue") -> dict[str, dict[str, Any]]:
    """Return leads over doing nothing in a measure, by policy."""
    rows = part.leads[(part.leads["measure"] == measure) & (part.leads["against"] == "nothing")]
    return {str(row["policy"]): {str(key): value for key, value in row.items()} for row in rows.to_dict("records")}
