"""Re-planning dates: whoever decides for the carrier looks at the book again and may begin another programme."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.book import Book, observe
from sim.errors import InputError
from sim.programme import Programme
from sim.rivals import Seen

if TYPE_CHECKING:
    from sim.market import Market

MEMORY = 12
"""Months of complaints that the book counts."""


class View:
    """What a carrier may know of the market when a month opens: its book, what anybody sees, and its own programme."""

    def __init__(self, market: Market, complaints: NDArray[np.int16]):
        self._market, self._complaints = market, complaints

    @property
    def month(self) -> int:
        """The month that opens; 0 is the first of the run."""
        return self._market.month

    @property
    def programme(self) -> Programme:
        """The programme in force so far."""
        return self._market.programme

    @property
    def seen(self) -> Seen:
        """Prices and lines served by carrier in the months before."""
        return self._market.seen

    def book(self) -> Book:
        """Return the book as it is now; of complaints it knows those since the run began, twelve months at most."""
        market, scenario = self._market, self._market.scenario
        price = market.tariff.price
        return observe(market.city, scenario.seed, price, scenario.book, scenario.segment, self._complaints)


Planner = Callable[[View, int], Programme | None]
"""Given what the carrier knows and the month, return the programme to begin, or None to go on as before."""


class Dates:
    """When a planner is asked, and what it has to be reminded of."""

    def __init__(self, planner: Planner, every: int):
        if every < 1:
            raise InputError(f"every: {every} months from one re-planning date to the next; give 1 or more")
        self.planner, self.every = planner, every
        self.complaints: deque[NDArray[np.int16]] = deque(maxlen=MEMORY + 1)

    def note(self, market: Market) -> None:
        """Remember the complaints so far; to be called as each month opens."""
        self.complaints.append(market.city.state.complaints.copy())

    def turn(self, market: Market) -> Programme | None:
        """Return the programme that begins this month, if the planner is asked and wants another one."""
        if market.month % self.every:
            return None
        now = self.complaints[-1]
        programme = self.planner(View(market, now - self.complaints[0]), market.month)
        if programme is not None and programme.visits.size != now.size:
            given = programme.visits.size
            raise InputError(f"month {market.month}: the planner's programme is for {given} customers, not {now.size}")
        return programme
