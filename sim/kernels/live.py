"""The monthly loop over customers: experience, value, attention, choice, plans and bills.

Customers are taken in blocks that stay in cache; each step is a few short loops over the lanes of a block, which the
compiler vectorises. What concerns few customers (plans) is done one by one in `sim.kernels.evergreen`. A customer's
result doesn't depend on the block that it is in; totals are summed in whole money units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.behaviour import MONEY_UNIT, attention_logit, fixed, perceived, satisfied
from sim.kernels.bonds import hold_bonds
from sim.kernels.evergreen import bill_plans, change_plans
from sim.kernels.fees import charge_leaving, waive_installation
from sim.kernels.lanes import HALF, ONE, ZERO, F, exp32, keyed32, log32, sigmoid32
from sim.kernels.loyalty import grow_loyal
from sim.kernels.points import earn_points, worth_of_staying
from sim.kernels.reasons import tell_reasons
from sim.kernels.records import COMPLAINED, Block, Contacts, Keys, Month, Rates, Switches
from sim.kernels.substitution import charge, move_usage, take_up_ip
from sim.kernels.tally import count_lines
from sim.state import Customers, State

BLOCK = 512
"""Customers in a block."""
SQRT12 = F(12.0**0.5)
LONGEST = np.int16(32000)
"""Months after which tenure is no longer counted."""


@njit(cache=True, error_model="numpy")
def make_block(carriers: int, lines: int, size: int) -> Block:
    """Return scratch arrays for one block at a time."""
    return Block(
        np.empty((carriers, size), F),
        np.empty((carriers, size), F),
        np.empty((carriers, size), F),
        np.empty((carriers, size), F),
        np.empty((carriers, size), F),
        np.empty((carriers, size), F),
        np.empty(size, F),
        np.empty(size, F),
        np.empty(size, F),
        np.empty((lines, size), np.int8),
        np.empty((lines, size), np.int8),
        np.empty(size, F),
        np.empty(size, F),
        np.empty(size, F),
        np.empty(size, np.int8),
        np.empty(size, np.int8),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty((lines, size), F),
    )


@njit(cache=True, error_model="numpy")
def open_month(lo: int, m: int, who: Customers, s: State, posted: Tariff, on: Switches, w: Block) -> None:
    """Let demand grow and contract terms run down; note who serves what."""
    growth = who.growth[lo : lo + m]
    for c in range(w.served.shape[0]):
        w.served[c, :m] = ZERO
        w.quality[c, :m] = ZERO
    for line in range(w.before.shape[0]):
        demand, left = s.demand[line, lo : lo + m], s.months_left[line, lo : lo + m]
        carrier, before, ended = s.carrier[line, lo : lo + m], w.before[line], w.ended[line]
        if on.growth:
            for i in range(m):
                demand[i] *= ONE + growth[i]
        for i in range(m):
            now = left[i]
            ended[i] = now == 1
            left[i] = now - (1 if now > 0 else 0)
            before[i] = carrier[i]
        for c in range(w.served.shape[0]):
            served, quality, good = w.served[c], w.quality[c], F(posted.quality[c, line])
            for i in range(m):
                here = ONE if before[i] == c else ZERO
                served[i] += here
                quality[i] += here * good


@njit(cache=True, error_model="numpy")
def experience(
    lo: int, m: int, who: Customers, s: State, got: Contacts, posted: Tariff, r: Rates, key: Keys, w: Block, out: Month
) -> None:
    """Turn faults, performance and visits into satisfaction and expectation of the carriers that serve a line."""
    k, complaints = who.key[lo : lo + m], s.complaints[lo : lo + m]
    visits, plan, news = got.visits[lo : lo + m], s.plan[lo : lo + m], s.news[lo : lo + m]
    awareness, desire, told = got.awareness[0, lo : lo + m], who.desire[lo : lo + m], w.running
    told[:m] = ZERO
    complained, lift = out.complained[lo : lo + m], got.lift[lo : lo + m]
    faults, waits = got.fault[lo : lo + m], got.felt[lo : lo + m]
    for c in range(w.served.shape[0]):
        served, good, seen, chance = w.served[c], w.quality[c], w.number, w.total
        satisfaction, expectation = s.satisfaction[c, lo : lo + m], s.expectation[c, lo : lo + m]
        service, number = F(posted.service[c]), np.uint64(c)
        for i in range(m):
            quality = good[i] / max(served[i], ONE)
            seen[i] = perceived(quality, service, r)
            chance[i] = r.incidents * (ONE - quality)
        if r.noise > ZERO:
            for i in range(m):
                seen[i] += r.noise * SQRT12 * (keyed32(key.noise, k[i], number) - HALF)
        if c > 0 and r.incidents > ZERO:
            for i in range(m):
                fault = keyed32(key.incident, k[i], number) < chance[i]
                seen[i] -= r.incident_shock if fault else ZERO
        if c == 0:
            total = 0
            for i in range(m):
                fault = faults[i]
                complained[i] = fault
                complaints[i] += fault
                total += fault
                seen[i] -= r.incident_shock if fault == 1 else ZERO
                seen[i] += (r.visit_lift if visits[i] > 0 else ZERO) + (r.plan_lift if plan[i] > 0 else ZERO) + lift[i]
                seen[i] += waits[i]
                told[i] = r.information_weight if (visits[i] > 0) | (awareness[i] > ZERO) else ZERO
            out.counts[COMPLAINED] += total
        for i in range(m):
            felt = satisfied(satisfaction[i], expectation[i], seen[i], desire[i], told[i] if c == 0 else ZERO, r)
            if c == 0:
                felt = max(ZERO, felt - (r.resentment if news[i] == 1 else ZERO))
            hoped = expectation[i] + r.expectation_speed * (seen[i] - expectation[i])
            known = served[i] > ZERO
            satisfaction[i] = felt if known else satisfaction[i]
            expectation[i] = hoped if known else expectation[i]


@njit(cache=True, error_model="numpy")
def age_stocks(lo: int, m: int, s: State, got: Contacts, r: Rates) -> None:
    """Let goodwill and awareness fade, and add this month's contacts; rivals' forces maintain their level."""
    lured_by = got.lured_by[lo : lo + m]
    visits, seen_level, bond = got.visits[lo : lo + m], got.level[lo : lo + m], got.bond[lo : lo + m]
    skill = got.skill[lo : lo + m]
    for c in range(s.adstock.shape[0]):
        held = ZERO if c == 0 else (ONE - r.goodwill_kept) * r.rival_goodwill
        for level in range(3):
            goodwill = s.goodwill[c, level, lo : lo + m]
            for i in range(m):
                goodwill[i] = goodwill[i] * r.goodwill_kept + held
            if c == 0:
                for i in range(m):
                    goodwill[i] += skill[i] * F(visits[i]) if seen_level[i] == level else ZERO
                for i in range(m if level == 2 else 0):
                    goodwill[i] += bond[i]
            elif level == 0:
                for i in range(m):
                    goodwill[i] += r.skill if lured_by[i] == c else ZERO
        adstock = s.adstock[c, lo : lo + m]
        for i in range(m):
            adstock[i] *= r.adstock_kept
        if c < got.awareness.shape[0]:
            awareness = got.awareness[c, lo : lo + m]
            for i in range(m):
                adstock[i] += awareness[i]


@njit(cache=True, error_model="numpy")
def reckon_value(lo: int, m: int, who: Customers, s: State, posted: Tariff, r: Rates, w: Block) -> None:
    """Work out rapport and the part of delivered value that doesn't depend on the line."""
    rapport_weight, hassle_weight = who.rapport_weight[lo : lo + m], who.hassle_weight[lo : lo + m]
    for c in range(w.common.shape[0]):
        known, common = w.known[c], w.common[c]
        known[:m] = ZERO
        for level in range(3):
            weight, goodwill = who.level_weight[level, lo : lo + m], s.goodwill[c, level, lo : lo + m]
            for i in range(m):
                known[i] += weight[i] * (ONE - exp32(-r.saturation * goodwill[i]))
        satisfaction, adstock, news = (
            s.satisfaction[c, lo : lo + m],
            s.adstock[c, lo : lo + m],
            s.image_news[c, lo : lo + m],
        )
        image, hassle = F(posted.image[c]), F(posted.hassle[c])
        for i in range(m):
            seen = image + ONE - exp32(-adstock[i]) + news[i]
            common[i] = (
                r.satisfaction * satisfaction[i]
                + rapport_weight[i] * known[i]
                + r.image * seen
                - hassle_weight[i] * hassle
            )


