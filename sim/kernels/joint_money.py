"""Money in the joint law of a customer's lines: bills in each state; points, cheap calls and flows in the mean."""

from __future__ import annotations

import math

from sim.kernels.behaviour import bill_on_plan, care
from sim.kernels.expect_records import (
    CARE,
    COMMISSION,
    DISCOUNT,
    REDEEMED,
    RETAINED,
    SATISFACTION,
    SERVE,
    SERVED,
    SHORTFALL,
    WON_BACK,
    Outcomes,
)
from sim.kernels.joint_plan import own_usage
from sim.kernels.joint_records import OFF, Given, Month, Room, Who
from sim.kernels.step import step


@step
def charge(now: Month, given: Given, p: Room) -> None:
    """Work out what each line's usage is worth at our prices, less what our IP calls save."""
    for line in range(p.demand.size):
        saved = given.r.ip_saving * p.number[1] if line == given.r.ip_line else 0.0
        p.charged[line] = p.demand[line] * given.tariffs[now.t, 0, line] * (1.0 - saved)


@step
def post_bills(now: Month, who: Who, given: Given, p: Room, out: Outcomes) -> float:
    """Add a month's bills to what the treatment brings, and return their mean, yuan."""
    r, paid, served = given.r, 0.0, 0.0
    for s in range(p.law.shape[1]):
        for branch in range(2):
            mass = p.law[branch, s]
            if mass <= 0.0:
                continue
            usage, kept = own_usage(s, p), 0.0
            for line in range(p.demand.size):
                if p.digit[s, line] == p.common.size:
                    kept += p.charged[line]
            served += mass if p.serves[s, 0] > 0 else 0.0
            month = who.weight * mass
            last = month
            if now.t == given.span.months - 1:
                last *= 1.0 + given.span.terminal
            out[SERVE] += last * r.cost_to_serve * usage
            if branch == OFF:
                bill = usage * now.off
                out[RETAINED] += last * kept * now.off
                out[WON_BACK] += last * (usage - kept) * now.off
                out[DISCOUNT] += month * (usage - bill)
            else:
                pay, x = given.terms[who.plan, 0], p.x[0, s] / mass
                bill = bill_on_plan(usage, x, pay, given.terms[who.plan, 1])
                retained = min(bill, kept)
                won = min(bill - retained, usage - kept)
                out[RETAINED] += last * retained
                out[WON_BACK] += last * won
                out[SHORTFALL] += last * (bill - retained - won)
                out[CARE] += last * care(usage, pay * x, r)
                out[DISCOUNT] += month * max(0.0, usage - bill)
            paid += mass * bill
    out[SERVED] += who.weight * served
    out[SATISFACTION] += who.weight * served * given.known.satisfaction[0, who.n]
    earn_points(paid, 1.0 - served, now, who, given, p, out)
    return paid


@step
def hold(who: Who, given: Given, p: Room) -> None:
    """Work out what holds a line of ours in each state: its bond, and its part of the points."""
    r, step_now = given.r, given.held.step[who.n]
    bond = r.bond_solution if step_now == 3 else (r.bond_bundle if step_now == 2 else 0.0)
    tie = math.exp(r.bond_line if step_now == 1 else bond)
    value = r.point_worth * p.number[0] / max(1.0 - p.number[2], 1e-12)
    for s in range(p.law.shape[1]):
        p.hold[s] = tie
        if r.holds and value > 0.0 and p.law[0, s] + p.law[1, s] + p.law[2, s] + p.law[3, s] > 0.0:
            share = value / max(value + 12.0 * own_usage(s, p), 1e-6)
            p.hold[s] *= math.exp(r.point_weight * who.beta * share / max(p.serves[s, 0], 1))


