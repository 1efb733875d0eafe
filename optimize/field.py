"""The timetable of a plan's visits: the weeks in which the market would make them where nothing interferes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.plan import Plan
from sim.book import Book
from sim.kernels.pack import pack_week
from sim.names import OWN
from sim.programme import Programme
from sim.rates import posted_tariff
from sim.visit import (
    WEEKS,
    contact_phase,
    due_in_month,
    further_hours,
    hours_this_week,
    journey_saved,
    priority_order,
    visit_hours,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Visits(NamedTuple):
    """Visits by week, and in it by manager and priority, shape (visits,)."""

    customer: Whole
    week: Whole
    """From 0, four a month."""
    hours: Floats
    """Travel and preparing an offer included."""
    offer: Whole
    """Which offer of a plan in turn is made, 0 none; a second one is made only if the first was declined."""


class Timetable(NamedTuple):
    """The visits of a plan that fit into managers' hours, and those that don't."""

    visits: Visits
    due: Whole
    """Visits that fall into the period, shape (customers,)."""
    left_over: Whole
    """Of these, visits that don't fit by the period's end, shape (customers,)."""
    offers_left: Whole
    """1 where an offer is planned and no visit that could make it fits, shape (customers,)."""
    weekly: Floats
    """Hours that each manager has for visits in a week, shape (managers,)."""
    weeks: int


def timetable(decision: Decision, book: Book, plan: Plan) -> Timetable:
    """Return the timetable of a plan, with the hours that training and complaints are expected to leave."""
    weeks = WEEKS * min(decision.period, decision.months)
    return schedule(decision, book, plan.programme, plan.limits.hours / weeks)


def schedule(decision: Decision, book: Book, programme: Programme, weekly: Floats) -> Timetable:
    """Return the timetable of a programme for managers with these hours a week, shape (managers,).

    Visits fall due as in the market, and each week is packed by the market's own kernel: largest spenders first,
    hours not used kept for the weeks after. Hours are kept free for an offer to be made again, as if all were declined.
    """
    settings, months = decision.visit, min(decision.period, decision.months)
    phase = contact_phase(book.key, "visit")
    todo = _Todo(decision, book, programme, weekly)
    due = np.zeros(book.key.size, dtype=np.int64)
    for month in range(months):
        falling = due_in_month(programme.visits, phase, month)
        due += falling
        todo.due[:] += falling.astype(np.int16)
        if month % settings.offer_every == 0:
            todo.offer_due[:] = (programme.offer > 0) & (book.plan == 0)
        for week in range(WEEKS):
            todo.make(WEEKS * month + week)
    visits = Visits(*(np.concatenate(weeks) for weeks in zip(*todo.made, strict=True)))
    unmade = (programme.offer > 0) & (book.plan == 0) & (due > 0) & (todo.offers == 0)
    return Timetable(visits, due, todo.due.astype(np.int64), unmade.astype(np.int64), weekly, WEEKS * months)


class _Todo:
    """What managers still have to do, as the market keeps it, and the visits made so far, a tuple of arrays a week."""

    def __init__(self, decision: Decision, book: Book, programme: Programme, weekly: Floats) -> None:
        customers, settings = book.key.size, decision.visit
        self.on, self.settings, self.book, self.weekly = decision.mechanisms.visits, settings, book, weekly
        self.saved = journey_saved(settings) if decision.mechanisms.journeys else 0.0
        self.hours = visit_hours(book.building, programme.level, settings)
        self.again = further_hours(self.hours, book.building, self.saved, settings)
        self.order = visiting_order(decision, book)
        self.due = np.zeros(customers, dtype=np.int16)
        self.offer_due = np.zeros(customers, dtype=np.int8)
        self.offers = np.zeros(customers, dtype=np.int64)
        self.left = np.zeros(weekly.size)
        self.made: list[tuple[Whole, Whole, Floats, Whole]] = [_no_visits()]

    def make(self, week: int) -> None:
        """Make the visits that fit into a week."""
        customers, book = self.due.size, self.book
        visited, offered = np.zeros(customers, dtype=np.int16), np.zeros(customers, dtype=np.int8)
        spent = np.zeros(customers)
        self.left = hours_this_week(self.left, self.weekly, self.settings)
        if not self.on:
            return
        pack_week(
            self.order,
            book.manager,
            self.due,
            self.offer_due,
            self.hours,
            self.settings.offer,
            self.left,
            visited,
            offered,
            spent,
            book.building,
            np.zeros(int(book.building.max(initial=-1)) + 1, dtype=np.int8),
            self.saved,
            self.settings.corridor,
        )
        self.offers += offered
        self.made.append(self._visits(week, visited, offered, spent))

    def _visits(
        self, week: int, visited: NDArray[np.int16], offered: NDArray[np.int8], spent: Floats
    ) -> tuple[Whole, Whole, Floats, Whole]:
        """Return a week's visits one by one: the first to an account bears what later ones don't, an offer as well."""
        who = self.order[visited[self.order] > 0]
        times = visited[who].astype(np.int64)
        first = np.cumsum(times) - times
        customer = np.repeat(who, times)
        hours, offer = self.again[customer], np.zeros(customer.size, dtype=np.int64)
        hours[first] = spent[who] - (times - 1) * self.again[who]
        offer[first] = offered[who] * self.offers[who]
        return customer, np.full(customer.size, week, dtype=np.int64), hours, offer


def _no_visits() -> tuple[Whole, Whole, Floats, Whole]:
    none = np.zeros(0, dtype=np.int64)
    return none, none, np.zeros(0), none


def visiting_order(decision: Decision, book: Book) -> Whole:
    """Return customers by manager, then by priority: the market's order, which goes by usage at reference prices."""
    usage = (book.spend / posted_tariff(decision).price[OWN][:, None]).sum(axis=0)
    return priority_order(book.manager, usage, book.key)
