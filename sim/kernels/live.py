"""The monthly loop over customers: experience, value, attention, choice, plans and bills.

Each step is a function of one customer; `live_month` calls them in order for all. Arrays have customers last.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.behaviour import (
    attention_logit,
    bill_on_plan,
    care,
    fixed,
    log_ratio,
    perceived,
    renewal_odds,
    satisfied,
    sigmoid,
)
from sim.kernels.keyed import keyed_uniform
from sim.kernels.records import Contacts, Keys, Month, Rates, Switches
from sim.state import Customers, State

SQRT12 = math.sqrt(12.0)
ACCEPTED, RENEWED, RENEGOTIATED, LEFT_PLAN, COMPLAINED = range(5)
"""Rows of `Month.counts`."""


class Scratch(NamedTuple):
    """What is worked out for one customer and needed by later steps of its month."""

    served: NDArray[Any]
    """Lines that each carrier serves at the start of the month, shape (carriers,)."""
    quality: NDArray[Any]
    """Sum of their quality, shape (carriers,)."""
    common: NDArray[Any]
    """Delivered value that doesn't depend on the line, shape (carriers,)."""
    known: NDArray[Any]
    """Rapport, 0 to 1, shape (carriers,)."""
    value: NDArray[Any]
    """Choice odds on one line, shape (carriers,)."""
    ended: NDArray[Any]
    """Whether a line's contract term ended this month, shape (lines,)."""
    before: NDArray[Any]
    """Who served a line at the start of the month, shape (lines,)."""


@njit(cache=True, inline="always")
def make_scratch(carriers: int, lines: int) -> Scratch:
    """Return scratch arrays for one customer at a time."""
    return Scratch(
        np.empty(carriers, np.int64),
        np.empty(carriers),
        np.empty(carriers),
        np.empty(carriers),
        np.empty(carriers),
        np.empty(lines, np.bool_),
        np.empty(lines, np.int8),
    )


@njit(cache=True, inline="always")
def open_month(n: int, who: Customers, s: State, posted: Tariff, on: Switches, w: Scratch) -> None:
    """Let demand grow and contract terms run down; note who serves what."""
    for c in range(w.served.size):
        w.served[c] = 0
        w.quality[c] = 0.0
    for line in range(w.before.size):
        if on.growth:
            s.demand[line, n] *= np.float32(1.0) + who.growth[n]
        left = s.months_left[line, n]
        w.ended[line] = left == 1
        if left > 0:
            s.months_left[line, n] = left - 1
        c = s.carrier[line, n]
        w.before[line] = c
        w.served[c] += 1
        w.quality[c] += posted.quality[c, line]


@njit(cache=True, inline="always")
def experience(
    n: int, who: Customers, s: State, got: Contacts, posted: Tariff, r: Rates, key: Keys, w: Scratch, out: Month
) -> None:
    """Turn faults, performance and visits into satisfaction and expectation of the carriers that serve a line."""
    k = who.key[n]
    for c in range(w.served.size):
        if w.served[c] == 0:
            continue
        quality = w.quality[c] / w.served[c]
        seen = perceived(quality, posted.service[c], r)
        seen += r.noise * SQRT12 * (keyed_uniform(key.noise, k, np.uint64(c)) - 0.5)
        if keyed_uniform(key.incident, k, np.uint64(c)) < r.incidents * (1.0 - quality):
            seen -= r.incident_shock
            if c == 0:
                out.complained[n] = 1
                out.counts[COMPLAINED] += 1
                s.complaints[n] += 1
        if c == 0:
            if got.visits[n] > 0:
                seen += r.visit_lift
            if s.plan[n] > 0:
                seen += r.plan_lift
        felt = satisfied(s.satisfaction[c, n], s.expectation[c, n], seen, r)
        if c == 0 and s.news[n] == 1:
            felt = max(0.0, felt - r.resentment)
        s.satisfaction[c, n] = felt
        s.expectation[c, n] += r.expectation_speed * (seen - s.expectation[c, n])


