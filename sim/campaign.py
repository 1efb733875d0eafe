"""Campaigns: a carrier is heard for some months, which raises awareness and expectation of it (D16, D20)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from sim import draws
from sim.kernels.behaviour import MONEY_UNIT
from sim.names import OWN
from sim.quantities import Settings, quantity
from sim.visit import FIRST_WEEK

if TYPE_CHECKING:
    from sim.market import Market


class Campaign(Settings):
    """A campaign of one carrier; it may be ours or a rival's."""

    carrier: str = "own"
    month: int = quantity(0, "month", 0, 600, help="of the launch, 0 is the first month of the run")
    months: int = quantity(2, "months", 1, 600, help="on air after each launch")
    every: int = quantity(0, "months", 0, 600, help="from launch to launch; 0 for a single one")
    reach: float = quantity(0.4, "share of customers a month", 0, 1, help="who hear it; drawn anew each month")
    gain: float = quantity(0.3, "adstock/month heard", 0, 10)
    promise: float = quantity(
        0.1, "share", 0, 1, help="of the way to the best that expectation goes for who hears it; 0 promises nothing"
    )
    cost: float = quantity(0.5, "yuan/month and customer who hears it", 0, 1000, help="charged where it is ours")

    def on_air(self, month: int) -> bool:
        """Return whether the campaign is heard in a month.

        >>> [month for month in range(12) if Campaign(month=2, months=2, every=5).on_air(month)]
        [2, 3, 7, 8]
        """
        since = month - self.month
        return since >= 0 and (since % self.every if self.every else since) < self.months

    def run(self, market: Market, name: str) -> Generator[simpy.Event, None, None]:
        """Be heard in each month on air, between the month's opening and its first week."""
        carrier = list(market.scenario.carriers).index(self.carrier)
        yield market.clock.timeout(FIRST_WEEK / 4)
        for month in range(market.months):
            if self.on_air(month):
                self.sound(market, name, carrier)
            yield market.clock.timeout(1)

    def sound(self, market: Market, name: str, carrier: int) -> None:
        """Raise awareness, expectation and cost with whom the month's draw, keyed by customer, lets hear it."""
        key, state = market.city.customers.key, market.city.state
        luck = draws.uniform(draws.stream(market.seed, f"campaign {name}", market.month), key)
        heard = np.flatnonzero(luck < self.reach)
        market.outreach.hear(carrier, heard, self.gain)
        if not market.scenario.mechanisms.freeze_stocks:
            hoped = state.expectation[carrier, heard]
            state.expectation[carrier, heard] = hoped + np.float32(self.promise) * (1 - hoped)
        if carrier == OWN:
            market.spend("campaign", heard, np.full(heard.size, round(self.cost * MONEY_UNIT), dtype=np.int64))
