"""The monthly loop over customers: experience, value, attention, choice, plans and bills."""

from __future__ import annotations

import math
from typing import Any

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
    seen_quality = np.empty(carriers)
    served = np.empty(carriers, np.int64)
    common = np.empty(carriers)
    value = np.empty(carriers)
    ended = np.empty(lines, np.bool_)
    before = np.empty(lines, np.int8)
    for n in range(who.key.size):
        k = who.key[n]
        beta = who.price_sensitivity[n]

        # Demand grows and contract terms run down.
        for line in range(lines):
            if on.growth:
                s.demand[line, n] *= np.float32(1.0) + who.growth[n]
            ended[line] = s.months_left[line, n] == 1
            if s.months_left[line, n] > 0:
                s.months_left[line, n] -= 1

        # Experience: faults, performance, satisfaction; goodwill and awareness.
        for c in range(carriers):
            served[c] = 0
            seen_quality[c] = 0.0
        for line in range(lines):
            c = s.carrier[line, n]
            served[c] += 1
            seen_quality[c] += posted.quality[c, line]
        out.complained[n] = 0
        for c in range(carriers):
            if served[c] > 0 and not on.frozen:
                quality = seen_quality[c] / served[c]
                seen = perceived(quality, posted.service[c], r)
                seen += r.noise * SQRT12 * (keyed_uniform(key.noise, k, np.uint64(c)) - 0.5)
                if keyed_uniform(key.incident, k, np.uint64(c)) < r.incidents * (1.0 - quality):
                    seen -= r.incident_shock
                    if c == 0:
                        out.complained[n] = 1
                        out.counts[4] += 1
                        s.complaints[n] += 1
                if c == 0 and got.visits[n] > 0:
                    seen += r.visit_lift
                if c == 0 and s.plan[n] > 0:
                    seen += r.plan_lift
                felt = satisfied(s.satisfaction[c, n], s.expectation[c, n], seen, r)
                if c == 0 and s.news[n] == 1:
                    felt = max(0.0, felt - r.resentment)
                s.satisfaction[c, n] = felt
                s.expectation[c, n] += r.expectation_speed * (seen - s.expectation[c, n])
            if not on.frozen:
                for level in range(3):
                    held = 0.0 if c == 0 else (1.0 - r.goodwill_kept) * r.rival_goodwill
                    s.goodwill[c, level, n] = s.goodwill[c, level, n] * r.goodwill_kept + held
                s.adstock[c, n] *= r.adstock_kept
        if not on.frozen:
            s.goodwill[0, got.level[n], n] += r.skill * got.visits[n]
            s.adstock[0, n] += got.awareness[n]

        # Delivered value that doesn't depend on the line.
        usage = 0.0
        bill_now = 0.0
        all_usage = 0.0
        for line in range(lines):
            c = s.carrier[line, n]
            listed = s.demand[line, n] * posted.price[c, line]
            all_usage += s.demand[line, n] * posted.price[0, line]
            if c == 0:
                usage += listed
                bill_now += listed * (1.0 - s.discount[line, n])
            else:
                bill_now += listed
        own_known = 0.0
        rival_known = 0.0
        for c in range(carriers):
            known = 0.0
            for level in range(3):
                known += who.level_weight[level, n] * (1.0 - math.exp(-r.saturation * s.goodwill[c, level, n]))
            if c == 0:
                own_known = known
            elif served[c] > 0:
                rival_known += known * served[c]
            common[c] = (
                r.satisfaction * s.satisfaction[c, n]
                + who.rapport_weight[n] * known
                + r.image * (posted.image[c] + 1.0 - math.exp(-s.adstock[c, n]) + s.image_news[c, n])
                - who.hassle_weight[n] * posted.hassle[c]
            )
        moved = lines - served[0]
        for line in range(lines):
            before[line] = s.carrier[line, n]

        # Evergreen: the six-month reset, then an offer.
        left_plan = False
        if s.plan[n] > 0:
            s.plan_age[n] += 1
            if s.plan_age[n] >= r.reset_months:
                recent = (s.recent_usage[0, n] + s.recent_usage[1, n] + s.recent_usage[2, n]) / 3.0
                accept, haggle = renewal_odds(usage, recent, terms[s.plan[n]], beta, r)
                u = keyed_uniform(key.renewal, k, np.uint64(0)) * (1.0 + accept + haggle)
                s.plan_age[n] = 0
                if u < accept and usage > 0.0:
                    s.plan_x[n] = recent
                    out.counts[1] += 1
                elif u < accept + haggle and usage > 0.0:
                    s.plan_x[n] = recent * (1.0 - r.concession)
                    out.counts[2] += 1
                else:
                    s.plan[n] = 0
                    s.plan_x[n] = 0.0
                    left_plan = True
                    out.counts[3] += 1
                for line in range(lines):
                    if s.carrier[line, n] == 0:
                        s.months_left[line, n] = 0 if left_plan else r.reset_months
                        ended[line] = left_plan
        if s.plan[n] == 0 and got.offer[n] > 0 and not left_plan:
            plan = got.offer[n]
            floor = (s.recent_usage[0, n] + s.recent_usage[1, n] + s.recent_usage[2, n]) / 3.0
            x = max(floor, got.offer_x[n])
            then = bill_on_plan(all_usage, x, terms[plan, 0], terms[plan, 1])
            gap = own_known - (rival_known / moved if moved > 0 else own_known)
            logit = r.offer + beta * log_ratio(bill_now, then) + who.rapport_weight[n] * gap - r.moving * moved / lines
            if keyed_uniform(key.offer, k, np.uint64(0)) < sigmoid(logit):
                s.plan[n] = plan
                s.plan_x[n] = x
                s.plan_age[n] = 0
                out.counts[0] += 1
                for line in range(lines):
                    s.discount[line, n] = 0.0
                    s.months_left[line, n] = r.reset_months
                    ended[line] = False
                    if s.carrier[line, n] != 0:
                        s.carrier[line, n] = 0
                        s.tenure[line, n] = -1

        # Attention, then choice, line by line from the split at the start of the month.
        called = 0.0
        for c in range(1, carriers):
            if keyed_uniform(key.rival_contact, k, np.uint64(c)) < posted.contact[c]:
                called = 1.0
        touched = got.visits[n] > 0 or got.calls[n] > 0
        for line in range(lines):
            current = s.carrier[line, n]
            s.tenure[line, n] = min(s.tenure[line, n] + 1, 32000)
            if before[line] != current:
                continue
            look = attention_logit(s.satisfaction[current, n], r) + r.rival_contact * called
            if ended[line]:
                look += r.contract_ended
            if current == 0:
                if s.plan[n] > 0:
                    look -= r.attention_on_plan
                if s.news[n] == 1:
                    look += r.news
            elif touched:
                look += r.own_contact
            looking = on.attention and keyed_uniform(key.attention, k, np.uint64(line)) < sigmoid(look)
            if looking:
                out.looked[current] += 1
                stay = who.switching_cost[n] + (r.breakage if s.months_left[line, n] > 0 else 0.0)
                best = -1e300
                for c in range(carriers):
                    price = posted.price[c, line]
                    if c == 0:
                        price *= 1.0 - s.discount[line, n]
                    others = served[c] - (1 if before[line] == c else 0)
                    value[c] = (
                        common[c]
                        + r.quality * posted.quality[c, line]
                        - beta * math.log(price)
                        + r.bundle * others / max(lines - 1, 1)
                        - (stay if c != current else 0.0)
                    )
                    best = max(best, value[c])
                total = 0.0
                for c in range(carriers):
                    value[c] = math.exp(value[c] - best)
                    total += value[c]
                u = keyed_uniform(key.choice, k, np.uint64(line)) * total
                chosen = carriers - 1
                for c in range(carriers):
                    u -= value[c]
                    if u < 0.0:
                        chosen = c
                        break
                if chosen != current:
                    s.carrier[line, n] = chosen
                    s.tenure[line, n] = 0
                    signs = keyed_uniform(key.signing, k, np.uint64(line)) < r.signing
                    s.months_left[line, n] = r.term_months if signs else 0
                    continue
            if ended[line] and (current != 0 or s.plan[n] == 0):
                signs = keyed_uniform(key.signing, k, np.uint64(line)) < r.resigning
                s.months_left[line, n] = r.term_months if signs else 0

        # Bills, by what they pay for.
        usage = 0.0
        kept_list = 0.0
        kept_paid = 0.0
        won_paid = 0.0
        lost = 0.0
        for line in range(lines):
            c = s.carrier[line, n]
            out.flows[line, before[line], c] += 1
            if c != 0:
                s.kept[line, n] = 0
            listed = s.demand[line, n] * posted.price[c, line]
            if c == 0:
                usage += listed
                paid = listed * (1.0 - s.discount[line, n])
                if s.kept[line, n] == 1:
                    kept_list += listed
                    kept_paid += paid
                else:
                    won_paid += paid
                if s.plan[n] == 0:
                    out.revenue[0, line] += fixed(paid)
            else:
                out.revenue[c, line] += fixed(listed)
                if s.start[line, n] == 1:
                    lost += s.demand[line, n] * posted.price[0, line]
        out.lost[n] = fixed(lost)
        out.serve[n] = fixed(r.cost_to_serve * usage)
        if s.plan[n] > 0:
            pay, cap = terms[s.plan[n], 0], terms[s.plan[n], 1]
            bill = bill_on_plan(usage, s.plan_x[n], pay, cap)
            retained = min(bill, kept_list)
            won = min(bill - retained, usage - kept_list)
            out.retained[n] = fixed(retained)
            out.won_back[n] = fixed(won)
            out.shortfall[n] = fixed(bill - retained - won)
            out.care[n] = fixed(care(usage, pay * s.plan_x[n], r))
            out.discount[n] = fixed(max(0.0, usage - bill))
            if usage <= 0.0:
                out.revenue[0, 0] += fixed(bill)
            else:
                for line in range(lines):
                    if s.carrier[line, n] == 0:
                        out.revenue[0, line] += fixed(bill * s.demand[line, n] * posted.price[0, line] / usage)
        else:
            out.retained[n] = fixed(kept_paid)
            out.won_back[n] = fixed(won_paid)
            out.shortfall[n] = 0
            out.care[n] = 0
            out.discount[n] = fixed(usage - kept_paid - won_paid)
        s.recent_usage[0, n] = s.recent_usage[1, n]
        s.recent_usage[1, n] = s.recent_usage[2, n]
        s.recent_usage[2, n] = usage
