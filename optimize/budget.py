"""Budgets and rules as data: what a plan may use, and what it must do."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.book import Book
from sim.channel import ChannelSettings
from sim.names import CLASSES
from sim.quantities import Settings, quantity
from sim.visit import VisitSettings

Floats = NDArray[np.float64]


class BudgetSettings(Settings):
    """What a plan may use over the planning period; managers' hours are in `visit.hours`."""

    discount: float = quantity(
        0.01, "share of our revenue over the horizon", 0, 1, help="unit discounts, and what plans are below list value"
    )
    channel: float = quantity(0.002, "share of our revenue over the period", 0, 1, help="letters and calls")
    total_cost: float | None = quantity(None, "yuan over the period", 0, 1e12, help="visits, letters and calls")


class RuleSettings(Settings):
    """What a plan must do."""

    least_visits: dict[Literal["A", "B", "C", "D", "X"], int] = quantity(
        {}, "visits/year", 0, 366, help="tier minimum by value class"
    )
    contribution_floor: bool = True


class Limits(NamedTuple):
    """Budgets in their units."""

    hours: Floats
    """Of each manager over the period, shape (managers,)."""
    discount: float
    """Yuan over the horizon."""
    channel: float
    """Yuan over the period."""
    seat_minutes: float
    """Over the period."""
    total_cost: float
    """Yuan over the period."""
    least_visits: NDArray[np.int64]
    """A year, by account, shape (customers,)."""


def limits(
    book: Book,
    managers: int,
    months: int,
    period: int,
    budgets: BudgetSettings,
    rules: RuleSettings,
    visit: VisitSettings,
    channel: ChannelSettings,
) -> Limits:
    """Return what a plan for this book may use and must do."""
    monthly = float(book.own_spend.sum())
    by_class = np.array([rules.least_visits.get(name, 0) for name in CLASSES])  # type: ignore[call-overload]
    return Limits(
        hours=np.full(managers, visit.hours * period / 12),
        discount=budgets.discount * monthly * months,
        channel=budgets.channel * monthly * period,
        seat_minutes=channel.seat_minutes * book.key.size * period,
        total_cost=np.inf if budgets.total_cost is None else budgets.total_cost,
        least_visits=by_class[book.value_class],
    )
