"""The ordered steps of a month, listed once; only these write the market's arrays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import draws, talk
from sim.agent import commissions, contacts_made
from sim.carrier import Tariff
from sim.channel import in_one_month
from sim.desk import desk_closes, desk_works, faults_arise, managers_called_out
from sim.event import announce, invitations
from sim.hall import handle
from sim.kernels.behaviour import MONEY_UNIT
from sim.kernels.live import live_months, make_block
from sim.kernels.pack import pack_week
from sim.kernels.records import TOTALS, Contacts, Keys, Month, of_month
from sim.learning import buy_settlement, keep_records, learn
from sim.manager import results_known, visiting_hours
from sim.names import OWN
from sim.outreach import city_size
from sim.poach import lures
from sim.population import growth_in_downturn
from sim.queueing import by_rank
from sim.rivals import Seen, moved
from sim.span import months_at_once
from sim.visit import WEEKS, due_in_month, hours_this_week, journey_saved

if TYPE_CHECKING:
    from sim.market import Market

Phase = Callable[["Market"], None]


def begin_programme(market: Market) -> None:
    """Put the programme in force whose turn it is; unit discounts that it gave end, those asked for stay.

    Where a planner decided again, contacts keep their places in the year, and visits outstanding stay due at accounts
    that are still to be visited; a programme of the schedule begins anew.
    """
    market.dropped[:] = 0
    turn = market.schedule.get(market.month)
    decided_again = turn is None and market.dates is not None
    if market.dates is not None and turn is None:
        turn = market.dates.turn(market)
    if turn is None:
        return
    state, ended = market.city.state, market.programme.discount
    state.discount[(ended > 0) & (state.discount == ended)] = 0
    market.programme = turn
    market.begun = market.month
    if not decided_again:
        market.counted = market.month
    market.dropped[:] = np.where(decided_again & (turn.visits > 0), 0, market.visits.due)
    market.record.visits_dropped[market.month] = market.dropped.sum()
    levers = (turn.visits, turn.offer, turn.discount, turn.mail, turn.calls, turn.agents, turn.events, turn.tier)
    asks = np.array([any(lever.any() for lever in levers)], dtype=np.int64)
    market.asks, market.idle = bool(market.exchange.highest(asks)[0]), False
    market.visits.due[:] -= market.dropped
    market.visits.offer_due[:] = 0
    market.record.calls_missed[market.month] += market.outreach.seats.give_up()
    if market.asks:
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
    if market.idle or not programme.discount.any():
        return
    entitled = np.asarray((state.plan == 0) & (programme.discount > 0))
    np.maximum(state.discount, np.where(entitled, programme.discount, 0), out=state.discount)


def contacts(market: Market, per_year: NDArray[np.int16], purpose: str) -> NDArray[np.int64]:
    """Return how many contacts of one purpose fall into the month, shape (customers,)."""
    if not per_year.any():
        return np.zeros(per_year.size, dtype=np.int64)
    return due_in_month(per_year, market.phase(purpose), market.month - market.counted)


def contacts_due(market: Market) -> None:
    """List the visits, offers, letters and calls that fall into the month."""
    if market.idle:
        return
    programme, since = market.programme, market.month - market.begun
    visits, record = market.visits, market.record
    market.visits_due = due = contacts(market, programme.visits, "visit")
    visits.due[:] += due.astype(np.int16)
    again = since % market.scenario.visit.offer_every == 0
    if again:
        visits.offer_due[:] = programme.offer > 0
    visits.offer_due[market.city.state.plan > 0] = 0
    record.visits_due[market.month] = due.sum()
    market.outreach.clear()
    letters_and_calls_due(market)
    for array in (market.visited, market.offered, market.hours_spent):
        array[:] = 0
    market.idle = not (market.asks or market.scenario.processes or market.outreach.may_reach())


def letters_and_calls_due(market: Market) -> None:
    """Write the letters of the month, and queue its calls behind those that still wait; a quarter ends their wait."""
    programme, outreach, settings = market.programme, market.outreach, market.scenario.channel
    seats, month = outreach.seats, market.month
    letters = contacts(market, programme.mail, "letter")
    size = city_size(market.exchange, letters.size)
    capacity = int(settings.mail_capacity * size)
    if int(market.exchange.total(np.array([letters.sum()]))[0]) > capacity:
        letters = by_rank(market.exchange, seats.order, letters, market.city.customers.key, capacity)
    outreach.letters = letters
    if (month - market.begun) % settings.call_waits == 0:
        market.record.calls_missed[month] += seats.give_up()
    due = contacts(market, programme.calls, "call")
    seats.waiting += due.astype(np.int16)
    seats.minutes = 0.0
    market.record.calls_due[month] = due.sum()


def events_announced(market: Market) -> None:
    """Let the service centres whose events are due invite their customers, and compete for presenters."""
    if market.scenario.mechanisms.events and not market.idle:
        who = market.city.customers
        announce(market, invitations(market.programme.events, who.centre, market.month - market.counted))


def managers_visit(market: Market) -> None:
    """Let every account manager make the visits that fit into a week's hours."""
    settings, staff, on = market.scenario.visit, market.staff, market.scenario.mechanisms
    if not on.visits:
        return
    hours = visiting_hours(settings.hours, market.scenario.manager) if staff else settings.hours
    weekly = hours / 12 / WEEKS * (staff.effort if staff else 1.0)
    market.hours_left[:] = hours_this_week(market.hours_left, weekly, settings)
    if not market.idle:
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
            market.city.customers.building,
            np.zeros(market.city.buildings, dtype=np.int8),
            journey_saved(settings) if on.journeys else 0.0,
            settings.corridor,
        )


