"""The complaint desk: faults that arise, the queue of those who complain, and what a slow answer costs (D9, D29).

The desk serves the whole city in one queue; it works in weekly shifts on the market's calendar. Time is counted while
the desk is open, in whole thousandths of a minute, so that no rounding depends on where a queue is worked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.exchange import Exchange
from sim.kernels.behaviour import MONEY_UNIT
from sim.kernels.faults import arise
from sim.kernels.queue import serve
from sim.names import OWN, TIERS
from sim.quantities import Settings, quantity
from sim.service import by_tier
from sim.visit import WEEKS

if TYPE_CHECKING:
    from sim.market import Market

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
MINUTE = 1000
"""Ticks in a minute."""


class DeskSettings(Settings):
    """Who works at the desk, how long a case takes, and what waiting does."""

    servers: float = quantity(0.3, "servers/1000 customers", 0.001, 1000, help="rounded up for the whole city")
    hours: float = quantity(40.0, "hours/week", 1, 168, help="in which the desk is open")
    minutes: float = quantity(240.0, "minutes/case", 0.01, 10_000, help="mean of the exponential time to repair")
    vip_rank: int = quantity(1, "place", 0, 9, help="at most this, for who has a plan's VIP card (D9)")
    slowness: float = quantity(
        0.5, "ratio", 0, 10, help="of a fault's shock, felt on top of it when patience has run out"
    )
    patience: float = quantity(24.0, "desk hours", 0.1, 10_000, help="after which waiting makes it no worse")
    server_cost: float = quantity(9000.0, "yuan/month and server", 0, 1e6, help="spread evenly over all customers")
    case_cost: float = quantity(20.0, "yuan/case", 0, 1e5)


class Complaints(NamedTuple):
    """Complaints of a month, shape (complaints,)."""

    customer: Whole
    """Index, ascending."""
    arrived: Whole
    """Ticks since the month opened."""
    week: Whole
    """Week of the month, from 0."""


class Cases(NamedTuple):
    """Complaints of the whole city that the desk has in hand, in order of arrival, shape (cases,)."""

    arrived: Whole
    """Ticks since the run began, as all times."""
    rank: Whole
    work: Whole
    """Ticks that it takes to resolve the case."""
    begun: Whole
    """-1 while the case waits."""
    customer: Whole
    """Index, -1 in another part of the city."""

    def where(self, chosen: NDArray[np.bool_]) -> Cases:
        """Return some of the cases."""
        return Cases(*(column[chosen] for column in self))

    @property
    def resolved(self) -> Whole:
        """Return when a case that was begun is resolved."""
        return self.begun + self.work


class Desk:
    """The desk of a run: its staff and the cases in hand."""

    def __init__(self, settings: DeskSettings):
        self.settings = settings
        self.cases = Cases(*(np.zeros(0, dtype=np.int64) for _ in Cases._fields))
        self.free: Whole | None = None
        self.fixed_cost = 0
        """Of each customer, money units a month."""

    @property
    def week(self) -> int:
        """Return ticks in a week of opening hours."""
        return week_ticks(self.settings)

    def staff(self, customers: int, exchange: Exchange) -> Whole:
        """Return when each server is free; servers are hired for the whole city when first asked for."""
        if self.free is None:
            everybody = int(exchange.total(np.array([customers]))[0])
            servers = max(1, int(np.ceil(self.settings.servers * everybody / 1000)))
            self.free = np.zeros(servers, dtype=np.int64)
            self.fixed_cost = round(self.settings.server_cost * servers / max(everybody, 1) * MONEY_UNIT)
        return self.free

    def take(self, arrived: Whole, rank: Whole, work: Whole, customer: Whole, key: Whole, exchange: Exchange) -> None:
        """Put complaints of this and all other parts of the city behind the cases in hand; times in ticks."""
        gathered = exchange.gather(np.stack([arrived, rank, work, key], axis=1))
        here = np.full(len(gathered.rows), -1, dtype=np.int64)
        here[gathered.mine] = customer
        new = (*gathered.rows.T[:3], np.full(here.size, -1, dtype=np.int64), here)
        self.cases = Cases(*(np.concatenate(both) for both in zip(self.cases, new, strict=True)))

    def work(self, until: int, free: Whole) -> None:
        """Begin cases before `until`, ticks."""
        serve(*self.cases[:4], free, until)

    def forget(self, end: int) -> Cases:
        """Return all cases of a month that ends here, and keep only those not resolved."""
        cases = self.cases
        self.cases = cases.where((cases.begun < 0) | (cases.resolved > end))
        return cases


def week_ticks(settings: DeskSettings) -> int:
    """Return ticks in a week of opening hours."""
    return round(settings.hours * 60 * MINUTE)


def lateness(cases: Cases, start: int, end: int, patience: float) -> Floats:
    """Return how much of customers' patience each case used up from `start` to `end`, 0 to 1; patience in ticks.

    Over the months of a case, this adds up to the smaller of one and its time to resolution over patience.

    >>> one = Cases(*(np.array([number]) for number in (10, 0, 30, 20, 0)))
    >>> [float(lateness(one, 0, 30, 100.0)[0]), float(lateness(one, 30, 60, 100.0)[0])]
    [0.2, 0.2]
    """
    ended = np.where(cases.begun < 0, end, np.minimum(cases.resolved, end))
    used = [np.minimum(1.0, np.maximum(time - cases.arrived, 0) / patience) for time in (ended, start)]
    return np.asarray(np.maximum(used[0] - used[1], 0.0))


def expected_lateness(settings: DeskSettings) -> float:
    """Return the patience that a case uses up on average if nobody has to wait: the mean of min(1, repair/patience).

    >>> round(expected_lateness(DeskSettings(minutes=240.0, patience=24.0)), 4)
    0.1663
    """
    mean = settings.minutes / 60 / settings.patience
    return float(-mean * np.expm1(-1 / mean))


def nothing_breaks(market: Market) -> bool:
    """Return whether nobody can have a fault with us."""
    return not market.rates.incidents > 0 or market.scenario.mechanisms.freeze_stocks


def faults_arise(market: Market) -> None:
    """Draw who has a fault with us this month and when it is complained of; a better tier has fewer (D23)."""
    scenario, who, state = market.scenario, market.city.customers, market.city.state
    on = scenario.mechanisms
    if on.tiers:
        market.tier = market.programme.tier
    market.week = 0
    if nothing_breaks(market) and not market.complaints.customer.size:
        return
    market.faults[:] = 0
    if not nothing_breaks(market):
        factor = np.asarray(scenario.service.faults if on.tiers else (1.0,) * len(TIERS), dtype=np.float32)
        key = draws.stream(market.seed, "incident", market.month)
        quality = market.tariff.quality[OWN]
        market.faults = arise(who.key, state.carrier, quality, market.rates.incidents, factor, market.tier, key)
    customer = np.flatnonzero(market.faults).astype(np.int64)
    when = draws.uniform(draws.stream(market.seed, "complaint time", market.month), who.key[customer])
    week = week_ticks(scenario.desk)
    arrived = (when * (WEEKS * week)).astype(np.int64)
    market.complaints = Complaints(customer, arrived, arrived // week)


def managers_called_out(market: Market) -> None:
    """Take the hours that complaints of this week cost their own account managers, before any visit (D23)."""
    on, settings, complaints = market.scenario.mechanisms, market.scenario.service, market.complaints
    if not (on.preemption and on.tiers and on.visits):
        return
    customer = complaints.customer[complaints.week == market.week]
    for tier, hours in enumerate(settings.call_out):
        called = customer[market.tier[customer] == tier]
        if hours > 0 and called.size:
            market.call_out_hours[called] += hours
            manager = market.city.customers.manager[called]
            market.hours_left -= hours * np.bincount(manager, minlength=market.hours_left.size)
            market.record.call_outs[market.month] += called.size


def desk_works(market: Market) -> None:
    """Let the desk take the week's complaints and work its shift; what it doesn't begin waits for the next one."""
    week, desk = market.week, market.desk
    market.week += 1
    if desk is None:
        return
    who, complaints = market.city.customers, market.complaints
    free = desk.staff(who.key.size, market.exchange)
    new = complaints.week == week
    customer = complaints.customer[new]
    rank = by_tier(market.scenario.service.rank, market.tier[customer]).astype(np.int64)
    carded = market.city.state.plan[customer] > 0
    rank = np.where(carded, np.minimum(rank, desk.settings.vip_rank), rank)
    key = who.key[customer]
    luck = draws.uniform(draws.stream(market.seed, "complaint work", market.month), key)
    work = np.rint(-np.log(luck) * (desk.settings.minutes * MINUTE)).astype(np.int64)
    opened = market.month * WEEKS * desk.week
    desk.take(opened + complaints.arrived[new], rank, work, customer, key.view(np.int64), market.exchange)
    desk.work(opened + (week + 1) * desk.week, free)


def desk_closes(market: Market) -> None:
    """Turn the month's waits into what is felt of them, record them, and charge what desk and tiers cost."""
    scenario, tier = market.scenario, market.tier
    if market.desk is None and not scenario.mechanisms.tiers:
        return
    felt = by_tier(scenario.service.lift, tier) if scenario.mechanisms.tiers else np.zeros(tier.size)
    if market.desk is not None and not scenario.mechanisms.freeze_stocks:
        _record_waits(market, market.desk, felt)
    market.felt = felt.astype(np.float32)
    _charge(market, "call_out_cost", market.wages(market.call_out_hours) * scenario.visit.hour_cost)
    market.call_out_hours[:] = 0
    if market.desk is not None:
        case = round(market.desk.settings.case_cost * MONEY_UNIT)
        market.post_cost("desk_cost", market.desk.fixed_cost + case * market.faults.astype(np.int64))
    if scenario.mechanisms.tiers:
        ours = np.asarray((market.city.state.carrier == OWN).any(axis=0))
        _charge(market, "tier_cost", np.where(ours, by_tier(scenario.service.cost, tier), 0.0))


