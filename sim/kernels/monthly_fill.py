"""Chances and revenue of the monthly process, from the expected-value recursion (`sim.kernels.expect`).

Three paths of the recursion are followed for every account and draw: with no contact, with a visit each month, and with
a letter each month. Satisfaction and integration lie between them in proportion to the stock of goodwill or awareness.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.behaviour import bill_on_plan, early_leaving, renewal_odds
from sim.kernels.expect import follow_prices, live
from sim.kernels.expect_money import ip_saved, own_usage, worth_of_staying
from sim.kernels.expect_plan import leave_plan
from sim.kernels.expect_records import (
    OUTCOMES,
    Account,
    After,
    Case,
    Known,
    Menu,
    Paths,
    Reach,
    Span,
    Turn,
    Types,
    make_paths,
)
from sim.kernels.expect_start import account, begin
from sim.kernels.expect_stocks import age_stocks, due, experience, turn, value_in_common
from sim.kernels.monthly_back import after, come_off, hear, hold_states
from sim.kernels.monthly_records import Grid, Process, Room, make_room
from sim.kernels.monthly_sheet import (
    IDLE,
    LETTERS,
    VISITS,
    Sheet,
    Traces,
    clear,
    hand_in,
    make_sheet,
    note,
    order_lines,
    settle,
)
from sim.kernels.monthly_states import note_ease, try_offer, try_states
from sim.kernels.monthly_stocks import step_awareness, step_goodwill
from sim.kernels.records import Rates
from sim.kernels.step import apart, step


@step
def open_month(t: int, who: Account, case: Case, p: Paths, out: NDArray[Any]) -> Turn:
    """Take a path to where customers choose, and return the month."""
    now = turn(t, who, case)
    follow_prices(now, who, case, p)
    if not case.span.frozen:
        age_stocks(now, who, case, p)
        experience(now, who, case, p)
    leave_plan(now, who, case, p, out)
    value_in_common(who, case, p)
    if case.r.holds:
        worth_of_staying(who, case, p)
    return now


@step
def note_money(t: int, on: int, m: int, x: float, who: Account, case: Case, p: Paths, sheet: Sheet) -> None:
    """Add a month's revenue by line, and usage and bill as they would be on the plan at this X."""
    usage = 0.0
    for line in range(p.demand.size):
        usage += p.demand[line] * case.tariffs[t, 0, line] * (1.0 - ip_saved(line, on, p.over_ip, case.r))
    for j in range(m):
        line = sheet.order[j]
        saved = ip_saved(line, on, p.over_ip, case.r) / max(p.law[on, line, 0], 1e-12)
        sheet.revenue[t, j] += who.weight * p.demand[line] * case.tariffs[t, 0, line] * (1.0 - min(saved, 1.0))
    if who.plan > 0:
        terms = case.terms[who.plan]
        sheet.usage[t] += who.weight * usage
        sheet.bill[t] += who.weight * bill_on_plan(usage, x, terms[0], terms[1])


@step
def renew(t: int, age: int, x: float, usage: float, who: Account, case: Case, sheet: Sheet) -> tuple[int, float]:
    """Return the age and X of a plan once a month has opened, and add the chance that the customer comes off it."""
    terms, r = case.terms[who.plan], case.r
    age += 1
    if age >= r.reset_months:
        accept, haggle = renewal_odds(usage, usage, terms, who.price_sensitivity, r)
        sheet.quit[t] += who.weight / (1.0 + accept + haggle)
        return 0, usage * (1.0 - r.concession * haggle / max(accept + haggle, 1e-300))
    if r.early_below > 0.0:
        sheet.quit[t] += who.weight * early_leaving(usage, x, terms, r.reset_months - age, who.price_sensitivity, r)
    return age, x


@step
def whole_usage(t: int, on: int, case: Case, p: Paths) -> float:
    """Return the list value of usage if all lines are with us, yuan/month."""
    usage = 0.0
    for line in range(p.demand.size):
        usage += p.demand[line] * case.tariffs[t, 0, line] * (1.0 - ip_saved(line, on, p.over_ip, case.r))
    return usage


