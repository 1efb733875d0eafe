"""Evergreen plans in the expected-value recursion: who leaves one, and who takes an offer (`sim.kernels.expect`).

Who goes from one branch to the other takes its paths along, so that those of the branch become means over both.
"""

from __future__ import annotations

from sim.kernels.behaviour import bill_on_plan, free_installation, log_ratio, renewal_odds, sigmoid
from sim.kernels.expect_money import early_leavers, ip_saved, own_usage
from sim.kernels.expect_reach import note_joining
from sim.kernels.expect_records import BREAKAGE, OFFERS, WAIVED, Account, Case, Outcomes, Paths, Turn
from sim.kernels.step import step


@step
def leave_plan(now: Turn, who: Account, case: Case, p: Paths, out: Outcomes) -> None:
    """Let who is on a plan leave it, early or where X is reset."""
    if p.mass[1] <= 0.0:
        return
    p.age[0] += 1
    gone = 0.0
    if p.age[0] >= case.r.reset_months:
        gone = p.mass[1] * reset_x(now, who, case, p)
    elif case.r.early_below > 0.0:
        months = case.r.reset_months - p.age[0]
        leaves, fee = early_leavers(months, now, who, case, p)
        gone = p.mass[1] * leaves
        out[BREAKAGE] += who.weight * gone * fee
    total = p.mass[0] + gone
    if gone > 0.0 and total > 0.0:
        come_off(p.mass[0] / total, gone / total, now.t, p)
    p.mass[1] -= gone
    p.mass[0] = total


@step
def reset_x(now: Turn, who: Account, case: Case, p: Paths) -> float:
    """Set X to last month's level, less what is haggled off, and return the probability of leaving instead."""
    r, recent = case.r, p.latest[1]
    p.age[0] = 0
    usage = own_usage(1, case.tariffs[now.t], r, p)
    accept, haggle = renewal_odds(usage, recent, case.terms[who.plan], who.price_sensitivity, r)
    p.x[0] = recent * (1.0 - r.concession * haggle / max(accept + haggle, 1e-300))
    return float(1.0 / (1.0 + accept + haggle))


@step
def come_off(a: float, z: float, t: int, p: Paths) -> None:
    """Mix who left a plan, a share `z`, into the branch off it; their lines of ours are bound no more."""
    p.over_ip[0] = a * p.over_ip[0] + z * p.over_ip[1]
    p.latest[0] = a * p.latest[0] + z * p.latest[1]
    p.solved[0] = a * p.solved[0] + z * p.solved[1]
    for line in range(p.demand.size):
        p.loose[line] = z * p.law[1, line, 0]
        p.owed[line] *= a
        p.kept[0, line] = a * p.kept[0, line] + z * p.kept[1, line]
        for c in range(p.common.size):
            p.law[0, line, c] = a * p.law[0, line, c] + z * p.law[1, line, c]
            moving = z if c != 0 else 0.0
            p.bound[0, line, c] = a * p.bound[0, line, c] + moving * p.bound[1, line, c]
            for slot in range(t, p.ring.shape[3]):
                p.ring[0, line, c, slot] = (
                    a * p.alive[0, line, c] * p.ring[0, line, c, slot]
                    + moving * p.alive[1, line, c] * p.ring[1, line, c, slot]
                )
            p.alive[0, line, c] = 1.0
    for c in range(p.common.size):
        p.feeling[0, c] = a * p.feeling[0, c] + z * p.feeling[1, c]
        p.expected[0, c] = a * p.expected[0, c] + z * p.expected[1, c]


@step
def take_offer(now: Turn, who: Account, case: Case, p: Paths, out: Outcomes) -> None:
    """Make the offer that is pending on the first visit, and let those join who accept it."""
    if now.proposing:
        p.pending[0] = case.menu.offer[who.b] > 0
    if not now.planning or p.pending[0] == 0 or now.visits == 0 or p.mass[0] <= 0.0:
        return
    p.pending[0] = 0
    out[OFFERS] += who.weight * p.mass[0]
    at_home = 0.0
    for line in range(p.demand.size):
        at_home += p.law[0, line, 0]
    usage = own_usage(0, case.tariffs[now.t], case.r, p)
    recent = usage * (1.0 - now.discount) if case.r.x_by_bill else usage
    proposed = max(recent, case.menu.offer_x[who.b, who.n])
    joins = p.mass[0] * sigmoid(offer_logit(proposed, at_home, now, who, case, p))
    if joins > 0.0:
        total = p.mass[1] + joins
        a, z = p.mass[1] / total, joins / total
        p.x[0] = a * p.x[0] + z * proposed
        p.age[0] = 0
        out[WAIVED] += who.weight * joins * case.r.installation * (p.demand.size - at_home)
        if who.lets_in:
            note_joining(joins, p)
        come_on(a, z, p)
        p.mass[0] -= joins
        p.mass[1] = total


@step
def offer_logit(proposed: float, at_home: float, now: Turn, who: Account, case: Case, p: Paths) -> float:
    """Return the logit of accepting a plan at this X, of whom we serve `at_home` lines at the mean."""
    r, lines, beta, price = case.r, p.demand.size, who.price_sensitivity, case.tariffs[now.t]
    bill_now = 0.0
    everything = 0.0
    for line in range(lines):
        saved = ip_saved(line, 0, p.over_ip, r)
        everything += p.demand[line] * price[0, line] * (1.0 - saved)
        for c in range(p.common.size):
            off = 1.0 - now.discount if c == 0 else 1.0
            bill_now += p.demand[line] * price[c, line] * off * (p.law[0, line, c] - (saved if c == 0 else 0.0))
    then = bill_on_plan(everything, proposed, case.terms[who.plan, 0], case.terms[who.plan, 1])
    moved = 1.0 - at_home / lines
    gap = (p.rapport[0] - p.rapport[p.rapport.size - 1]) * (1.0 if moved > 0.01 else 0.0)
    relief = free_installation(lines * moved, bill_now, beta, r)
    logit = r.offer + beta * log_ratio(bill_now, then) + case.types.rapport_weight[who.d, who.n] * gap
    return float(logit - max(0.0, r.moving * moved - relief))


@step
def come_on(a: float, z: float, p: Paths) -> None:
    """Mix who joined a plan, a share `z`, into the branch on it, with all lines."""
    p.over_ip[1] = a * p.over_ip[1] + z * p.over_ip[0]
    p.latest[1] = a * p.latest[1] + z * p.latest[0]
    p.solved[1] = a * p.solved[1] + z * p.solved[0]
    for line in range(p.demand.size):
        p.kept[1, line] = a * p.kept[1, line] + z * p.kept[0, line]
        for c in range(p.common.size):
            p.law[1, line, c] = a * p.law[1, line, c] + (z if c == 0 else 0.0)
            p.bound[1, line, c] *= a
            p.alive[1, line, c] = p.alive[1, line, c] * a if a > 0.0 else 1.0
    for c in range(p.common.size):
        p.feeling[1, c] = a * p.feeling[1, c] + z * p.feeling[0, c]
        p.expected[1, c] = a * p.expected[1, c] + z * p.expected[0, c]
