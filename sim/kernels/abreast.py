"""Expected value of a treatment without dice: the law of each line's carrier, month by month, in mean field.

Two branches are followed, off and on an Evergreen plan. In each, every line has a law over carriers; stocks
(satisfaction, goodwill, awareness) follow their expected paths, and contract terms are followed as cohorts by the month
in which they end. Talk between neighbours is left out.

Treatments of an account and draws of what the book doesn't say are lanes that are lived side by side, a block of them
at a time (`sim.kernels.abreast_lanes`); what they have in common is worked out once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.abreast_bills import post_bill
from sim.kernels.abreast_choice import choose, weigh_lines
from sim.kernels.abreast_hold import hold
from sim.kernels.abreast_lanes import best_width, fill, some_above
from sim.kernels.abreast_money import earn_points, flow_of_usage, pull_of_prices, worth_of_staying
from sim.kernels.abreast_paths import Account, Month, Paths, Room, Turn, Who, make_room
from sim.kernels.abreast_plan import leave_plan, take_offer
from sim.kernels.abreast_reach import nobody_moved, pay_agents
from sim.kernels.abreast_start import begin, know_types, list_lanes, open_block
from sim.kernels.abreast_stocks import experience, value_in_common, value_of_rivals
from sim.kernels.abreast_ways import be_known, spread, turn
from sim.kernels.expect_records import OUTCOMES, SATISFACTION, SERVED, After, Case, Known, Menu, Reach, Span, Types
from sim.kernels.records import Rates
from sim.kernels.step import entry, step


@step
def follow_prices(now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Take this month's prices, where they changed; let demand grow, and flow between lines."""
    if now.t == 0 or not case.same[now.t]:
        weigh_lines(now.t, case, who, w)
        pull_of_prices(case.log_price[now.t], case.r, p)
    if case.growing:
        growth = 1.0 + case.known.growth[one.n]
        for line in range(p.demand.shape[0]):
            demand = p.demand[line]
            for i in range(demand.size):
                demand[i] *= growth
    flow_of_usage(now, one, case.r, p, w)


@step
def live(now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Let both branches live through a month; attention first, then choice, then bills."""
    fill(w.paid, 0.0)
    fill(w.nowhere, 0.0)
    for g in range(2 if one.planned else 1):
        if not some_above(p.mass[g], 1e-12):
            p.served[g, :] = 0.0
            continue
        hold(g, now, one, case, who, p, w)
        choose(g, now, one, case, who, p, w)
        post_bill(g, now, case, who, p, w)
        count_served(g, p, w)
    if case.r.points_per_yuan > 0.0:
        earn_points(now, case, p, w)
    for g in range(2 if one.planned else 1):
        served, feeling, months, felt = p.served[g], p.feeling[g, 0], p.out[SERVED], p.out[SATISFACTION]
        for i in range(months.size):
            months[i] += served[i]
        for i in range(felt.size):
            felt[i] += served[i] * feeling[i]


@step
def count_served(g: int, p: Paths, w: Month) -> None:
    """Work out the mass of a branch with a line of ours, and add that without one to `nowhere`."""
    absent, mass, served, nowhere = w.absent, p.mass[g], p.served[g], w.nowhere
    fill(absent, 1.0)
    for line in range(p.demand.shape[0]):
        law = p.law[g, line, 0]
        for i in range(absent.size):
            absent[i] *= 1.0 - law[i]
    for i in range(nowhere.size):
        nowhere[i] += mass[i] * absent[i]
    for i in range(served.size):
        served[i] = mass[i] * (1.0 - absent[i])


@step
def expect_block(one: Account, case: Case, room: Room) -> None:
    """Work out the expected outcomes of a block of lanes, month by month."""
    who, ways, p, w = room.who, room.ways, room.p, room.w
    know_types(one, case, who)
    begin(one, case, room)
    value_of_rivals(one, case, who, w)
    for t in range(case.span.months):
        now = turn(t, one, case, ways)
        be_known(one, case, ways, w)
        spread(now, case, ways, who, w)
        if one.lets_in:
            nobody_moved(w)
        follow_prices(now, one, case, who, p, w)
        if not case.span.frozen:
            experience(now, one, case, who, p, w)
        if one.planned:
            leave_plan(now, case, who, p, w)
        value_in_common(case, who, w)
        if one.planned:
            take_offer(now, one, case, who, p, w)
        if case.r.holds:
            worth_of_staying(one, case, who, p, w)
        live(now, one, case, who, p, w)
        if one.lets_in:
            pay_agents(now, case, ways, who, p, w)


@entry
def expect_lanes(first: int, last: int, case: Case, room: Room, brought: NDArray[Any]) -> None:
    """Add what is expected of customers from `first` up to `last` to their `brought`, block of lanes by block."""
    listed, who, out = room.listed, room.who, room.p.out
    for n in range(first, last):
        lanes = list_lanes(n, case, room)
        for lo in range(0, lanes, who.way.size):
            hi = min(lo + who.way.size, lanes)
            expect_block(open_block(n, lo, hi, case, room), case, room)
            for i in range(hi - lo):
                for outcome in range(OUTCOMES):
                    brought[n - first, listed[0, lo + i], outcome] += who.weight[i] * out[outcome, i]


def expect_abreast(
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
    """Fill `brought`, shape (outcomes, treatments, customers), for customers from `first` up to `last`.

    `tariffs` is the price by month, shape (months, carriers, lines); `contact` the probability that a rival calls,
    shape (months,); `terms` those of each plan, shape (plans, 2). Treatments that aren't allowed bring nothing.
    Blocks of customers may run in threads of their own.
    """
    some = slice(first, last)
    same = np.zeros(len(tariffs), dtype=np.bool_)
    same[1:] = (tariffs[1:] == tariffs[:-1]).all(axis=(1, 2))
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
        bool(growing),
        ease=math.exp(r.rival_contact),
        eager=math.exp(r.own_contact),
        open=math.exp(r.contract_ended),
        settled=math.exp(-r.attention_on_plan),
    )
    lanes = menu.allowed[:, some].sum(axis=0) * len(types.weight)
    lanes = lanes * np.where(beside.agents[some] + after.reach.agents[some] > 0, 2, 1)
    carriers, lines = posted.price.shape
    room = make_room(carriers, lines, len(r.flows), span.months, lanes.max(initial=1), best_width(lanes))
    part = np.zeros((last - first, len(menu.allowed), OUTCOMES))
    expect_lanes(first, last, case, room, part)
    brought[:, :, some] = part.transpose(2, 1, 0)
