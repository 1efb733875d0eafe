"""What reached customers this month by channels beside visits, and what those channels keep from week to week."""

from __future__ import annotations

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.channel import accepts, call_gain, in_one_month, welcome
from sim.exchange import Exchange
from sim.hall import who_comes
from sim.names import OWN
from sim.scenario import Scenario
from sim.seat import Seats
from sim.state import City

Singles = NDArray[np.float32]


class Outreach:
    """The month's contacts by mail, seats, agents, halls, events and campaigns, each of shape (customers,)."""

    def __init__(self, scenario: Scenario, city: City, clock: simpy.Environment):
        who = city.customers
        customers, carriers = who.key.size, len(scenario.carriers)
        self.channel = scenario.channel
        self.call_gain = call_gain(who.expected_channel, scenario.channel)
        self.seats = Seats(customers)
        self.letters: NDArray[np.int64] = np.zeros(customers, dtype=np.int64)
        self.calls = np.zeros(customers, dtype=np.int16)
        self.agents = np.zeros(customers, dtype=np.int16)
        """Contacts by agents with customers who let them in."""
        self.awareness: Singles = np.zeros((carriers, customers), dtype=np.float32)
        """Adstock gained by agents, events and campaigns, shape (carriers, customers)."""
        self.lift: Singles = np.zeros(customers, dtype=np.float32)
        """Performance gained or lost at the halls."""
        self.bond: Singles = np.zeros(customers, dtype=np.float32)
        """Goodwill gained at the working level."""
        self.rivals_heard = False
        self.reads = accepts(who.key, who.expected_channel, "mail", scenario.channel.mail_reach)
        self.answers = accepts(who.key, who.expected_channel, "telephone", scenario.channel.call_reach)
        self.lets_in = accepts(who.key, who.expected_channel, "agent", scenario.agent.reach)
        self.agent_welcome = welcome(who.expected_channel, "agent", scenario.channel.unexpected)
        self.comers = who_comes(who, scenario.hall, scenario.online)
        self.rooms: NDArray[np.int64] | None = None
        """Handlings a month by hall, known once a month at the halls has been opened, shape (centres,)."""
        self.teams: simpy.Resource = simpy.Resource(clock, capacity=scenario.event.teams(city.centres))

    def clear(self) -> None:
        """Forget last month."""
        for array in (self.calls, self.agents, self.awareness, self.lift, self.bond):
            array[:] = 0
        self.rivals_heard = False

    def hear(self, carrier: int, who: NDArray[np.intp], gain: float) -> None:
        """Add to customers' awareness of a carrier."""
        self.awareness[carrier, who] += np.float32(gain)
        self.rivals_heard |= carrier != OWN

    def gained(self) -> Singles:
        """Return adstock gained this month, shape (carriers, customers), or (1, customers) if only we were heard."""
        if self.letters.any() or self.calls.any():
            mail = in_one_month(self.letters, self.channel.repeated) * self.reads
            calls = in_one_month(self.calls, self.channel.repeated) * self.answers
            self.awareness[OWN] = self.channel.mail_gain * mail + calls * self.call_gain + self.awareness[OWN]
        return self.awareness if self.rivals_heard else self.awareness[: OWN + 1]

    def contacted(self) -> NDArray[np.int16]:
        """Return calls taken and agents let in, shape (customers,)."""
        return np.asarray(self.calls * self.answers + self.agents, dtype=np.int16)


def city_size(exchange: Exchange, customers: int) -> int:
    """Return the number of customers in all parts of the city."""
    return int(exchange.total(np.array([customers], dtype=np.int64))[0])
