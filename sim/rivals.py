"""Rivals: what the other carriers do from month to month."""

from __future__ import annotations

from typing import Annotated, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Carrier, Tariff
from sim.names import OWN
from sim.poach import PoachSettings
from sim.quantities import Settings, quantity
from sim.registry import Registry


class Seen(NamedTuple):
    """What anybody can see of the months before: an entry a month, the newest last."""

    price: NDArray[np.float64]
    """Shape (months, carriers, lines)."""
    lines: NDArray[np.int64]
    """Lines that each carrier served at the month's end, shape (months, carriers); empty to who only plans."""


def nothing_seen(posted: Tariff) -> Seen:
    """Return what is seen before the first month."""
    carriers, lines = posted.price.shape
    return Seen(np.empty((0, carriers, lines)), np.empty((0, carriers), dtype=np.int64))


@runtime_checkable
class RivalPolicy(Protocol):
    """How one rival moves: a settings class with this one method."""

    def move(self, month: int, carrier: int, posted: Tariff, seen: Seen) -> Tariff:
        """Return the tariff of the month, given the tariff posted at the start and what has been seen since.

        `carrier` is the rival's own index. Of the tariff returned only its own rows count. A policy that doesn't look
        at what has been seen may say so by a class variable `reacts = False`: the market then runs faster.
        """
        ...


policies: Registry[RivalPolicy] = Registry("rival policy")


@policies.register("static")
class Static(Settings):
    """A rival that never moves."""

    reacts: ClassVar[bool] = False

    def move(self, month: int, carrier: int, posted: Tariff, seen: Seen) -> Tariff:
        """Return the posted tariff."""
        return posted


@policies.register("price_war")
class PriceWar(Settings):
    """A rival that cuts all its prices and calls on more customers from one month on."""

    reacts: ClassVar[bool] = False

    month: int = quantity(3, "month", 0, 600, help="first month of the war, 0 is the first month of the run")
    months: int = quantity(600, "months", 1, 600, help="how long it lasts")
    drop: float = quantity(0.15, "share of the price", 0, 0.9)
    contact: float = quantity(0.3, "probability a month", 0, 1, help="customers it calls on while the war lasts")

    def move(self, month: int, carrier: int, posted: Tariff, seen: Seen) -> Tariff:
        """Return the tariff with this rival's war prices while the war lasts."""
        if not self.month <= month < self.month + self.months:
            return posted
        price, contact = posted.price.copy(), posted.contact.copy()
        price[carrier] *= 1 - self.drop
        contact[carrier] = max(contact[carrier], self.contact)
        return posted._replace(price=price, contact=contact)


@policies.register("steady")
class Steady(Settings):
    """A rival that moves once and stays there: from a month on it charges less, or calls on more or fewer."""

    reacts: ClassVar[bool] = False

    month: int = quantity(0, "month", 0, 600, help="first month of it, 0 is the first month of the run")
    drop: float = quantity(0.0, "share of the price", -1, 0.9, help="below 0 it charges more")
    contact: float | None = quantity(None, "probability a month", 0, 1, help="customers it calls on; else as posted")

    def move(self, month: int, carrier: int, posted: Tariff, seen: Seen) -> Tariff:
        """Return the tariff with this rival's prices and contacts as they are from its month on."""
        if month < self.month:
            return posted
        price, contact = posted.price.copy(), posted.contact.copy()
        price[carrier] *= 1 - self.drop
        contact[carrier] = posted.contact[carrier] if self.contact is None else self.contact
        return posted._replace(price=price, contact=contact)


@policies.register("follow")
class Follow(Settings):
    """A rival that follows the cheapest of the others, line by line, after a while and in part."""

    lag: int = quantity(2, "months", 1, 60)
    share: float = quantity(0.5, "share of the leader's move", 0, 1)

    def move(self, month: int, carrier: int, posted: Tariff, seen: Seen) -> Tariff:
        """Return the tariff with this rival's prices moved by a share of the largest price cut of `lag` months ago."""
        if len(seen.price) < self.lag:
            return posted
        others = np.arange(len(posted.price)) != carrier
        moves = (seen.price[-self.lag] / posted.price)[others].min(axis=0)
        price = posted.price.copy()
        price[carrier] *= 1 - self.share * (1 - np.minimum(moves, 1.0))
        return posted._replace(price=price)


@policies.register("enter")
class Enter(Settings):
    """A carrier that sells nothing yet, and enters at prices below ours.

    Until then its posted prices have to be out of reach, such as 5 with a `price_index` of 5, and its `contact` 0, so
    that nobody is its customer when the city is founded. Its qualities are those that it will have.
    """

    reacts: ClassVar[bool] = False

    month: int = quantity(6, "month", 0, 600, help="of the entry, 0 is the first month of the run")
    price: float = quantity(0.8, "ratio to our price", 0.05, 5, help="on every line, from the entry on")
    contact: float = quantity(0.3, "probability a month", 0, 1, help="customers it calls on from the entry on")

    def move(self, month: int, carrier: int, posted: Tariff, seen: Seen) -> Tariff:
        """Return the posted tariff before the entry, and the entrant's prices and calls from then on."""
        if month < self.month:
            return posted
        price, contact = posted.price.copy(), posted.contact.copy()
        price[carrier] = self.price * posted.price[OWN]
        contact[carrier] = self.contact
        return posted._replace(price=price, contact=contact)


class Rival(Carrier):
    """A rival carrier: its tariff and what it does."""

    contact: float = quantity(0.2, "probability a month", 0, 1, help="customers its sales force calls on")
    policy: Annotated[RivalPolicy, policies] = Static()
    poach: PoachSettings | None = None
    """Where given, the rival also goes after our best customers."""


def moved(rivals: list[Rival], month: int, posted: Tariff, seen: Seen) -> Tariff:
    """Return the tariff of the month after every rival has moved at once; rivals follow us on the carrier axis."""
    moves = [rival.policy.move(month, carrier, posted, seen) for carrier, rival in enumerate(rivals, start=1)]
    if all(own_move is posted for own_move in moves):
        return posted
    current = Tariff(*(part.copy() for part in posted))
    for carrier, own_move in enumerate(moves, start=1):
        for part, changed in zip(current, own_move, strict=True):
            part[carrier] = changed[carrier]
    if not np.isfinite(current.price).all() or (current.price <= 0).any():
        raise ValueError(f"a rival policy set a price that isn't above 0 in month {month}: {current.price}")
    return current


def foreseen(rivals: list[Rival], posted: Tariff, months: int) -> list[Tariff]:
    """Return the tariffs that rivals' policies lead to, month by month, as far as they don't depend on customers."""
    seen, tariffs = nothing_seen(posted), []
    for month in range(months):
        tariffs.append(moved(rivals, month, posted, seen))
        seen = seen._replace(price=np.concatenate([seen.price, tariffs[-1].price[None]]))
    return tariffs
