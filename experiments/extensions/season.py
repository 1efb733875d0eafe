"""A behaviour of one's own: customers look around less in some months of the year.

Load it with `extensions: [experiments.extensions.season]`, and add it with `processes: {spring: {name: season}}`.
"""

from __future__ import annotations

import simpy

from sim.market import Market
from sim.process import Steps, process_kinds
from sim.quantities import Settings, quantity


@process_kinds.register("season")
class Season(Settings):
    """Months in which customers are busy with something else."""

    months: tuple[int, ...] = quantity((1,), "month of the year, 0 is the first month of the run", 0, 11)
    calm: float = quantity(0.5, "logit", 0, 20, help="taken off the logit of looking around")

    def run(self, market: Market, clock: simpy.Environment) -> Steps:
        """Lower attention in the quiet months and put it back after them."""
        usual = market.rates
        quiet = usual._replace(attention_base=usual.attention_base - type(usual.attention_base)(self.calm))
        while True:
            market.rates = quiet if market.month % 12 in self.months else usual
            yield clock.timeout(1)