@step
def earn_points(paid: float, lost: float, now: Month, who: Who, given: Given, p: Room, out: Outcomes) -> None:
    """Earn points on what was paid and redeem them, by the month in which the balance was nil last.

    `lost` is the chance that no line is ours any more.
    """
    r = given.r
    forfeited = max(0.0, (lost - p.number[2]) / max(1.0 - p.number[2], 1e-12))
    p.number[2] = lost
    if not r.points_per_yuan > 0.0:
        return
    level = (p.earned[now.t] if now.t > 0 else -given.known.points[who.n]) + r.points_per_yuan * paid
    p.earned[now.t + 1] = level
    spent, redeemed, balance = 0.0, 0.0, 0.0
    for last in range(now.t + 1):
        held, points = p.since_nil[last] * (1.0 - forfeited), level - p.earned[last]
        if points >= r.least_points:
            spent += r.redeeming * held * points * r.point_worth
            redeemed += r.redeeming * held
            held *= 1.0 - r.redeeming
        p.since_nil[last] = held
        balance += held * points
    p.since_nil[now.t + 1] = forfeited + redeemed
    p.number[0] = balance
    more = given.span.terminal if now.t == given.span.months - 1 else 0.0
    out[REDEEMED] += who.weight * spent * (1.0 + more)


@step
def take_up_ip(who: Who, given: Given, p: Room) -> None:
    """Let IP calls take up more of our line's usage; lines that come start without them."""
    r = given.r
    if r.ip_line < 0:
        return
    line = int(r.ip_line)
    stayed = max(p.ours[0, line] - p.ours[1, line], 0.0)
    over = stayed * p.number[1]
    ours = stayed + p.ours[2, line]
    over += r.ip_speed * (who.most_ip * ours - over)
    p.number[1] = over / ours if ours > 1e-12 else 0.0


@step
def flow_of_usage(now: Month, given: Given, p: Room) -> None:
    """Move expected usage between lines, by the mean pace over who serves them."""
    r, carriers = given.r, p.common.size
    for flow in range(r.flows.shape[0]):
        origin, destination = int(r.flows[flow, 0]), int(r.flows[flow, 1])
        pace = 0.0
        for branch in range(2):
            off = now.off if branch == OFF else 1.0
            for c in range(carriers):
                for j in range(carriers):
                    price = paid_on(origin, c, off, now, given, p) / paid_on(destination, j, off, now, given, p)
                    p.pull[c, j] = min(1.0, r.flows[flow, 2] * price ** r.flows[flow, 3])
            for s in range(p.law.shape[1]):
                if p.law[branch, s] > 0.0:
                    pace += p.law[branch, s] * p.pull[p.digit[s, origin] % carriers, p.digit[s, destination] % carriers]
        moved = p.demand[origin] * pace
        p.demand[origin] -= moved
        p.demand[destination] += r.flows[flow, 4] * moved


@step
def paid_on(line: int, c: int, off: float, now: Month, given: Given, p: Room) -> float:
    """Return the price ratio that is paid on a line which a carrier serves."""
    price = given.tariffs[now.t, c, line]
    if c == 0:
        price *= off
        if line == given.r.ip_line:
            price *= 1.0 - given.r.ip_saving * p.number[1]
    return float(price)


@step
def pay_agents(now: Month, who: Who, given: Given, p: Room, out: Outcomes) -> None:
    """Add agents' pay for lines won this month, and for those won earlier that have now stayed (`sim.agent`).

    Lines that an agent won are taken to leave like all of ours.
    """
    pay, t, missed = given.span.pay, now.t, 1.0
    for month in range(max(t - pay.window + 1, 0), t + 1):
        missed *= 1.0 - p.called[month]
    for line in range(p.demand.size):
        value = p.demand[line] * given.tariffs[t, 0, line]
        staying = 1.0 - p.ours[1, line] / max(p.ours[0, line], 1e-12)
        for month in range(max(t - pay.stay, 0), t):
            p.won[line, month] *= staying
        stayed = p.won[line, t - pay.stay] if t >= pay.stay else 0.0
        p.won[line, t] = (1.0 - missed) * p.ours[2, line]
        out[COMMISSION] += who.weight * p.won[line, t] * (pay.at_sign_up * value + pay.one_off)
        out[COMMISSION] += who.weight * stayed * pay.later * value
