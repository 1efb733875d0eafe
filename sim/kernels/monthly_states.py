"""Chances of leaving and of taking offers in every state, as one draw of an account's type has them."""

from __future__ import annotations

import math

from sim.kernels.expect_hold import between, hold
from sim.kernels.expect_plan import weigh_offer
from sim.kernels.expect_records import Account, Case, Paths, Turn
from sim.kernels.monthly_records import Grid
from sim.kernels.monthly_sheet import IDLE, LETTERS, VISITS, Sheet, Traces, put_back, set_aside, slope
from sim.kernels.step import apart, step


@step
def hand_over(k: int, g: int, on: int, who: Account, case: Case, p: Paths, sheet: Sheet, m: int) -> None:
    """Let the first `k` lines of ours be with us and the others gone; on a plan (g 1), what was a rival's is ours."""
    for line in range(p.demand.size):
        if g == 1 and not case.known.ours[line, who.n]:
            for c in range(p.common.size):
                p.law[1, line, c] = 1.0 if c == 0 else 0.0
    for i in range(m):
        line = sheet.order[i]
        away = 1.0 - sheet.law[on, line, 0]
        for c in range(p.common.size):
            if i < k:
                p.law[g, line, c] = 1.0 if c == 0 else 0.0
            elif c == 0:
                p.law[g, line, c] = 0.0
            else:
                p.law[g, line, c] = sheet.law[on, line, c] / away if away > 1e-9 else 1.0 / (p.common.size - 1)


@step
def win_lines(goodwill: float, t: int, who: Account, case: Case, p: Paths, traces: Traces, sheet: Sheet) -> None:
    """Let lines that weren't ours at the start be with us as often as this goodwill has it, off the plan."""
    gained = traces.goodwill[VISITS, t] - traces.goodwill[IDLE, t]
    part = min(max((goodwill - traces.goodwill[IDLE, t]) / gained, 0.0), 1.0) if gained > 1e-3 else 0.0
    for line in range(p.demand.size):
        if not case.known.ours[line, who.n]:
            usual = sheet.law[0, line, 0]
            ours = usual + part * (traces.ours[VISITS, t, line] - traces.ours[IDLE, t, line])
            for c in range(1, p.common.size):
                p.law[0, line, c] = sheet.law[0, line, c] * (1.0 - ours) / max(1.0 - usual, 1e-12)
            p.law[0, line, 0] = ours


@step
def rate_of_leaving(
    g: int,
    on: int,
    line: int,
    t: int,
    ended: float,
    lift: float,
    alarm: float,
    who: Account,
    case: Case,
    p: Paths,
    sheet: Sheet,
) -> float:
    """Return the probability that a line of ours leaves this month; `lift` multiplies our odds, `alarm` its attention.

    `ended` is the share of lines whose term is taken to end just now, where it isn't below 0: then it is known.
    """
    bundle = case.r.bundle / max(p.demand.size - 1, 1)
    away = 0.0
    for c in range(1, p.common.size):
        away += p.carrier_odds[c] * p.line_odds[c, line] * math.exp(-bundle * p.law[g, line, c])
    present = p.carrier_odds[0] * p.line_odds[0, line] * math.exp(-bundle) * p.staying[on, line] * lift
    leaving = p.tie[g]
    free = leaving * who.stay_cost / (present + leaving * who.stay_cost * away)
    bound = leaving * who.bound_cost / (present + leaving * who.bound_cost * away)
    ending, held = 0.0, float(g)
    if g == 0 and on == 0:
        here = max(sheet.law[on, line, 0], 1e-12)
        ending = min(p.ring[0, line, 0, t] * p.alive[0, line, 0], here) / here
        held = min(max(p.bound[0, line, 0] / here - ending, 0.0), 1.0 - ending)
    if ended >= 0.0:
        ending, held = ended, 0.0
    rate = ((1.0 - ending - held) * p.look[0] + ending * p.look_ended[0]) * free + held * p.look[0] * bound
    return float(min(rate * away * alarm, 1.0))


@step
def alarmed(feeling: float, more: float, case: Case) -> float:
    """Return by how many times the odds of looking around on our lines change if satisfaction is higher by `more`."""
    return between(feeling + more, case.span.restless[0]) / max(between(feeling, case.span.restless[0]), 1e-300)


@step
def put_stocks(g: int, goodwill: float, t: int, now: Turn, who: Account, case: Case, p: Paths, traces: Traces) -> None:
    """Put a branch's satisfaction and integration where this goodwill has them, and work out how it looks around."""
    more = goodwill - traces.goodwill[IDLE, t]
    feeling = traces.feeling[IDLE, t] + more * slope(VISITS, t, traces.feeling, traces.goodwill)
    if g == 1:
        feeling += case.r.plan_lift * (1.0 + case.r.expectation_weight + case.r.desire_weight) * 0.7
    p.feeling[g, 0] = min(1.0, max(0.0, feeling))
    p.solved[g] = min(1.0, max(0.0, traces.solved[IDLE, t] + more * slope(VISITS, t, traces.solved, traces.goodwill)))
    hold(g, now, who, case, p)