def _charge(market: Market, name: str, yuan: Floats) -> None:
    """Charge customers' accounts with a cost of this name, yuan of shape (customers,)."""
    market.post_cost(name, np.rint(yuan * MONEY_UNIT).astype(np.int64))


def _record_waits(market: Market, desk: Desk, felt: Floats) -> None:
    """Record the waits of own customers whose case was resolved, and take what waiting costs off `felt`."""
    record, month, settings = market.record, market.month, desk.settings
    start = month * WEEKS * desk.week
    end = start + WEEKS * desk.week
    cases = desk.forget(end)
    cases = cases.where(cases.customer >= 0)
    shock = settings.slowness * market.scenario.experience.incident_shock
    late = lateness(cases, start, end, settings.patience * 60 * MINUTE)
    np.subtract.at(felt, cases.customer, shock * late)
    done = (cases.begun >= 0) & (cases.resolved <= end)
    record.desk_backlog[month] = done.size - done.sum()
    cases = cases.where(done)
    tier = market.tier[cases.customer]
    for index in range(len(TIERS)):
        mine = tier == index
        record.resolved[month, index] = mine.sum()
        record.waiting[month, index] = (cases.begun - cases.arrived)[mine].sum()
        record.resolving[month, index] = (cases.resolved - cases.arrived)[mine].sum()
