"""Calendars: a programme of the year as one for each quarter, so that contacts can be put before a date."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.planner import View
from sim.programme import Programme
from sim.visit import contact_phase, due_in_month

QUARTER = 3
YEARLY = 12 // QUARTER
CONTACTS = {"visits": "visit", "mail": "letter", "calls": "call", "agents": "agent"}
"""Levers that are contacts a year, and what their phase is keyed by."""


class Calendar:
    """A planner that begins each quarter's programme; contacts of the quarter come a year's rate apart."""

    def __init__(self, quarters: tuple[Programme, ...]):
        self.quarters = quarters

    def __call__(self, view: View, month: int) -> Programme | None:
        """Return the programme of the quarter that begins."""
        at = month // QUARTER
        return self.quarters[at] if at < len(self.quarters) else None


def by_quarter(programme: Programme, key: NDArray[np.uint64], months: int, offer_every: int) -> tuple[Programme, ...]:
    """Return a programme for each quarter in which contacts fall as they do in the programme of the year.

    Four contacts a year are one in a quarter whatever the phase, so that each quarter asks for four times as many as
    fall into it. Offers go with the visits that would carry them. Invitations to events stay a year's.
    """
    quarters = []
    carried = offers_by_quarter(programme, key, months, offer_every)
    for number, start in enumerate(range(0, months, QUARTER)):
        due: Any = {name: rate(getattr(programme, name), key, purpose, start) for name, purpose in CONTACTS.items()}
        quarters.append(programme._replace(**due, offer=(programme.offer * carried[number]).astype(np.int8)))
    return tuple(quarters)


def offers_by_quarter(
    programme: Programme, key: NDArray[np.uint64], months: int, offer_every: int
) -> NDArray[np.bool_]:
    """Return in which quarters a visit carries the offer, (quarters, customers): the first after offers come round."""
    phase = contact_phase(key, CONTACTS["visits"])
    carried = np.zeros((-(-months // QUARTER), key.size), dtype=bool)
    open_offer = np.zeros(key.size, dtype=bool)
    for month in range(QUARTER * len(carried)):
        open_offer |= month % offer_every == 0
        met = open_offer & (due_in_month(programme.visits, phase, month) > 0)
        carried[month // QUARTER] |= met
        open_offer &= ~met
    return carried


def rate(per_year: NDArray[np.int16], key: NDArray[np.uint64], purpose: str, start: int) -> NDArray[np.int16]:
    """Return contacts a year of which a quarter holds as many as of `per_year` fall into that from month `start`."""
    phase: Any = contact_phase(key, purpose)
    due = sum(due_in_month(per_year, phase, month) for month in range(start, start + QUARTER))
    return np.asarray(YEARLY * due, dtype=np.int16)


def timed(
    quarters: tuple[Programme, ...], whom: NDArray[np.bool_], when: NDArray[np.integer[Any]]
) -> tuple[Programme, ...]:
    """Return quarters in which each of these accounts is visited in the quarter `when`, shape (customers,), if ever.

    Who isn't, is visited then instead of in the quarter that has most of its visits.
    """
    visits, offers = (np.stack([getattr(one, name) for one in quarters]) for name in ("visits", "offer"))
    account = np.arange(whom.size)
    then = np.clip(when, 0, len(quarters) - 1)
    most = visits.argmax(axis=0)
    move = whom & (visits[then, account] == 0)
    for table in (visits, offers):
        here, there = table[then, account].copy(), table[most, account].copy()
        table[then, account] = np.where(move, there, here)
        table[most, account] = np.where(move, here, table[most, account])
    return tuple(
        one._replace(visits=some, offer=offer) for one, some, offer in zip(quarters, visits, offers, strict=True)
    )
