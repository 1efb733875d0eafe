"""Evergreen plans in the expected-value recursion: who leaves one, and who takes an offer (`sim.kernels.expect`).

Who goes from one branch to the other takes its paths along, so that those of the branch become means over both.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sim.kernels.behaviour import bill_on_plan, free_installation, log_ratio, renewal_odds, sigmoid
from sim.kernels.expect_money import early_leavers, ip_saved, own_usage
from sim.kernels.expect_reach import note_joining
from sim.kernels.expect_records import BREAKAGE, OFFERS, WAIVED, Account, Case, Outcomes, Paths, Turn
from sim.kernels.records import Rates
from sim.kernels.step import step

Array = NDArray[Any]


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
    share, x, at_home = weigh_offer(now, who, case, p)
    joins = p.mass[0] * share
    if joins > 0.0:
        total = p.mass[1] + joins
        a, z = p.mass[1] / total, joins / total
        p.x[0] = a * p.x[0] + z * x
        p.age[0] = 0
        out[WAIVED] += who.weight * joins * case.r.installation * (p.demand.size - at_home)
        if who.lets_in:
            note_joining(joins, p)
        come_on(a, z, share, case.r, p)
        stay_off(share, case.r, p)
        p.mass[0] -= joins
        p.mass[1] = total


@step
def weigh_offer(now: Turn, who: Account, case: Case, p: Paths) -> tuple[float, float, float]:
    """Return the share that accepts, and the mean X and number of lines of ours that it accepts with.

    The whole bill under today's split decides, so every set of lines that may be ours is weighed by itself. How many of
    those who accept have each line with us is left in `joiners`.
    """
    r, lines, price = case.r, p.demand.size, case.tariffs[now.t]
    everything = 0.0
    for line in range(lines):
        ours = max(p.law[0, line, 0], 1e-12)
        charged = price[0, line] * (1.0 - min(ip_saved(line, 0, p.over_ip, r) / ours, r.ip_saving))
        p.charged[0, line] = p.demand[line] * charged
        p.charged[1, line] = p.demand[line] * mean_rival_price(line, price, p)
        everything += p.charged[0, line]
        p.joiners[line] = 0.0
    share, x, at_home = 0.0, 0.0, 0.0
    for held in range(1 << lines):
        chance, own, rest, count = 1.0, 0.0, 0.0, 0
        for line in range(lines):
            if held >> line & 1:
                chance *= p.law[0, line, 0]
                own += p.charged[0, line]
                count += 1
            else:
                chance *= 1.0 - p.law[0, line, 0]
                rest += p.charged[1, line]
        if chance <= 1e-9:
            continue
        bill_now = own * (1.0 - now.discount) + rest
        proposed = max(own * (1.0 - now.discount) if r.x_by_bill else own, case.menu.offer_x[who.b, who.n])
        chance *= sigmoid(offer_logit(bill_now, everything, proposed, lines - count, who, case, p))
        share += chance
        x += chance * proposed
        at_home += chance * count
        for line in range(lines):
            if held >> line & 1:
                p.joiners[line] += chance
    most = max(share, 1e-300)
    return share, x / most, at_home / most


@step
def mean_rival_price(line: int, price: Array, p: Paths) -> float:
    """Return what rivals charge on a line off a plan, the mean over who may serve it; `price` is (carriers, lines)."""
    total, theirs = 0.0, 0.0
    for c in range(1, p.common.size):
        total += p.law[0, line, c] * price[c, line]
        theirs += p.law[0, line, c]
    return float(total / max(theirs, 1e-300))


@step
def offer_logit(bill: float, usage: float, x: float, moved: int, who: Account, case: Case, p: Paths) -> float:
    """Return the logit of accepting a plan at this X for whom so many lines would move to us.

    `bill` is what all carriers charge today and `usage` what all lines would be worth with us, yuan/month.
    """
    r, beta = case.r, who.price_sensitivity
    then = bill_on_plan(usage, x, case.terms[who.plan, 0], case.terms[who.plan, 1])
    gap = p.rapport[0] - p.rapport[p.rapport.size - 1] if moved > 0 else 0.0
    relief = free_installation(float(moved), bill, beta, r)
    logit = r.offer + beta * log_ratio(bill, then) + case.types.rapport_weight[who.d, who.n] * gap
    return float(logit - max(0.0, r.moving * moved / p.demand.size - relief))


@step
def come_on(a: float, z: float, share: float, r: Rates, p: Paths) -> None:
    """Mix who joined a plan, a share `z` of who is on it and `share` of who was off it, in with all lines."""
    p.latest[1] = a * p.latest[1] + z * p.latest[0]
    p.solved[1] = a * p.solved[1] + z * p.solved[0]
    for line in range(p.demand.size):
        had = p.joiners[line] / (share * p.law[0, line, 0]) if p.law[0, line, 0] > 1e-9 else 1.0
        p.kept[1, line] = a * p.kept[1, line] + z * p.kept[0, line] * had
        if line == r.ip_line:
            p.over_ip[1] = a * p.over_ip[1] + z * p.over_ip[0] * had
        for c in range(p.common.size):
            p.law[1, line, c] = a * p.law[1, line, c] + (z if c == 0 else 0.0)
            p.bound[1, line, c] *= a
            p.alive[1, line, c] = p.alive[1, line, c] * a if a > 0.0 else 1.0
    for c in range(p.common.size):
        p.feeling[1, c] = a * p.feeling[1, c] + z * p.feeling[0, c]
        p.expected[1, c] = a * p.expected[1, c] + z * p.expected[0, c]


@step
def stay_off(share: float, r: Rates, p: Paths) -> None:
    """Leave in the branch off a plan who didn't join one: their lines, and the terms of these."""
    rest = 1.0 - share
    if rest <= 1e-12:
        return
    for line in range(p.demand.size):
        ours = p.law[0, line, 0]
        other = 1.0 - ours
        here = (ours - p.joiners[line]) / (rest * ours) if ours > 1e-9 else 1.0
        there = (other - (share - p.joiners[line])) / (rest * other) if other > 1e-9 else 1.0
        here, there = max(here, 1e-9), max(there, 1e-9)
        p.kept[0, line] *= here
        if line == r.ip_line:
            p.over_ip[0] *= here
        p.owed[line] *= here
        for c in range(p.common.size):
            factor = here if c == 0 else there
            p.law[0, line, c] *= factor
            p.bound[0, line, c] *= factor
            p.alive[0, line, c] *= factor
