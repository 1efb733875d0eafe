"""Evergreen plans in the monthly loop: resets, offers and bills, one customer at a time, since few are concerned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.behaviour import (
    bill_on_plan,
    care,
    early_fee,
    early_leaving,
    fixed,
    free_installation,
    log_ratio,
    renewal_odds,
    sigmoid,
)
from sim.kernels.keyed import keyed_uniform
from sim.kernels.records import (
    ACCEPTED,
    BREAKAGE,
    CARE,
    DISCOUNT,
    LEFT_PLAN,
    RENEGOTIATED,
    RENEWED,
    RETAINED,
    SHORTFALL,
    WON_BACK,
    Block,
    Contacts,
    Keys,
    Month,
    Rates,
)
from sim.kernels.step import apart
from sim.kernels.substitution import own_charge
from sim.state import Customers, State


@apart
def change_plans(
    lo: int,
    m: int,
    who: Customers,
    s: State,
    got: Contacts,
    posted: Tariff,
    terms: NDArray[Any],
    r: Rates,
    key: Keys,
    w: Block,
    out: Month,
) -> None:
    """Reset X where its time is over, let some leave before, and let who hasn't left consider an offer."""
    for i in range(m):
        n = lo + i
        left = False
        if s.plan[n] > 0:
            left = reset_plan(n, i, who, s, posted, terms, r, key, w, out)
        if got.offer[n] > 0 and s.plan[n] == 0 and not left:
            consider_offer(n, i, who, s, got, posted, terms, r, key, w, out)


@apart
def own_usage(n: int, s: State, posted: Tariff, r: Rates) -> float:
    """Return the value of usage on our lines at our prices, yuan/month."""
    usage = 0.0
    for line in range(s.carrier.shape[0]):
        if s.carrier[line, n] == 0:
            usage += np.float64(s.demand[line, n]) * own_charge(n, line, s, posted, r)
    return usage


@apart
def recent_mean(n: int, s: State) -> float:
    """Return the mean over the last three months of what X is set from, yuan/month."""
    total = np.float64(s.recent_usage[0, n]) + np.float64(s.recent_usage[1, n]) + np.float64(s.recent_usage[2, n])
    return float(total / 3.0)


@apart
def reset_plan(
    n: int,
    i: int,
    who: Customers,
    s: State,
    posted: Tariff,
    terms: NDArray[Any],
    r: Rates,
    key: Keys,
    w: Block,
    out: Month,
) -> bool:
    """Set X anew when its time is over: the customer accepts, renegotiates or leaves; return whether it left."""
    s.plan_age[n] += 1
    if s.plan_age[n] < r.reset_months:
        return r.early_below > 0.0 and leave_early(n, i, who, s, posted, terms, r, key, w, out)
    usage, recent = own_usage(n, s, posted, r), recent_mean(n, s)
    accept, haggle = renewal_odds(usage, recent, terms[s.plan[n]], np.float64(who.price_sensitivity[n]), r)
    if usage <= 0.0:
        accept, haggle = 0.0, 0.0
    u = keyed_uniform(key.renewal, who.key[n], np.uint64(0)) * (1.0 + accept + haggle)
    if u >= accept + haggle:
        end_plan(n, i, s, w, out)
        return True
    s.plan_age[n] = 0
    if u < accept:
        s.plan_x[n] = recent
        out.counts[RENEWED] += 1
    else:
        s.plan_x[n] = recent * (1.0 - np.float64(r.concession))
        out.counts[RENEGOTIATED] += 1
    for line in range(w.ended.shape[0]):
        if s.carrier[line, n] == 0:
            s.months_left[line, n] = r.reset_months
            w.ended[line, i] = 0
    return False


@apart
def end_plan(n: int, i: int, s: State, w: Block, out: Month) -> None:
    """End a customer's plan, and with it the terms of its lines with us."""
    out.counts[LEFT_PLAN] += 1
    s.plan[n] = 0
    s.plan_x[n] = 0.0
    s.plan_age[n] = 0
    for line in range(w.ended.shape[0]):
        if s.carrier[line, n] == 0:
            s.months_left[line, n] = 0
            w.ended[line, i] = 1


