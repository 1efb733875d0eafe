"""Telesales seats: weekly shifts that make the calls that are due, the city's best customers first (D15)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.channel import ChannelSettings
from sim.exchange import Exchange
from sim.kernels.behaviour import MONEY_UNIT
from sim.queueing import by_rank
from sim.visit import WEEKS

Whole = NDArray[np.int64]


def rank_by_spend(spend: NDArray[np.floating]) -> Whole:
    """Return an order that puts who spends most with us first, from yuan/month, shape (customers,)."""
    return np.asarray(-np.rint(spend.astype(float) * MONEY_UNIT), dtype=np.int64)


class Seats:
    """Calls waiting, and what is left of a shift; one of the city, known alike in all its parts."""

    def __init__(self, customers: int):
        self.waiting: NDArray[np.int16] = np.zeros(customers, dtype=np.int16)
        """Calls due and not yet made, shape (customers,)."""
        self.order: Whole = np.zeros(customers, dtype=np.int64)
        """Priority, lowest first, shape (customers,)."""
        self.minutes = 0.0
        """Left of the shift, seat minutes."""

    def shift(
        self, exchange: Exchange, key: NDArray[np.uint64], settings: ChannelSettings, city_size: int
    ) -> NDArray[np.int16]:
        """Work a week and return the calls made, shape (customers,).

        A week has a fourth of the month's minutes; what is left over of one lapses unless it is less than a call.
        """
        self.minutes = min(self.minutes, settings.call_minutes) + settings.seat_minutes * city_size / WEEKS
        capacity = int(self.minutes / settings.call_minutes + 1e-9)
        queued = int(exchange.total(np.array([self.waiting.sum()], dtype=np.int64))[0])
        made = self.waiting.copy()
        if queued > capacity:
            who = np.flatnonzero(self.waiting)
            made[who] = by_rank(exchange, self.order[who], self.waiting[who].astype(np.int64), key[who], capacity)
        self.waiting -= made
        self.minutes -= min(queued, capacity) * settings.call_minutes
        return made

    def give_up(self) -> int:
        """Give up the calls that still wait, and return how many they were."""
        missed = int(self.waiting.sum())
        self.waiting[:] = 0
        return missed