def agents_call(market: Market) -> None:
    """Let agents make the contacts due with the customers they cover, as far as their number allows."""
    if not market.scenario.mechanisms.agents or market.idle:
        return
    settings, outreach, who = market.scenario.agent, market.outreach, market.city.customers
    due = contacts(market, market.programme.agents, "agent")
    capacity = int(settings.capacity * city_size(market.exchange, who.key.size))
    made = contacts_made(market.seed, market.month, who.key, due, capacity, market.exchange)
    covered = np.flatnonzero(market.programme.agents)
    if not covered.size:
        return
    market.spend("agent", covered, round(settings.fixed * MONEY_UNIT))
    market.spend("agent", slice(None), made * np.int64(round(settings.cost * MONEY_UNIT)))
    outreach.agents = np.where(outreach.lets_in, made, 0).astype(np.int16)
    market.record.agent_contacts[market.month] = made.sum()
    felt = in_one_month(outreach.agents, market.scenario.channel.repeated) * outreach.agent_welcome
    outreach.awareness[OWN] += (settings.gain * felt).astype(np.float32)
    market.city.state.agent_window[outreach.agents > 0] = settings.window


def halls_serve(market: Market) -> None:
    """Let customers be handled at the halls and online, as far as there is room; who is turned away minds it (D15)."""
    if not market.scenario.mechanisms.halls:
        return
    hall, online, who = market.scenario.hall, market.scenario.online, market.city.customers
    outreach, record, now = market.outreach, market.record, market.month
    if outreach.rooms is None:
        here = np.bincount(who.centre, minlength=market.city.centres).astype(np.int64)
        outreach.rooms = np.rint(hall.capacity * market.exchange.total(here)).astype(np.int64)
    places = round(online.capacity * city_size(market.exchange, who.key.size))
    handled = handle(
        market.seed,
        now,
        who,
        market.city.state,
        outreach.comers,
        hall.need,
        outreach.rooms,
        places,
        market.exchange,
    )
    unexpected = market.scenario.channel.unexpected
    outreach.lift[handled.hall] = hall.lift
    outreach.lift[handled.diverted] = hall.lift * unexpected
    outreach.lift[handled.online] = online.lift
    outreach.lift[handled.turned_away] = -hall.turned_away
    inside = np.concatenate([handled.hall, handled.diverted])
    costs = (("hall", inside, hall), ("online", handled.online, online))
    for lever, some, settings in costs:
        market.spend(lever, slice(None), round(settings.fixed * MONEY_UNIT))
        market.spend(lever, some, round(settings.cost * MONEY_UNIT))
    record.hall_handled[now], record.hall_diverted[now] = inside.size, handled.diverted.size
    record.online_handled[now], record.turned_away[now] = handled.online.size, handled.turned_away.size