@apart
def leave_early(
    n: int,
    i: int,
    who: Customers,
    s: State,
    posted: Tariff,
    terms: NDArray[Any],
    r: Rates,
    key: Keys,
    w: Block,
    out: Month,
) -> bool:
    """Let who pays for much that it doesn't use leave its plan for a fee; return whether it left."""
    months, x, plan = np.float64(r.reset_months - s.plan_age[n]), np.float64(s.plan_x[n]), s.plan[n]
    beta = np.float64(who.price_sensitivity[n])
    chance = early_leaving(own_usage(n, s, posted, r), x, terms[plan], months, beta, r)
    if chance <= 0.0 or keyed_uniform(key.early, who.key[n], np.uint64(0)) >= chance:
        return False
    w.money[BREAKAGE, i] += fixed(early_fee(x, terms[plan, 0], months, r))
    end_plan(n, i, s, w, out)
    return True


@apart
def consider_offer(
    n: int,
    i: int,
    who: Customers,
    s: State,
    got: Contacts,
    posted: Tariff,
    terms: NDArray[Any],
    r: Rates,
    key: Keys,
    w: Block,
    out: Month,
) -> None:
    """Let a customer compare its whole bill and value under today's split with those under the plan offered."""
    lines = w.before.shape[0]
    bill_now, everything, rival_known, moved = 0.0, 0.0, 0.0, 0
    for line in range(lines):
        c, demand = s.carrier[line, n], np.float64(s.demand[line, n])
        off = 1.0 - np.float64(s.discount[line, n]) if c == 0 else 1.0
        charged = own_charge(n, line, s, posted, r)
        bill_now += demand * (charged if c == 0 else posted.price[c, line]) * off
        everything += demand * charged
        if c != 0:
            rival_known += np.float64(w.known[c, i])
            moved += 1
    plan = got.offer[n]
    x = max(recent_mean(n, s), np.float64(got.offer_x[n]))
    then = bill_on_plan(everything, x, terms[plan, 0], terms[plan, 1])
    gap = np.float64(w.known[0, i]) - rival_known / moved if moved > 0 else 0.0
    saving = np.float64(who.price_sensitivity[n]) * log_ratio(bill_now, then)
    logit = np.float64(r.offer) + saving + np.float64(who.rapport_weight[n]) * gap
    relief = free_installation(moved, bill_now, np.float64(who.price_sensitivity[n]), r)
    logit -= max(0.0, np.float64(r.moving) * moved / lines - relief)
    if keyed_uniform(key.offer, who.key[n], np.uint64(0)) >= sigmoid(logit):
        return
    s.plan[n] = plan
    s.plan_x[n] = x
    s.plan_age[n] = 0
    out.counts[ACCEPTED] += 1
    for line in range(lines):
        s.discount[line, n] = 0.0
        s.months_left[line, n] = r.reset_months
        w.ended[line, i] = 0
        if s.carrier[line, n] != 0:
            s.carrier[line, n] = 0
            s.tenure[line, n] = -1


@apart
def bill_plans(lo: int, m: int, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, w: Block, out: Month) -> None:
    """Reckon plans' bills: retained up to the list value of kept lines, then won back, then shortfall."""
    for i in range(m):
        n = lo + i
        if s.plan[n] == 0:
            continue
        usage, kept = w.usage[i], w.kept_list[i]
        pay, cap = terms[s.plan[n], 0], terms[s.plan[n], 1]
        x = np.float64(s.plan_x[n])
        paid = bill_on_plan(usage, x, pay, cap)
        retained = min(paid, kept)
        won = min(paid - retained, usage - kept)
        w.money[RETAINED, i] = fixed(retained)
        w.money[WON_BACK, i] = fixed(won)
        w.money[SHORTFALL, i] = fixed(paid - retained - won)
        w.money[CARE, i] = fixed(care(usage, pay * x, r))
        w.money[DISCOUNT, i] = fixed(max(0.0, usage - paid))
        if usage <= 0.0:
            out.revenue[0, 0] += fixed(paid)
            continue
        for line in range(s.carrier.shape[0]):
            if s.carrier[line, n] == 0:
                listed = np.float64(s.demand[line, n]) * own_charge(n, line, s, posted, r)
                out.revenue[0, line] += fixed(paid * listed / usage)
