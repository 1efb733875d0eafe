"""Expected value of a treatment without dice: the law of each line's carrier, month by month, in mean field.

Two branches are followed, off and on an Evergreen plan. In each, every line has a law over carriers; stocks
(satisfaction, goodwill, awareness) follow their expected paths, and contract terms are followed as cohorts by the month
in which they end. Talk between neighbours is left out.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.expect_bills import post_bill
from sim.kernels.expect_choice import choose, weigh_lines
from sim.kernels.expect_hold import hold
from sim.kernels.expect_money import earn_points, flow_of_usage, pull_of_prices, worth_of_staying
from sim.kernels.expect_plan import leave_plan, take_offer
from sim.kernels.expect_reach import agents_come, chance_of, pay_agents
from sim.kernels.expect_records import (
    BREAKAGE,
    CARE,
    COMMISSION,
    DISCOUNT,
    LEFT,
    OFFERS,
    OUTCOMES,
    REDEEMED,
    RETAINED,
    SATISFACTION,
    SERVE,
    SERVED,
    SHORTFALL,
    WAIVED,
    WON_BACK,
    Account,
    After,
    Case,
    Known,
    Menu,
    Outcomes,
    Paths,
    Pay,
    Reach,
    Span,
    Turn,
    Types,
    make_paths,
)
from sim.kernels.expect_start import account, begin
from sim.kernels.expect_stocks import age_stocks, due, experience, turn, value_in_common
from sim.kernels.records import Rates
from sim.kernels.step import step

__all__ = [
    "BREAKAGE",
    "CARE",
    "COMMISSION",
    "DISCOUNT",
    "LEFT",
    "OFFERS",
    "OUTCOMES",
    "REDEEMED",
    "RETAINED",
    "SATISFACTION",
    "SERVE",
    "SERVED",
    "SHORTFALL",
    "WAIVED",
    "WON_BACK",
    "After",
    "Known",
    "Menu",
    "Pay",
    "Reach",
    "Span",
    "Types",
    "due",
    "expect",
]


@step
def follow_prices(now: Turn, who: Account, case: Case, p: Paths) -> None:
    """Take this month's prices, where they changed; let demand grow, and flow between lines."""
    if now.t == 0 or not case.same[now.t]:
        weigh_lines(now.t, who, case, p)
        pull_of_prices(case.log_price[now.t], case.r, p)
    if case.growing:
        for line in range(p.demand.size):
            p.demand[line] *= 1.0 + case.known.growth[who.n]
    flow_of_usage(now.discount, case.r, p)


@step
def live(now: Turn, who: Account, case: Case, p: Paths, out: Outcomes) -> None:
    """Let both branches live through a month; attention first, then choice, then bills."""
    paid = 0.0
    lost = 0.0
    for g in range(2):
        p.served[g] = 0.0
        if p.mass[g] <= 1e-12:
            continue
        hold(g, now, who, case, p)
        choose(g, now, who, case, p, out)
        paid += p.mass[g] * post_bill(g, now, who, case, p, out)
        absent = 1.0
        for line in range(p.demand.size):
            absent *= 1.0 - p.law[g, line, 0]
        lost += p.mass[g] * absent
        p.served[g] = p.mass[g] * (1.0 - absent)
    if case.r.points_per_yuan > 0.0:
        earn_points(paid, lost, now, who, case, p, out)
    for g in range(2):
        out[SERVED] += who.weight * p.served[g]
        out[SATISFACTION] += who.weight * p.served[g] * p.feeling[g, 0]


@step
def expect_one(who: Account, case: Case, p: Paths, out: Outcomes) -> None:
    """Add one account's expected outcomes under one treatment and one draw to `out`, month by month."""
    begin(who, case, p)
    for t in range(case.span.months):
        now = turn(t, who, case)
        if who.lets_in:
            agents_come(now, p)
        follow_prices(now, who, case, p)
        if not case.span.frozen:
            age_stocks(now, who, case, p)
            experience(now, who, case, p)
        leave_plan(now, who, case, p, out)
        value_in_common(who, case, p)
        take_offer(now, who, case, p, out)
        if case.r.holds:
            worth_of_staying(who, case, p)
        live(now, who, case, p, out)
        if who.lets_in:
            pay_agents(now, who, case, p, out)


@njit(cache=True, nogil=True)
def expect(
    first: int,
    last: int,
    known: Known,
    types: Types,
    menu: Menu,
    after: After,
    beside: Reach,
    span: Span,
    tariffs: NDArray[Any],
    posted: Tariff,
    contact: NDArray[Any],
    terms: NDArray[Any],
    r: Rates,
    growing: bool,
    brought: NDArray[Any],
) -> None:
    """Fill `brought`, shape (customers, treatments, outcomes), for customers from `first` up to `last`.

    `tariffs` is the price by month, shape (months, carriers, lines); `contact` the probability that a rival calls,
    shape (months,); `terms` those of each plan, shape (plans, 2). Treatments that aren't allowed keep what was there.
    Blocks of customers may run in threads of their own.
    """
    same = np.zeros(len(tariffs), np.bool_)
    for t in range(1, len(tariffs)):
        same[t] = np.all(tariffs[t] == tariffs[t - 1])
    log_price = np.log(tariffs)
    case = Case(
        known,
        types,
        menu,
        after,
        beside,
        span,
        tariffs,
        log_price,
        same,
        posted,
        contact,
        terms,
        r,
        growing,
        math.exp(r.rival_contact),
        math.exp(r.own_contact),
        math.exp(r.contract_ended),
        math.exp(-r.attention_on_plan),
    )
    carriers, lines = posted.price.shape
    p = make_paths(carriers, lines, r.flows.shape[0], span.months, int(r.term_months))
    for n in range(first, last):
        for b in range(menu.allowed.shape[0]):
            if menu.allowed[b, n]:
                for d in range(types.weight.shape[0]):
                    for answer in range(2):
                        chance = chance_of(answer, n, case)
                        if chance > 0.0:
                            expect_one(account(n, b, d, answer == 1, chance, case), case, p, brought[n, b])
