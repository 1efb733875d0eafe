"""Choice of carriers in the expected-value recursion, line by line, with terms as cohorts (`sim.kernels.expect`)."""

from __future__ import annotations

import math

from sim.kernels.expect_reach import note_moves
from sim.kernels.expect_records import BREAKAGE, LEFT, WAIVED, Account, Case, Outcomes, Paths, Turn
from sim.kernels.records import Rates
from sim.kernels.step import step


@step
def weigh_lines(t: int, who: Account, case: Case, p: Paths) -> None:
    """Work out each line's choice odds by quality and price alone, without our discount."""
    for line in range(p.demand.size):
        for c in range(p.common.size):
            quality, log_price = case.posted.quality[c, line], case.log_price[t, c, line]
            p.line_odds[c, line] = math.exp(case.r.quality * quality - who.price_sensitivity * log_price)


@step
def choose(g: int, now: Turn, who: Account, case: Case, p: Paths, out: Outcomes) -> None:
    """Let a branch's lines move for a month; all lines are weighed as they were before it."""
    r = case.r
    for line in range(p.demand.size):
        total = weigh(g, line, r, p)
        left = 0.0
        for c in range(p.common.size):
            if p.law[g, line, c] > 1e-12:
                left_here = leave(g, line, c, total, now, who, case, p, out)
                left = left_here if c == 0 else left
        sign(g, line, now.t + r.term_months, r, p)
        before = p.kept[g, line]
        p.kept[g, line] *= 1.0 - left
        out[LEFT] += who.weight * p.mass[g] * (before - p.kept[g, line])
        if who.lets_in:
            note_moves(g, line, left, p)
        if line == r.ip_line:
            # Lines that come take part from the first month on; those that go take their share away.
            p.over_ip[g] *= min(1.0 - left, 1.0)
            p.over_ip[g] += r.ip_speed * (who.most_ip * p.fresh[line, 0] - p.over_ip[g])
    for line in range(p.demand.size):
        for c in range(p.common.size):
            p.law[g, line, c] = p.fresh[line, c]


@step
def weigh(g: int, line: int, r: Rates, p: Paths) -> float:
    """Work out the odds of each carrier on a line and return their sum; a line is no bundle with itself."""
    bundle = r.bundle / max(p.demand.size - 1, 1)
    total = 0.0
    for c in range(p.common.size):
        p.odds[c] = p.carrier_odds[c] * p.line_odds[c, line] * math.exp(-bundle * p.law[g, line, c])
        total += p.odds[c]
        p.fresh[line, c] = p.law[g, line, c]
    return total


@step
def leave(
    g: int, line: int, c: int, total: float, now: Turn, who: Account, case: Case, p: Paths, out: Outcomes
) -> float:
    """Let a carrier's lines leave it, and return the share that does; who is bound leaves at a cost."""
    r, here, away = case.r, p.law[g, line, c], total - p.odds[c]
    leaving = p.tie[g] if c == 0 else 1.0
    present = p.odds[c] * p.staying[g, line] if c == 0 else p.odds[c]
    free = leaving * who.stay_cost / (present + leaving * who.stay_cost * away)
    bound = leaving * who.bound_cost / (present + leaving * who.bound_cost * away)
    ending, held = terms_at_work(g, line, c, now.t, p)
    open_now = here - held - ending
    rate = (open_now * p.look[c] + ending * p.look_ended[c]) * free + held * p.look[c] * bound
    for j in range(p.common.size):
        if j != c:
            inflow = rate * p.odds[j]
            p.fresh[line, j] += inflow
            p.newly[j] += inflow * r.signing
            if g == 1 and j == 0:
                out[WAIVED] += who.weight * p.mass[1] * inflow * r.installation
    p.fresh[line, c] -= rate * away
    if r.term_months > 0 and (g == 0 or c != 0):
        broken = p.look[c] * bound * away
        if c == 0:
            off = 1.0 - now.discount
            fee = r.line_fee * p.demand[line] * case.tariffs[now.t, 0, line] * off * p.owed[line] * broken
            out[BREAKAGE] += who.weight * p.mass[g] * fee
        renewed = ending * (1.0 - p.look_ended[c] * free * away) * r.resigning
        renew_terms(g, line, c, held, broken, renewed, now.t + r.term_months, r.term_months, p)
    return float(rate * away / here)


@step
def terms_at_work(g: int, line: int, c: int, t: int, p: Paths) -> tuple[float, float]:
    """Return how many of a carrier's lines end their term this month, and how many are bound beyond it."""
    here, ending, held = p.law[g, line, c], 0.0, p.law[g, line, c]
    ours = g == 0 and c == 0
    if ours:
        p.owed[line] = max(0.0, p.owed[line] - p.bound[0, line, 0])
    if g == 0 or c != 0:
        ending = min(p.ring[g, line, c, t] * p.alive[g, line, c], here)
        held = min(max(p.bound[g, line, c] - ending, 0.0), here - ending)
        p.bound[g, line, c] = held
    if ours and p.loose[line] > 0.0:
        ending = min(ending + p.loose[line], here - held)
        p.loose[line] = 0.0
    return ending, held


@step
def renew_terms(
    g: int, line: int, c: int, held: float, broken: float, renewed: float, end: int, term: int, p: Paths
) -> None:
    """Take the share of bound lines that broke their term out of all cohorts, and begin one of terms renewed."""
    p.bound[g, line, c] -= held * broken
    p.alive[g, line, c] *= 1.0 - broken
    p.bound[g, line, c] += renewed
    p.ring[g, line, c, end] += renewed / p.alive[g, line, c]
    if c == 0:
        p.owed[line] *= 1.0 - broken
        p.owed[line] += renewed * term


@step
def sign(g: int, line: int, end: int, r: Rates, p: Paths) -> None:
    """Begin a cohort of the terms that lines signed with the carriers to which they moved."""
    for j in range(p.common.size):
        if p.newly[j] > 0.0 and r.term_months > 0:
            p.bound[g, line, j] += p.newly[j]
            if g == 0 and j == 0:
                p.owed[line] += p.newly[j] * r.term_months
            p.ring[g, line, j, end] += p.newly[j] / p.alive[g, line, j]
        p.newly[j] = 0.0
