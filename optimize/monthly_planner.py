"""The policy that follows monthly prices, in the market: it reads the book as it is and begins each month's programme.

A programme's contacts are a year's, spread evenly from when it begins. One that begins every month, with twelve visits
a year for who is chosen, makes exactly one visit in that month; what wasn't made by its end is dropped.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.monthly import Monthly, offers_of
from optimize.monthly_policy import parts_of
from optimize.monthly_prices import Bound, starts_of
from optimize.policy import Replanning
from optimize.recursion import in_blocks
from sim.book import Book
from sim.kernels.monthly_now import Now, choose_now, gains_now
from sim.kernels.monthly_records import ACTIONS, BOTH, CALL, CUT, DECIDER, LETTER, OFFER, WORKING
from sim.names import LEVELS
from sim.planner import View
from sim.programme import Programme, nothing, service_tiers

Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]
EACH_MONTH = 12
"""Contacts a year of who is to have one in the month that the programme begins."""


def monthly_policy(decision: Decision, book: Book, model: Monthly, bound: Bound) -> Replanning:
    """Return the policy for `optimize.worth.try_out`; `book` is that of the start, which the model was made from."""
    return Replanning(partial(MonthlyPlanner, decision, book, model, bound), every=1)


class MonthlyPlanner:
    """A planner of one future, asked every month; it remembers which lines of ours have never left."""

    def __init__(self, decision: Decision, book: Book, model: Monthly, bound: Bound):
        self.decision, self.before, self.model, self.bound = decision, book, model, bound
        self.kept = book.ours.copy()
        self.parts = parts_of(model, bound)
        self.told: list[Whole] = []
        """Customers' actions by month."""

    def __call__(self, view: View, month: int) -> Programme | None:
        """Return the month's programme."""
        book = view.book(self.before)
        self.kept &= book.ours
        action = np.empty(book.key.size, dtype=np.int64)
        action[self.model.order] = self.actions(book, month)
        self.told.append(action.astype(np.int8))
        return programme_of_month(action, self.decision, book, self.model)

    def actions(self, book: Book, month: int) -> Whole:
        """Return what to do at each account this month, in the order of the process."""
        model = self.model
        now = now_of(model, book, self.kept)
        gain, chance = np.empty((book.key.size, ACTIONS)), np.empty(book.key.size)
        given = (month, now, model.manager, model.process, model.costs, model.grid, self.bound.prices, gain, chance)
        in_blocks(lambda first, last: gains_now(first, last, *given), book.key.size)
        action = np.zeros(book.key.size, dtype=np.int64)
        starts = starts_of(model)
        for first, last, part in zip(starts[:-1], starts[1:], self.parts, strict=True):
            choose_now(first, last, month, now, model.process, model.costs, gain, chance, part, action)
        return action


def now_of(model: Monthly, book: Book, kept: Flags) -> Now:
    """Return where accounts have come to by the book, in the order of the process."""
    order, customers = model.order, np.arange(book.key.size)
    line = model.process.line
    bits = np.zeros(book.key.size, dtype=np.int64)
    for j in range(line.shape[1]):
        there = (j < model.process.lines) & kept[line[:, j], order]
        bits |= there.astype(np.int64) << j
    return Now(
        branch=(book.plan[order] > 0).astype(np.int64),
        goodwill=book.goodwill[:, order][model.level, customers].astype(float),
        awareness=book.adstock[order].astype(float),
        left=bits,
    )


def programme_of_month(action: Whole, decision: Decision, book: Book, model: Monthly) -> Programme:
    """Return the programme that does these actions in the month in which it begins, shape of `action`: (customers,)."""
    plain = action < OFFER
    offers = (action >= OFFER) & (action < CUT)
    visit = np.where(plain, action // 4, np.where(offers, DECIDER, 0))
    contact = np.where(plain, action % 4, np.where(offers, action - OFFER, 0))
    decider = np.empty_like(model.level)
    decider[model.order] = model.level
    return nothing(action.size)._replace(
        visits=np.where(visit > 0, EACH_MONTH, 0).astype(np.int16),
        level=np.where(visit == WORKING, LEVELS.index("working"), decider).astype(np.int8),
        offer=np.where(offers, model.offer, 0).astype(np.int8),
        offer_x=np.where(offers, offers_of(decision, book, model.offer).offer_x[0], 0).astype(np.float32),
        discount=np.where(action == CUT, decision.monthly.discount, 0).astype(np.float32),
        mail=np.where(np.isin(contact, (LETTER, BOTH)), EACH_MONTH, 0).astype(np.int16),
        calls=np.where(np.isin(contact, (CALL, BOTH)), EACH_MONTH, 0).astype(np.int16),
        tier=service_tiers(book.value_class, decision.practice),
    )
