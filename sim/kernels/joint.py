"""Expected value of a treatment where stocks are frozen: the joint law of who serves a customer's lines, without dice.

What couples a customer's lines (the worth of having several with one carrier, a rival's call, a plan for all of them)
is followed as it is: the law is over all ways of spreading the lines over carriers, with lines that have been ours
since the start told from lines that came back. Contract terms are followed for each line given who has it, points and
IP calls in the mean.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.expect import due
from sim.kernels.expect_records import After, Known, Menu, Outcomes, Reach, Span, Types
from sim.kernels.joint_money import charge, flow_of_usage, hold, pay_agents, post_bills, take_up_ip
from sim.kernels.joint_moves import between, live, renew_terms, see_looks, share_terms, usual_looks
from sim.kernels.joint_plan import leave_plan, take_offer
from sim.kernels.joint_records import Given, Held, Month, Room, Who, make_room
from sim.kernels.records import Rates
from sim.kernels.step import step


@step
def month_of(t: int, who: Who, given: Given) -> Month:
    """Return what the treatment does in a month, and after the planning period what its continuation does."""
    span, menu, after, phase, n = given.span, given.menu, given.after, given.known.phase, who.n
    planning = t < span.period
    since = t if planning else t - span.period
    visits = due(menu.visits[who.b] if planning else after.visits[n], phase[0, n], since)
    calls = due(menu.calls[who.b] if planning else after.calls[n], phase[2, n], since)
    agents = due(given.beside.agents[n] if planning else after.reach.agents[n], phase[4, n], since) * who.lets_in
    come = (given.beside.called[n] if planning else after.reach.called[n]) if agents > 0 else 0.0
    return Month(
        t,
        visits,
        come,
        1.0 if visits > 0 or calls > 0 else come,
        1.0 - (menu.discount[who.b] if planning else 0.0),
        planning and since % span.offer_every == 0,
        planning,
    )


@step
def alike(n: int, b: int, menu: Menu) -> int:
    """Return the first treatment that does the same where stocks are frozen, letters and levels being nothing there."""
    for a in range(b):
        if (
            menu.allowed[a, n]
            and menu.visits[a] == menu.visits[b]
            and menu.calls[a] == menu.calls[b]
            and menu.offer[a] == menu.offer[b]
            and menu.discount[a] == menu.discount[b]
            and menu.offer_x[a, n] == menu.offer_x[b, n]
        ):
            return a
    return b


@step
def list_states(n: int, given: Given, p: Room) -> int:
    """List the ways in which a customer's lines can be spread, and return how many there are.

    A line that is ours at the start can go one way more: it may have been ours all along.
    """
    carriers, size = p.common.size, 1
    for line in range(p.demand.size):
        p.values[line] = carriers + (1 if given.known.ours[line, n] else 0)
        p.stride[line] = size
        size *= p.values[line]
    for s in range(size):
        p.serves[s, :] = 0
        for line in range(p.demand.size):
            digit = s // p.stride[line] % p.values[line]
            p.digit[s, line] = digit
            p.serves[s, digit % carriers] += 1
    return size


@step
def begin(who: Who, given: Given, p: Room) -> None:
    """Set the law to what the book says today."""
    known, n, d, carriers = given.known, who.n, who.d, p.common.size
    branch = 1 if known.plan[n] > 0 else 0
    p.law[:] = 0.0
    p.x[:] = 0.0
    for s in range(p.law.shape[1]):
        chance = 1.0
        for line in range(p.demand.size):
            digit, ours = p.digit[s, line], known.ours[line, n]
            at_start = given.types.law[d, digit % carriers, line, n]
            chance *= at_start if ours == (digit == carriers) else (0.0 if digit == 0 and ours else at_start)
        p.law[branch, s] = chance
        p.x[0, s] = chance * known.plan_x[n] * branch
    p.age[0] = known.plan_age[n]
    p.age[1] = 0
    begin_terms(branch, who, given, p)
    p.number[0] = known.points[n]
    p.number[1] = known.ip_share[n] if given.r.ip_line >= 0 else 0.0
    p.number[2] = 0.0
    for s in range(p.law.shape[1]):
        p.number[2] += p.law[branch, s] if p.serves[s, 0] == 0 else 0.0
    p.since_nil[0] = 1.0
    p.earned[0] = -known.points[n]


@step
def begin_terms(branch: int, who: Who, given: Given, p: Room) -> None:
    """Set usage, and terms by months left; terms that aren't known end evenly over the coming ones."""
    known, n, d, term = given.known, who.n, who.d, int(given.r.term_months)
    p.terms[:] = 0.0
    for line in range(p.demand.size):
        p.demand[line] = known.demand[line, n] * (1.0 if known.ours[line, n] else given.types.unseen[d, n])
        left = known.months_left[line, n]
        for c in range(p.common.size):
            here = given.types.law[d, c, line, n] if c > 0 or branch == 0 else 0.0
            bound = here * given.span.contract_share if left < 0 and term > 0 else 0.0
            way = p.common.size if c == 0 and known.ours[line, n] else c
            p.terms[line, way, max(left, 0)] = here - bound
            for ahead in range(1, term + 1):
                p.terms[line, way, ahead] += bound / term


