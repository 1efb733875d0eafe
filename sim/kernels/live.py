"""The monthly loop over customers: experience, value, attention, choice, plans and bills.

Customers are taken in blocks that stay in cache; each step is a few short loops over the lanes of a block, which the
compiler vectorises. What concerns few customers (plans) is done one by one in `sim.kernels.evergreen`. A customer's
result doesn't depend on the block that it is in; totals are summed in whole money units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.behaviour import attention_logit, perceived, satisfied
from sim.kernels.bills import bill, post_block, take_stock
from sim.kernels.bonds import hold_bonds
from sim.kernels.choose import choose, count_flows, move, odds_against_looking, room_for_few, who_looks
from sim.kernels.evergreen import change_plans
from sim.kernels.fees import charge_leaving, waive_installation
from sim.kernels.keyed import spread
from sim.kernels.lanes import HALF, ONE, ZERO, F, count, count_both, fade32, some, spread32
from sim.kernels.loyalty import grow_loyal
from sim.kernels.points import earn_points, worth_of_staying
from sim.kernels.reasons import tell_reasons
from sim.kernels.records import (
    BREAKAGE,
    COMPLAINED,
    TERM_OVER,
    Block,
    Contacts,
    Keys,
    Month,
    Rates,
    Switches,
    keys_of,
    of_month,
    tariff_of,
)
from sim.kernels.step import entry, step
from sim.kernels.substitution import move_usage, take_up_ip
from sim.kernels.tally import count_lines
from sim.memory import Wanted, side_by_side
from sim.state import Customers, State

BLOCK = 1088
"""Customers in a block: full vectors, and no power of two, whose rows would compete for the same cache lines."""
SQRT12 = F(12.0**0.5)


def make_block(carriers: int, lines: int, size: int) -> Block:
    """Return scratch arrays for one block at a time; what belongs to mechanisms that are off stays nil."""
    wanted: dict[str, Wanted] = {
        "place": ((size,), np.uint64),
        **dict.fromkeys(("served", "quality", "common", "known", "look", "odds"), ((carriers, size), F)),
        "hold": ((2, size), F),
        **dict.fromkeys(("loyal", "called", "told", "number", "total"), ((size,), F)),
        **dict.fromkeys(("ended", "before"), ((lines, size), np.int8)),
        **dict.fromkeys(("flag", "moved", "chosen"), ((size,), np.int8)),
        "order": ((size,), np.int32),
        **dict.fromkeys(("listed", "usage", "kept_list", "paid", "kept_paid", "gone"), ((size,), np.float64)),
        "money": ((10, size), np.int64),
    }
    arrays = dict(zip(wanted, side_by_side(wanted.values()), strict=True))
    return Block(**arrays, few=room_for_few(carriers, size))


@step
def open_month(
    lo: int, m: int, who: Customers, s: State, posted: Tariff, r: Rates, on: Switches, w: Block, out: Month
) -> None:
    """Let demand grow and contract terms run down; note who serves what."""
    growth = who.growth[lo : lo + m]
    for c in range(w.served.shape[0]):
        w.served[c, :m] = ZERO
        w.quality[c, :m] = ZERO
    for i in range(m if r.early_below > ZERO or r.line_fee > ZERO else 0):
        w.money[BREAKAGE, i] = 0
    for line in range(w.before.shape[0]):
        demand, left = s.demand[line, lo : lo + m], s.months_left[line, lo : lo + m]
        current, before, ended = s.carrier[line, lo : lo + m], w.before[line], w.ended[line]
        if on.growth:
            for i in range(m):
                demand[i] *= ONE + growth[i]
        for i in range(m):
            now = left[i]
            ended[i] = now == 1
            left[i] = now - (1 if now > 0 else 0)
            before[i] = current[i]
        if some(ended[:m]):
            out.counts[TERM_OVER] += count_both(ended[:m], before[:m], 1, 0)
        for c in range(w.served.shape[0]):
            served, quality, good, carrier = w.served[c], w.quality[c], F(posted.quality[c, line]), np.int8(c)
            for i in range(m):
                here = ONE if before[i] == carrier else ZERO
                served[i] += here
                quality[i] += here * good


@step
def experience(
    lo: int, m: int, who: Customers, s: State, got: Contacts, posted: Tariff, r: Rates, key: Keys, w: Block, out: Month
) -> None:
    """Turn faults, performance and visits into satisfaction and expectation of the carriers that serve a line."""
    place, desire, told = w.place, who.desire[lo : lo + m], w.told
    for c in range(w.served.shape[0]):
        served, good, seen, chance = w.served[c], w.quality[c], w.number, w.total
        satisfaction, expectation = s.satisfaction[c, lo : lo + m], s.expectation[c, lo : lo + m]
        service, number = F(posted.service[c]), np.uint64(c)
        for i in range(m):
            seen[i] = perceived(good[i] / max(served[i], ONE), service, r)
        if r.noise > ZERO:
            for i in range(m):
                seen[i] += r.noise * SQRT12 * (spread32(key.noise, place[i], number) - HALF)
        if c > 0 and r.incidents > ZERO:
            for i in range(m):
                chance[i] = r.incidents * (ONE - good[i] / max(served[i], ONE))
            for i in range(m):
                fault = spread32(key.incident, place[i], number) < chance[i]
                seen[i] -= r.incident_shock if fault else ZERO
        if c == 0:
            treat_ours(lo, m, s, got, r, w, out)
        for i in range(m if c == 1 else 0):
            told[i] = ZERO
        for i in range(m):
            felt = satisfied(satisfaction[i], expectation[i], seen[i], desire[i], told[i], r)
            hoped = expectation[i] + r.expectation_speed * (seen[i] - expectation[i])
            known = served[i] > ZERO
            satisfaction[i] = felt if known else satisfaction[i]
            expectation[i] = hoped if known else expectation[i]
        if c == 0 and some(s.news[lo : lo + m]):
            news = s.news[lo : lo + m]
            for i in range(m):
                resents = (news[i] == 1) & (served[i] > ZERO)
                satisfaction[i] = max(ZERO, satisfaction[i] - r.resentment) if resents else satisfaction[i]


@step
def treat_ours(lo: int, m: int, s: State, got: Contacts, r: Rates, w: Block, out: Month) -> None:
    """Add to how we are seen what faults and our contacts do; note complaints, and whom our contacts inform."""
    visits, awareness, plan = got.visits[lo : lo + m], got.awareness[0, lo : lo + m], s.plan[lo : lo + m]
    faults, complaints, complained = got.fault[lo : lo + m], s.complaints[lo : lo + m], out.complained[lo : lo + m]
    seen, told, lift, waits = w.number, w.told, got.lift[lo : lo + m], got.felt[lo : lo + m]
    for i in range(m):
        complained[i] = faults[i]
    if some(faults):
        for i in range(m):
            complaints[i] += faults[i]
        for i in range(m):
            seen[i] -= r.incident_shock if faults[i] == 1 else ZERO
        out.counts[COMPLAINED] += count(faults, 1)
    if some(visits) or some(plan) or some(lift):
        for i in range(m):
            seen[i] += (r.visit_lift if visits[i] > 0 else ZERO) + (r.plan_lift if plan[i] > 0 else ZERO) + lift[i]
    if some(waits):
        for i in range(m):
            seen[i] += waits[i]
    if r.information_weight > ZERO:
        for i in range(m):
            told[i] = r.information_weight if (visits[i] > 0) | (awareness[i] > ZERO) else ZERO


@step
def age_stocks(lo: int, m: int, s: State, got: Contacts, r: Rates) -> None:
    """Let goodwill and awareness fade, and add this month's contacts; rivals' forces maintain their level."""
    lured_by, visits, level_seen = got.lured_by[lo : lo + m], got.visits[lo : lo + m], got.level[lo : lo + m]
    skill, bond = got.skill[lo : lo + m], got.bond[lo : lo + m]
    met, bound, lured = some(visits), some(bond), some(lured_by)
    for c in range(s.adstock.shape[0]):
        held = ZERO if c == 0 else (ONE - r.goodwill_kept) * r.rival_goodwill
        for level in range(3):
            goodwill = s.goodwill[c, level, lo : lo + m]
            for i in range(m):
                goodwill[i] = goodwill[i] * r.goodwill_kept + held
            if c == 0 and met:
                for i in range(m):
                    goodwill[i] += skill[i] * F(visits[i]) if level_seen[i] == level else ZERO
            if c == 0 and level == 2 and bound:
                for i in range(m):
                    goodwill[i] += bond[i]
            if c > 0 and level == 0 and lured:
                carrier = np.int8(c)
                for i in range(m):
                    goodwill[i] += r.skill if lured_by[i] == carrier else ZERO
        adstock = s.adstock[c, lo : lo + m]
        for i in range(m):
            adstock[i] *= r.adstock_kept
        if c < got.awareness.shape[0]:
            awareness = got.awareness[c, lo : lo + m]
            for i in range(m):
                adstock[i] += awareness[i]


@step
def reckon_value(lo: int, m: int, who: Customers, s: State, posted: Tariff, r: Rates, w: Block) -> None:
    """Work out rapport and the part of delivered value that doesn't depend on the line."""
    rapport_weight, hassle_weight = who.rapport_weight[lo : lo + m], who.hassle_weight[lo : lo + m]
    weight, bundle = who.level_weight, r.bundle / F(max(w.before.shape[0] - 1, 1))
    low_weight, middle_weight, top_weight = weight[0, lo : lo + m], weight[1, lo : lo + m], weight[2, lo : lo + m]
    for c in range(w.common.shape[0]):
        known, common, served = w.known[c], w.common[c], w.served[c]
        low, middle, top = s.goodwill[c, 0, lo : lo + m], s.goodwill[c, 1, lo : lo + m], s.goodwill[c, 2, lo : lo + m]
        for i in range(m):
            rapport = ZERO + low_weight[i] * (ONE - fade32(-r.saturation * low[i]))
            rapport += middle_weight[i] * (ONE - fade32(-r.saturation * middle[i]))
            known[i] = rapport + top_weight[i] * (ONE - fade32(-r.saturation * top[i]))
        satisfaction, adstock = s.satisfaction[c, lo : lo + m], s.adstock[c, lo : lo + m]
        news, image, hassle = s.image_news[c, lo : lo + m], F(posted.image[c]), F(posted.hassle[c])
        for i in range(m):
            worth = r.satisfaction * satisfaction[i] + rapport_weight[i] * known[i] - hassle_weight[i] * hassle
            common[i] = worth + (r.image * (image + news[i]) + bundle * served[i])
        if some(adstock):
            for i in range(m):
                common[i] += r.image * (ONE - fade32(-adstock[i]))