@njit(cache=True, inline="always")
def age_stocks(n: int, s: State, got: Contacts, r: Rates) -> None:
    """Let goodwill and awareness fade, and add this month's contacts; rivals' forces maintain their level."""
    for c in range(s.adstock.shape[0]):
        held = 0.0 if c == 0 else (1.0 - r.goodwill_kept) * r.rival_goodwill
        for level in range(3):
            s.goodwill[c, level, n] = s.goodwill[c, level, n] * r.goodwill_kept + held
        s.adstock[c, n] *= r.adstock_kept
    s.goodwill[0, got.level[n], n] += r.skill * got.visits[n]
    s.adstock[0, n] += got.awareness[n]


@njit(cache=True, inline="always")
def reckon_value(n: int, who: Customers, s: State, posted: Tariff, r: Rates, w: Scratch) -> None:
    """Work out rapport and the part of delivered value that doesn't depend on the line."""
    for c in range(w.common.size):
        known = 0.0
        for level in range(3):
            known += who.level_weight[level, n] * (1.0 - math.exp(-r.saturation * s.goodwill[c, level, n]))
        w.known[c] = known
        image = posted.image[c] + 1.0 - math.exp(-s.adstock[c, n]) + s.image_news[c, n]
        w.common[c] = (
            r.satisfaction * s.satisfaction[c, n]
            + who.rapport_weight[n] * known
            + r.image * image
            - who.hassle_weight[n] * posted.hassle[c]
        )


@njit(cache=True, inline="always")
def own_usage(n: int, s: State, posted: Tariff) -> float:
    """Return the list value of usage on our lines, yuan/month."""
    usage = 0.0
    for line in range(s.carrier.shape[0]):
        if s.carrier[line, n] == 0:
            usage += s.demand[line, n] * posted.price[0, line]
    return usage


@njit(cache=True, inline="always")
def recent_mean(n: int, s: State) -> float:
    """Return the mean list value of usage with us over the last three months, yuan/month."""
    return float((s.recent_usage[0, n] + s.recent_usage[1, n] + s.recent_usage[2, n]) / 3.0)


@njit(cache=True, inline="always")
def reset_plan(
    n: int, who: Customers, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, key: Keys, w: Scratch, out: Month
) -> bool:
    """Set X anew when its time is over: the customer accepts, renegotiates or leaves; return whether it left."""
    s.plan_age[n] += 1
    if s.plan_age[n] < r.reset_months:
        return False
    usage, recent = own_usage(n, s, posted), recent_mean(n, s)
    accept, haggle = renewal_odds(usage, recent, terms[s.plan[n]], who.price_sensitivity[n], r)
    if usage <= 0.0:
        accept, haggle = 0.0, 0.0
    u = keyed_uniform(key.renewal, who.key[n], np.uint64(0)) * (1.0 + accept + haggle)
    left = u >= accept + haggle
    s.plan_age[n] = 0
    if left:
        s.plan[n] = 0
        s.plan_x[n] = 0.0
        out.counts[LEFT_PLAN] += 1
    elif u < accept:
        s.plan_x[n] = recent
        out.counts[RENEWED] += 1
    else:
        s.plan_x[n] = recent * (1.0 - r.concession)
        out.counts[RENEGOTIATED] += 1
    for line in range(w.ended.size):
        if s.carrier[line, n] == 0:
            s.months_left[line, n] = 0 if left else r.reset_months
            w.ended[line] = left
    return left


