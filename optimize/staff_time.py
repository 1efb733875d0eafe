"""Managers' hours that are left for visits: less training, less complaints that call them out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from sim.book import Book
from sim.names import OWN
from sim.programme import service_tiers
from sim.rates import posted_tariff
from sim.service import by_tier

Floats = NDArray[np.float64]


def expected_hours(decision: Decision, book: Book, hours: Floats, period: int) -> Floats:
    """Return expected hours for visits of each manager over a period of months, of `hours`, shape (managers,)."""
    on, left = decision.mechanisms, hours
    if on.managers:
        left = left - decision.manager.training * period / 12
    if on.preemption and on.tiers and on.visits:
        called = period * expected_call_out_hours(decision, book)
        left = left - np.bincount(book.manager, weights=called, minlength=hours.size)
    return np.asarray(np.maximum(left, 0.0))


def expected_call_out_hours(decision: Decision, book: Book) -> Floats:
    """Return the hours a month that an account's complaints are expected to cost its manager, shape (customers,)."""
    if not decision.mechanisms.incidents or decision.mechanisms.freeze_stocks:
        return np.zeros(book.key.size)
    tier = service_tiers(book.value_class, decision.practice)
    ours = book.ours.sum(axis=0)
    quality = (book.ours * posted_tariff(decision).quality[OWN][:, None]).sum(axis=0) / np.maximum(ours, 1)
    chance = decision.experience.incidents * (1 - quality) * by_tier(decision.service.faults, tier)
    return np.asarray(np.where(ours > 0, np.minimum(chance, 1) * by_tier(decision.service.call_out, tier), 0.0))
