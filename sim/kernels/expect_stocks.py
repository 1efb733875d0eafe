"""A month's contacts in the expected-value recursion, and the stocks that they feed (`sim.kernels.expect`)."""

from __future__ import annotations

import math

from numba import njit

from sim.kernels.behaviour import perceived, satisfied
from sim.kernels.expect_reach import felt, informed, meet
from sim.kernels.expect_records import Account, Case, Paths, Turn
from sim.kernels.step import step


@njit(cache=True)
def due(per_year: int, phase: float, month: int) -> int:
    """Return contacts that fall into a month (`sim.visit.due_in_month`)."""
    if per_year == 0:
        return 0
    until = math.floor((month + 1 + phase) * per_year / 12 + 1e-9)
    return int(until - math.floor((month + phase) * per_year / 12 + 1e-9))


@step
def turn(t: int, who: Account, case: Case) -> Turn:
    """Return what the treatment does in a month, and after the planning period what its continuation does."""
    span, menu, after, phase, n, b = case.span, case.menu, case.after, case.known.phase, who.n, who.b
    planning = t < span.period
    since = t if planning else t - span.period - span.elapsed
    invited = due(case.beside.events[n] if planning else after.reach.events[n], phase[3, n], since)
    agents = due(case.beside.agents[n] if planning else after.reach.agents[n], phase[4, n], since) * who.lets_in
    return Turn(
        t,
        due(menu.visits[b] if planning else after.visits[n], phase[0, n], since),
        due(menu.mail[b] + case.beside.letters[n] if planning else after.mail[n], phase[1, n], since),
        due(menu.calls[b] if planning else after.calls[n], phase[2, n], since),
        agents,
        (case.beside.called[n] if planning else after.reach.called[n]) if agents > 0 else 0.0,
        (case.beside.attends[n] if planning else after.reach.attends[n]) if invited > 0 else 0.0,
        menu.level[b, n] if planning else after.level[n],
        menu.discount[b] if planning else 0.0,
        planning and t % span.offer_every == 0,
        planning,
    )


@step
def age_stocks(now: Turn, who: Account, case: Case, p: Paths) -> None:
    """Let goodwill and awareness fade, and add this month's contacts; rivals' forces maintain their level."""
    r = case.r
    for c in range(p.common.size):
        held = 0.0 if c == 0 else (1.0 - r.goodwill_kept) * r.rival_goodwill
        for level in range(3):
            p.goodwill[c, level] = p.goodwill[c, level] * r.goodwill_kept + held
    p.goodwill[0, now.level] += r.skill * now.visits
    gained = p.adstock[0] * r.adstock_kept + case.span.mail_gain * now.letters
    p.adstock[0] = gained + case.known.call_gain[who.n] * now.calls
    meet(now, who, case, p)


@step
def experience(now: Turn, who: Account, case: Case, p: Paths) -> None:
    """Move satisfaction and expectation as far as a carrier serves any line, in each branch."""
    r = case.r
    for g in range(2):
        if p.mass[g] <= 0.0:
            continue
        for c in range(p.common.size):
            share = 0.0
            absent = 1.0
            quality = 0.0
            for line in range(p.demand.size):
                share += p.law[g, line, c]
                absent *= 1.0 - p.law[g, line, c]
                quality += p.law[g, line, c] * case.posted.quality[c, line]
            if share <= 1e-12:
                continue
            seen = performance(g, c, quality / share, now, who, case)
            told = r.information_weight * informed(now) if c == 0 else 0.0
            then = satisfied(p.feeling[g, c], p.expected[g, c], seen, case.types.desire[who.d, who.n], told, r)
            p.expected[g, c] += (1.0 - absent) * r.expectation_speed * (seen - p.expected[g, c])
            p.feeling[g, c] += (1.0 - absent) * (then - p.feeling[g, c])


@step
def performance(g: int, c: int, quality: float, now: Turn, who: Account, case: Case) -> float:
    """Return the performance of a carrier, on lines of this mean quality, that is seen in a branch."""
    r, known, n = case.r, case.known, who.n
    seen = perceived(quality, case.posted.service[c], r) - r.incidents * (1.0 - quality) * r.incident_shock
    if c == 0:
        seen += r.incidents * (1.0 - quality) * r.incident_shock * (1.0 - known.faults[n]) + known.lift[n]
        if now.visits > 0:
            seen += r.visit_lift
        if g == 1:
            seen += r.plan_lift
    return float(seen)


@step
def value_in_common(who: Account, case: Case, p: Paths) -> None:
    """Work out rapport with each carrier, and what else of its delivered value neither line nor branch changes."""
    r, known, types, posted, n, d = case.r, case.known, case.types, case.posted, who.n, who.d
    heard = p.adstock[0] + felt(p.doubtful[0], 1.0)
    for c in range(p.common.size):
        rapport = 0.0
        for level in range(3):
            bond = felt(p.doubtful[1], r.saturation) if c == 0 and level == 2 else 0.0
            rapport += known.level_weight[level, n] * (1.0 - math.exp(-r.saturation * (p.goodwill[c, level] + bond)))
        p.rapport[c] = rapport
        p.common[c] = (
            types.rapport_weight[d, n] * rapport
            + r.image * (posted.image[c] + (1.0 - math.exp(-heard) if c == 0 else 0.0))
            - types.hassle_weight[d, n] * posted.hassle[c]
        )