@njit(cache=True, error_model="numpy")
def attend(
    lo: int, m: int, who: Customers, s: State, got: Contacts, posted: Tariff, r: Rates, key: Keys, w: Block
) -> None:
    """Work out, by carrier that serves a line, the logit of looking around without the line's own events."""
    k, called, loyal, lured_by = who.key[lo : lo + m], w.called, w.loyal, got.lured_by[lo : lo + m]
    for i in range(m):
        called[i] = ONE if lured_by[i] > 0 else ZERO
    for c in range(1, posted.contact.size):
        chance, number = F(posted.contact[c]), np.uint64(c)
        for i in range(m if chance > ZERO else 0):
            called[i] = ONE if keyed32(key.rival_contact, k[i], number) < chance else called[i]
    visits, calls = got.visits[lo : lo + m], got.calls[lo : lo + m]
    plan, news = s.plan[lo : lo + m], s.news[lo : lo + m]
    for c in range(w.look.shape[0]):
        look, satisfaction = w.look[c], s.satisfaction[c, lo : lo + m]
        for i in range(m):
            look[i] = attention_logit(satisfaction[i], r)
        if c == 0:
            for i in range(m):
                look[i] += r.rival_contact * called[i] * (ONE - r.shield * loyal[i]) - r.loyal * loyal[i]
                look[i] += (r.news if news[i] == 1 else ZERO) - (r.attention_on_plan if plan[i] > 0 else ZERO)
        else:
            for i in range(m):
                look[i] += r.rival_contact * called[i]
                look[i] += r.own_contact if visits[i] > 0 or calls[i] > 0 else ZERO


