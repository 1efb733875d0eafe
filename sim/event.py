"""Promotion events: a centre invites its customers on a date, if a team of presenters is free (D17).

Dates compete for few teams, so each event is a SimPy process; whom it invites and who comes are arrays.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import draws
from sim.kernels.behaviour import MONEY_UNIT
from sim.names import CHANNELS
from sim.quantities import Settings, quantity
from sim.queueing import arrival, first_in_line
from sim.visit import FIRST_WEEK, WEEK, WEEKS, due_in_month

if TYPE_CHECKING:
    from sim.market import Market

Floats = NDArray[np.float64]
Some = NDArray[np.intp]
FACE_TO_FACE = (CHANNELS.index("visit"), CHANNELS.index("hall"))
"""Who expects one of these channels welcomes an invitation."""


class EventSettings(Settings):
    """What a promotion event takes and leaves behind."""

    centres_per_team: float = quantity(
        18.0,
        "service centres/team",
        0.1,
        1e6,
        help="of presenters, who hold an event a week; any centre may ask any team",
    )
    venue: int = quantity(60, "customers/event", 1, 100_000)
    attendance: float = quantity(0.3, "share of those invited", 0, 1, help="of those who expect a visit or the hall")
    gain: float = quantity(0.5, "adstock/event attended", 0, 10)
    bond: float = quantity(0.6, "goodwill/event attended", 0, 10, help="at the working level: a social bond")
    fixed: float = quantity(3000.0, "yuan/event", 0, 1e6, help="shared among the accounts of those invited")
    cost: float = quantity(50.0, "yuan/attendant", 0, 10_000)

    def teams(self, centres: int) -> int:
        """Return how many teams of presenters a city with so many service centres has, one at least."""
        return max(1, round(centres / self.centres_per_team))


class Held(NamedTuple):
    """One event, for the review afterwards (D32); counts and cost are the whole city's."""

    centre: int
    due: int
    """Month in which it was due."""
    month: int
    """Month in which it was held."""
    week: int
    """Week of that month, 0 to 3."""
    invited: int
    attended: int
    no_room: int
    """Who would have come, but found the venue full."""
    cost: int
    """Money units."""


def invitations(events: NDArray[np.int8], centre: NDArray[np.int16], since: int) -> Some:
    """Return who is invited in a month of the programme: customers in the order of their centres.

    All customers of a centre have the same phase, so that those with equally many events a year come to the same ones.
    """
    some = np.flatnonzero(events)
    invited = some[due_in_month(events[some], event_phase(centre[some]), since) > 0]
    return invited[np.argsort(centre[invited], kind="stable")]


def event_phase(centre: NDArray[np.int16]) -> Floats:
    """Return where in the year a customer's invitations start, months from 0 to 12, keyed by its service centre."""
    return 12.0 * draws.uniform(draws.stream(0, "phase of event"), centre.astype(np.uint64))


def wanted_week(seed: int, month: int, centre: int) -> int:
    """Return the week of the month that a centre wants for its event, keyed by centre."""
    luck = draws.uniform(draws.stream(seed, "week of event", month), np.array([centre], dtype=np.uint64))
    return int(luck[0] * WEEKS)


def announce(market: Market, invited: Some) -> None:
    """Start a process for each centre that holds an event this month; `invited` is in the order of centres."""
    centre = market.city.customers.centre[invited]
    counts = np.bincount(centre, minlength=market.city.centres).astype(np.int64)
    edges = np.concatenate([[0], np.cumsum(counts)])
    everywhere = market.exchange.total(counts)
    for c in np.flatnonzero(everywhere):
        market.outreach.coming += 1
        here = invited[edges[c] : edges[c + 1]]
        market.goes_on(hold(market, int(c), here, int(everywhere[c]), market.month))


def hold(market: Market, centre: int, invited: Some, count: int, due: int) -> Generator[simpy.Event, None, None]:
    """Wait for the week wanted, then for a team, and hold the event: who comes is known at its week's end."""
    yield market.clock.timeout(FIRST_WEEK + WEEK * wanted_week(market.seed, due, centre))
    with market.outreach.teams.request() as team:
        yield team
        number = round((market.clock.now - market.month - FIRST_WEEK) / WEEK)
        market.held.append(take_place(market, centre, invited, count, due, number))
        market.outreach.coming -= 1
        yield market.clock.timeout(WEEK)


def take_place(market: Market, centre: int, invited: Some, count: int, due: int, week: int) -> Held:
    """Let those invited come as far as there is room, post the cost, and return the record."""
    settings, who = market.scenario.event, market.city.customers
    wish = comes(market.seed, due, invited, who.key, who.expected_channel, settings, market.scenario.channel.unexpected)
    order = arrival(draws.uniform(draws.stream(market.seed, "arrival at event", due), who.key[wish]))
    place = np.zeros(wish.size, dtype=np.int64)
    inside = first_in_line(market.exchange, place, order, who.key[wish], np.array([settings.venue]))
    there = wish[inside]
    market.outreach.awareness[0, there] += np.float32(settings.gain)
    market.outreach.bond[there] += np.float32(settings.bond)
    each = round(settings.fixed / count * MONEY_UNIT)
    more = round(settings.cost * MONEY_UNIT)
    market.spend("event", invited, np.full(invited.size, each, dtype=np.int64))
    market.spend("event", there, np.full(there.size, more, dtype=np.int64))
    market.record.invited[market.month] += invited.size
    market.record.attended[market.month] += there.size
    wished, attended = market.exchange.total(np.array([wish.size, there.size], dtype=np.int64)).tolist()
    cost = each * count + more * attended
    return Held(centre, due, market.month, week, count, attended, wished - attended, cost)


def comes(
    seed: int,
    due: int,
    invited: Some,
    key: NDArray[np.uint64],
    expected_channel: NDArray[np.int8],
    settings: EventSettings,
    unexpected: float,
) -> Some:
    """Return who of those invited wants to come, keyed by customer."""
    chance = chance_to_come(expected_channel[invited], settings, unexpected)
    return invited[draws.uniform(draws.stream(seed, "attends", due), key[invited]) < chance]


def chance_to_come(expected_channel: NDArray[np.int8], settings: EventSettings, unexpected: float) -> Floats:
    """Return the chance that an invited customer wants to come, shape of `expected_channel`."""
    return np.asarray(settings.attendance * np.where(np.isin(expected_channel, FACE_TO_FACE), 1.0, unexpected))
