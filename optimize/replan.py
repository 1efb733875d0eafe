"""What a new plan changes, account by account, and what has happened there since the last one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.treatment import Treatment
from sim.book import Book
from sim.visit import contact_phase, due_within

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
REASONS = (
    "took an offer",
    "left its plan",
    "lines left us",
    "lines came to us",
    "an offer was declined",
    "rival spend found out",
    "elsewhere: hours and budgets moved",
)
"""What may have happened at an account, the first that holds; the last where nothing has."""


class Changed(NamedTuple):
    """Accounts whose treatment a new plan changes."""

    account: Whole
    """Indices."""
    reason: Whole
    """Index into `REASONS` of each."""

    @property
    def counts(self) -> Whole:
        """Return how many there are by reason, shape (reasons,)."""
        return np.bincount(self.reason, minlength=len(REASONS)).astype(np.int64)


def changes(menu: tuple[Treatment, ...], before: Book, now: Book, had: Whole, gets: Whole) -> Changed:
    """Return whose treatment changes, and what has happened there between the two books.

    Who took an offer and keeps its visits isn't counted: the offer ended by itself.
    """
    without = without_offer(menu)
    same = (had == gets) | ((now.plan > 0) & (without[had] == gets))
    account = np.flatnonzero(~same)
    return Changed(account, happened(before, now, was_offered(menu, before, now, had))[account])


def was_offered(menu: tuple[Treatment, ...], before: Book, now: Book, had: Whole) -> Flags:
    """Return who was to be made an offer on a visit between the two books, shape (customers,)."""
    visits, offers = (np.array([getattr(t, lever) for t in menu]) for lever in ("visits", "offer"))
    phase = contact_phase(now.key, "visit") + before.month
    return np.asarray((offers[had] > 0) & (due_within(visits[had], phase, now.month - before.month) > 0))


def without_offer(menu: tuple[Treatment, ...]) -> Whole:
    """Return, for each treatment, the one that is like it but for the offer, itself where there is none."""
    place = {t: b for b, t in enumerate(menu)}
    return np.array([place.get(t._replace(offer=0), b) for b, t in enumerate(menu)])


def happened(before: Book, now: Book, offered: Flags) -> Whole:
    """Return what has happened at each account between two books, an index into `REASONS`, shape (customers,).

    `offered` says who was made an offer.
    """
    known = now.rival_spend == before.rival_spend
    both_unknown = np.isnan(now.rival_spend) & np.isnan(before.rival_spend)
    news = ((~known & ~both_unknown) & ~now.ours & ~before.ours).any(axis=0)
    events = [
        (now.plan > 0) & (before.plan == 0),
        (now.plan == 0) & (before.plan > 0),
        (before.ours & ~now.ours).any(axis=0),
        (~before.ours & now.ours).any(axis=0),
        offered & (now.plan == 0),
        (now.source > before.source) & news,
    ]
    return np.asarray(np.select(events, np.arange(len(events)), len(events)), dtype=np.int64)