def agents_earn(market: Market) -> None:
    """Pay agents for lines won where they had been: a part at sign-up, the rest when the line has stayed (D15)."""
    state = market.city.state
    if market.scenario.mechanisms.agents and (state.agent_window.any() or state.agent_stay.any()):
        earned = commissions(state, market.tariff.price[OWN], market.scenario.agent)
        market.spend("agent", slice(None), earned.units)
        market.record.agent_wins[market.month] = earned.wins


def seats_call(market: Market) -> None:
    """Make the calls that fit into the seats' week, all over the city by spend with us; the others wait."""
    if market.idle:
        return
    key = market.city.customers.key
    size = city_size(market.exchange, key.size)
    market.outreach.calls += market.outreach.seats.shift(market.exchange, key, market.scenario.channel, size)


def customers_live(market: Market) -> None:
    """Experience, value, attention, choice, plans and bills of every customer: one compiled loop.

    Where nothing else happens in the months that follow, customers live those too, and find them lived.
    """
    if market.month == market.lived:
        market.span = months_at_once(market, PHASES)
        _live(market, market.span)
        market.lived += market.span
    market.brought = of_month(market.parts[0], market.month)


def _live(market: Market, months: int) -> None:
    """Let customers live this month and those after it up to a number of months."""
    rivals, first = list(market.scenario.rivals.values()), market.month
    ahead = [moved(rivals, first + t, market.posted, market.seen) for t in range(1, months)]
    tariffs = Tariff(*(np.stack(parts) for parts in zip(market.tariff, *ahead, strict=True)))
    keys = [[draws.stream(market.seed, name, first + t) for name in Keys._fields] for t in range(months)]
    _in_ranges(market, _contacts_made(market), tariffs, np.array(keys, dtype=np.uint64))


def _contacts_made(market: Market) -> Contacts:
    """Return what reached each customer this month."""
    outreach = market.outreach
    return Contacts(
        visits=market.visited,
        level=market.programme.level,
        offer=market.programme.offer * market.offered,
        offer_x=np.maximum(market.programme.offer_x, market.found_x),
        awareness=outreach.gained(),
        lift=outreach.lift,
        bond=outreach.bond,
        calls=outreach.contacted(),
        lured_by=market.lures.carrier,
        bonus=market.lures.bonus,
        fault=market.faults,
        felt=market.felt,
        skill=market.skill,
    )


def _in_ranges(market: Market, got: Contacts, tariffs: Tariff, keys: NDArray[np.uint64]) -> None:
    """Run the compiled loop over each range of customers, in threads where there are several, and add up totals."""
    begin, end = market.month, market.month + len(keys)
    carriers, lines = market.posted.price.shape
    who, downturn = market.city.customers, market.scenario.city.downturn
    if downturn > 0:
        who = who._replace(growth=growth_in_downturn(who.growth, downturn))

    def live(first: int, last: int, part: Month) -> None:
        live_months(
            first,
            last,
            who,
            market.city.state,
            got,
            tariffs,
            market.terms,
            market.rates,
            market.switches,
            keys,
            market.accounts,
            make_block(carriers, lines, max(min(market.block, last - first), 1)),
            part._replace(**{name: getattr(part, name)[begin:end] for name in TOTALS}),
        )

    if len(market.parts) == 1:
        live(market.edges[0], market.edges[1], market.parts[0])
        return
    with ThreadPoolExecutor(len(market.parts)) as pool:
        list(pool.map(live, market.edges[:-1], market.edges[1:], market.parts))
    for name in TOTALS:
        whole = getattr(market.parts[0], name)
        for part in market.parts[1:]:
            whole[begin:end] += getattr(part, name)[begin:end]


