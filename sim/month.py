"""The ordered steps of a month, listed once; only these write the market's arrays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.channel import call_gain
from sim.kernels.live import live_month
from sim.kernels.pack import pack_week
from sim.kernels.records import TOTALS, Contacts, Keys, Month
from sim.names import OWN
from sim.poach import lures
from sim.rivals import Seen, moved
from sim.talk import hearing_probability, neighbours
from sim.visit import WEEKS, due_in_month

if TYPE_CHECKING:
    from sim.market import Market

Phase = Callable[["Market"], None]


def begin_programme(market: Market) -> None:
    """Put the programme in force whose turn it is; unit discounts that it gave end, those asked for stay."""
    turn = market.schedule.get(market.month)
    if turn is None:
        return
    state, ended = market.city.state, market.programme.discount
    state.discount[(ended > 0) & (state.discount == ended)] = 0
    market.programme = turn
    market.begun = market.month
    market.visits.due[:] = 0
    market.visits.offer_due[:] = 0
    market.plan_visits()


def rivals_move(market: Market) -> None:
    """Set the tariff of the month, rivals' contacts and whom they poach."""
    rivals = list(market.scenario.rivals.values())
    market.tariff = moved(rivals, market.month, market.posted, market.seen)
    if any(rival.poach for rival in rivals):
        who, state = market.city.customers, market.city.state
        market.lures = lures([rival.poach for rival in rivals], market.month, market.seed, who, state)


def grant_discounts(market: Market) -> None:
    """Give the programme's unit discount to customers not on a plan, on every line that is or comes to be ours."""
    programme, state = market.programme, market.city.state
    if not programme.discount.any():
        return
    entitled = np.asarray((state.plan == 0) & (programme.discount > 0))
    np.maximum(state.discount, np.where(entitled, programme.discount, 0), out=state.discount)


def contacts(market: Market, per_year: NDArray[np.int16], purpose: str) -> NDArray[np.int64]:
    """Return how many contacts of one purpose fall into the month, shape (customers,)."""
    if not per_year.any():
        return np.zeros(per_year.size, dtype=np.int64)
    return due_in_month(per_year, market.phase[purpose], market.month - market.begun)


def contacts_due(market: Market) -> None:
    """List the visits, offers, letters and calls that fall into the month."""
    programme, since = market.programme, market.month - market.begun
    visits, record = market.visits, market.record
    due = contacts(market, programme.visits, "visit")
    visits.due[:] += due.astype(np.int16)
    again = since % market.scenario.visit.offer_every == 0
    if again:
        visits.offer_due[:] = programme.offer > 0
    visits.offer_due[market.city.state.plan > 0] = 0
    record.visits_due[market.month] = due.sum()
    market.letters = contacts(market, programme.mail, "letter")
    market.calls_due = contacts(market, programme.calls, "call").astype(np.int16)
    record.calls_due[market.month] = market.calls_due.sum()
    for array in (market.visited, market.offered, market.hours_spent):
        array[:] = 0


def managers_visit(market: Market) -> None:
    """Let every account manager make the visits that fit into a week's hours."""
    settings = market.scenario.visit
    weekly = settings.hours / 12 / WEEKS
    np.minimum(market.hours_left + weekly, WEEKS * weekly * settings.banked + weekly, out=market.hours_left)
    if market.scenario.mechanisms.visits:
        pack_week(
            market.visits.order,
            market.city.customers.manager,
            market.visits.due,
            market.visits.offer_due,
            market.visits.hours,
            settings.offer,
            market.hours_left,
            market.visited,
            market.offered,
            market.hours_spent,
        )


def seats_call(market: Market) -> None:
    """Make the calls that fit into the month's seat minutes, by spend with us; what doesn't fit isn't made up for."""
    settings, customers = market.scenario.channel, market.city.customers.key.size
    market.calls[:] = 0
    if not market.calls_due.any():
        return
    waiting = market.calls_due.copy()
    pool = np.array([settings.seat_minutes * customers])
    pack_week(
        market.by_spend,
        np.zeros(customers, dtype=np.int32),
        waiting,
        np.zeros(customers, dtype=np.int8),
        np.full(customers, settings.call_minutes),
        0.0,
        pool,
        market.calls,
        np.zeros(customers, dtype=np.int8),
        np.zeros(customers),
    )


