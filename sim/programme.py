"""What the own carrier does to each customer over a period: the decision as the market sees it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.names import CLASSES, LEVELS, TIERS
from sim.quantities import Settings, quantity


class Programme(NamedTuple):
    """One entry a customer; contacts are spread evenly over the year."""

    visits: NDArray[np.int16]
    """Visits a year."""
    level: NDArray[np.int8]
    """Level to see: 0 top, 1 middle, 2 working."""
    offer: NDArray[np.int8]
    """Evergreen plan to offer, 0 none."""
    offer_x: NDArray[np.float32]
    """X to propose, yuan/month; the market never goes below the mean of the last three months."""
    discount: NDArray[np.float32]
    """Unit discount on our lines while the programme lasts, 0 to 1."""
    mail: NDArray[np.int16]
    """Letters a year."""
    calls: NDArray[np.int16]
    """Telesales calls a year."""
    agents: NDArray[np.int16]
    """Contacts by agents a year."""
    events: NDArray[np.int8]
    """Promotion events of its centre that a customer is invited to, a year."""
    tier: NDArray[np.int8]
    """Service tier, 0 basic."""


_CLASS_NAMES: tuple[Literal["A", "B", "C", "D", "X"], ...] = ("A", "B", "C", "D", "X")
assert _CLASS_NAMES == CLASSES


class Tier(Settings):
    """What today's practice gives each customer of a value class."""

    visits: int = quantity(0, "visits/year", 0, 366)
    level: Literal["decider", "top", "middle", "working"] = "decider"
    mail: int = quantity(0, "letters/year", 0, 366)
    calls: int = quantity(0, "calls/year", 0, 366)
    agents: int = quantity(0, "agents' contacts/year", 0, 366)
    events: int = quantity(0, "invitations/year", 0, 12)
    service: Literal["basic", "priority", "posted"] = "basic"


class PracticeSettings(Settings):
    """Today's practice, by value class (D23)."""

    tiers: dict[Literal["A", "B", "C", "D", "X"], Tier] = {
        "A": Tier(visits=12, service="posted"),
        "B": Tier(visits=4, service="priority"),
        "C": Tier(calls=2),
        "D": Tier(mail=2),
        "X": Tier(),
    }


def nothing(customers: int) -> Programme:
    """Return the programme that leaves every customer alone."""

    def zeros(kind: type) -> NDArray[np.generic]:
        return np.zeros(customers, dtype=kind)

    kinds = (np.int16, np.int8, np.int8, np.float32, np.float32, np.int16, np.int16, np.int16, np.int8, np.int8)
    return Programme(*(zeros(kind) for kind in kinds))  # type: ignore[arg-type]


def practice(value_class: NDArray[np.int8], decider: NDArray[np.int8], settings: PracticeSettings) -> Programme:
    """Return today's practice for customers of these value classes; `decider` is the level that decides."""
    chosen = nothing(value_class.size)
    for name, tier in settings.tiers.items():
        members = value_class == CLASSES.index(name)
        chosen.visits[members] = tier.visits
        chosen.mail[members] = tier.mail
        chosen.calls[members] = tier.calls
        chosen.agents[members] = tier.agents
        chosen.events[members] = tier.events
        chosen.level[members] = decider[members] if tier.level == "decider" else LEVELS.index(tier.level)
    chosen.tier[:] = service_tiers(value_class, settings)
    return chosen


def service_tiers(value_class: NDArray[np.int8], settings: PracticeSettings) -> NDArray[np.int8]:
    """Return the service tier that today's practice gives these value classes, shape (customers,)."""
    given = [TIERS.index(settings.tiers[name].service) if name in settings.tiers else 0 for name in _CLASS_NAMES]
    return np.array(given, dtype=np.int8)[value_class]