@njit(cache=True, error_model="numpy")
def who_looks(
    lo: int, m: int, line: int, who: Customers, s: State, r: Rates, on: Switches, key: Keys, w: Block, out: Month
) -> None:
    """Flag the customers who reconsider a line this month; a line that a plan has just moved isn't."""
    k, number = who.key[lo : lo + m], np.uint64(line)
    current, before, ended = s.carrier[line, lo : lo + m], w.before[line], w.ended[line]
    tenure, logit, looks = s.tenure[line, lo : lo + m], w.number, w.flag
    for i in range(m):
        tenure[i] = min(tenure[i] + 1, LONGEST)
        logit[i] = r.contract_ended if ended[i] == 1 else ZERO
    for c in range(w.look.shape[0]):
        look = w.look[c]
        for i in range(m):
            logit[i] += look[i] if current[i] == c else ZERO
    for i in range(m):
        tempted = keyed32(key.attention, k[i], number) < sigmoid32(logit[i])
        looks[i] = tempted & (before[i] == current[i])
    if not on.attention:
        looks[:m] = 0
    for c in range(w.look.shape[0]):
        total = 0
        for i in range(m):
            total += looks[i] if current[i] == c else 0
        out.looked[c] += total


@njit(cache=True, error_model="numpy")
def choose(
    lo: int, m: int, line: int, who: Customers, s: State, got: Contacts, posted: Tariff, r: Rates, key: Keys, w: Block
) -> None:
    """Draw the next carrier of a line for everybody, as if all looked: a logit with switching cost and breakage."""
    carriers, lines = w.look.shape[0], w.before.shape[0]
    current, before = s.carrier[line, lo : lo + m], w.before[line]
    left, discount = s.months_left[line, lo : lo + m], s.discount[line, lo : lo + m]
    k, beta, cost = who.key[lo : lo + m], who.price_sensitivity[lo : lo + m], who.switching_cost[lo : lo + m]
    lured_by, bonus, bond = got.lured_by[lo : lo + m], got.bonus[lo : lo + m], w.bond
    lured = lured_by.any()
    best, chosen, bundle = w.number, w.chosen, r.bundle / F(max(lines - 1, 1))
    for c in range(carriers):
        odds, common, served = w.odds[c], w.common[c], w.served[c]
        good, price = r.quality * F(posted.quality[c, line]), log32(F(posted.price[c, line]))
        for i in range(m):
            others = served[i] - (ONE if before[i] == c else ZERO)
            stays = current[i] == c
            leaving = cost[i] + (r.breakage if left[i] > 0 else ZERO) + (bond[i] if current[i] == 0 else ZERO)
            odds[i] = common[i] + good - beta[i] * price + bundle * others - (ZERO if stays else leaving)
        if c == 0 and discount.any():
            for i in range(m):
                odds[i] -= beta[i] * log32(ONE - discount[i])
        if c == 0 and r.holds:
            held = w.held[line]
            for i in range(m):
                odds[i] += held[i] if current[i] == 0 else ZERO
        if c > 0 and lured:
            for i in range(m):
                offered = bonus[i] if lured_by[i] == c and current[i] != c else ZERO
                odds[i] -= beta[i] * log32(ONE - offered)
        for i in range(m):
            best[i] = odds[i] if c == 0 else max(best[i], odds[i])
    total = w.total
    total[:m] = ZERO
    for c in range(carriers):
        odds = w.odds[c]
        for i in range(m):
            odds[i] = exp32(odds[i] - best[i])
            total[i] += odds[i]
    running = w.running
    for i in range(m):
        total[i] *= keyed32(key.choice, k[i], np.uint64(line))
        running[i] = ZERO
        chosen[i] = 0
    for c in range(carriers - 1):
        odds = w.odds[c]
        for i in range(m):
            running[i] += odds[i]
            chosen[i] += 1 if total[i] >= running[i] else 0


