"""Response: what each treatment would bring at each account, estimated from the book alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.beside import Beside, agents_pay, attendance_cost, nobody, reach
from optimize.decision import Decision
from optimize.interference import Around, with_lateness, with_leaks
from optimize.joint import held_by_frozen_stocks, lines_followed_jointly
from optimize.knowledge import account_knowledge, offer_x_expected
from optimize.treatment import Choices, Treatment, choices, menu
from optimize.type_draws import account_types
from sim.book import Book
from sim.carrier import Tariff
from sim.contract import plan_table, usual_share_under_contract
from sim.founding import todays_practice
from sim.kernels import expect as kernel
from sim.kernels.abreast import expect_abreast
from sim.kernels.joint import expect_jointly
from sim.kernels.records import Rates
from sim.manager import trained
from sim.programme import service_tiers
from sim.rates import posted_tariff, rates
from sim.rivals import foreseen
from sim.swaying import swaying
from sim.visit import contact_phase, due_within, journey_saved, share_saved, visit_hours

Floats = NDArray[np.float64]
BLOCK = 256
"""Customers estimated at a time by one thread."""


class Response(NamedTuple):
    """Expected outcomes over the horizon and uses over the period, shape (treatments, customers) unless said.

    The contribution leaves out what the continuation's contacts and service cost, the same for all treatments, and what
    a group decision costs.
    """

    treatments: tuple[Treatment, ...]
    choices: Choices
    tier: NDArray[np.int8]
    """Service tier, which goes by value class under every policy alike, shape (customers,)."""
    retained: Floats
    """Yuan, as the next four."""
    won_back: Floats
    shortfall: Floats
    breakage: Floats
    contribution: Floats
    lines_lost: Floats
    """Expected number of our lines that leave."""
    hours: Floats
    """Of the account's manager."""
    discount: Floats
    """Yuan drawn from the discount budget."""
    channel: Floats
    """Yuan for letters and calls."""
    seat_minutes: Floats
    cost: Floats
    """Yuan for visits, letters and calls."""
    satisfaction: Floats
    """Expected satisfaction with us, 0 to 1, mean over the months served; 0 where we are sure to serve nothing."""
    served: Floats
    """Expected months of the horizon in which we serve the customer."""
    group_cost: Floats
    """Yuan for attendance at events and for agents' commissions that come with `Beside`; in no other figure."""
    effective_draws: Floats
    """Effective number of types behind each account's estimate, shape (customers,)."""

    @property
    def own_revenue(self) -> Floats:
        """Return retained plus won-back revenue plus shortfall income plus breakage, yuan."""
        return self.retained + self.won_back + self.shortfall + self.breakage


def estimate(
    decision: Decision,
    book: Book,
    beside: Beside | None = None,
    around: Around | None = None,
    *,
    types: kernel.Types | None = None,
    among: NDArray[np.bool_] | None = None,
) -> Response:
    """Return what each treatment is expected to bring at each account of the book.

    Lines are followed one by one, in mean field; where stocks are frozen, their joint law is (`optimize.joint`).

    A unit discount is charged with what its news does to others (`optimize.interference`). A plan `around` which is
    estimated tells who else has a discount, and how long visits wait; without it nobody has one, and none does.

    `beside` are contacts that a group decision brings in the planning period beside the treatment. The group decision
    carries their costs; only what depends on the customer, attendance and commissions, is told in `group_cost`.
    `types` are draws of what the book doesn't say, if not those of `account_types`. Only treatments `among`, shape
    (treatments, customers), are estimated where it is given, and no others allowed.
    """
    beside = nobody(book.key.size) if beside is None else beside
    treatments = menu(decision.treatments)
    offered = choices(book, treatments, decision.treatments, decision.city, decision.contract.rival_share)
    if among is not None:
        offered = offered._replace(allowed=offered.allowed & among)
    types = account_types(decision, book) if types is None else types
    inputs = (
        account_knowledge(decision, book, types),
        types,
        _menu(decision, book, treatments, offered),
        _after(decision, book),
        reach(decision, book, beside),
        _span(decision, book.month),
        *_tariffs(decision, book.month),
        plan_table(decision.contract),
        _rates(decision),
        decision.mechanisms.growth,
    )
    if lines_followed_jointly(decision):
        by_account = np.zeros((book.key.size, len(treatments), kernel.OUTCOMES))
        held = held_by_frozen_stocks(decision, book)
        _in_blocks(lambda first, last: expect_jointly(first, last, *inputs, held, by_account), book.key.size)
        brought = np.ascontiguousarray(by_account.transpose(2, 1, 0))
    else:
        brought = np.empty((kernel.OUTCOMES, len(treatments), book.key.size))
        _in_blocks(lambda first, last: expect_abreast(first, last, *inputs, brought), book.key.size)
    response = _reckon(decision, book, treatments, offered, brought, types)
    response = response._replace(group_cost=response.group_cost + attendance_cost(decision, book, beside))
    if around is not None:
        response = with_lateness(decision, response, around.late)
    return with_leaks(decision, book, response, around)


def _rates(decision: Decision) -> Rates:
    """Return the market's numbers, with the goodwill that a visit of the average manager leaves."""
    skill = decision.visit.skill * (trained(decision.manager) if decision.mechanisms.managers else 1.0)
    return rates(decision)._replace(skill=np.float32(skill))  # type: ignore[arg-type]


def _in_blocks(work: Callable[[int, int], None], customers: int) -> None:
    """Run work on blocks of customers in threads; each block is independent, so the result doesn't depend on them."""
    starts = range(0, customers, BLOCK)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(lambda first: work(first, min(first + BLOCK, customers)), starts))