@apart
def follow_paths(
    n: int,
    d: int,
    level: int,
    branches: int,
    every: int,
    discount: float,
    grid: Grid,
    case: Case,
    p: Paths,
    out: NDArray[Any],
    traces: Traces,
    sheet: Sheet,
    m: int,
) -> None:
    """Follow the three paths of one draw and add what is found on the one without contacts."""
    on = 1 if case.known.plan[n] > 0 else 0
    for path in (VISITS, LETTERS, IDLE):
        who = account(n, path, d, False, 1.0, case)
        begin(who, case, p)
        age, x = (int(case.known.plan_age[n]), case.known.plan_x[n]) if on else (-1, case.menu.offer_x[IDLE, n])
        for t in range(case.span.months):
            now = open_month(t, who, case, p, out)
            note(path, t, level, on, p, traces)
            if path == IDLE:
                if who.plan > 0:
                    usage = whole_usage(t, on, case, p)
                    x = max(x, own_usage(on, case.tariffs[t], case.r, p)) if t == 0 and on == 0 else x
                    age, x = renew(t, age, x, usage, who, case, sheet)
                for j in range(m):
                    sheet.weight[t, j] += who.weight * p.kept[on, sheet.order[j]]
                try_states(t, now, level, m, on, branches, grid, who, case, p, traces, sheet)
                if branches > 1 and t < case.span.period and t % every == 0:
                    try_offer(t, now, level, m, grid, who, case, p, traces, sheet, t // every)
                if t == min(6, case.span.period - 1):
                    note_ease(t, now, level, m, on, discount, who, case, p, traces, sheet)
            live(now, who, case, p, out)
            if path == IDLE:
                note_money(t, on, m, x, who, case, p, sheet)


@step
def fill_next(branches: int, goodwills: int, awarenesses: int, m: int, room: Room) -> None:
    """Begin at the horizon's end, after which nothing is counted."""
    for g in range(branches):
        for i in range(goodwills):
            for a in range(awarenesses):
                for s in range(1 << m):
                    room.next[g, i, a, s] = 0.0


@apart
def leave_behind(
    n: int, m: int, branches: int, grid: Grid, case: Case, sheet: Sheet, process: Process, room: Room
) -> None:
    """Write the expected worth of the states left behind: the horizon's rest under today's practice."""
    span, phase, goodwills, awarenesses = case.span, case.known.phase, grid.goodwill.size, grid.awareness.size
    fill_next(branches, goodwills, awarenesses, m, room)
    level = case.menu.level[IDLE, n]
    for t in range(span.months - 1, span.period - 1, -1):
        since = t - span.period
        visits = due(case.after.visits[n], phase[0, n], since)
        letters, calls = due(case.after.mail[n], phase[1, n], since), due(case.after.calls[n], phase[2, n], since)
        share = 1.0 if case.after.level[n] == level else float(process.working[n])
        step_goodwill(0, visits * share * grid.skill, grid, room)
        step_awareness(3, letters * grid.mail + calls * process.call[n], grid, room)
        times = 1.0 + span.terminal if t == span.months - 1 else 1.0
        hold_states(branches, m, sheet.leave[t], sheet.revenue[t], sheet.bill[t], 0.0, times, room)
        hear(branches, m, 1, room, goodwills, awarenesses)
        for g in range(branches):
            for i in range(goodwills):
                for a in range(awarenesses):
                    for s in range(1 << m):
                        room.value[g, i, a, s] = after(0, 0, g, i, a, s, room)
                        room.next[g, i, a, s] = room.value[g, i, a, s]
        if branches > 1:
            come_off(sheet.quit[t], n, m, sheet.leave[t], process, grid, room)
    where = process.ends[n]
    for g in range(branches):
        for i in range(goodwills):
            for a in range(awarenesses):
                for s in range(1 << m):
                    process.after[where] = room.next[g, i, a, s]
                    where += 1


@njit(cache=True, nogil=True)
def fill_process(
    first: int,
    last: int,
    known: Known,
    types: Types,
    menu: Menu,
    after_period: After,
    beside: Reach,
    span: Span,
    tariffs: NDArray[Any],
    posted: Tariff,
    contact: NDArray[Any],
    terms: NDArray[Any],
    r: Rates,
    growing: bool,
    grid: Grid,
    every: int,
    discount: float,
    process: Process,
) -> None:
    """Fill the process of accounts from `first` up to `last`; arguments up to `growing` are those of `expect`.

    The menu's treatments are nothing, a visit and a letter each month; `menu.offer` names the plan that is offered.
    """
    same = np.zeros(len(tariffs), np.bool_)
    for t in range(1, len(tariffs)):
        same[t] = np.all(tariffs[t] == tariffs[t - 1])
    case = Case(
        known,
        types,
        menu,
        after_period,
        beside,
        span,
        tariffs,
        np.log(tariffs),
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
    goodwills, awarenesses = grid.goodwill.size, grid.awareness.size
    rounds = process.join.shape[1]
    sheet = make_sheet(span.months, goodwills, awarenesses, carriers, lines, rounds)
    shape = (3, span.months)
    traces = Traces(
        np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros((3, span.months, lines))
    )
    room = make_room(goodwills, awarenesses, lines, span.period)
    out = np.zeros(OUTCOMES)
    for n in range(first, last):
        m = order_lines(n, case, sheet)
        if m > 0:
            branches = process.branches[n]
            clear(sheet, branches)
            for d in range(types.weight.shape[0]):
                follow_paths(n, d, menu.level[IDLE, n], branches, every, discount, grid, case, p, out, traces, sheet, m)
            settle(n, m, branches, grid.mail, sheet, process)
            hand_in(n, m, branches, span.period, sheet, process)
            leave_behind(n, m, branches, grid, case, sheet, process, room)
