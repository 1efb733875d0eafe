"""A month's contacts in the recursion abreast, and what they do whatever the customer does.

Goodwill and awareness depend on a treatment but on no draw, so they are followed once for each way of treating an
account and spread over its lanes (`sim.kernels.abreast`).
"""

from __future__ import annotations

from sim.kernels.abreast_lanes import exp64, fill, log64
from sim.kernels.abreast_paths import Account, Month, Turn, Ways, Who
from sim.kernels.abreast_reach import felt, meet
from sim.kernels.expect_records import Case
from sim.kernels.expect_stocks import due
from sim.kernels.step import step


@step
def turn(t: int, one: Account, case: Case, ways: Ways) -> Turn:
    """Let each way do in a month what its treatment does, and after the planning period what its continuation does."""
    span, menu, after, known, n = case.span, case.menu, case.after, case.known, one.n
    planning = t < span.period
    since = t if planning else t - span.period - span.elapsed
    group = case.beside if planning else after.reach
    attends = group.attends[n] if due(group.events[n], known.phase[3, n], since) > 0 else 0.0
    agents = due(group.agents[n], known.phase[4, n], since)
    visited, stirred, discounted = False, False, False
    for k in range(one.ways):
        b = ways.b[k]
        visits = due(menu.visits[b] if planning else after.visits[n], known.phase[0, n], since)
        mail = menu.mail[b] + case.beside.letters[n] if planning else after.mail[n]
        letters = due(mail, known.phase[1, n], since)
        calls = due(menu.calls[b] if planning else after.calls[n], known.phase[2, n], since)
        called = group.called[n] if agents * ways.answer[k] > 0 else 0.0
        ways.visited[k] = 1.0 if visits > 0 else 0.0
        ways.informed[k] = 1.0 if visits + letters + calls > 0 else 1.0 - (1.0 - attends) * (1.0 - called)
        ways.stirred[k] = 1.0 if visits > 0 or calls > 0 else called
        ways.discount[k] = menu.discount[b] if planning else 0.0
        ways.called[t, k] = called if planning else 0.0
        visited |= visits > 0
        stirred |= ways.stirred[k] > 0.0
        discounted |= ways.discount[k] > 0.0
        if not span.frozen:
            level = menu.level[b, n] if planning else after.level[n]
            age_stocks(k, level, visits, letters, calls, n, case, ways)
            meet(k, attends, called, known.agent_gain[n] * agents, case, ways)
    return Turn(t, planning, planning and t % span.offer_every == 0, t == span.months - 1, visited, stirred, discounted)


@step
def age_stocks(k: int, level: int, visits: int, letters: int, calls: int, n: int, case: Case, ways: Ways) -> None:
    """Let goodwill with us and awareness fade, and add this month's contacts."""
    r = case.r
    for other in range(3):
        ways.goodwill[other, k] *= r.goodwill_kept
    ways.goodwill[level, k] += r.skill * visits
    gained = ways.adstock[k] * r.adstock_kept + case.span.mail_gain * letters
    ways.adstock[k] = gained + case.known.call_gain[n] * calls


@step
def be_known(one: Account, case: Case, ways: Ways, w: Month) -> None:
    """Turn goodwill and awareness into rapport with us, and into how far we are heard, each from 0 to 1."""
    r, heard, rapport, bond, adstock = case.r, ways.heard, ways.rapport, w.part, ways.adstock
    felt(ways.doubtful[0, 0], ways.doubtful[0, 1], 1.0, heard)
    for i in range(heard.size):
        heard[i] = 1.0 - exp64(-(adstock[i] + heard[i]))
    felt(ways.doubtful[1, 0], ways.doubtful[1, 1], r.saturation, bond)
    fill(rapport, 0.0)
    for level in range(3):
        goodwill, weight = ways.goodwill[level], case.known.level_weight[level, one.n]
        more = 1.0 if level == 2 else 0.0
        for i in range(rapport.size):
            rapport[i] += weight * (1.0 - exp64(-r.saturation * (goodwill[i] + more * bond[i])))


@step
def spread(now: Turn, case: Case, ways: Ways, who: Who, w: Month) -> None:
    """Spread what each way does this month over its lanes."""
    for i in range(who.way.size):
        k = who.way[i]
        w.rapport[i] = ways.rapport[k]
        w.heard[i] = ways.heard[k]
        w.visited[i] = ways.visited[k]
        w.informed[i] = ways.informed[k]
        w.stirred[i] = ways.stirred[k]
    if now.t == 0 or now.t == case.span.period:
        for i in range(w.off.size):
            w.off[i] = 1.0 - ways.discount[who.way[i]]
        for i in range(w.log_off.size):
            w.log_off[i] = log64(w.off[i])
