"""Evergreen plans in the joint law of a customer's lines: who leaves one, who takes an offer, in each state."""

from __future__ import annotations

from sim.kernels.behaviour import (
    bill_on_plan,
    early_fee,
    early_leaving,
    free_installation,
    log_ratio,
    renewal_odds,
    sigmoid,
)
from sim.kernels.expect_records import BREAKAGE, OFFERS, Outcomes
from sim.kernels.joint_records import JOINED, LEFT_IT, OFF, ON, Given, Month, Room, Who
from sim.kernels.step import step


@step
def own_usage(s: int, p: Room) -> float:
    """Return the list value of usage with us in a state, yuan/month."""
    usage = 0.0
    for line in range(p.demand.size):
        if p.digit[s, line] == 0 or p.digit[s, line] == p.common.size:
            usage += p.charged[line]
    return usage


@step
def earlier(who: Who, given: Given) -> float:
    """Return the mean of the three months before as a ratio to this one, where nothing but growth changes usage."""
    grown = 1.0 + given.known.growth[who.n] if given.growing else 1.0
    return float((1.0 / grown + 1.0 / grown**2 + 1.0 / grown**3) / 3.0)


@step
def leave_plan(who: Who, given: Given, p: Room, out: Outcomes) -> None:
    """Let who is on a plan leave it, early or where X is reset; X is reset from what is used in the state."""
    on_it = 0.0
    for s in range(p.law.shape[1]):
        on_it += p.law[ON, s]
    if on_it <= 0.0:
        return
    r, terms = given.r, given.terms[who.plan]
    p.age[0] += 1
    resets = p.age[0] >= r.reset_months
    months = float(r.reset_months - p.age[0])
    if resets:
        p.age[0] = 0
    for s in range(p.law.shape[1]):
        mass = p.law[ON, s]
        if mass <= 0.0:
            continue
        usage, x, leaves = own_usage(s, p), p.x[0, s] / mass, 0.0
        if resets:
            recent = bill_on_plan(usage, x, terms[0], terms[1]) if r.x_by_bill else usage * earlier(who, given)
            accept, haggle = renewal_odds(usage, recent, terms, who.beta, r)
            if usage <= 0.0:
                accept, haggle = 0.0, 0.0
            leaves = 1.0 / (1.0 + accept + haggle)
            x = recent * (1.0 - r.concession * haggle / max(accept + haggle, 1e-300))
        elif r.early_below > 0.0:
            leaves = early_leaving(usage, x, terms, months, who.beta, r)
            out[BREAKAGE] += who.weight * mass * leaves * early_fee(x, terms[0], months, r)
        p.law[LEFT_IT, s] = mass * leaves
        p.law[ON, s] = mass * (1.0 - leaves)
        p.x[0, s] = mass * (1.0 - leaves) * x


@step
def take_offer(now: Month, who: Who, given: Given, p: Room, out: Outcomes) -> None:
    """Make the offer that is pending on the first visit, and let those join who accept it in their state."""
    if now.proposing:
        p.age[1] = given.menu.offer[who.b] > 0
    if not now.planning or p.age[1] == 0 or now.visits == 0:
        return
    p.age[1] = 0
    joined = 0.0
    for s in range(p.law.shape[1]):
        mass = p.law[OFF, s]
        if mass > 0.0:
            out[OFFERS] += who.weight * mass
            accepts, x = weigh_offer(s, now, who, given, p)
            p.law[JOINED, s] = mass * accepts
            p.law[OFF, s] = mass * (1.0 - accepts)
            p.x[1, s] = mass * accepts * x
            joined += mass * accepts
    if joined > 0.0:
        p.age[0] = 0


@step
def weigh_offer(s: int, now: Month, who: Who, given: Given, p: Room) -> tuple[float, float]:
    """Return the chance of accepting the plan offered in a state, and its X, yuan/month."""
    r, price, lines = given.r, given.tariffs[now.t], p.demand.size
    own, rest, everything, moved = own_usage(s, p), 0.0, 0.0, 0
    for line in range(lines):
        everything += p.charged[line]
        digit = p.digit[s, line]
        if 0 < digit < p.common.size:
            rest += p.demand[line] * price[digit, line]
            moved += 1
    recent = own * earlier(who, given) * (now.off if r.x_by_bill else 1.0)
    x, bill = max(recent, given.menu.offer_x[who.b, who.n]), own * now.off + rest
    then = bill_on_plan(everything, x, given.terms[who.plan, 0], given.terms[who.plan, 1])
    gap = p.rapport[0] - p.rapport[p.common.size - 1] if moved > 0 else 0.0
    logit = r.offer + who.beta * log_ratio(bill, then) + given.types.rapport_weight[who.d, who.n] * gap
    relief = free_installation(float(moved), bill, who.beta, r)
    return sigmoid(logit - max(0.0, r.moving * moved / lines - relief)), x