@njit(cache=True, inline="always")
def consider_offer(
    n: int,
    who: Customers,
    s: State,
    got: Contacts,
    posted: Tariff,
    terms: NDArray[Any],
    r: Rates,
    key: Keys,
    w: Scratch,
    out: Month,
) -> None:
    """Let a customer compare its whole bill and value under today's split with those under the plan offered."""
    lines = w.before.size
    bill_now, everything, rival_known = 0.0, 0.0, 0.0
    for line in range(lines):
        c = s.carrier[line, n]
        off = 1.0 - s.discount[line, n] if c == 0 else 1.0
        bill_now += s.demand[line, n] * posted.price[c, line] * off
        everything += s.demand[line, n] * posted.price[0, line]
        if c != 0:
            rival_known += w.known[c]
    moved = lines - w.served[0]
    plan = got.offer[n]
    x = max(recent_mean(n, s), got.offer_x[n])
    then = bill_on_plan(everything, x, terms[plan, 0], terms[plan, 1])
    gap = w.known[0] - rival_known / moved if moved > 0 else 0.0
    saving = who.price_sensitivity[n] * log_ratio(bill_now, then)
    logit = r.offer + saving + who.rapport_weight[n] * gap - r.moving * moved / lines
    if keyed_uniform(key.offer, who.key[n], np.uint64(0)) >= sigmoid(logit):
        return
    s.plan[n] = plan
    s.plan_x[n] = x
    s.plan_age[n] = 0
    out.counts[ACCEPTED] += 1
    for line in range(lines):
        s.discount[line, n] = 0.0
        s.months_left[line, n] = r.reset_months
        w.ended[line] = False
        if s.carrier[line, n] != 0:
            s.carrier[line, n] = 0
            s.tenure[line, n] = -1


@njit(cache=True, inline="always")
def rivals_call(k: np.uint64, posted: Tariff, key: Keys) -> float:
    """Return 1 if any rival's sales force calls on the customer this month, else 0."""
    called = 0.0
    for c in range(1, posted.contact.size):
        if keyed_uniform(key.rival_contact, k, np.uint64(c)) < posted.contact[c]:
            called = 1.0
    return called


@njit(cache=True, inline="always")
def look_logit(n: int, line: int, s: State, touched: bool, called: float, r: Rates, w: Scratch) -> float:
    """Return the logit of reconsidering a line this month."""
    current = s.carrier[line, n]
    logit = attention_logit(s.satisfaction[current, n], r) + r.rival_contact * called
    if w.ended[line]:
        logit += r.contract_ended
    if current == 0:
        if s.plan[n] > 0:
            logit -= r.attention_on_plan
        if s.news[n] == 1:
            logit += r.news
    elif touched:
        logit += r.own_contact
    return logit


@njit(cache=True, inline="always")
def choose(n: int, line: int, who: Customers, s: State, posted: Tariff, r: Rates, key: Keys, w: Scratch) -> int:
    """Return the next carrier of a line that is reconsidered: a logit with switching cost and breakage."""
    carriers, lines = w.value.size, w.before.size
    current = s.carrier[line, n]
    stay = who.switching_cost[n] + (r.breakage if s.months_left[line, n] > 0 else 0.0)
    best = -1e300
    for c in range(carriers):
        price = posted.price[c, line]
        if c == 0:
            price *= 1.0 - s.discount[line, n]
        others = w.served[c] - (1 if w.before[line] == c else 0)
        value = w.common[c] + r.quality * posted.quality[c, line] - who.price_sensitivity[n] * math.log(price)
        value += r.bundle * others / max(lines - 1, 1)
        if c != current:
            value -= stay
        w.value[c] = value
        best = max(best, value)
    total = 0.0
    for c in range(carriers):
        w.value[c] = math.exp(w.value[c] - best)
        total += w.value[c]
    u = keyed_uniform(key.choice, who.key[n], np.uint64(line)) * total
    for c in range(carriers):
        u -= w.value[c]
        if u < 0.0:
            return c
    return carriers - 1


@njit(cache=True, inline="always")
def reconsider(
    n: int,
    who: Customers,
    s: State,
    got: Contacts,
    posted: Tariff,
    r: Rates,
    on: Switches,
    key: Keys,
    w: Scratch,
    out: Month,
) -> None:
    """Let attention, then choice, decide on each line, from the split at the start of the month; terms are signed."""
    k = who.key[n]
    called = rivals_call(k, posted, key)
    touched = got.visits[n] > 0 or got.calls[n] > 0
    for line in range(w.before.size):
        current = s.carrier[line, n]
        s.tenure[line, n] = min(s.tenure[line, n] + 1, 32000)
        if w.before[line] != current:
            continue
        chosen = current
        logit = look_logit(n, line, s, touched, called, r, w)
        if on.attention and keyed_uniform(key.attention, k, np.uint64(line)) < sigmoid(logit):
            out.looked[current] += 1
            chosen = choose(n, line, who, s, posted, r, key, w)
        if chosen != current:
            s.carrier[line, n] = chosen
            s.tenure[line, n] = 0
            signs = keyed_uniform(key.signing, k, np.uint64(line)) < r.signing
            s.months_left[line, n] = r.term_months if signs else 0
        elif w.ended[line] and (current != 0 or s.plan[n] == 0):
            signs = keyed_uniform(key.signing, k, np.uint64(line)) < r.resigning
            s.months_left[line, n] = r.term_months if signs else 0


