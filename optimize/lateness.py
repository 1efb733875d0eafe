"""Lateness: how long visits wait where managers' hours bind.

Who spends more is visited first. The later an account comes, the more of its manager's hours are asked for before it,
and the longer its visits wait; what doesn't fit into the period isn't made at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from optimize.decision import Decision
from optimize.field import Timetable, visiting_order
from sim.book import Book
from sim.programme import Programme
from sim.visit import WEEKS, contact_phase, due_in_month

Floats = NDArray[np.float64]
BINS = 40
"""Of the share of hours asked for before an account, by which lateness is told."""


def lateness(decision: Decision, book: Book, programme: Programme, timetable: Timetable) -> Floats:
    """Return how long visits to each account would wait beside a programme, months, shape (customers,).

    It is the mean over all managers' visits at the same place in the queue, by the share of hours that accounts before
    it ask for, and never falls along the queue. An account that the programme doesn't visit is told by its place.
    """
    size = book.key.size
    hours = np.bincount(timetable.visits.customer, timetable.visits.hours, size)
    order = visiting_order(decision, book)
    before = np.zeros(size)
    in_turn, manager = hours[order], book.manager[order]
    until = np.cumsum(in_turn)
    first = np.concatenate([[0], np.flatnonzero(np.diff(manager)) + 1]) if size else np.zeros(0, dtype=np.int64)
    begins = (until - in_turn)[first]
    which = np.cumsum(np.isin(np.arange(size), first)) - 1
    before[order] = until - in_turn / 2 - begins[which]
    whole = np.maximum(timetable.weekly * timetable.weeks, 1e-9)
    place = np.clip(before / whole[book.manager], 0, 1)
    due, waited = timetable.due.astype(float), months_waited(decision, book, programme, timetable)
    at = np.minimum((place * BINS).astype(np.int64), BINS - 1)
    visits, waits = np.bincount(at, due, BINS), np.bincount(at, waited, BINS)
    seen = visits > 0
    if not seen.any():
        return np.zeros(size)
    mean = isotonic_regression(waits[seen] / visits[seen], weights=visits[seen]).x
    centres = (np.arange(BINS) + 0.5)[seen] / BINS
    return np.asarray(np.interp(place, centres, mean))


def months_waited(decision: Decision, book: Book, programme: Programme, timetable: Timetable) -> Floats:
    """Return the months that each account's visits wait together in the period, shape (customers,)."""
    months, size = min(decision.period, decision.months), book.key.size
    phase = contact_phase(book.key, "visit")
    open_now, waited = np.zeros(size), np.zeros(size)
    month_made = timetable.visits.week // WEEKS
    for month in range(months):
        open_now += due_in_month(programme.visits, phase, month)
        open_now -= np.bincount(timetable.visits.customer[month_made == month], minlength=size)
        waited += np.maximum(open_now, 0)
    return waited