def asked_discounts_end(market: Market) -> None:
    """Count down the months of unit discounts that were gained by asking; one whose months are over ends (D13)."""
    state = market.city.state
    if not state.asked.any():
        return
    state.discount[:, state.asked == 1] = 0
    state.asked[state.asked > 0] -= 1


def spread_news(market: Market) -> None:
    """Let customers hear of others' discounts, ask for them, and hear advocates and complainers (D13, D27)."""
    if not market.scenario.mechanisms.talk:
        return
    state, settings = market.city.state, market.scenario.talk
    told = talk.said(state, market.brought.complained, market.switches.loyalty, settings)
    near, far = (talk.heard(circle, told, market.exchange) for circle in market.circles)
    news_of_discounts(market, told, near, far)
    state.image_news[OWN] = talk.image(settings, near.others, far.others)


def news_of_discounts(market: Market, told: NDArray[np.int8], near: talk.Heard, far: talk.Heard) -> None:
    """Let who hears of a discount ask for it: some are given what the programme grants others, the rest resent it."""
    settings, who, state = market.scenario.talk, market.city.customers, market.city.state
    granted = np.where(state.plan == 0, market.programme.discount, 0).astype(np.float32)
    best = [talk.largest_discount(circle, granted, market.exchange) for circle in market.circles]
    open_to_it = (told[talk.TELLS] == 0) & (state.plan == 0) & (state.carrier == OWN).any(axis=0)
    rumours = near.others[talk.TELLS] | near.others[talk.ON_PLAN] | far.others[talk.TELLS]
    could = np.flatnonzero(open_to_it & (rumours > 0))
    silent = talk.silence(settings, near.others, far.others, could)
    hear = could[draws.uniform(draws.stream(market.seed, "news", market.month), who.key[could]) >= silent]
    known = [largest[circle.group[hear]] for largest, circle in zip(best, market.circles, strict=True)]
    offered = np.maximum(known[0], known[1] if settings.industry_rate > 0 else 0)
    asks = draws.uniform(draws.stream(market.seed, "asked for", market.month), who.key[hear]) < settings.granted
    gets = asks & (offered > 0)
    state.news[:] = 0
    state.news[hear] = ~gets
    state.discount[:, hear[gets]] = offered[gets]
    state.asked[hear[gets]] = settings.granted_months


def record(market: Market) -> None:
    """Write the month into the history, and note what anybody can see of it."""
    market.write()
    served = market.exchange.total(market.brought.flows.sum(axis=(0, 1)))
    price, lines = market.seen
    market.seen = Seen(np.concatenate([price, market.tariff.price[None]]), np.concatenate([lines, served[None]]))


OPENING: tuple[Phase, ...] = (
    begin_programme,
    rivals_move,
    buy_settlement,
    grant_discounts,
    faults_arise,
    contacts_due,
    events_announced,
)
"""What happens when a month opens."""
WEEKLY: tuple[Phase, ...] = (managers_called_out, managers_visit, seats_call, desk_works)
"""What happens in each working week."""
CLOSING: tuple[Phase, ...] = (
    desk_closes,
    agents_call,
    halls_serve,
    learn,
    customers_live,
    keep_records,
    agents_earn,
    asked_discounts_end,
    spread_news,
    record,
    results_known,
)
"""What happens when a month closes."""
PHASES = OPENING + WEEKLY + CLOSING
