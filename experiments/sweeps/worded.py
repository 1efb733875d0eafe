"""Words for what a sweep compares: names of means over scenarios, of policies, and amounts in the unit of a measure."""

from __future__ import annotations

import math
from typing import Any

from experiments.answer import words
from experiments.money import Money, money_for
from sim.history import MEASURES

PLAN = "plan"
IN_MEAN = "mean of scenarios"
IN_ALL = "all scenarios at once"
LESS_IS_BETTER = frozenset(
    {"programme_cost", "service_cost", "discount_given", "waived_fees", "points_redeemed", "yearly_loss"}
)
"""Measures that are costs or losses; of any other, more is better."""


def named(policy: str) -> str:
    """Return a policy in the words of a sentence.

    >>> named("plan"), named("biggest_spenders_first")
    ('the plan', 'biggest spenders first')
    """
    return "the plan" if policy == PLAN else words(policy)


def amounts_for(measure: str, *values: float) -> Money:
    """Return the scale in which the amounts of a measure read best; money where the market measures it in yuan.

    >>> amounts_for("contribution", 2.4e6).short(343_864), amounts_for("yearly_loss", 0.012).short(0.0123)
    ('0.34 million', '0.0123')
    """
    finite = [value for value in values if math.isfinite(value)]
    if measure in MEASURES:
        return money_for(*finite)
    largest = max(map(abs, finite), default=0.0)
    return Money("", 1.0, min(12, max(0, 2 - math.floor(math.log10(largest)))) if largest else 0)


def unit_of(measure: str) -> str:
    """Return the unit that follows an amount in a sentence, with its space."""
    return " yuan" if measure in MEASURES else ""


def amount_told(row: Any, measure: str) -> str:
    """Tell a lead with its interval; one whose interval holds nought may be luck."""
    amounts = amounts_for(measure, row["mean"], row["low"], row["high"])
    if row["low"] == float("-inf"):
        return f"{amounts.short(row['mean'])}{unit_of(measure)} (no interval: one future, or a sample of one cell)"
    luck = ", which luck may explain" if row["low"] <= 0 <= row["high"] and row["low"] < row["high"] else ""
    ends = f"{amounts.interval(row['low'], row['high'])} {amounts.scale}".strip()
    return f"{amounts.short(row['mean'])}{unit_of(measure)} ({ends}){luck}"


def listed(parts: list[str]) -> str:
    """Return several things in one sentence.

    >>> listed(["base"]), listed(["base", "entry", "price_war"])
    ('base', 'base, entry and price_war')
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def percent(share: float) -> str:
    """Return a share as a sentence has it.

    >>> percent(0.95), percent(0.9997), percent(1.0)
    ('95 %', 'over 99 %', '100 %')
    """
    if 0.99 < share < 1 or 0 < share < 0.01:
        return "over 99 %" if share > 0.5 else "under 1 %"
    return f"{100 * share:.0f} %"
