"""Business halls and the online hall: customers come by themselves, and find room or don't (D15).

Who expects the online hall goes there first; who finds it full goes to the hall of its service centre and queues behind
those who expected to be served there. So a customer has a channel that it expects and one that it gets.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.channel import accepts
from sim.exchange import Exchange
from sim.names import OWN
from sim.quantities import Settings, quantity
from sim.queueing import LATEST, arrival, first_in_line
from sim.state import Customers, State

Whole = NDArray[np.int64]


class HallSettings(Settings):
    """Business halls, one in each service centre."""

    need: float = quantity(
        0.2, "probability a month", 0, 1, help="that a customer has something to be handled in one stop, here or online"
    )
    reach: float = quantity(0.0, "share of customers", 0, 1, help="who come though they expect another channel")
    capacity: float = quantity(0.02, "handlings/month and customer of the centre", 0, 10)
    fixed: float = quantity(2.0, "yuan/month and customer", 0, 1000, help="rent and staff, busy or not")
    cost: float = quantity(12.0, "yuan/handling", 0, 1000)
    lift: float = quantity(0.03, "satisfaction", 0, 1, help="performance gained where one stop saves time and effort")
    turned_away: float = quantity(0.05, "satisfaction", 0, 1, help="performance lost where there was no room")


class OnlineSettings(Settings):
    """The online hall of the whole city."""

    reach: float = quantity(0.0, "share of customers", 0, 1, help="who come though they expect another channel")
    capacity: float = quantity(0.1, "handlings/month and customer", 0, 10)
    fixed: float = quantity(3.0, "yuan/month and customer", 0, 1000, help="systems, used or not")
    cost: float = quantity(0.5, "yuan/handling", 0, 1000)
    lift: float = quantity(0.03, "satisfaction", 0, 1, help="performance gained where it saves time and effort")


class Comers(NamedTuple):
    """Who goes to which kind of hall first, as indices of customers."""

    hall: NDArray[np.intp]
    online: NDArray[np.intp]


class Handled(NamedTuple):
    """A month at the halls, as indices of customers."""

    hall: NDArray[np.intp]
    """Handled in the hall of their centre that they went to first."""
    diverted: NDArray[np.intp]
    """Handled in the hall of their centre, since the online hall was full."""
    online: NDArray[np.intp]
    turned_away: NDArray[np.intp]


def who_comes(who: Customers, hall: HallSettings, online: OnlineSettings) -> Comers:
    """Return who goes where: each where it is expected, of the others whom a channel reaches online before the hall."""
    use_hall = accepts(who.key, who.expected_channel, "hall", hall.reach)
    use_online = accepts(who.key, who.expected_channel, "online", online.reach)
    expects_hall = accepts(who.key, who.expected_channel, "hall", 0.0)
    use_online &= ~expects_hall
    return Comers(np.flatnonzero(use_hall & ~use_online), np.flatnonzero(use_online))


def in_need(seed: int, month: int, who: Customers, state: State, some: NDArray[np.intp], need: float) -> NDArray[Any]:
    """Return which of some customers have something to be handled this month; only who has a line of ours comes."""
    luck = draws.uniform(draws.stream(seed, "one-stop handling", month), who.key[some])
    coming = some[luck < need]
    return np.asarray(coming[(state.carrier[:, coming] == OWN).any(axis=0)])


def handle(
    seed: int,
    month: int,
    who: Customers,
    state: State,
    comers: Comers,
    need: float,
    rooms: Whole,
    places: int,
    exchange: Exchange,
) -> Handled:
    """Return who is handled where this month; `rooms` are handlings by service centre, `places` those online.

    The order of arrival is keyed by customer.
    """
    stream = draws.stream(seed, "arrival at the halls", month)
    surfing = in_need(seed, month, who, state, comers.online, need)
    order, nowhere = arrival(draws.uniform(stream, who.key[surfing])), np.zeros(surfing.size, dtype=np.int64)
    served = first_in_line(exchange, nowhere, order, who.key[surfing], np.array([places]))
    first = in_need(seed, month, who, state, comers.hall, need)
    later = surfing[~served]
    queue = np.concatenate([first, later])
    order = arrival(draws.uniform(stream, who.key[queue]))
    order[first.size :] += LATEST
    inside = first_in_line(exchange, who.centre[queue], order, who.key[queue], rooms)
    return Handled(
        hall=first[inside[: first.size]],
        diverted=later[inside[first.size :]],
        online=surfing[served],
        turned_away=queue[~inside],
    )
