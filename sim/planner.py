"""Re-planning dates: whoever decides for the carrier looks at the book again and may begin another programme."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from sim.book import Book
from sim.errors import InputError
from sim.history import hours, yuan
from sim.observing import observe_market
from sim.programme import Programme
from sim.rivals import Seen

if TYPE_CHECKING:
    from sim.market import Market


class Spent(NamedTuple):
    """What the carrier's own accounts show of the run so far, yuan, as budgets count it: without fixed costs."""

    discount: float
    """What unit discounts and plans took off the list value of usage."""
    visits: float
    letters: float
    calls: float
    events: float
    agents: float
    """With commissions."""


class View:
    """What a carrier may know of the market when a month opens: its book, what anybody sees, and its own programme."""

    def __init__(self, market: Market):
        self._market = market

    @property
    def month(self) -> int:
        """The month that opens; 0 is the first of the run."""
        return self._market.month

    @property
    def programme(self) -> Programme:
        """The programme in force so far."""
        return self._market.programme

    @property
    def seen(self) -> Seen:
        """Prices and lines served by carrier in the months before."""
        return self._market.seen

    @property
    def spent(self) -> Spent:
        """What was spent in the months before."""
        record, scenario = self._market.record, self._market.scenario
        channel = scenario.channel
        return Spent(
            discount=float(yuan(record.discount.sum())),
            visits=float(hours(record.visit_hours.sum())) * scenario.visit.hour_cost,
            letters=float(record.letters.sum()) * channel.mail_cost,
            calls=float(record.calls.sum()) * channel.call_minutes * channel.call_cost,
            events=float(yuan(record.event_cost.sum())),
            agents=float(yuan(record.agent_cost.sum())),
        )

    def book(self, before: Book) -> Book:
        """Return the book as it is now (`sim.observing.observe_market`); `before` is that of the start."""
        return observe_market(self._market, before)


Planner = Callable[[View, int], Programme | None]
"""Given what the carrier knows and the month, return the programme to begin, or None to go on as before."""


class Dates:
    """When a planner is asked."""

    def __init__(self, planner: Planner, every: int):
        if every < 1:
            raise InputError(f"every: {every} months from one re-planning date to the next; give 1 or more")
        self.planner, self.every = planner, every

    def turn(self, market: Market) -> Programme | None:
        """Return the programme that begins this month, if the planner is asked and wants another one."""
        if market.month % self.every:
            return None
        programme, customers = self.planner(View(market), market.month), market.visited.size
        if programme is not None and programme.visits.size != customers:
            given = programme.visits.size
            raise InputError(f"month {market.month}: the planner's programme is for {given} customers, not {customers}")
        return programme