@step
def value_in_common(who: Who, given: Given, p: Room) -> None:
    """Work out rapport with each carrier, and its odds by all that depends neither on lines nor on the month."""
    r, known, types, posted, n, d = given.r, given.known, given.types, given.posted, who.n, who.d
    for c in range(p.common.size):
        rapport = 0.0
        for level in range(3):
            goodwill = known.goodwill[level, n] if c == 0 else r.rival_goodwill
            rapport += known.level_weight[level, n] * (1.0 - math.exp(-r.saturation * goodwill))
        p.rapport[c] = rapport
        value = types.rapport_weight[d, n] * rapport - types.hassle_weight[d, n] * posted.hassle[c]
        value += r.image * (posted.image[c] + (1.0 - math.exp(-known.adstock[n]) if c == 0 else 0.0))
        value += r.satisfaction * known.satisfaction[c, n]
        if c == 0:
            value += r.social * given.held.repeats[n] * between(known.satisfaction[0, n], given.span.meant)
        p.common[c] = math.exp(value)
    for count in range(p.together.size):
        p.together[count] = math.exp(r.bundle / max(p.demand.size - 1, 1) * count)


@step
def weigh_lines(t: int, who: Who, given: Given, p: Room) -> None:
    """Work out each line's choice odds by quality and list price."""
    for line in range(p.demand.size):
        for c in range(p.common.size):
            dear = who.beta * math.log(given.tariffs[t, c, line])
            p.odds[line, c] = math.exp(given.r.quality * given.posted.quality[c, line] - dear)


@step
def follow(who: Who, given: Given, p: Room, out: Outcomes) -> None:
    """Add one account's expected outcomes under one treatment and one draw to `out`, month by month."""
    begin(who, given, p)
    value_in_common(who, given, p)
    see_looks(who, given, p)
    for t in range(given.span.months):
        now = month_of(t, who, given)
        p.called[t] = now.agents_come if now.planning else 0.0
        if given.growing:
            for line in range(p.demand.size):
                p.demand[line] *= 1.0 + given.known.growth[who.n]
        flow_of_usage(now, given, p)
        charge(now, given, p)
        if t == 0 or not given.same[t]:
            weigh_lines(t, who, given, p)
        usual_looks(now, who, given, p)
        leave_plan(who, given, p, out)
        take_offer(now, who, given, p, out)
        hold(who, given, p)
        share_terms(p)
        live(now, who, given, p, out)
        renew_terms(given, p)
        take_up_ip(who, given, p)
        charge(now, given, p)
        post_bills(now, who, given, p, out)
        if who.lets_in:
            pay_agents(now, who, given, p, out)


@njit(cache=True, nogil=True)
def expect_jointly(
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
    held: Held,
    brought: NDArray[Any],
) -> None:
    """Fill `brought`, shape (customers, treatments, outcomes), for customers from `first` up to `last`.

    Inputs are those of `sim.kernels.expect.expect`, and what frozen stocks hold. Ways of spreading a customer's lines
    should be some hundreds at most: a month's work grows with their square at worst.
    """
    same = np.zeros(len(tariffs), np.bool_)
    for t in range(1, len(tariffs)):
        same[t] = np.all(tariffs[t] == tariffs[t - 1])
    given = Given(known, types, menu, after, beside, span, tariffs, same, posted, contact, terms, r, growing, held)
    carriers, lines = posted.price.shape
    most, longest = 1, int(r.term_months)
    for n in range(first, last):
        states = 1
        for line in range(lines):
            states *= carriers + (1 if known.ours[line, n] else 0)
            longest = max(longest, int(known.months_left[line, n]))
        most = max(most, states)
    room = make_room(carriers, lines, most, span.months, longest + 2)
    for n in range(first, last):
        states = list_states(n, given, room)
        p = Room(
            room.law[:, :states],
            room.fresh,
            room.x[:, :states],
            room.fresh_x,
            room.digit,
            room.serves,
            room.values,
            room.stride,
            room.place,
            room.chance,
            room.move,
            room.rate,
            room.usual,
            room.cheap,
            room.pull,
            room.odds,
            room.common,
            room.together,
            room.rapport,
            room.look,
            room.hold,
            room.terms,
            room.share,
            room.owed,
            room.gone,
            room.stood,
            room.loose,
            room.came,
            room.demand,
            room.charged,
            room.number,
            room.since_nil,
            room.earned,
            room.called,
            room.ours,
            room.won,
            room.age,
        )
        agents = beside.agents[n] > 0 or after.reach.agents[n] > 0
        for b in range(menu.allowed.shape[0]):
            like = alike(n, b, menu)
            if menu.allowed[b, n] and like < b:
                brought[n, b] += brought[n, like]
                continue
            for d in range(types.weight.shape[0] if menu.allowed[b, n] else 0):
                for lets_in in range(2):
                    chance = 1.0 - lets_in
                    if agents:
                        chance = known.lets_in[n] if lets_in == 1 else 1.0 - known.lets_in[n]
                    if chance > 0.0:
                        beta = types.price_sensitivity[d, n]
                        stay = math.exp(types.switching_cost[d, n])
                        who = Who(
                            n,
                            b,
                            d,
                            int(known.plan[n]) if known.plan[n] > 0 else int(menu.offer[b]),
                            lets_in == 1,
                            types.weight[d, n] * chance,
                            beta,
                            stay,
                            stay * math.exp(r.breakage),
                            r.ip_most * beta / (beta + r.ip_half),
                        )
                        follow(who, given, p, brought[n, b])
