"""A rival policy of one's own: undercut while lines are being lost.

Load it with `extensions: [experiments.extensions.undercut_when_losing]`, and name it where a rival's policy stands:
`policy: {name: undercut_when_losing, drop: 0.1}`.
"""

from __future__ import annotations

from sim.carrier import Tariff
from sim.quantities import Settings, quantity
from sim.rivals import Seen, policies


@policies.register("undercut_when_losing")
class UndercutWhenLosing(Settings):
    """A rival that cuts its prices as long as it serves fewer lines than some months ago."""

    drop: float = quantity(0.1, "share of the price", 0, 0.9)
    memory: int = quantity(3, "months", 1, 60, help="how far back it compares")

    def move(self, month: int, carrier: int, posted: Tariff, seen: Seen) -> Tariff:
        """Return the tariff with this rival's prices cut while it is losing lines."""
        if len(seen.lines) <= self.memory or seen.lines[-1, carrier] >= seen.lines[-1 - self.memory, carrier]:
            return posted
        price = posted.price.copy()
        price[carrier] *= 1 - self.drop
        return posted._replace(price=price)