def customers_live(market: Market) -> None:
    """Experience, value, attention, choice, plans and bills of every customer: one compiled loop."""
    settings = market.scenario.channel
    gain = settings.mail_gain * market.letters + market.calls * call_gain(
        market.city.customers.expected_channel, settings
    )
    got = Contacts(
        visits=market.visited,
        level=market.programme.level,
        offer=np.where(market.offered == 1, market.programme.offer, 0).astype(np.int8),
        offer_x=market.programme.offer_x,
        awareness=gain.astype(np.float32),
        calls=market.calls,
        lured_by=market.lures.carrier,
        bonus=market.lures.bonus,
    )
    key = Keys(*(draws.stream(market.seed, name, market.month) for name in Keys._fields))
    for totals in market.parts:
        for name in TOTALS:
            getattr(totals, name)[:] = 0
    _in_ranges(market, got, key)


def _in_ranges(market: Market, got: Contacts, key: Keys) -> None:
    """Run the compiled loop over each range of customers, in threads where there are several, and add up totals."""

    def live(first: int, last: int, out: Month) -> None:
        live_month(
            first,
            last,
            market.block,
            market.city.customers,
            market.city.state,
            got,
            market.tariff,
            market.terms,
            market.rates,
            market.switches,
            key,
            out,
        )

    if len(market.parts) == 1:
        live(market.edges[0], market.edges[1], market.brought)
        return
    with ThreadPoolExecutor(len(market.parts)) as pool:
        list(pool.map(live, market.edges[:-1], market.edges[1:], market.parts))
    for name in TOTALS:
        getattr(market.brought, name)[:] = sum(getattr(part, name) for part in market.parts)


def spread_news(market: Market) -> None:
    """Let tenants hear of neighbours' discounts, ask for them, and hear advocates and complainers (D13, D27)."""
    settings, who, state = market.scenario.talk, market.city.customers, market.city.state
    if not market.scenario.mechanisms.talk or market.city.buildings == 0:
        return
    buildings = market.city.buildings
    has = np.asarray((state.discount > 0).any(axis=0))
    ours = np.asarray((state.carrier == OWN).any(axis=0))
    tellers = neighbours(who.building, has.astype(np.int64), buildings)
    planned = neighbours(who.building, np.asarray(state.plan > 0, dtype=np.int64), buildings)
    silent = (1 - hearing_probability(settings.rate, tellers)) * (1 - hearing_probability(settings.plan_leak, planned))
    luck = draws.uniform(draws.stream(market.seed, "news", market.month), who.key)
    hears = (luck >= silent) & ~has & (state.plan == 0) & ours
    asks = draws.uniform(draws.stream(market.seed, "asked for", market.month), who.key) < settings.granted
    given = hears & asks & (tellers > 0)
    state.news[:] = hears & ~given
    if given.any():
        best = np.zeros(buildings)
        inside = who.building >= 0
        np.maximum.at(best, who.building[inside], state.discount[:, inside].max(axis=0))
        offered = np.where(given, best[who.building], 0)
        np.maximum(state.discount, offered.astype(np.float32), out=state.discount)
    pleased = np.asarray(ours & (state.satisfaction[OWN] > settings.advocate_above), dtype=np.int64)
    advocates = neighbours(who.building, pleased, buildings)
    complainers = neighbours(who.building, market.brought.complained, buildings)
    others = np.maximum(neighbours(who.building, np.ones(who.key.size, dtype=np.int64), buildings), 1)
    state.image_news[OWN] = (settings.advocacy * advocates - settings.complaint * complainers) / others


def record(market: Market) -> None:
    """Write the month into the history, and note what anybody can see of it."""
    market.write()
    served = market.brought.flows.sum(axis=(0, 1))
    price, lines = market.seen
    market.seen = Seen(np.concatenate([price, market.tariff.price[None]]), np.concatenate([lines, served[None]]))


OPENING: tuple[Phase, ...] = (begin_programme, rivals_move, grant_discounts, contacts_due)
"""What happens when a month opens."""
WEEKLY: tuple[Phase, ...] = (managers_visit,)
"""What happens in each working week."""
CLOSING: tuple[Phase, ...] = (seats_call, customers_live, spread_news, record)
"""What happens when a month closes."""
PHASES = OPENING + WEEKLY + CLOSING