@step
def attend(
    lo: int, m: int, s: State, got: Contacts, posted: Tariff, r: Rates, on: Switches, key: Keys, w: Block
) -> None:
    """Work out, by carrier that serves a line, the logit of looking around without the line's own events."""
    place, called, loyal, lured_by = w.place, w.called, w.loyal, got.lured_by[lo : lo + m]
    for i in range(m):
        called[i] = ONE if lured_by[i] > 0 else ZERO
    for c in range(1, posted.contact.size):
        chance, number = F(posted.contact[c]), np.uint64(c)
        for i in range(m if chance > ZERO else 0):
            called[i] = ONE if spread32(key.rival_contact, place[i], number) < chance else called[i]
    visits, calls = got.visits[lo : lo + m], got.calls[lo : lo + m]
    plan, news = s.plan[lo : lo + m], s.news[lo : lo + m]
    for c in range(w.look.shape[0]):
        look, satisfaction = w.look[c], s.satisfaction[c, lo : lo + m]
        for i in range(m):
            look[i] = attention_logit(satisfaction[i], r)
        if c == 0 and on.loyalty:
            for i in range(m):
                look[i] += r.rival_contact * called[i] * (ONE - r.shield * loyal[i]) - r.loyal * loyal[i]
        else:
            for i in range(m):
                look[i] += r.rival_contact * called[i]
        if c == 0:
            for i in range(m):
                look[i] += (r.news if news[i] == 1 else ZERO) - (r.attention_on_plan if plan[i] > 0 else ZERO)
        else:
            for i in range(m):
                look[i] += r.own_contact if visits[i] > 0 or calls[i] > 0 else ZERO


