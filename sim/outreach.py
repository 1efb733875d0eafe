"""What reached customers this month by channels beside visits, and what those channels keep from week to week."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.channel import accepts, call_gain, in_one_month, welcome
from sim.exchange import Exchange
from sim.hall import Comers, who_comes
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
        self.scenario, self.who, self.channel = scenario, who, scenario.channel
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
        self.rooms: NDArray[np.int64] | None = None
        """Handlings a month by hall, known once a month at the halls has been opened, shape (centres,)."""
        on, self.coming = scenario.mechanisms, 0
        """Promotion events announced and not yet held."""
        self.unasked = on.halls or (on.campaigns and bool(scenario.campaigns))
        self.teams: simpy.Resource = simpy.Resource(clock, capacity=scenario.event.teams(city.centres))

    @cached_property
    def call_gain(self) -> NDArray[np.float64]:
        """Adstock gained by one call, shape (customers,); as the next ones, worked out when first asked for."""
        return call_gain(self.who.expected_channel, self.channel)

    @cached_property
    def reads(self) -> NDArray[np.bool_]:
        """Who reads letters."""
        return accepts(self.who.key, self.who.expected_channel, "mail", self.channel.mail_reach)

    @cached_property
    def answers(self) -> NDArray[np.bool_]:
        """Who answers calls."""
        return accepts(self.who.key, self.who.expected_channel, "telephone", self.channel.call_reach)

    @cached_property
    def lets_in(self) -> NDArray[np.bool_]:
        """Who lets agents in."""
        return accepts(self.who.key, self.who.expected_channel, "agent", self.scenario.agent.reach)

    @cached_property
    def agent_welcome(self) -> NDArray[np.float64]:
        """How welcome an agent is."""
        return welcome(self.who.expected_channel, "agent", self.channel.unexpected)

    @cached_property
    def comers(self) -> Comers:
        """Who goes to halls."""
        return who_comes(self.who, self.scenario.hall, self.scenario.online)

    def may_reach(self) -> bool:
        """Return whether halls, campaigns or events to come reach somebody whatever the programme asks for."""
        return self.unasked or self.coming > 0

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
        if not self.calls.any():
            return self.agents
        return np.asarray(self.calls * self.answers + self.agents, dtype=np.int16)


def city_size(exchange: Exchange, customers: int) -> int:
    """Return the number of customers in all parts of the city."""
    return int(exchange.total(np.array([customers], dtype=np.int64))[0])