@njit(cache=True, error_model="numpy")
def move(lo: int, m: int, line: int, who: Customers, s: State, r: Rates, key: Keys, w: Block) -> None:
    """Move the lines of who looks and chooses another carrier; terms are signed on moving and when one has ended."""
    k, number = who.key[lo : lo + m], np.uint64(line)
    current, ended, looks, chosen = s.carrier[line, lo : lo + m], w.ended[line], w.flag, w.chosen
    tenure, left, plan = s.tenure[line, lo : lo + m], s.months_left[line, lo : lo + m], s.plan[lo : lo + m]
    term, luck = np.int16(r.term_months), w.number
    if term > 0:
        for i in range(m):
            luck[i] = keyed32(key.signing, k[i], number)
    for i in range(m):
        moves = (looks[i] == 1) & (chosen[i] != current[i])
        renews = (ended[i] == 1) & ((current[i] != 0) | (plan[i] == 0)) & (not moves)
        signs = luck[i] < (r.signing if moves else r.resigning)
        signed = term if signs else np.int16(0)
        left[i] = signed if moves | renews else left[i]
        tenure[i] = np.int16(0) if moves else tenure[i]
        current[i] = chosen[i] if moves else current[i]


@njit(cache=True, error_model="numpy")
def bill(lo: int, m: int, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, w: Block, out: Month) -> None:
    """Reckon the month's bills by what they pay for, and record flows and revenue."""
    carriers = w.look.shape[0]
    usage, kept_list, kept_paid, won_paid = w.usage, w.kept_list, w.kept_paid, w.won_paid
    plan, lost = s.plan[lo : lo + m], out.lost[lo : lo + m]
    for i in range(m):
        usage[i], kept_list[i], kept_paid[i], won_paid[i], lost[i] = 0.0, 0.0, 0.0, 0.0, 0
    for line in range(w.before.shape[0]):
        demand, discount = s.demand[line, lo : lo + m], s.discount[line, lo : lo + m]
        current, start, kept = s.carrier[line, lo : lo + m], s.start[line, lo : lo + m], s.kept[line, lo : lo + m]
        charged, before = w.charged, w.before[line]
        charge(lo, m, line, s, posted, r, w)
        for i in range(m):
            kept[i] = kept[i] * (current[i] == 0)
        for i in range(m):
            listed = np.float64(demand[i]) * charged[i] * np.float64(current[i] == 0)
            paid = listed * (1.0 - np.float64(discount[i]))
            stayed = np.float64(kept[i])
            usage[i] += listed
            kept_list[i] += listed * stayed
            kept_paid[i] += paid * stayed
            won_paid[i] += paid * (1.0 - stayed)
        for i in range(m):
            gone = (start[i] == 1) & (current[i] != 0)
            lost[i] += fixed(np.float64(demand[i]) * charged[i]) if gone else 0
        ours = 0
        for i in range(m):
            paid = np.float64(demand[i]) * charged[i] * (1.0 - np.float64(discount[i]))
            ours += fixed(paid) if (current[i] == 0) & (plan[i] == 0) else 0
        out.revenue[0, line] += ours
        for c in range(carriers):
            if c > 0:
                theirs, price = 0, posted.price[c, line]
                for i in range(m):
                    theirs += fixed(np.float64(demand[i]) * price) if current[i] == c else 0
                out.revenue[c, line] += theirs
            for j in range(carriers):
                went = 0
                for i in range(m):
                    went += (before[i] == c) & (current[i] == j)
                out.flows[line, c, j] += went
    retained, won_back, serve = out.retained[lo : lo + m], out.won_back[lo : lo + m], out.serve[lo : lo + m]
    shortfall, care, discounts = out.shortfall[lo : lo + m], out.care[lo : lo + m], out.discount[lo : lo + m]
    cost = np.float64(r.cost_to_serve)
    for i in range(m):
        serve[i] = fixed(cost * usage[i])
        retained[i] = fixed(kept_paid[i])
        won_back[i] = fixed(won_paid[i])
        shortfall[i] = 0
        care[i] = 0
        discounts[i] = fixed(usage[i] - kept_paid[i] - won_paid[i])
    bill_plans(lo, m, s, posted, terms, r, w, out)
    oldest, older, newest = (
        s.recent_usage[0, lo : lo + m],
        s.recent_usage[1, lo : lo + m],
        s.recent_usage[2, lo : lo + m],
    )
    for i in range(m):
        oldest[i] = older[i]
        older[i] = newest[i]
        newest[i] = F(usage[i])
    if r.x_by_bill:
        for i in range(m):
            newest[i] = F(np.float64(retained[i] + won_back[i] + shortfall[i]) / MONEY_UNIT)


