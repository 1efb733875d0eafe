"""The recursion abreast at the start: what the book says of an account, as laws and cohorts on all lanes."""

from __future__ import annotations

import math

from sim.kernels.abreast_lanes import exp64, fill
from sim.kernels.abreast_money import own_usage
from sim.kernels.abreast_paths import Account, Paths, Room, Ways, Who
from sim.kernels.expect_reach import chance_of
from sim.kernels.expect_records import Case
from sim.kernels.step import step


@step
def list_lanes(n: int, case: Case, room: Room) -> int:
    """List the lanes of an account, treatments with an offer last, and return how many there are."""
    menu, listed, count = case.menu, room.listed, 0
    for offering in range(2):
        for b in range(menu.allowed.shape[0]):
            if not menu.allowed[b, n] or (menu.offer[b] > 0) != (offering == 1):
                continue
            for answer in range(2):
                if chance_of(answer, n, case) > 0.0:
                    for d in range(case.types.weight.shape[0]):
                        listed[0, count], listed[1, count], listed[2, count] = b, answer, d
                        count += 1
    return count


@step
def open_block(n: int, first: int, last: int, case: Case, room: Room) -> Account:
    """Put listed lanes, up to `last`, into a block; where they don't fill it the first stands in without weight."""
    known, menu, types, listed, ways, who = case.known, case.menu, case.types, room.listed, room.ways, room.who
    count, lets_in, planned = 0, False, known.plan[n] > 0
    for i in range(who.way.size):
        at = first + i if first + i < last else first
        b, answer, d = listed[0, at], listed[1, at], listed[2, at]
        if count == 0 or (at > first and (ways.b[count - 1] != b or ways.answer[count - 1] != answer)):
            ways.b[count], ways.answer[count] = b, answer
            count += 1
        lets_in |= answer == 1
        planned |= menu.offer[b] > 0
        who.way[i], who.d[i] = (count - 1 if at > first else 0), d
        who.weight[i] = types.weight[d, n] * chance_of(answer, n, case) if first + i < last else 0.0
        who.plan[i] = known.plan[n] if known.plan[n] > 0 else menu.offer[b]
        who.offers[i], who.offer_x[i] = (1.0 if menu.offer[b] > 0 else 0.0), menu.offer_x[b, n]
    rapport, goodwill = 0.0, float(case.r.rival_goodwill)
    for level in range(3):
        rapport += known.level_weight[level, n] * (1.0 - math.exp(-case.r.saturation * goodwill))
    r, termed = case.r, planned or case.r.term_months > 0
    for line in range(known.months_left.shape[0]):
        termed |= known.months_left[line, n] > 0
    ties = (math.exp(-r.bond_line), math.exp(-r.bond_bundle), math.exp(-r.bond_solution))
    return Account(n, count, lets_in, planned, termed, rapport, ties)


@step
def know_types(one: Account, case: Case, who: Who) -> None:
    """Take each lane's draw of tastes, and the terms of its plan."""
    types, n, r = case.types, one.n, case.r
    for i in range(who.d.size):
        d = who.d[i]
        who.price_sensitivity[i] = types.price_sensitivity[d, n]
        who.rapport_weight[i] = types.rapport_weight[d, n]
        who.hassle_weight[i] = types.hassle_weight[d, n]
        who.desire[i] = types.desire[d, n]
        who.stay_cost[i] = -types.switching_cost[d, n]
        who.pay[i], who.cap[i] = case.terms[who.plan[i], 0], case.terms[who.plan[i], 1]
    bound = math.exp(-r.breakage)
    for i in range(who.stay_cost.size):
        who.stay_cost[i] = exp64(who.stay_cost[i])
    for i in range(who.bound_cost.size):
        who.bound_cost[i] = who.stay_cost[i] * bound
    for i in range(who.most_ip.size):
        who.most_ip[i] = r.ip_most * who.price_sensitivity[i] / (who.price_sensitivity[i] + r.ip_half)


