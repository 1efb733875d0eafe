"""Numbers of a measure as people read them: amounts of money in thousands or millions, others as they are."""

from __future__ import annotations

import math
from typing import NamedTuple

from experiments.money import money_for


class Amounts(NamedTuple):
    """How a group of numbers is told."""

    unit: str
    size: float
    places: int

    def number(self, value: float) -> str:
        """Return a number in this unit.

        >>> amounts("retained_revenue", 2.2e6).number(-343_864), amounts("loss", 0.31).number(0.0421)
        ('-0.34', '0.042')
        """
        text = f"{value / self.size:,.{self.places}f}"
        return text if text.strip("-0.,") else text.removeprefix("-")

    def full(self, value: float) -> str:
        """Return a number with its unit."""
        return f"{self.number(value)} {self.unit}".strip()

    def interval(self, low: float, high: float) -> str:
        """Return an interval; what has no end is told as unknown."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return "unknown"
        return f"{self.number(low)} to {self.number(high)}"


def amounts(measure: str, *values: float) -> Amounts:
    """Return how numbers of a measure are told; those of the market are yuan over the horizon.

    >>> amounts("contribution", 12_000.0).unit, amounts("ishigami", 12.0).unit
    ('thousand yuan', '')
    """
    from sim.history import MEASURES

    finite = [abs(value) for value in values if math.isfinite(value)]
    if measure in MEASURES:
        money = money_for(*finite)
        return Amounts(f"{money.scale} yuan".strip(), money.size, money.places)
    largest = max(finite, default=1.0) or 1.0
    return Amounts("", 1.0, max(0, 2 - math.floor(math.log10(largest))))
