"""Rivals: what the other carriers do from month to month."""

from __future__ import annotations

from typing import Annotated, Protocol, runtime_checkable

import numpy as np

from sim.carrier import Carrier, Tariff
from sim.quantities import Settings, quantity
from sim.registry import Registry


@runtime_checkable
class RivalPolicy(Protocol):
    """How one rival moves: a settings class with this one method."""

    def move(self, month: int, carrier: int, posted: Tariff) -> Tariff:
        """Return the tariff of the month, given the tariff posted at the start and the rival's carrier index."""
        ...


policies: Registry[RivalPolicy] = Registry("rival policy")


@policies.register("static")
class Static(Settings):
    """A rival that never moves."""

    def move(self, month: int, carrier: int, posted: Tariff) -> Tariff:
        """Return the posted tariff."""
        return posted


@policies.register("price_war")
class PriceWar(Settings):
    """A rival that cuts all its prices and calls on more customers from one month on."""

    month: int = quantity(3, "month", 0, 600, help="first month of the war, 0 is the first month of the run")
    months: int = quantity(600, "months", 1, 600, help="how long it lasts")
    drop: float = quantity(0.15, "share of the price", 0, 0.9)
    contact: float = quantity(0.2, "probability a month", 0, 1, help="customers it calls on while the war lasts")

    def move(self, month: int, carrier: int, posted: Tariff) -> Tariff:
        """Return the tariff with this rival's war prices while the war lasts."""
        if not self.month <= month < self.month + self.months:
            return posted
        price, contact = posted.price.copy(), posted.contact.copy()
        price[carrier] *= 1 - self.drop
        contact[carrier] = max(contact[carrier], self.contact)
        return posted._replace(price=price, contact=contact)


class Rival(Carrier):
    """A rival carrier: its tariff and what it does."""

    contact: float = quantity(0.05, "probability a month", 0, 1, help="customers its sales force calls on")
    policy: Annotated[RivalPolicy, policies] = Static()


def moved(rivals: list[Rival], month: int, posted: Tariff) -> Tariff:
    """Return the tariff of the month after every rival has moved at once; rivals follow us on the carrier axis.

    Of what a policy returns, only the rows of its own carrier count.
    """
    current = Tariff(*(part.copy() for part in posted))
    for carrier, rival in enumerate(rivals, start=1):
        own_move = rival.policy.move(month, carrier, posted)
        for part, changed in zip(current, own_move, strict=True):
            part[carrier] = changed[carrier]
    if not np.isfinite(current.price).all() or (current.price <= 0).any():
        raise ValueError(f"a rival policy set a price that isn't above 0 in month {month}: {current.price}")
    return current
