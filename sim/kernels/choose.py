"""Attention and choice in the monthly loop, line by line: who looks around, whom they would choose, who moves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.lanes import ONE, ZERO, F, count_both, exp32, keyed32, log32, odds32, pick, some, spread32
from sim.kernels.records import Block, Contacts, Keys, Month, Rates, Standing, Switches
from sim.kernels.step import step
from sim.memory import side_by_side
from sim.state import Customers, State

LONGEST = np.int16(31999)
"""Months after which tenure is no longer counted."""
BOUND = F(80.0)
"""Largest logit of a choice against another, as `odds32` has it."""
FEW = 4
"""One in this many looking around is where picking them out costs as much as working out everybody's choice."""


def room_for_few(carriers: int, size: int) -> Standing:
    """Return room for the customers picked out of a block."""
    kinds = (np.uint64, np.int8, F, F, np.int16, F, np.int8, F, F)
    wanted = [*[((size,), kind) for kind in kinds], ((carriers, size), F), ((size,), np.int8)]
    return Standing(*side_by_side(wanted))


@step
def odds_against_looking(m: int, w: Block) -> None:
    """Turn logits of looking around, by carrier that serves a line, into the odds against it."""
    for c in range(w.look.shape[0]):
        look = w.look[c]
        for i in range(m):
            look[i] = exp32(-look[i])


@step
def who_looks(lo: int, m: int, line: int, s: State, r: Rates, on: Switches, key: Keys, w: Block, out: Month) -> int:
    """Flag the customers who reconsider a line this month and count them; a line that a plan has just moved isn't."""
    place, number = w.place, np.uint64(line)
    current, before, ended = s.carrier[line, lo : lo + m], w.before[line], w.ended[line]
    tenure, against, looks = s.tenure[line, lo : lo + m], w.number, w.flag
    for i in range(m):
        tenure[i] = np.int16(min(tenure[i], LONGEST) + 1)
    if not on.attention:
        looks[:m] = 0
        return 0
    ease, ours = exp32(-r.contract_ended), w.look[0]
    for i in range(m):
        against[i] = (ease if ended[i] == 1 else ONE) * (ours[i] if current[i] == 0 else ONE)
    for c in range(1, w.look.shape[0]):
        look, carrier = w.look[c], np.int8(c)
        for i in range(m):
            against[i] *= look[i] if current[i] == carrier else ONE
    for i in range(m):
        looks[i] = (spread32(key.attention, place[i], number) * (ONE + against[i]) < ONE) & (before[i] == current[i])
    looking = 0
    for c in range(w.look.shape[0]):
        found = count_both(looks[:m], current, 1, c)
        out.looked[c] += found
        looking += found
    return looking


@step
def weigh(
    m: int,
    line: int,
    at: Standing,
    price: NDArray[np.float64],
    quality: NDArray[np.float64],
    quality_weight: Any,
    breakage: Any,
    bundle: Any,
    held: bool,
    stream: np.uint64,
    odds: NDArray[Any],
    stay: NDArray[Any],
    ours: NDArray[Any],
) -> None:
    """Draw the next carrier of a line for `m` customers: a logit with switching cost and breakage.

    Odds are against choosing us, or where another is e to the 80 times as likely, that many times smaller. Who has a
    line stays for what leaving costs, less what the line itself adds to the bundle that it would be compared with; who
    has it with us stays also for what holds it, where customers are `held`.
    """
    carriers, current, beta = odds.shape[0], at.current, at.price_sensitivity
    chosen, number = at.chosen, np.uint64(line)
    for i in range(m):
        stay[i] = at.cost[i] + (breakage if at.left[i] > 0 else ZERO) - bundle
        ours[i] = stay[i] if current[i] == 0 else ZERO
    if held:
        for i in range(m):
            ours[i] += at.hold[i] if current[i] == 0 else ZERO
    if some(at.discount[:m]):
        for i in range(m):
            ours[i] -= beta[i] * log32(ONE - at.discount[i])
    lured = some(at.lured_by[:m])
    for c in range(1, carriers):
        theirs, common, mine, carrier = odds[c], at.common[c], at.common[0], np.int8(c)
        better = quality_weight * F(quality[c, line] - quality[0, line])
        dearer = F(np.log(price[c, line] / price[0, line]))
        for i in range(m):
            value = common[i] - mine[i] + better - beta[i] * dearer
            theirs[i] = value + (stay[i] if current[i] == carrier else ZERO) - ours[i]
        if lured:
            for i in range(m):
                offered = at.bonus[i] if (at.lured_by[i] == carrier) & (current[i] != carrier) else ZERO
                theirs[i] -= beta[i] * log32(ONE - offered)
    own, point = odds[0], stay
    keep_finite(m, odds, point)
    for c in range(1, carriers):
        theirs = odds[c]
        for i in range(m):
            theirs[i] = odds32(theirs[i])
            point[i] += theirs[i]
    for i in range(m):
        point[i] *= spread32(stream, at.place[i], number)
        chosen[i] = point[i] >= own[i]
    edge = own
    for c in range(1, carriers - 1):
        theirs = odds[c]
        for i in range(m):
            edge[i] += theirs[i]
            chosen[i] += point[i] >= edge[i]


