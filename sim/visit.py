"""Account managers: hours, travel, and which visits fit into a week (D22 to D24)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.names import LEVELS
from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]
WEEKS = 4
"""Working weeks in a month of the calendar."""
FIRST_WEEK, WEEK = 0.125, 0.25
"""When the first week of a month begins, and how long each lasts, months."""


class VisitSettings(Settings):
    """What a visit takes and leaves behind."""

    accounts_per_manager: int = quantity(150, "customers", 1, 100_000)
    hours: float = quantity(440.0, "hours/year and manager", 0, 5000, help="time with customers, travel included")
    in_building: float = quantity(1.8, "hours/visit", 0.01, 100)
    outside: float = quantity(3.0, "hours/visit", 0.01, 100)
    journey: float = quantity(0.6, "hours", 0, 100, help="of a visit's time, on the way between buildings")
    corridor: float = quantity(0.1, "hours", 0, 100, help="on the way to another visit in the same building and week")
    offer: float = quantity(6.0, "hours/offer", 0, 100, help="preparing and explaining an offer, on top of the visit")
    level_effort: tuple[float, ...] = quantity(
        (1.3, 1.1, 1.0), "ratio", 0.1, 10, help="time to be received by the top, middle and working level"
    )
    hour_cost: float = quantity(80.0, "yuan/hour", 0, 10_000)
    skill: float = quantity(1.0, "goodwill/visit", 0, 10)
    goodwill_kept: float = quantity(0.85, "share kept a month", 0, 1)
    rival_goodwill: float = quantity(2.0, "goodwill", 0, 50, help="level that rivals' sales forces maintain")
    offer_every: int = quantity(6, "months", 1, 60, help="an offer that was declined is made again after this time")
    banked: float = quantity(1.0, "months", 0.25, 12, help="hours not used that a manager can still catch up with")


class VisitBook(NamedTuple):
    """What managers still have to do, one entry a customer."""

    due: NDArray[np.int16]
    """Visits due and not yet made."""
    offer_due: NDArray[np.int8]
    """1 where the next visit carries an offer."""
    hours: Floats
    """Hours of one visit, travel included."""
    order: NDArray[np.int64]
    """Customers by manager, then by priority."""


def visit_hours(building: NDArray[np.int32], level: NDArray[np.int8], settings: VisitSettings) -> Floats:
    """Return hours of one visit at the level planned, travel included; `level` has shape (..., customers)."""
    travel = np.where(building >= 0, settings.in_building, settings.outside)
    return np.asarray(travel * np.asarray(settings.level_effort)[level])


def journey_saved(settings: VisitSettings) -> float:
    """Return hours that a further visit to a building in the same week takes less than the first."""
    return max(0.0, settings.journey - settings.corridor)


def share_saved(visits: Floats, building: NDArray[np.int32]) -> Floats:
    """Return the expected share of a building's visits that follow another one in its week, shape (customers,).

    `visits` a year are spread evenly at random over the weeks; the first of a week finds nobody there.

    >>> share_saved(np.array([48.0, 48.0, 48.0]), np.array([0, 0, -1])).round(3).tolist()
    [0.568, 0.568, 0.0]
    """
    inside = building >= 0
    buildings = int(building.max(initial=-1)) + 1
    weekly = np.bincount(building[inside], weights=visits[inside], minlength=buildings) / (12 * WEEKS)
    share = 1 + np.expm1(-weekly) / np.maximum(weekly, 1e-12)
    return np.where(inside, np.where(weekly > 0, share, 0.0)[building] if buildings else 0.0, 0.0)


def hours_this_week(left: Floats, weekly: Floats | float, settings: VisitSettings) -> Floats:
    """Return the hours that managers have when a week begins: what was left, as far as it is kept, and the week's own.

    >>> hours_this_week(np.array([0.0, 90.0]), 10.0, VisitSettings(banked=1.0)).tolist()
    [10.0, 50.0]
    """
    return np.asarray(np.minimum(left + weekly, WEEKS * weekly * settings.banked + weekly))


def further_hours(hours: Floats, building: NDArray[np.int32], saved: float, settings: VisitSettings) -> Floats:
    """Return hours of a visit to a building that was visited before in the same week; outside, all its hours."""
    inside = (building >= 0) & (saved > 0)
    return np.where(inside, np.maximum(hours - saved, np.minimum(hours, settings.corridor)), hours)


def due_in_month(per_year: NDArray[np.integer], phase: Floats, month: int) -> NDArray[np.int64]:
    """Return how many of `per_year` evenly spaced contacts fall into a month; phase is in months, 0 to 12.

    >>> [int(due_in_month(np.array([4]), np.array([0.0]), m)[0]) for m in range(6)]
    [0, 0, 1, 0, 0, 1]
    """
    until = np.floor((month + 1 + phase) * per_year / 12 + 1e-9)
    return np.asarray(until - np.floor((month + phase) * per_year / 12 + 1e-9)).astype(np.int64)


def due_within(per_year: NDArray[np.integer], phase: Floats, months: int) -> NDArray[np.int64]:
    """Return how many of `per_year` evenly spaced contacts fall into the first months; phase is in months.

    >>> due_within(np.array([1, 4, 24]), np.array([10.0, 10.0, 10.0]), 3).tolist()
    [1, 1, 6]
    """
    until = np.floor((months + phase) * per_year / 12 + 1e-9)
    return np.asarray(until - np.floor(phase * per_year / 12 + 1e-9)).astype(np.int64)


def contact_phase(key: NDArray[np.uint64], purpose: str) -> Floats:
    """Return where in the year a customer's contacts start, months from 0 to 12, keyed by customer and purpose."""
    return 12.0 * draws.uniform(draws.stream(0, f"phase of {purpose}"), key)


def priority_order(
    manager: NDArray[np.int32], spend: NDArray[np.floating], key: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Return customers by manager, then by spend with us (largest first), ties by customer key."""
    return np.lexsort((key, -spend, manager)).astype(np.int64)


def deciding_level(decision_weight: Floats) -> NDArray[np.int8]:
    """Return the level with the largest weight, shape (customers,), of weights with shape (levels, customers)."""
    assert decision_weight.shape[0] == len(LEVELS)
    return np.asarray(decision_weight.argmax(axis=0), dtype=np.int8)
