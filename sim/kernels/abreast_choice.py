"""Choice of carriers in the recursion abreast, line by line (`sim.kernels.abreast`)."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sim.kernels.abreast_lanes import exp64, fill
from sim.kernels.abreast_paths import Account, Month, Paths, Turn, Who
from sim.kernels.abreast_reach import note_moves
from sim.kernels.abreast_terms import begin_anew, bind, renew
from sim.kernels.expect_records import LEFT, WAIVED, Case
from sim.kernels.step import apart, step

Lane = NDArray[Any]


@step
def weigh_lines(t: int, case: Case, who: Who, w: Month) -> None:
    """Work out each line's choice odds by quality and price alone, without our discount."""
    for c in range(w.line_odds.shape[0]):
        for line in range(w.line_odds.shape[1]):
            quality, log_price = case.r.quality * case.posted.quality[c, line], case.log_price[t, c, line]
            odds = w.line_odds[c, line]
            for i in range(odds.size):
                odds[i] = exp64(quality - who.price_sensitivity[i] * log_price)


@step
def choose(g: int, now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Let a branch's lines move for a month; all lines are weighed as they were before it."""
    for line in range(p.demand.shape[0]):
        weigh(g, line, case, p, w)
        for c in range(w.odds.shape[0]):
            leave(g, line, c, now, one, case, who, p, w)
        count_leaving(g, line, p, w)
        if one.lets_in:
            note_moves(g, line, p, w)
        move(g, line, now, case, p, w)
        if line == case.r.ip_line:
            over_ip(g, line, case, who, p, w)


@step
def weigh(g: int, line: int, case: Case, p: Paths, w: Month) -> None:
    """Work out the odds of each carrier on a line, and of all others; a line is no bundle with itself."""
    bundle, total = case.r.bundle / max(p.demand.shape[0] - 1, 1), w.share
    fill(total, 0.0)
    for c in range(w.odds.shape[0]):
        odds, by_carrier, by_line, law = w.odds[c], w.carrier_odds[c], w.line_odds[c, line], p.law[g, line, c]
        for i in range(odds.size):
            odds[i] = by_carrier[i] * by_line[i] * exp64(-bundle * law[i])
        for i in range(total.size):
            total[i] += odds[i]
    for c in range(w.odds.shape[0]):
        odds, away = w.odds[c], w.away[c]
        for i in range(away.size):
            away[i] = total[i] - odds[i]
        fill(w.inflow[c], 0.0)
        fill(w.signed[c], 0.0)


@step
def leave(g: int, line: int, c: int, now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Work out at what rate a carrier's lines leave it; who is bound leaves at a cost."""
    here, rate, look, ended, free, fast = p.law[g, line, c], w.rate[c], w.look[c], w.look_ended[c], w.free, w.fast
    ending, held = w.ending, w.held
    weigh_costs(g, line, c, who, p, w)
    if g == 1 and c == 0:
        for i in range(rate.size):
            rate[i] = here[i] * look[i] * fast[i]
    elif one.termed:
        bind(g, line, c, now, one_month_owed(case), p, w)
        for i in range(rate.size):
            rate[i] = held[i] * look[i] * fast[i]
        for i in range(rate.size):
            rate[i] += ((here[i] - held[i] - ending[i]) * look[i] + ending[i] * ended[i]) * free[i]
        if case.r.term_months > 0:
            renew(g, line, c, now, case, p, w)
    else:
        for i in range(rate.size):
            rate[i] = here[i] * look[i] * free[i]
    for j in range(w.inflow.shape[0]):
        if j != c:
            inflow = w.inflow[j]
            for i in range(inflow.size):
                inflow[i] += rate[i]


@step
def one_month_owed(case: Case) -> bool:
    """Return whether months owed under terms are followed: where leaving costs a fee for them."""
    return case.r.line_fee > 0.0


@step
def weigh_costs(g: int, line: int, c: int, who: Who, p: Paths, w: Month) -> None:
    """Work out what leaves a carrier of who looks around, over the odds of leaving, without a term and under one."""
    odds, away, tie, staying, over, under = w.odds[c], w.away[c], w.tie, p.staying[g, line], w.part, w.both
    free, fast, cost, bound_cost = w.free, w.fast, who.stay_cost, who.bound_cost
    if c == 0:
        for i in range(free.size):
            free[i] = tie[i] * cost[i]
        for i in range(fast.size):
            fast[i] = tie[i] * bound_cost[i]
        for i in range(over.size):
            over[i] = odds[i] * staying[i] + free[i] * away[i]
        for i in range(under.size):
            under[i] = odds[i] * staying[i] + fast[i] * away[i]
    else:
        for i in range(free.size):
            free[i] = cost[i]
        for i in range(fast.size):
            fast[i] = bound_cost[i]
        for i in range(over.size):
            over[i] = odds[i] + cost[i] * away[i]
        for i in range(under.size):
            under[i] = odds[i] + bound_cost[i] * away[i]
    share_out(free, fast, over, under)


@apart
def share_out(free: Lane, fast: Lane, over: Lane, under: Lane) -> None:
    """Divide `free` by `over` and `fast` by `under`, which takes one division where products take the other's place."""
    for i in range(over.size):
        one = 1.0 / (over[i] * under[i])
        free[i] *= one * under[i]
        fast[i] *= one * over[i]


@step
def count_leaving(g: int, line: int, p: Paths, w: Month) -> None:
    """Count lines of ours that leave for the first time."""
    left, kept, mass, lost, law = w.left, p.kept[g, line], p.mass[g], p.out[LEFT], p.law[g, line, 0]
    rate, away = w.rate[0], w.away[0]
    for i in range(left.size):
        left[i] = rate[i] * away[i] / max(law[i], 1e-12)
    for i in range(lost.size):
        lost[i] += mass[i] * kept[i] * left[i]
    for i in range(kept.size):
        kept[i] *= 1.0 - left[i]


@step
def move(g: int, line: int, now: Turn, case: Case, p: Paths, w: Month) -> None:
    """Move a line's law, and let those who come to a carrier sign terms with it."""
    r = case.r
    for c in range(w.odds.shape[0]):
        law, inflow, odds, rate, away, signed = (
            p.law[g, line, c],
            w.inflow[c],
            w.odds[c],
            w.rate[c],
            w.away[c],
            w.signed[c],
        )
        for i in range(inflow.size):
            inflow[i] *= odds[i]
        for i in range(law.size):
            law[i] += inflow[i] - rate[i] * away[i]
        if r.term_months > 0 and (g == 0 or c != 0):
            for i in range(signed.size):
                signed[i] += inflow[i] * r.signing
            begin_anew(g, line, c, now, case, p, w)
    if g == 1:
        waived, mass, came = p.out[WAIVED], p.mass[1], w.inflow[0]
        for i in range(waived.size):
            waived[i] += mass[i] * came[i] * r.installation


@step
def over_ip(g: int, line: int, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Let lines that came take part in IP calls from the first month on; those that went take their share away."""
    share, law, left, most, speed = p.over_ip[g], p.law[g, line, 0], w.left, who.most_ip, case.r.ip_speed
    for i in range(share.size):
        stays = share[i] * min(1.0 - left[i], 1.0)
        share[i] = stays + speed * (most[i] * law[i] - stays)
