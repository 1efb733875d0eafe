"""What the halls are expected to do for an account: the mean of being handled, diverted or turned away (D15)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from sim.book import Book
from sim.channel import accepts
from sim.names import CHANNELS

Floats = NDArray[np.float64]


class Room(NamedTuple):
    """Shares that find room in the mean city."""

    online: float
    """Of those who come to the online hall."""
    hall: float
    """Of those who come to the halls first."""
    diverted: float
    """Of those sent there by a full online hall."""


def expected_hall_lift(decision: Decision, book: Book) -> Floats:
    """Return the performance that an account with a line of ours gains at the halls in a mean month, (customers,)."""
    if not decision.mechanisms.halls:
        return np.zeros(book.key.size)
    hall, online = decision.hall, decision.online
    room = expected_room(decision)
    first = accepts(book.key, book.expected_channel, "hall", 0.0)
    surfs = accepts(book.key, book.expected_channel, "online", online.reach) & ~first
    comes = accepts(book.key, book.expected_channel, "hall", hall.reach) & ~surfs
    there = room.hall * hall.lift - (1 - room.hall) * hall.turned_away
    after = room.diverted * hall.lift * decision.channel.unexpected - (1 - room.diverted) * hall.turned_away
    return np.asarray(hall.need * (comes * there + surfs * (room.online * online.lift + (1 - room.online) * after)))


def expected_room(decision: Decision) -> Room:
    """Return who finds room where the mean number comes of a city all of whose customers have a line of ours."""
    hall, online = decision.hall, decision.online
    weight = dict(zip(CHANNELS, np.array(decision.city.channels) / sum(decision.city.channels), strict=True))
    others = 1 - weight["hall"] - weight["online"]
    surfing = hall.need * (weight["online"] + others * online.reach)
    coming = hall.need * (weight["hall"] + others * (1 - online.reach) * hall.reach)
    found_online = _share(online.capacity, surfing)
    left = max(0.0, hall.capacity - coming)
    return Room(found_online, _share(hall.capacity, coming), _share(left, surfing * (1 - found_online)))


def _share(room: float, wanted: float) -> float:
    return 1.0 if wanted <= room else room / wanted
