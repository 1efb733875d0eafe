"""What may be decided for the city, a service centre or a building, as settings and as a menu."""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple

from pydantic import model_validator

from sim.quantities import Settings, located, quantity


class GroupSettings(Settings):
    """What may be decided for all, a service centre or a building; each lists amounts to choose from, beside none."""

    events: tuple[int, ...] = quantity((), "invitations/year of all accounts of a centre", 1, 12)
    agents: tuple[int, ...] = quantity((), "agents' contacts/year with all accounts of a centre", 1, 366)
    letters: tuple[int, ...] = quantity((), "letters/year to all tenants of a building", 1, 366)
    seat_hours: tuple[float, ...] = quantity((), "hours/month of telesales seats more, whole city", 0.1, 1e6)
    seat_hour_cost: float = quantity(45.0, "yuan/hour", 0, 10_000)
    hall_hours: tuple[float, ...] = quantity((), "share of the halls' hours more", 0.01, 10)
    exclusive: bool = False
    """Whether a centre may have events or agents, but not both."""

    @model_validator(mode="after")
    def _one_kind_of_group(self) -> GroupSettings:
        if self.letters and (self.events or self.agents):
            raise located(
                [(("letters",), "waves to buildings can't be decided together with events or agents; use one")]
            )
        return self

    @property
    def of(self) -> Literal["centre", "building"]:
        """Return the kind of group."""
        return "building" if self.letters else "centre"

    @property
    def any(self) -> bool:
        """Return whether anything is to be decided for groups."""
        return bool(self.events or self.agents or self.letters)


class Contacts(NamedTuple):
    """What an alternative brings to every account of a group, contacts a year."""

    events: int
    agents: int
    letters: int

    @property
    def name(self) -> str:
        """Return it in words.

        >>> Contacts(2, 0, 0).name, Contacts(0, 0, 0).name
        ('2 events a year', 'nothing')
        """
        words = (("event", "events"), ("agent's contact", "agents' contacts"), ("letter", "letters"))
        parts = [f"{n} {several if n > 1 else one} a year" for n, (one, several) in zip(self, words, strict=True) if n]
        return " and ".join(parts) or "nothing"


def menu_of_groups(settings: GroupSettings) -> list[Contacts]:
    """Return what may be decided for a group, nothing first."""
    levers = product((0, *settings.events), (0, *settings.agents), (0, *settings.letters))
    return [contacts for contacts in map(Contacts._make, levers) if not (settings.exclusive and all(contacts[:2]))]
