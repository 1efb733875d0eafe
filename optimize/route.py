"""The route of a manager's week: a trip a building, buildings by service centre, and the days that trips fall on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.book import Book

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
DAYS = 5
"""Working days in a week."""
HALF_DAY, WHOLE_DAY = 4, 8
"""Hours of a day that are tried first: mornings, where they are enough, else whole days, else longer ones."""
SLACK = 1e-9
"""Hours that rounding may add."""


class Route(NamedTuple):
    """Where each visit stands in its manager's week, shape (visits,)."""

    day: Whole
    """From 0, Monday."""
    begins: Floats
    """Hours after the day's beginning."""
    trip: Whole
    """From 1, in the order of the week."""
    stop: Whole
    """From 1, in the order of the trip."""


def route(customer: Whole, week: Whole, hours: Floats, book: Book) -> Route:
    """Return the route of every manager's every week, of visits in order of priority; `week` counts from the start."""
    manager = book.manager[customer]
    order = np.lexsort((np.arange(customer.size), week, manager))
    edges = np.flatnonzero(np.diff(manager[order]) | np.diff(week[order])) + 1
    found = Route(*(np.zeros(customer.size, dtype=kind) for kind in (np.int64, float, np.int64, np.int64)))
    for visits in np.split(order, edges) if customer.size else []:
        who = customer[visits]
        for whole, part in zip(
            found, route_week(who, hours[visits], book.building[who], book.centre[who]), strict=True
        ):
            whole[visits] = part
    return found


def route_week(customer: Whole, hours: Floats, building: NDArray[np.integer], centre: NDArray[np.integer]) -> Route:
    """Return the route of one manager's week, of visits in order of priority.

    A building's visits are one trip, whoever of them comes first pays for the journey; an account outside is a trip of
    its own. Trips go by service centre. A trip is put off to the next day rather than broken, unless it is longer
    than a day.
    """
    trips = trips_of(customer.tolist(), building.tolist(), centre.tolist())
    days, begins = shortest_days([[float(hours[visit]) for visit in trip] for trip in trips])
    found = Route(*(np.zeros(customer.size, dtype=kind) for kind in (np.int64, float, np.int64, np.int64)))
    visits = list(chain.from_iterable(trips))
    found.day[visits], found.begins[visits] = days, begins
    for number, trip in enumerate(trips, 1):
        found.trip[trip] = number
        found.stop[trip] = np.arange(1, len(trip) + 1)
    return found


def trips_of(customer: Sequence[int], building: Sequence[int], centre: Sequence[int]) -> list[list[int]]:
    """Return the trips of a week in their order, each as the places of its visits in what is given.

    A second visit of the week to an account outside is made after all first ones.

    >>> trips_of([7, 8, 9, 8], [2, -1, 2, -1], [1, 0, 1, 0])
    [[1], [0, 2], [3]]
    """
    stands: dict[int, int] = {}
    been: dict[int, int] = {}
    trips: dict[tuple[int, ...], list[int]] = {}
    for visit, (who, where, near) in enumerate(zip(customer, building, centre, strict=True)):
        if where >= 0:
            key: tuple[int, ...] = (0, stands.setdefault(where, near), 0, where)
        else:
            been[who] = been.get(who, -1) + 1
            key = (been[who], near, 1, visit)
        trips.setdefault(key, []).append(visit)
    return [trips[key] for key in sorted(trips)]


def shortest_days(trips: Sequence[Sequence[float]]) -> tuple[list[int], list[float]]:
    """Return the day of each visit and when on it the visit begins, hours, on the shortest days that hold a week.

    >>> shortest_days([[2.0, 1.5], [3.0]])
    ([0, 0, 1], [0.0, 2.0, 0.0])
    """
    for longest in chain((HALF_DAY, WHOLE_DAY), count(WHOLE_DAY + 1)):
        days, begins = days_of(trips, longest)
        if not days or days[-1] < DAYS:
            return days, begins
    raise AssertionError("days without end hold any week")


def days_of(trips: Sequence[Sequence[float]], longest: float) -> tuple[list[int], list[float]]:
    """Return the day of each visit and when on it the visit begins, hours, on days of these hours.

    What is longer has a day of its own; only a trip longer than a whole day is broken.

    >>> days_of([[3.0], [2.0, 3.0], [5.0, 6.0]], 4)
    ([0, 1, 1, 2, 3], [0.0, 0.0, 2.0, 0.0, 0.0])
    """
    day, used = 0, 0.0
    days, begins = [], []
    for part in chain.from_iterable(parts_of(trip, max(longest, WHOLE_DAY)) for trip in trips):
        if used > 0 and used + sum(part) > longest + SLACK:
            day, used = day + 1, 0.0
        for hours in part:
            days.append(day)
            begins.append(used)
            used += hours
    return days, begins


def parts_of(trip: Sequence[float], longest: float) -> list[list[float]]:
    """Return a trip in parts of at most these hours, if it can be; a longer visit is a part by itself."""
    parts: list[list[float]] = []
    for hours in trip:
        if parts and sum(parts[-1]) + hours <= longest + SLACK:
            parts[-1].append(hours)
        else:
            parts.append([hours])
    return parts
