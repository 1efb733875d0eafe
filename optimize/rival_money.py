"""What a future brings each rival, and what its answer costs it there: tariff cuts, contacts, visits and bonuses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.worth import World, replication_seed
from sim.history import MEASURES, History, yuan
from sim.market import Market
from sim.process import Steps
from sim.programme import Programme

Floats = NDArray[np.float64]
MONEY = ("revenue", "cost_to_serve", "contacts", "visits", "bonuses", "given_up")
"""What is told of a rival, yuan over the horizon; given up is what cuts take off the list value of its lines."""


class Outcome(NamedTuple):
    """What one future, or several on the first axis, brought the carriers, yuan over the horizon."""

    rivals: Floats
    """Shape (rivals, money)."""
    ours: Floats
    """Shape (measures,)."""

    @property
    def contribution(self) -> Floats:
        """Return revenue less cost to serve, contacts, visits and bonuses, shape (…, rivals)."""
        return np.asarray(self.rivals[..., 0] - self.rivals[..., 1:5].sum(axis=-1))

    @property
    def spent(self) -> Floats:
        """Return what contacts, visits, bonuses and cuts cost, shape (…, rivals)."""
        return np.asarray(self.rivals[..., 2:].sum(axis=-1))

    def our(self, measure: str) -> Floats:
        """Return one of our measures, shape (…,)."""
        return np.asarray(self.ours[..., list(MEASURES).index(measure)])


class Watch:
    """What rivals do month by month in a market that runs: their tariffs, visits, and bonuses for lines they moved."""

    def __init__(self, market: Market, bonus_months: int):
        carriers, lines = market.posted.price.shape
        self.market, self.bonus_months = market, bonus_months
        self.price: list[Floats] = []
        self.contact: list[Floats] = []
        self.visits, self.bonuses = np.zeros(carriers), np.zeros(carriers)
        self.poaching = any(rival.poach for rival in market.scenario.rivals.values())
        self.lures = market.lures
        self.before = market.city.state.carrier.copy()
        self.left = np.zeros((lines, market.city.customers.key.size), dtype=np.int16)
        self.share = np.zeros(self.left.shape, dtype=np.float32)

    def run(self) -> Steps:
        """Look at every month when it is half over, and with it at how the one before ended."""
        yield self.market.clock.timeout(0.5)
        self.look()
        while True:
            yield self.market.clock.timeout(1)
            self.settle()
            self.look()

    def look(self) -> None:
        """Note the month's tariff and visits, and who serves what before anybody chooses."""
        tariff, self.lures = self.market.tariff, self.market.lures
        self.price.append(tariff.price)
        self.contact.append(tariff.contact)
        if self.poaching:
            counted = np.bincount(self.lures.carrier, minlength=self.visits.size)
            self.visits[1:] += counted[1:]
            self.before[:] = self.market.city.state.carrier

    def settle(self) -> None:
        """Pay the bonuses of a month that has ended: on lines just moved to who visited, and on those that stayed."""
        if not self.poaching:
            return
        state, lures = self.market.city.state, self.lures  # the market has drawn the next month's by now
        self.left[state.carrier != self.before] = 0
        won = (state.carrier != self.before) & (state.carrier == lures.carrier) & (lures.carrier > 0)
        self.left[won] = self.bonus_months
        self.share[won] = np.broadcast_to(lures.bonus, won.shape)[won]
        line, customer = np.nonzero(self.left)
        carrier = state.carrier[line, customer]
        paid = self.price[-1][carrier, line] * state.demand[line, customer] * self.share[line, customer]
        self.bonuses += np.bincount(carrier, weights=paid, minlength=self.bonuses.size)
        self.left[line, customer] -= 1


def live_once(world: World, programme: Programme, after: Programme, future: int) -> Outcome:
    """Return what one future brings: the programme for the planning period, then the continuation."""
    decision, city = world
    schedule = {0: programme, decision.period: after} if decision.period < decision.months else {0: programme}
    market = Market(decision, city, schedule, future, decision.months)
    watch = Watch(market, decision.rivalry.bonus_months)
    market.goes_on(watch.run())
    history = market.run()
    watch.settle()
    ours = np.array([measure(history) for measure in MEASURES.values()])
    return Outcome(_money(decision, history, watch), ours)


def _money(decision: Decision, history: History, watch: Watch) -> Floats:
    """Return the rivals' money, shape (rivals, money); a line is served at a share of its posted price."""
    settings, price = decision.rivalry, np.stack(watch.price)
    revenue = yuan(history.revenue)
    listed = (revenue / price * watch.market.posted.price).sum(axis=(0, 2))
    revenue = revenue.sum(axis=(0, 2))
    contacts = np.stack(watch.contact).sum(axis=0) * history.customers
    columns = (
        revenue,
        decision.money.cost_to_serve * listed,
        settings.contact_cost * contacts,
        settings.visit_cost * watch.visits,
        watch.bonuses,
        listed - revenue,
    )
    return np.stack(columns, axis=1)[1:]


def live_all(
    worlds: tuple[World, ...], programmes: tuple[Programme, ...], after: Programme, seed: int, replication: int
) -> Outcome:
    """Return what one future, the same for all, brings in several worlds, each under its programme; worlds first."""
    future = replication_seed(seed, replication)
    lived = [live_once(world, programme, after, future) for world, programme in zip(worlds, programmes, strict=True)]
    return Outcome(np.stack([one.rivals for one in lived]), np.stack([one.ours for one in lived]))
