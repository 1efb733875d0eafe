"""The joint law of a customer's lines: what estimates follow where stocks are frozen (`sim.kernels.joint`)."""

from __future__ import annotations

import numpy as np

from optimize.decision import Decision
from sim.book import Book
from sim.kernels.joint_records import Held

MOST_STATES = 4096
"""Ways of spreading a customer's lines over carriers above which lines are followed one by one."""


def ways_of_spreading(decision: Decision) -> int:
    """Return in how many ways a customer's lines can be spread over carriers, ours since the start told apart."""
    return int((len(decision.carriers) + 1) ** len(decision.lines))


def lines_followed_jointly(decision: Decision) -> bool:
    """Return whether estimates follow the joint law of a customer's lines: stocks are frozen, and ways are few."""
    return decision.mechanisms.freeze_stocks and ways_of_spreading(decision) <= MOST_STATES


def held_by_frozen_stocks(decision: Decision, book: Book) -> Held:
    """Return the step of bonds, and whether a customer is a repeat buyer, as the book shows them today.

    The stage of loyalty isn't in the book: it is taken to be what the lines with us deserve.
    """
    oldest = np.where(book.ours, book.tenure, -1).max(axis=0)
    repeats = (book.ours.sum(axis=0) >= 2) | (oldest >= decision.loyalty.repeat_months)
    return Held(np.ascontiguousarray(book.step), repeats.astype(float))
