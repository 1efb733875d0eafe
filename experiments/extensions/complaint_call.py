"""A lever of one's own: telephone who has complained, so that the fault is forgotten sooner.

Load it with `extensions: [experiments.extensions.complaint_call]`, and add it with
`processes: {amends: {name: complaint_call}}`.
"""

from __future__ import annotations

import numpy as np
import simpy

from sim.market import Market
from sim.names import OWN
from sim.process import Steps, process_kinds
from sim.quantities import Settings, quantity


@process_kinds.register("complaint_call")
class ComplaintCall(Settings):
    """A call in the month after a complaint."""

    regained: float = quantity(0.04, "satisfaction", 0, 1)
    cost: float = quantity(20.0, "yuan/call", 0, 1000, help="charged with the month's calls")

    def run(self, market: Market, clock: simpy.Environment) -> Steps:
        """Call who complained last month; the calls are paid for as channel cost."""
        while True:
            complained = market.brought.complained == 1
            satisfaction = market.city.state.satisfaction[OWN]
            satisfaction[complained] = np.minimum(1, satisfaction[complained] + np.float32(self.regained))
            market.charge(complained * self.cost)
            yield clock.timeout(1)