@njit(cache=True, inline="always")
def bill(n: int, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, w: Scratch, out: Month) -> None:
    """Reckon the month's bill by what it pays for, and record flows and revenue."""
    kept_list, kept_paid, won_paid, lost = 0.0, 0.0, 0.0, 0.0
    usage = own_usage(n, s, posted)
    for line in range(w.before.size):
        c = s.carrier[line, n]
        out.flows[line, w.before[line], c] += 1
        listed = s.demand[line, n] * posted.price[c, line]
        if c != 0:
            s.kept[line, n] = 0
            out.revenue[c, line] += fixed(listed)
            if s.start[line, n] == 1:
                lost += s.demand[line, n] * posted.price[0, line]
            continue
        paid = listed * (1.0 - s.discount[line, n])
        if s.kept[line, n] == 1:
            kept_list += listed
            kept_paid += paid
        else:
            won_paid += paid
        if s.plan[n] == 0:
            out.revenue[0, line] += fixed(paid)
    out.lost[n] = fixed(lost)
    out.serve[n] = fixed(r.cost_to_serve * usage)
    if s.plan[n] > 0:
        bill_plan(n, s, posted, terms[s.plan[n]], r, usage, kept_list, out)
    else:
        out.retained[n] = fixed(kept_paid)
        out.won_back[n] = fixed(won_paid)
        out.shortfall[n] = 0
        out.care[n] = 0
        out.discount[n] = fixed(usage - kept_paid - won_paid)
    s.recent_usage[0, n] = s.recent_usage[1, n]
    s.recent_usage[1, n] = s.recent_usage[2, n]
    s.recent_usage[2, n] = usage


@njit(cache=True, inline="always")
def bill_plan(
    n: int, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, usage: float, kept: float, out: Month
) -> None:
    """Reckon a plan's bill: retained up to the list value of kept lines, then won back, then shortfall."""
    paid = bill_on_plan(usage, s.plan_x[n], terms[0], terms[1])
    retained = min(paid, kept)
    won = min(paid - retained, usage - kept)
    out.retained[n] = fixed(retained)
    out.won_back[n] = fixed(won)
    out.shortfall[n] = fixed(paid - retained - won)
    out.care[n] = fixed(care(usage, terms[0] * s.plan_x[n], r))
    out.discount[n] = fixed(max(0.0, usage - paid))
    if usage <= 0.0:
        out.revenue[0, 0] += fixed(paid)
        return
    for line in range(s.carrier.shape[0]):
        if s.carrier[line, n] == 0:
            out.revenue[0, line] += fixed(paid * s.demand[line, n] * posted.price[0, line] / usage)


@njit(cache=True, nogil=True)
def live_month(
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
    """Let every customer live one month; `s` and `out` are written in place."""
    carriers, lines = posted.price.shape
    w = make_scratch(carriers, lines)
    for n in range(who.key.size):
        out.complained[n] = 0
        open_month(n, who, s, posted, on, w)
        if not on.frozen:
            experience(n, who, s, got, posted, r, key, w, out)
            age_stocks(n, s, got, r)
        reckon_value(n, who, s, posted, r, w)
        left = False
        if s.plan[n] > 0:
            left = reset_plan(n, who, s, posted, terms, r, key, w, out)
        if s.plan[n] == 0 and got.offer[n] > 0 and not left:
            consider_offer(n, who, s, got, posted, terms, r, key, w, out)
        reconsider(n, who, s, got, posted, r, on, key, w, out)
        bill(n, s, posted, terms, r, w, out)
