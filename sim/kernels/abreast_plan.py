"""Evergreen plans in the recursion abreast: who leaves one, and who takes an offer (`sim.kernels.abreast`)."""

from __future__ import annotations

from sim.kernels.abreast_lanes import some_above
from sim.kernels.abreast_mix import come_off, come_on, stay_off
from sim.kernels.abreast_money import own_usage
from sim.kernels.abreast_offer import weigh_offer
from sim.kernels.abreast_paths import Account, Month, Paths, Turn, Who
from sim.kernels.abreast_reach import note_joining
from sim.kernels.behaviour import early_fee, early_leaving, renewal_odds
from sim.kernels.expect_records import BREAKAGE, OFFERS, WAIVED, Case
from sim.kernels.step import step


@step
def leave_plan(now: Turn, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Let who is on a plan leave it, early or where X is reset."""
    if not some_above(p.mass[1], 0.0):
        return
    gone, a, z, off, on = w.gone, w.a, w.z, p.mass[0], p.mass[1]
    own_usage(1, case.tariffs[now.t], case.r, p, w.usage)
    for i in range(gone.size):
        gone[i] = 0.0
        if on[i] > 0.0:
            p.age[i] += 1
            if p.age[i] >= case.r.reset_months:
                gone[i] = on[i] * reset_x(i, case, who, p, w)
            elif case.r.early_below > 0.0:
                gone[i] = on[i] * leave_early(i, now, case, who, p)
    if some_above(gone, 0.0):
        for i in range(off.size):
            total = off[i] + gone[i]
            a[i] = off[i] / total if gone[i] > 0.0 else 1.0
        for i in range(z.size):
            z[i] = 1.0 - a[i] if gone[i] > 0.0 else 0.0
        for i in range(on.size):
            on[i] -= gone[i]
        for i in range(off.size):
            off[i] += gone[i]
        come_off(now, p, w)


@step
def reset_x(i: int, case: Case, who: Who, p: Paths, w: Month) -> float:
    """Set X to last month's level, less what is haggled off, and return the probability of leaving instead."""
    r, recent = case.r, p.latest[1, i]
    p.age[i] = 0
    accept, haggle = renewal_odds(w.usage[i], recent, case.terms[who.plan[i]], who.price_sensitivity[i], r)
    p.x[i] = recent * (1.0 - r.concession * haggle / max(accept + haggle, 1e-300))
    return float(1.0 / (1.0 + accept + haggle))


@step
def leave_early(i: int, now: Turn, case: Case, who: Who, p: Paths) -> float:
    """Return the probability of leaving a plan this month before its reset, and charge the fee for it.

    Whole bills matter, so the cases are taken one by one in which all lines are with us or one of them isn't; the rest
    is taken at its mean usage.
    """
    r, price, x, terms, beta = case.r, case.tariffs[now.t], p.x[i], case.terms[who.plan[i]], who.price_sensitivity[i]
    months, lines = r.reset_months - p.age[i], p.demand.shape[0]
    whole, everything, mean = 1.0, 0.0, 0.0
    for line in range(lines):
        saved = r.ip_saving * p.over_ip[1, i] if line == r.ip_line else 0.0
        whole *= p.law[1, line, 0, i]
        everything += p.demand[line, i] * price[0, line] * (1.0 - saved)
        mean += p.demand[line, i] * price[0, line] * (p.law[1, line, 0, i] - saved)
    chance = whole * early_leaving(everything, x, terms, months, beta, r)
    rest, usage_of_rest = 1.0 - whole, mean - whole * everything
    for line in range(lines if whole > 0.0 else 0):
        saved = r.ip_saving * p.over_ip[1, i] if line == r.ip_line else 0.0
        missing = whole * (1.0 - p.law[1, line, 0, i]) / p.law[1, line, 0, i]
        usage = everything - p.demand[line, i] * price[0, line] * (1.0 - saved)
        if missing > 0.0:
            chance += missing * early_leaving(usage, x, terms, months, beta, r)
        rest -= missing
        usage_of_rest -= missing * usage
    if rest > 1e-9:
        chance += rest * early_leaving(max(0.0, usage_of_rest / rest), x, terms, months, beta, r)
    p.out[BREAKAGE, i] += p.mass[1, i] * chance * early_fee(x, terms[0], months, r)
    return float(chance)


@step
def take_offer(now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Make offers that are pending on the first visit, and let those join who accept them."""
    pending, off, made, offers = p.pending, p.mass[0], w.gone, p.out[OFFERS]
    if now.proposing:
        for i in range(pending.size):
            pending[i] = who.offers[i]
    if not now.planning or not now.visited:
        return
    for i in range(made.size):
        made[i] = pending[i] * w.visited[i] * (1.0 if off[i] > 0.0 else 0.0)
    if not some_above(made, 0.0):
        return
    for i in range(pending.size):
        pending[i] -= made[i]
    for i in range(offers.size):
        offers[i] += made[i] * off[i]
    weigh_offer(now, one, case, who, p, w)
    if some_above(w.joining, 0.0):
        join(one, case, p, w)


@step
def join(one: Account, case: Case, p: Paths, w: Month) -> None:
    """Move those who accept to the branch on a plan."""
    off, on, share, joins, waived, a, z = p.mass[0], p.mass[1], w.joining, w.gone, p.out[WAIVED], w.a, w.z
    lines = p.demand.shape[0]
    for i in range(joins.size):
        joins[i] = off[i] * share[i]
    for i in range(a.size):
        a[i] = on[i] / (on[i] + joins[i]) if joins[i] > 0.0 else 1.0
    for i in range(z.size):
        z[i] = joins[i] / (on[i] + joins[i]) if joins[i] > 0.0 else 0.0
    for i in range(p.x.size):
        p.x[i] = a[i] * p.x[i] + z[i] * w.joining_x[i]
    for i in range(p.age.size):
        p.age[i] = 0 if joins[i] > 0.0 else p.age[i]
    for i in range(waived.size):
        waived[i] += joins[i] * case.r.installation * (lines - w.at_home[i])
    if one.lets_in:
        note_joining(p, w)
    come_on(case.r, p, w)
    stay_off(case.r, p, w)
    for i in range(off.size):
        off[i] -= joins[i]
    for i in range(on.size):
        on[i] += joins[i]
