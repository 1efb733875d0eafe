"""The market on one shared stream, as a simulator that has a single generator draws: each draw follows all before it.

Our draws are keyed by customer and month. Here a customer's key is the place in the stream at which its next draws
begin, so that one draw more somewhere moves all that follow. It is the same uniform draws under other names:
only which of them two policies have in common changes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import month
from sim.market import Market
from sim.names import OWN
from sim.process import Steps
from sim.programme import Programme
from sim.scenario import Scenario
from sim.state import City, State
from sim.visit import FIRST_WEEK, WEEK

LUCK = (
    month.faults_arise,
    month.desk_works,
    month.agents_call,
    month.halls_serve,
    month.customers_live,
    month.spread_news,
)
"""Phases in which a customer's key decides nothing but its luck of the month.

What calls and visits reveal of rival spend stays keyed by customer, beside errors of knowledge that last all through.
"""
CONTACTS = ("visit", "letter", "call", "agent")


def draws_of_faults(state: State) -> NDArray[np.uint64]:
    """Return how many draws each customer takes when a month opens: whether a line of ours has a fault."""
    return np.asarray((state.carrier == OWN).any(axis=0), dtype=np.uint64)


def draws_due(state: State, callers: int) -> NDArray[np.uint64]:
    """Return how many draws each customer takes at a month's close whatever its luck is, shape (customers,).

    How each carrier that serves it performs, whether a rival that does has a fault, a call by each of the `callers`
    among rivals, a look for each line, and one for its plan.
    """
    carriers = state.satisfaction.shape[0]
    serving = np.array([(state.carrier == carrier).any(axis=0) for carrier in range(carriers)])
    faults = np.delete(serving, OWN, axis=0).sum(axis=0)
    return (serving.sum(axis=0) + faults + callers + state.carrier.shape[0] + (state.plan > 0)).astype(np.uint64)


def draws_of_contacts(market: Market) -> NDArray[np.uint64]:
    """Return how many draws each customer takes for its complaint, its visits and calls, and an offer made to it."""
    taken = 2 * market.faults.astype(np.uint64)
    if not market.idle:
        taken += (market.visited + market.outreach.calls + market.offered).astype(np.uint64)
    return taken


def draws_more(market: Market) -> int:
    """Return how many more draws the month took since it went as it did.

    A choice for each line that was looked at, a signature for each that moved or whose term was over, and arrivals at
    the halls.
    """
    record, t = market.record, market.month
    flows = record.flows[t]
    moved = flows.sum() - np.trace(flows, axis1=1, axis2=2).sum()
    arrived = record.hall_handled[t] + record.online_handled[t] + record.turned_away[t]
    return int(record.looked[t].sum() + moved + record.terms_ended[t] + arrived)


class OneStream(Market):
    """A run whose luck comes from one stream, in the order of months and, when they open and close, of customers.

    Who is visited, called, made an offer or complains takes draws more than others, and moves all that follow. Draws
    that hang on the luck of the close itself, such as a choice by who has looked around, come after those of everybody
    and move the next month's: in that the stream stays longer in step than one that is drawn from customer by customer.
    """

    def __init__(self, scenario: Scenario, city: City, schedule: Mapping[int, Programme], seed: int, months: int):
        super().__init__(scenario, city, schedule, seed, months, by_customer=True)
        for purpose in CONTACTS:
            self.phase(purpose)  # keyed by the customer, before its key changes
        self.keyed = self.placed = self.city.customers
        self.callers = int(np.count_nonzero(np.delete(self.posted.contact, OWN)))
        self.drawn = 0
        """Draws taken from the stream before the month."""
        self.month_places: list[int] = []
        """The same, of each month so far."""

    def _take_places(self, due: NDArray[np.uint64]) -> None:
        """Give each customer the place in the stream at which its draws begin, of which so many are due."""
        until = np.cumsum(due)
        self.placed = self.keyed._replace(key=np.uint64(self.drawn) + until - due)
        self.drawn += int(until[-1])

    def _pass(self, phase: month.Phase) -> None:
        """Let a phase act, on customers at their places where it draws their luck."""
        self.city = self.city._replace(customers=self.placed if phase in LUCK else self.keyed)
        phase(self)
        self.city = self.city._replace(customers=self.keyed)

    def _calendar(self, clock: simpy.Environment) -> Steps:
        for number in range(self.months):
            self.month = number
            self.month_places.append(self.drawn)
            self._take_places(draws_of_faults(self.city.state))
            for phase in month.OPENING:
                self._pass(phase)
            yield clock.timeout(1)
            self._take_places(draws_due(self.city.state, self.callers) + draws_of_contacts(self))
            for phase in month.CLOSING:
                self._pass(phase)
            self.drawn += draws_more(self)

    def _weeks(self, clock: simpy.Environment) -> Steps:
        yield clock.timeout(FIRST_WEEK)
        while True:
            for phase in month.WEEKLY:
                self._pass(phase)
            yield clock.timeout(WEEK)