@step
def keep_finite(m: int, odds: NDArray[Any], total: NDArray[Any]) -> None:
    """Begin a total of odds with those of us, 1; where a logit is above the bound, lower all so that it is there."""
    own, beyond = odds[0], False
    for i in range(m):
        own[i] = ONE
        total[i] = ONE
    for c in range(1, odds.shape[0]):
        theirs, found = odds[c], np.int32(0)
        for i in range(m):
            found = np.int32(found | (theirs[i] > BOUND))
        beyond |= found != 0
    if not beyond:
        return
    top = total
    for i in range(m):
        top[i] = BOUND
    for c in range(1, odds.shape[0]):
        theirs = odds[c]
        for i in range(m):
            top[i] = max(top[i], theirs[i])
    for c in range(1, odds.shape[0]):
        theirs = odds[c]
        for i in range(m):
            theirs[i] = min(BOUND, theirs[i] - (top[i] - BOUND))
    for i in range(m):
        own[i] = odds32(BOUND - top[i])
        total[i] = own[i]


@step
def choose(
    lo: int,
    m: int,
    line: int,
    looking: int,
    who: Customers,
    s: State,
    got: Contacts,
    posted: Tariff,
    r: Rates,
    on: Switches,
    key: Keys,
    w: Block,
) -> None:
    """Draw the next carrier of a line for who looks, and where many do, for everybody as if all looked."""
    bundle, held = r.bundle / F(max(w.before.shape[0] - 1, 1)), on.bonds or r.holds != 0
    hold = w.hold[1 if line == r.ip_line else 0]
    everybody = Standing(
        w.place,
        s.carrier[line, lo : lo + m],
        who.price_sensitivity[lo : lo + m],
        who.switching_cost[lo : lo + m],
        s.months_left[line, lo : lo + m],
        s.discount[line, lo : lo + m],
        got.lured_by[lo : lo + m],
        got.bonus[lo : lo + m],
        hold,
        w.common,
        w.chosen,
    )
    few, order, at, found = w.few, w.order, everybody, m
    if looking * FEW < m:
        found = pick(w.flag[:m], order)
        for j in range(found):
            i = order[j]
            few.place[j] = everybody.place[i]
            few.current[j] = everybody.current[i]
            few.price_sensitivity[j] = everybody.price_sensitivity[i]
            few.cost[j] = everybody.cost[i]
            few.left[j] = everybody.left[i]
            few.discount[j] = everybody.discount[i]
            few.lured_by[j] = everybody.lured_by[i]
            few.bonus[j] = everybody.bonus[i]
            few.hold[j] = hold[i]
            for c in range(w.common.shape[0]):
                few.common[c, j] = w.common[c, i]
        at = few
    weigh(
        found,
        line,
        at,
        posted.price,
        posted.quality,
        r.quality,
        r.breakage,
        bundle,
        held,
        key.choice,
        w.odds,
        w.number,
        w.total,
    )
    for j in range(found if found < m else 0):
        w.chosen[order[j]] = few.chosen[j]


@step
def move(lo: int, m: int, line: int, who: Customers, s: State, r: Rates, key: Keys, w: Block) -> None:
    """Move the lines of who looks and chooses another carrier; terms are signed on moving and when one has ended."""
    current, ended, looks, chosen, moved = s.carrier[line, lo : lo + m], w.ended[line], w.flag, w.chosen, w.moved
    tenure, left, plan = s.tenure[line, lo : lo + m], s.months_left[line, lo : lo + m], s.plan[lo : lo + m]
    for i in range(m):
        moved[i] = (looks[i] == 1) & (chosen[i] != current[i])
        current[i] = chosen[i] if moved[i] == 1 else current[i]
    for i in range(m):
        tenure[i] = np.int16(0) if moved[i] == 1 else tenure[i]
        left[i] = np.int16(0) if moved[i] == 1 else left[i]
    if r.term_months == 0:
        return
    signs, order, number = w.flag, w.order, np.uint64(line)
    for i in range(m):
        signs[i] = moved[i] | ((ended[i] == 1) & ((current[i] != 0) | (plan[i] == 0)))
    for j in range(pick(signs[:m], order)):
        i = order[j]
        chance = r.signing if moved[i] == 1 else r.resigning
        signed = keyed32(key.signing, who.key[lo + i], number) < chance
        left[i] = np.int16(r.term_months) if signed else np.int16(0)


@step
def count_flows(lo: int, m: int, line: int, s: State, w: Block, out: Month) -> None:
    """Count the lines that went from each carrier to each carrier."""
    current, before, carriers = s.carrier[line, lo : lo + m], w.before[line], w.look.shape[0]
    for c in range(carriers):
        for d in range(carriers):
            out.flows[line, c, d] += count_both(before[:m], current, c, d)