def _menu(decision: Decision, book: Book, treatments: tuple[Treatment, ...], offered: Choices) -> kernel.Menu:
    visiting = decision.mechanisms.visits
    return kernel.Menu(
        allowed=offered.allowed,
        visits=np.array([t.visits if visiting else 0 for t in treatments]),
        offer=np.array([t.offer for t in treatments]),
        discount=np.array([t.discount for t in treatments]),
        mail=np.array([t.mail for t in treatments]),
        calls=np.array([t.calls for t in treatments]),
        level=offered.level,
        offer_x=offer_x_expected(decision, book, offered.offer_x),
    )


def _after(decision: Decision, book: Book) -> kernel.After:
    practice = todays_practice(decision, book.own_spend, book.decision)
    return kernel.After(
        visits=practice.visits.astype(np.int64) * decision.mechanisms.visits,
        level=practice.level,
        mail=practice.mail.astype(np.int64),
        calls=practice.calls.astype(np.int64),
        reach=reach(decision, book, Beside(practice.events, practice.agents, np.zeros_like(practice.mail))),
    )


def _span(decision: Decision, elapsed: int = 0) -> kernel.Span:
    sways = swaying(decision)
    return kernel.Span(
        months=decision.months,
        period=min(decision.period, decision.months),
        offer_every=decision.visit.offer_every,
        terminal=decision.response.terminal_months,
        mail_gain=decision.channel.mail_gain,
        contract_share=usual_share_under_contract(decision.contract) if decision.mechanisms.contracts else 0.0,
        frozen=decision.mechanisms.freeze_stocks,
        restless=sways.restless,
        loyal=sways.loyal,
        meant=sways.meant,
        event_gain=decision.event.gain,
        event_bond=decision.event.bond,
        pay=agents_pay(decision.agent),
        elapsed=elapsed,
    )


def _tariffs(decision: Decision, first: int = 0) -> tuple[Floats, Tariff, Floats]:
    posted = posted_tariff(decision)
    rivals = list(decision.rivals.values())
    months = foreseen(rivals, posted, first + decision.months)[first:]
    contact = np.array([1 - np.prod(1 - month.contact) for month in months])
    return np.stack([month.price for month in months]), posted, contact


def _reckon(
    decision: Decision,
    book: Book,
    treatments: tuple[Treatment, ...],
    offered: Choices,
    brought: Floats,
    types: kernel.Types,
) -> Response:
    visit, channel = decision.visit, decision.channel
    visits, letters, calls = contacts_in_period(decision, book, treatments)
    one_visit = expected_visit_hours(decision, book, offered.level)
    hours = visits * one_visit + brought[kernel.OFFERS] * visit.offer
    minutes = calls * channel.call_minutes + np.zeros_like(hours)
    spent = letters * channel.mail_cost + minutes * channel.call_cost
    cost = hours * visit.hour_cost + spent
    income = brought[kernel.RETAINED] + brought[kernel.WON_BACK] + brought[kernel.SHORTFALL] + brought[kernel.BREAKAGE]
    rewards = brought[kernel.CARE] + brought[kernel.WAIVED] + brought[kernel.REDEEMED]
    return Response(
        treatments=treatments,
        choices=offered,
        tier=service_tiers(book.value_class, decision.practice),
        retained=brought[kernel.RETAINED],
        won_back=brought[kernel.WON_BACK],
        shortfall=brought[kernel.SHORTFALL],
        breakage=brought[kernel.BREAKAGE],
        contribution=income - brought[kernel.SERVE] - rewards - cost,
        lines_lost=brought[kernel.LEFT],
        hours=hours,
        discount=brought[kernel.DISCOUNT],
        channel=spent,
        seat_minutes=minutes,
        cost=cost,
        satisfaction=brought[kernel.SATISFACTION] / np.maximum(brought[kernel.SERVED], 1e-12),
        served=brought[kernel.SERVED],
        group_cost=brought[kernel.COMMISSION],
        effective_draws=1 / (types.weight**2).sum(axis=0),
    )


def contacts_in_period(
    decision: Decision, book: Book, treatments: tuple[Treatment, ...]
) -> tuple[Floats, Floats, Floats]:
    """Return visits, letters and calls that fall into the planning period, each of shape (treatments, customers)."""
    period, found = min(decision.period, decision.months), []
    for purpose, lever in (("visit", "visits"), ("letter", "mail"), ("call", "calls")):
        a_year = np.array([getattr(t, lever) for t in treatments])[:, None]
        found.append(due_within(a_year, contact_phase(book.key, purpose) + book.month, period).astype(float))
    return found[0], found[1], found[2]


def expected_visit_hours(decision: Decision, book: Book, level: NDArray[np.int8]) -> Floats:
    """Return expected hours of a visit, shape of `level`: today's practice says how often one follows another.

    A further visit in a building in the same week saves the journey. How many visits do depends on all accounts of the
    building together; as today's practice visits it is near enough, and keeps the account's hours its own.
    """
    visit = decision.visit
    hours = visit_hours(book.building, level, visit)
    if not (decision.mechanisms.journeys and decision.mechanisms.visits):
        return hours
    practice = todays_practice(decision, book.own_spend, book.decision)
    follows = share_saved(practice.visits.astype(float), book.building)
    further = np.maximum(hours - journey_saved(visit), np.minimum(hours, visit.corridor))
    return np.asarray(hours - follows * (hours - further))
