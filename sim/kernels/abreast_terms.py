"""Contract terms in the recursion abreast, as cohorts by the month in which they end (`sim.kernels.abreast`)."""

from __future__ import annotations

from sim.kernels.abreast_paths import Month, Paths, Turn
from sim.kernels.expect_records import BREAKAGE, Case
from sim.kernels.step import step


@step
def bind(g: int, line: int, c: int, now: Turn, charged: bool, p: Paths, w: Month) -> None:
    """Work out how many of a carrier's lines end their term this month, and how many are bound beyond it.

    `charged` says whether months owed are followed.
    """
    here, bound, alive, ring = p.law[g, line, c], p.bound[g, line, c], p.alive[g, line, c], p.ring[g, line, c, now.t]
    ending, held, owed, loose = w.ending, w.held, p.owed[line], p.loose[line]
    ours = g == 0 and c == 0
    if ours and charged:
        for i in range(owed.size):
            owed[i] = max(0.0, owed[i] - bound[i])
    for i in range(ending.size):
        ending[i] = min(ring[i] * alive[i], here[i])
    for i in range(held.size):
        held[i] = min(max(bound[i] - ending[i], 0.0), here[i] - ending[i])
    if ours:
        for i in range(ending.size):
            ending[i] = min(ending[i] + loose[i], here[i] - held[i])
        for i in range(loose.size):
            loose[i] = 0.0


@step
def renew(g: int, line: int, c: int, now: Turn, case: Case, p: Paths, w: Month) -> None:
    """Take the share of bound lines that broke their term out of all cohorts, and let terms that end be renewed."""
    r, held, broken, ending, signed = case.r, w.held, w.broken, w.ending, w.signed[c]
    look, ended, fast, free, away = w.look[c], w.look_ended[c], w.fast, w.free, w.away[c]
    bound, alive = p.bound[g, line, c], p.alive[g, line, c]
    for i in range(broken.size):
        broken[i] = look[i] * fast[i] * away[i]
    for i in range(signed.size):
        signed[i] = ending[i] * (1.0 - ended[i] * free[i] * away[i]) * r.resigning
    for i in range(bound.size):
        bound[i] = held[i] - held[i] * broken[i]
    for i in range(alive.size):
        alive[i] *= 1.0 - broken[i]
    if g == 0 and c == 0 and r.line_fee > 0.0:
        demand, owed, off, mass, fee = p.demand[line], p.owed[line], w.off, p.mass[0], p.out[BREAKAGE]
        rate = r.line_fee * case.tariffs[now.t, 0, line]
        for i in range(broken.size):
            broken[i] *= owed[i]
        for i in range(owed.size):
            owed[i] -= broken[i]
        for i in range(broken.size):
            broken[i] *= rate * demand[i] * off[i]
        for i in range(fee.size):
            fee[i] += mass[i] * broken[i]


@step
def begin_anew(g: int, line: int, c: int, now: Turn, case: Case, p: Paths, w: Month) -> None:
    """Begin a cohort of the terms that were renewed or signed with a carrier this month."""
    term, bound, alive, signed, owed = (
        case.r.term_months,
        p.bound[g, line, c],
        p.alive[g, line, c],
        w.signed[c],
        p.owed[line],
    )
    for i in range(bound.size):
        bound[i] += signed[i]
    if g == 0 and c == 0 and case.r.line_fee > 0.0:
        for i in range(owed.size):
            owed[i] += signed[i] * term
    if now.t + term < p.ring.shape[3]:
        ring = p.ring[g, line, c, now.t + term]
        for i in range(ring.size):
            ring[i] += signed[i] / alive[i]