@apart
def try_states(
    t: int,
    now: Turn,
    level: int,
    m: int,
    on: int,
    branches: int,
    grid: Grid,
    who: Account,
    case: Case,
    p: Paths,
    traces: Traces,
    sheet: Sheet,
) -> None:
    """Add this month's rates of leaving in every state, as one draw has them, and put everything back."""
    r, n, d = case.r, who.n, who.d
    common, awareness = p.common[0], traces.awareness[IDLE, t]
    rapport = case.types.rapport_weight[d, n] * case.known.level_weight[level, n]
    informed = slope(LETTERS, t, traces.feeling, traces.awareness)
    set_aside(p, sheet)
    for g in range(branches):
        for k in range(1, m + 1):
            hand_over(k, g, on, who, case, p, sheet, m)
            for i in range(grid.goodwill.size):
                gained = math.exp(-r.saturation * traces.goodwill[IDLE, t]) - math.exp(-r.saturation * grid.goodwill[i])
                p.common[0] = common + rapport * gained
                if g == 0 and on == 0:
                    win_lines(grid.goodwill[i], t, who, case, p, traces, sheet)
                put_stocks(g, grid.goodwill[i], t, now, who, case, p, traces)
                for a in range(grid.awareness.size):
                    more = grid.awareness[a] - awareness
                    image = r.image * (math.exp(-awareness) - math.exp(-grid.awareness[a]))
                    lift = math.exp(image + r.satisfaction * informed * more)
                    alarm = alarmed(traces.feeling[IDLE, t], informed * more, case)
                    for j in range(m):
                        line = sheet.order[j]
                        weight = who.weight * p.kept[on, line]
                        rate = rate_of_leaving(g, on, line, t, -1.0, lift, alarm, who, case, p, sheet)
                        sheet.leave[t, g, i, a, k - 1, j] += weight * rate
    put_back(p, sheet)
    p.common[0] = common


@apart
def try_offer(
    t: int,
    now: Turn,
    level: int,
    m: int,
    grid: Grid,
    who: Account,
    case: Case,
    p: Paths,
    traces: Traces,
    sheet: Sheet,
    place: int,
) -> None:
    """Add the chances that an offer made now is taken, as one draw has them, by goodwill and lines left."""
    r, n = case.r, who.n
    rapport = p.rapport[0]
    set_aside(p, sheet)
    for k in range(m + 1):
        hand_over(k, 0, 0, who, case, p, sheet, m)
        for i in range(grid.goodwill.size):
            gained = math.exp(-r.saturation * traces.goodwill[IDLE, t]) - math.exp(-r.saturation * grid.goodwill[i])
            p.rapport[0] = rapport + case.known.level_weight[level, n] * gained
            sheet.join[place, i, k] += who.weight * weigh_offer(now, who, case, p)[0]
    put_back(p, sheet)
    p.rapport[0] = rapport


@apart
def note_ease(
    t: int,
    now: Turn,
    level: int,
    m: int,
    on: int,
    discount: float,
    who: Account,
    case: Case,
    p: Paths,
    traces: Traces,
    sheet: Sheet,
) -> None:
    """Add what leaves in a month as usual, where terms have just ended, with a discount, and after either visit."""
    r, n, d = case.r, who.n, who.d
    weight_of = case.types.rapport_weight[d, n]
    base, before = p.common[0], traces.goodwill[IDLE, t]
    set_aside(p, sheet)
    hand_over(m, 0, on, who, case, p, sheet, m)
    for kind in range(7):
        p.common[0] = base
        goodwill, month = before, now
        if kind == 2:
            month = Turn(now.t, 0, 0, 0, 0, 0.0, 0.0, level, discount, False, True)
        elif kind == 3:
            goodwill = before + r.skill
            lifted = math.exp(-r.saturation * before) - math.exp(-r.saturation * goodwill)
            p.common[0] = base + weight_of * case.known.level_weight[level, n] * lifted
        elif kind == 4:
            goodwill = before + r.skill
            there = p.goodwill[0, 2]
            lifted = math.exp(-r.saturation * there) - math.exp(-r.saturation * (there + r.skill))
            p.common[0] = base + weight_of * case.known.level_weight[2, n] * lifted
        put_stocks(0, goodwill, t, month, who, case, p, traces)
        lift, alarm = 1.0, 1.0
        if kind >= 5:
            added = case.span.mail_gain if kind == 5 else case.known.call_gain[n]
            told = slope(LETTERS, t, traces.feeling, traces.awareness) * case.span.mail_gain
            heard = traces.awareness[IDLE, t]
            image = r.image * math.exp(-heard) * (1.0 - math.exp(-added))
            lift = math.exp(image + r.satisfaction * told)
            alarm = alarmed(traces.feeling[IDLE, t], told, case)
        for j in range(m):
            ended = 1.0 if kind == 1 else -1.0
            rate = rate_of_leaving(0, on, sheet.order[j], t, ended, lift, alarm, who, case, p, sheet)
            sheet.ease[kind] += who.weight * p.kept[on, sheet.order[j]] * rate
    put_back(p, sheet)
    p.common[0] = base
