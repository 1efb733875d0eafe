"""Group decisions: promotion events and agents in a service centre, and waves of letters to a building.

Each reaches all accounts of its group beside their own treatments, so that what treatments bring there changes with it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.beside import Beside
from optimize.binding import Alternative, charged
from optimize.group_menu import Contacts, GroupSettings
from optimize.limit import Limit
from optimize.problem import Problem
from sim.agent import AgentSettings
from sim.book import Book
from sim.channel import ChannelSettings
from sim.event import EventSettings

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
TEAM_EVENTS = 4
"""Events a month that a team of presenters can hold: one a week."""


class Groups(NamedTuple):
    """The groups of a book, and how its accounts lie in them."""

    of: Whole
    """Group of each account, -1 without one."""
    names: tuple[str, ...]

    @property
    def size(self) -> Floats:
        """Return how many accounts each group has, shape (groups,)."""
        return np.bincount(self.of[self.of >= 0], minlength=len(self.names)).astype(float)


def groups_of(settings: GroupSettings, book: Book) -> Groups:
    """Return the groups that are decided for."""
    if settings.of == "building":
        return Groups(book.building.astype(np.int64), book.building_names)
    return Groups(
        book.centre.astype(np.int64), tuple(f"centre {c}" for c in range(int(book.centre.max(initial=-1)) + 1))
    )


def beside(contacts: Contacts, groups: Groups) -> Beside:
    """Return what every account would get if all groups decided alike."""
    inside = (groups.of >= 0).astype(np.int64)
    return Beside(*(inside * count for count in contacts))


def decided(menu: list[Contacts], alternative: Whole, groups: Groups) -> Beside:
    """Return what every account gets by what its group has decided."""
    table = np.array(menu)
    at = np.where(groups.of >= 0, np.append(alternative, 0)[groups.of], 0)
    return Beside(*(np.where(groups.of >= 0, column[at], 0) for column in table.T))


def costs(
    contacts: Contacts,
    groups: Groups,
    months: int,
    event: EventSettings,
    agent: AgentSettings,
    channel: ChannelSettings,
) -> dict[str, Floats]:
    """Return what a decision costs beside attendance and commissions, by the budget that pays, yuan, (groups,) each."""
    share, size = months / 12, groups.size
    return {
        "budgets.events": np.where(size > 0, contacts.events * share * event.fixed, 0.0),
        "budgets.agents": size * ((contacts.agents > 0) * months * agent.fixed + contacts.agents * share * agent.cost),
        "budgets.channel": size * contacts.letters * share * channel.mail_cost,
    }


def capacities(
    settings: GroupSettings,
    groups: Groups,
    months: int,
    event: EventSettings,
    agent: AgentSettings,
    shape: tuple[int, int],
) -> list[Limit]:
    """Return what groups compete for: presenters' weeks and agents' contacts; `shape` is (treatments, customers)."""
    none, found = np.zeros(shape), []
    if settings.events:
        most = event.teams(len(groups.names)) * TEAM_EVENTS * months
        found.append(Limit("presenters", "event.centres_per_team", "events over the period", none, most))
    if settings.agents:
        contacts = agent.capacity * shape[1] * months
        found.append(Limit("agents' contacts", "agent.capacity", "contacts over the period", none, contacts))
    return found


def alternative(
    contacts: Contacts,
    problem: Problem,
    groups: Groups,
    limits: list[Limit],
    spent: dict[str, Floats],
    months: int,
    worth: float,
) -> Alternative:
    """Return a decision as an alternative of every group; a yuan of cost lowers the objective by `worth`."""
    use = charged(limits, spent)
    if "budgets.mail" in {limit.key for limit in limits}:
        use += charged_to(limits, "budgets.mail", spent["budgets.channel"])
    use += charged_to(limits, "event.centres_per_team", np.where(groups.size > 0, contacts.events * months / 12, 0.0))
    use += charged_to(limits, "agent.capacity", groups.size * contacts.agents * months / 12)
    total: Any = sum(spent.values(), np.zeros(len(groups.names)))
    return Alternative(contacts.name, problem, -worth * total, use)


def charged_to(limits: list[Limit], key: str, amount: Floats) -> Floats:
    """Return what a decision uses of the one limit with a key, shape (limits, groups)."""
    return np.stack([amount if limit.key == key else np.zeros_like(amount) for limit in limits])
