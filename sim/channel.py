"""Channels beside visits: mail and telesales seats, with cost, capacity and what they leave behind (D15, D16)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.names import CHANNELS
from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]


class ChannelSettings(Settings):
    """Direct mail and telesales."""

    mail_cost: float = quantity(4.0, "yuan/letter", 0, 1000)
    mail_gain: float = quantity(0.65, "adstock/letter", 0, 10)
    call_minutes: float = quantity(15.0, "seat minutes/call", 0.1, 600)
    call_cost: float = quantity(1.2, "yuan/seat minute", 0, 100)
    call_gain: float = quantity(0.3, "adstock/call", 0, 10)
    seat_minutes: float = quantity(
        4.0, "seat minutes/month and customer", 0, 1000, help="capacity of the hotline seats"
    )
    unexpected: float = quantity(0.5, "share", 0, 1, help="of a call's effect on who doesn't expect to be telephoned")
    adstock_kept: float = quantity(0.7, "share kept a month", 0, 1)


def call_gain(expected_channel: NDArray[np.int8], settings: ChannelSettings) -> Floats:
    """Return what one call adds to awareness, shape (customers,)."""
    welcome = expected_channel == CHANNELS.index("telephone")
    return np.asarray(settings.call_gain * np.where(welcome, 1.0, settings.unexpected))