@step
def begin(one: Account, case: Case, room: Room) -> None:
    """Set all paths to what the book says today."""
    known, n, p = case.known, one.n, room.p
    on = 1 if known.plan[n] > 0 else 0
    p.mass[:] = 0.0
    p.mass[on, :] = 1.0
    p.solved[:] = 0.0
    if known.solved[n]:
        p.solved[on, :] = 1.0
    p.x[:] = known.plan_x[n]
    p.age[:] = known.plan_age[n]
    p.pending[:] = 0.0
    p.served[:] = 0.0
    p.out[:] = 0.0
    for c in range(p.feeling.shape[1]):
        for g in range(2):
            fill(p.feeling[g, c], known.satisfaction[c, n])
            fill(p.expected[g, c], known.expectation[c, n])
    begin_stocks(one, case, room.ways)
    begin_lines(one, case, room.who, p)
    begin_terms(on, one, case, p)
    begin_money(on, one, case, room)


@step
def begin_stocks(one: Account, case: Case, ways: Ways) -> None:
    """Set goodwill and awareness, alike for all ways."""
    ways.doubtful[:] = 0.0
    for k in range(one.ways):
        ways.adstock[k] = case.known.adstock[one.n]
        for level in range(3):
            ways.goodwill[level, k] = case.known.goodwill[level, one.n]


@step
def begin_lines(one: Account, case: Case, who: Who, p: Paths) -> None:
    """Set the law of each line's carrier, alike in both branches, and what is used on it."""
    known, types, n = case.known, case.types, one.n
    p.over_ip[:] = 0.0
    for line in range(p.demand.shape[0]):
        ours = known.ours[line, n]
        demand = p.demand[line]
        for i in range(demand.size):
            demand[i] = known.demand[line, n] * (1.0 if ours else types.unseen[who.d[i], n])
        for c in range(p.law.shape[2]):
            first, second = p.law[0, line, c], p.law[1, line, c]
            for i in range(first.size):
                first[i] = types.law[who.d[i], c, line, n]
            for i in range(second.size):
                second[i] = first[i]
        for g in range(2):
            fill(p.kept[g, line], 1.0 if known.kept[line, n] else 0.0)
            if line == case.r.ip_line:
                over_ip, law = p.over_ip[g], p.law[0, line, 0]
                for i in range(over_ip.size):
                    over_ip[i] = known.ip_share[n] * law[i]


@step
def begin_terms(on: int, one: Account, case: Case, p: Paths) -> None:
    """Put lines into cohorts by the end of their terms; terms that aren't known end evenly over the coming ones.

    Terms that end after the horizon are bound all along, in no cohort.
    """
    r, share, months = case.r, case.span.contract_share, case.span.months
    for g in range(2 if one.planned else 1):
        p.ring[g, :] = 0.0
        p.alive[g, :] = 1.0
        p.bound[g, :] = 0.0
    p.loose[:] = 0.0
    p.owed[:] = 0.0
    for line in range(p.demand.shape[0]):
        left, owed = case.known.months_left[line, one.n], p.owed[line]
        for c in range(p.law.shape[2]):
            start, bound = p.law[on, line, c], p.bound[on, line, c]
            if left > 0:
                for i in range(bound.size):
                    bound[i] = start[i]
                if left <= months:
                    ring = p.ring[on, line, c, left - 1]
                    for i in range(ring.size):
                        ring[i] = start[i]
            elif left < 0 and r.term_months > 0:
                for i in range(bound.size):
                    bound[i] = start[i] * share
                for slot in range(min(r.term_months, months)):
                    ring = p.ring[on, line, c, slot]
                    for i in range(ring.size):
                        ring[i] = start[i] * share / r.term_months
        first = p.bound[on, line, 0]
        mean = left if left > 0 else (r.term_months + 1) / 2
        for i in range(owed.size):
            owed[i] = first[i] * mean


@step
def begin_money(on: int, one: Account, case: Case, room: Room) -> None:
    """Set last month's usage and the balance of points."""
    p, w, points = room.p, room.w, case.known.points[one.n]
    own_usage(on, case.tariffs[0], case.r, p, w.usage)
    for i in range(w.usage.size):
        p.latest[0, i] = w.usage[i]
    for i in range(w.usage.size):
        p.latest[1, i] = w.usage[i]
    p.staying[:] = 1.0
    fill(p.since_nil[0], 1.0)
    fill(p.earned[0], -points)
    fill(p.points, points)
    fill(p.lost, 1.0)
    for line in range(p.demand.shape[0]):
        law = p.law[on, line, 0]
        for i in range(p.lost.size):
            p.lost[i] *= 1.0 - law[i]