@entry
def live_months(
    first: int,
    last: int,
    who: Customers,
    s: State,
    got: Contacts,
    tariffs: Tariff,
    terms: NDArray[Any],
    r: Rates,
    on: Switches,
    keys: NDArray[np.uint64],
    account: NDArray[np.int64],
    w: Block,
    span: Month,
) -> None:
    """Let customers from `first` up to `last` live a span of months, in blocks of the size that `w` has room for.

    The tariffs, the keys and the totals of `span` have the months on their first axis; contacts are those of every
    month. A block lives all its months before the next one begins, and where there are several, its stock is taken
    at every month's end. `s`, `account`, `w` and `span` are written in place: ranges may run in threads of their own,
    each with a scratch block and totals of its own. What is switched off is skipped.
    """
    for lo in range(first, last, w.order.size):
        m = min(w.order.size, last - lo)
        for i in range(m):
            w.place[i] = spread(who.key[lo + i])
        for t in range(len(keys)):
            posted, key, out = tariff_of(tariffs, t), keys_of(keys, t), of_month(span, t)
            open_month(lo, m, who, s, posted, r, on, w, out)
            move_usage(lo, m, s, posted, r, w)
            if on.frozen:
                out.complained[lo : lo + m] = 0
            else:
                experience(lo, m, who, s, got, posted, r, key, w, out)
                age_stocks(lo, m, s, got, r)
            reckon_value(lo, m, who, s, posted, r, w)
            grow_loyal(lo, m, s, r, on, w)
            hold_bonds(lo, m, s, got, r, on, key, w)
            if some(s.plan[lo : lo + m]) or some(got.offer[lo : lo + m]):
                change_plans(lo, m, who, s, got, posted, terms, r, key, w, out)
            attend(lo, m, s, got, posted, r, on, key, w)
            odds_against_looking(m, w)
            worth_of_staying(lo, m, who, s, r, on, w)
            for line in range(w.before.shape[0]):
                looking = who_looks(lo, m, line, s, r, on, key, w, out)
                if looking > 0:
                    choose(lo, m, line, looking, who, s, got, posted, r, on, key, w)
                    charge_leaving(lo, m, line, s, posted, r, w)
                move(lo, m, line, who, s, r, key, w)
                if looking > 0:
                    tell_reasons(lo, m, line, who, s, posted, r, on, w, out)
                count_flows(lo, m, line, s, w, out)
            take_up_ip(lo, m, who, s, r)
            bill(lo, m, s, posted, terms, r, w, out)
            waive_installation(lo, m, s, r, w)
            earn_points(lo, m, s, r, key, w)
            post_block(lo, m, account, w, out)
            count_lines(lo, m, s, posted, terms, r, w, out)
            if len(keys) > 1:
                take_stock(lo, lo + m, s, out)
