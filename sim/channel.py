"""Channels beside visits: what reaches whom, what repeating brings, and the settings of mail and seats (D15, D16)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.names import CHANNELS
from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]


class ChannelSettings(Settings):
    """Direct mail and telesales."""

    mail_cost: float = quantity(4.0, "yuan/letter", 0, 1000)
    mail_fixed: float = quantity(0.0, "yuan/month and customer", 0, 1000, help="a mailing room, written to or not")
    mail_capacity: float = quantity(4.0, "letters/month and customer", 0, 1000, help="what is over isn't sent")
    mail_reach: float = quantity(1.0, "share of customers", 0, 1, help="who read what is sent")
    mail_gain: float = quantity(0.65, "adstock/letter", 0, 10)
    call_minutes: float = quantity(15.0, "seat minutes/call", 0.1, 600)
    call_cost: float = quantity(1.2, "yuan/seat minute", 0, 100)
    call_fixed: float = quantity(0.0, "yuan/month and customer", 0, 1e6, help="seats that are paid called or not")
    call_reach: float = quantity(
        1.0, "share of customers", 0, 1, help="of those who don't expect to be telephoned, who take the call"
    )
    call_gain: float = quantity(0.3, "adstock/call", 0, 10)
    call_waits: int = quantity(3, "months", 1, 60, help="until a call that wasn't made is given up: a quarter")
    seat_minutes: float = quantity(
        4.0, "seat minutes/month and customer", 0, 1000, help="capacity of the hotline seats, a fourth of it each week"
    )
    unexpected: float = quantity(
        0.5, "share", 0, 1, help="of a contact's effect on who expects another channel: calls, halls, agents, events"
    )
    repeated: float = quantity(
        0.5, "share", 0, 1, help="what each further contact of a channel in a month brings of the one before"
    )
    adstock_kept: float = quantity(0.7, "share kept a month", 0, 1)


def call_gain(expected_channel: NDArray[np.int8], settings: ChannelSettings) -> Floats:
    """Return what one call adds to awareness, shape (customers,)."""
    return np.asarray(settings.call_gain * welcome(expected_channel, "telephone", settings.unexpected))


def welcome(expected_channel: NDArray[np.int8], channel: str, unexpected: float) -> Floats:
    """Return the share of a contact's effect that is felt: 1 for who expects the channel, `unexpected` for others."""
    return np.where(expected_channel == CHANNELS.index(channel), 1.0, unexpected)


def accepts(
    key: NDArray[np.uint64], expected_channel: NDArray[np.int8], channel: str, reach: float
) -> NDArray[np.bool_]:
    """Return who accepts a channel: who expects it, and a share `reach` of the others, for good, keyed by customer."""
    expects = np.zeros(key.size, dtype=bool)
    if channel in CHANNELS:
        expects = expected_channel == CHANNELS.index(channel)
    if reach == 1:
        return np.ones(key.size, dtype=bool)
    if reach == 0:
        return np.asarray(expects)
    return np.asarray(expects | (draws.uniform(draws.stream(0, f"accepts {channel}"), key) < reach))


def in_one_month(contacts: NDArray[np.integer], repeated: float) -> Floats:
    """Return what so many contacts of one channel in a month bring, in units of a single one: a geometric sum.

    >>> in_one_month(np.array([0, 1, 2, 3]), 0.5).tolist()
    [0.0, 1.0, 1.5, 1.75]
    >>> in_one_month(np.array([3]), 1.0).tolist()
    [3.0]
    """
    most = int(contacts.max(initial=0))
    if repeated == 1 or most <= 1:
        return contacts.astype(float)
    return np.asarray(((1 - repeated ** np.arange(most + 1.0)) / (1 - repeated))[contacts])