@njit(cache=True, nogil=True, error_model="numpy")
def live_month(
    first: int,
    last: int,
    block: int,
    who: Customers,
    s: State,
    got: Contacts,
    posted: Tariff,
    terms: NDArray[Any],
    r: Rates,
    on: Switches,
    key: Keys,
    out: Month,
) -> None:
    """Let customers from `first` up to `last` live one month, in blocks; `s` and `out` are written in place.

    Ranges may run in threads of their own, each with an `out` whose totals are its own.
    """
    carriers, lines = posted.price.shape
    w = make_block(carriers, lines, min(block, max(last - first, 1)))
    for lo in range(first, last, block):
        m = min(block, last - lo)
        open_month(lo, m, who, s, posted, on, w)
        out.breakage[lo : lo + m] = 0
        move_usage(lo, m, s, posted, r, w)
        if not on.frozen:
            experience(lo, m, who, s, got, posted, r, key, w, out)
            age_stocks(lo, m, s, got, r)
        else:
            out.complained[lo : lo + m] = 0
        reckon_value(lo, m, who, s, posted, r, w)
        grow_loyal(lo, m, s, r, on, w)
        hold_bonds(lo, m, who, s, got, r, on, key, w)
        change_plans(lo, m, who, s, got, posted, terms, r, key, w, out)
        attend(lo, m, who, s, got, posted, r, key, w)
        if r.holds:
            worth_of_staying(lo, m, who, s, r, w)
        for line in range(lines):
            who_looks(lo, m, line, who, s, r, on, key, w, out)
            choose(lo, m, line, who, s, got, posted, r, key, w)
            if r.line_fee > ZERO:
                charge_leaving(lo, m, line, s, posted, r, w, out)
            move(lo, m, line, who, s, r, key, w)
            tell_reasons(lo, m, line, who, s, posted, r, w, out)
        if r.ip_line >= 0:
            take_up_ip(lo, m, who, s, r)
        bill(lo, m, s, posted, terms, r, w, out)
        if r.installation > ZERO:
            waive_installation(lo, m, s, r, w, out)
        if r.points_per_yuan > ZERO:
            earn_points(lo, m, who, s, r, key, out)
        if out.group.size > 0:
            count_lines(lo, m, s, posted, terms, r, w, out)
