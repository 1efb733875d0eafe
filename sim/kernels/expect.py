"""Expected value of a treatment without dice: the law of each line's carrier, month by month, in mean field.

Two branches are followed, off and on an Evergreen plan. In each, every line has a law over carriers; stocks
(satisfaction, goodwill, awareness) follow their expected paths, and contract terms are followed as cohorts by the month
in which they end. Talk between neighbours is left out.
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
    free_installation,
    log_ratio,
    perceived,
    renewal_odds,
    satisfied,
    sigmoid,
)
from sim.kernels.expect_money import (
    early_leavers,
    earned_points,
    flow_of_usage,
    ip_saved,
    pull_of_prices,
    worth_of_staying,
)
from sim.kernels.records import Rates

RETAINED, WON_BACK, SHORTFALL, CARE, DISCOUNT, SERVE, OFFERS, LEFT, BREAKAGE, WAIVED, REDEEMED = range(11)
"""Rows of what a treatment is expected to bring; yuan over the horizon, but offers made and lines lost are counts."""
OUTCOMES = 11


class Known(NamedTuple):
    """What the book says of each account, customers last."""

    demand: NDArray[np.float64]
    """Usage at reference prices, expected where a rival serves, yuan/month, shape (lines, customers)."""
    ours: NDArray[np.bool_]
    """Shape (lines, customers)."""
    months_left: NDArray[np.int16]
    """Contract term left, -1 unknown, shape (lines, customers)."""
    growth: NDArray[np.float64]
    goodwill: NDArray[np.float64]
    """With us, shape (levels, customers)."""
    level_weight: NDArray[np.float64]
    """Expected weight of each level, shape (levels, customers)."""
    adstock: NDArray[np.float64]
    satisfaction: NDArray[np.float64]
    """Expected, shape (carriers, customers)."""
    expectation: NDArray[np.float64]
    """Performance that the customer expects, shape (carriers, customers)."""
    plan: NDArray[np.int8]
    plan_x: NDArray[np.float64]
    plan_age: NDArray[np.int16]
    oldest: NDArray[np.int16]
    """Tenure of the oldest line of ours, months, -1 where there is none."""
    solved: NDArray[np.bool_]
    """Whether we have integrated a solution."""
    points: NDArray[np.float64]
    ip_share: NDArray[np.float64]
    call_gain: NDArray[np.float64]
    faults: NDArray[np.float64]
    """What faults with us cost, as a ratio to the usual rate times the usual shock."""
    lift: NDArray[np.float64]
    """Performance gained by the service tier."""
    phase: NDArray[np.float64]
    """When contacts start, months: visits, letters, calls; shape (3, customers)."""


class Types(NamedTuple):
    """Draws of what the book doesn't say, shape (draws, customers) unless said."""

    price_sensitivity: NDArray[np.float64]
    rapport_weight: NDArray[np.float64]
    hassle_weight: NDArray[np.float64]
    switching_cost: NDArray[np.float64]
    weight: NDArray[np.float64]
    """Sums to one over draws."""
    law: NDArray[np.float64]
    """Law of the carrier of each line at the start, shape (draws, carriers, lines, customers)."""


class Menu(NamedTuple):
    """Treatments as arrays, shape (treatments, customers) unless said."""

    allowed: NDArray[np.bool_]
    visits: NDArray[np.int64]
    """A year, shape (treatments,), as the next four."""
    offer: NDArray[np.int64]
    discount: NDArray[np.float64]
    mail: NDArray[np.int64]
    calls: NDArray[np.int64]
    level: NDArray[np.int8]
    """Level to see."""
    offer_x: NDArray[np.float64]
    """X to propose, yuan/month."""


class After(NamedTuple):
    """The continuation once the planning period is over, shape (customers,)."""

    visits: NDArray[np.int64]
    level: NDArray[np.int8]
    mail: NDArray[np.int64]
    calls: NDArray[np.int64]


class Span(NamedTuple):
    """Lengths, months, and rates that only the expectation needs."""

    months: int
    period: int
    offer_every: int
    terminal: float
    mail_gain: float
    contract_share: float
    """Of lines whose term isn't known."""
    frozen: bool
    """Whether stocks stay as they are."""
    unrest: float
    """Logit added for the variance of satisfaction."""
    blur: float
    """Half the width of the range in which a fluctuating intention lies."""


@njit(cache=True)
def due(per_year: int, phase: float, month: int) -> int:
    """Return contacts that fall into a month (`sim.visit.due_in_month`)."""
    until = math.floor((month + 1 + phase) * per_year / 12 + 1e-9)
    return int(until - math.floor((month + phase) * per_year / 12 + 1e-9))


@njit(cache=True)
def looking(odds: float, ease: float, contact: float) -> float:
    """Return the probability of looking around when a rival calls, multiplying the odds by `ease`, with `contact`."""
    called = odds * ease
    return (1.0 - contact) * odds / (1.0 + odds) + contact * called / (1.0 + called)


@njit(cache=True)
def lines_held(law: NDArray[Any]) -> tuple[float, float, float]:
    """Return the probabilities of holding a line or more with us, two or more, and all; `law` is (lines, carriers)."""
    none, one, every = 1.0, 0.0, 1.0
    for line in range(law.shape[0]):
        ours = min(max(law[line, 0], 0.0), 1.0)
        one = one * (1.0 - ours) + none * ours
        none *= 1.0 - ours
        every *= ours
    return 1.0 - none, max(1.0 - none - one, 0.0), every


@njit(cache=True)
def loyalty(satisfaction: float, experienced: float, blur: float, r: Rates) -> float:
    """Return expected loyal behaviour of who repeats its purchase with probability `experienced` (`sim.loyalty`)."""
    meant = min(1.0, max(0.0, (satisfaction - r.loyalty_threshold) * r.loyalty_slope))
    advocates = min(1.0, max(0.0, 0.5 + 0.5 * (meant - r.advocacy) / blur))
    return experienced * meant * (r.repeat_share + (1.0 - r.repeat_share) * advocates)


@njit(cache=True, nogil=True)
def expect_one(
    n: int,
    b: int,
    d: int,
    known: Known,
    types: Types,
    menu: Menu,
    after: After,
    span: Span,
    tariffs: NDArray[Any],
    log_price: NDArray[Any],
    same: NDArray[Any],
    posted: Tariff,
    contact: NDArray[Any],
    terms: NDArray[Any],
    r: Rates,
    growing: bool,
    out: NDArray[Any],
) -> None:
    """Add one account's expected outcomes under one treatment and one type to `out`, shape (outcomes,).

    `tariffs` is the price by month, shape (months, carriers, lines), `log_price` its logarithm, `same` where it is
    that of the month before; `contact` is the probability that a rival calls, by month.
    """
    carriers, lines = posted.price.shape
    bundle = r.bundle / max(lines - 1, 1)
    slots = span.months + r.term_months + 2
    weight = types.weight[d, n]
    beta = types.price_sensitivity[d, n]
    stay_cost = math.exp(-types.switching_cost[d, n])
    bound_cost = stay_cost * math.exp(-r.breakage)

    mass = np.zeros(2)
    law = np.zeros((2, lines, carriers))
    fresh = np.zeros((lines, carriers))
    kept = np.zeros((2, lines))
    ring = np.zeros((2, lines, carriers, slots))
    alive = np.ones((2, lines, carriers))
    bound = np.zeros((2, lines, carriers))
    loose = np.zeros((2, lines))
    feeling = np.empty((2, carriers))
    expected = np.empty((2, carriers))
    goodwill = np.empty((carriers, 3))
    common = np.empty(carriers)
    carrier_odds = np.empty(carriers)
    look_by = np.empty(carriers)
    ended_by = np.empty(carriers)
    odds = np.empty(carriers)
    newly = np.zeros(carriers)
    fixed_odds = np.empty((carriers, lines))
    ease = math.exp(r.rival_contact)
    solved = np.zeros(2)
    ease_ended = math.exp(r.contract_ended)
    demand = np.empty(lines)
    # Months of term left summed over bound lines of ours; usage over IP; the balance of points by when it last was nil.
    money = np.zeros(3 * lines + 4 + 2 * (span.months + 1))
    owed, over_ip, latest = money[:lines], money[lines : lines + 2], money[lines + 2 : lines + 4]
    staying = money[lines + 4 : 3 * lines + 4].reshape((2, lines))
    staying[:] = 1.0
    since_nil, earned = money[3 * lines + 4 :].reshape((2, span.months + 1))
    since_nil[0] = 1.0
    earned[0] = -known.points[n]
    points = known.points[n]
    pull = np.empty((r.flows.shape[0], 2, carriers))
    highest_ip = r.ip_most * beta / (beta + r.ip_half)
    without_us = 1.0
    stayed_ip = 1.0

    on = 1 if known.plan[n] > 0 else 0
    mass[on] = 1.0
    if known.solved[n]:
        solved[on] = 1.0
    plan = known.plan[n] if on == 1 else menu.offer[b]
    x = known.plan_x[n]
    age = known.plan_age[n]
    adstock = known.adstock[n]
    for line in range(lines):
        demand[line] = known.demand[line, n]
        if line == r.ip_line:
            for g in range(2):
                over_ip[g] = known.ip_share[n] * types.law[d, 0, line, n]
        for c in range(carriers):
            start = types.law[d, c, line, n]
            for g in range(2):
                law[g, line, c] = start
            if known.months_left[line, n] >= 0:
                if known.months_left[line, n] > 0:
                    ring[on, line, c, known.months_left[line, n] - 1] += start
                    bound[on, line, c] = start
                    if c == 0:
                        owed[line] = start * known.months_left[line, n]
            elif r.term_months > 0:
                bound[on, line, c] = start * span.contract_share
                for slot in range(r.term_months):
                    ring[on, line, c, slot] += start * span.contract_share / r.term_months
                if c == 0:
                    owed[line] = bound[on, line, c] * (r.term_months + 1) / 2
        for g in range(2):
            kept[g, line] = 1.0 if known.ours[line, n] else 0.0
    for c in range(carriers):
        for g in range(2):
            feeling[g, c] = known.satisfaction[c, n]
            expected[g, c] = known.expectation[c, n]
        for level in range(3):
            goodwill[c, level] = known.goodwill[level, n] if c == 0 else r.rival_goodwill
    pending = False
    usage_before = 0.0
    for line in range(lines):
        usage_before += demand[line] * tariffs[0, 0, line] * (law[on, line, 0] - ip_saved(line, on, over_ip, r))
        without_us *= 1.0 - law[on, line, 0]
    latest[:] = usage_before

    for t in range(span.months):
        within = t < span.period
        since = t if within else t - span.period
        visits = due(menu.visits[b] if within else after.visits[n], known.phase[0, n], since)
        letters = due(menu.mail[b] if within else after.mail[n], known.phase[1, n], since)
        calls = due(menu.calls[b] if within else after.calls[n], known.phase[2, n], since)
        level_seen = menu.level[b, n] if within else after.level[n]
        discount = menu.discount[b] if within else 0.0
        if within and since % span.offer_every == 0:
            pending = menu.offer[b] > 0
        if not within:
            pending = False
        price = tariffs[t]
        if t == 0 or not same[t]:
            for line in range(lines):
                for c in range(carriers):
                    fixed_odds[c, line] = math.exp(r.quality * posted.quality[c, line] - beta * log_price[t, c, line])
            pull_of_prices(log_price[t], r, pull)
        if growing:
            for line in range(lines):
                demand[line] *= 1.0 + known.growth[n]
        if r.flows.shape[0] > 0:
            flow_of_usage(demand, law, mass, pull, discount, over_ip, r)

        # Stocks: satisfaction moves as far as the carrier serves any line.
        if not span.frozen:
            for c in range(carriers):
                for level in range(3):
                    held = 0.0 if c == 0 else (1.0 - r.goodwill_kept) * r.rival_goodwill
                    goodwill[c, level] = goodwill[c, level] * r.goodwill_kept + held
            goodwill[0, level_seen] += r.skill * visits
            adstock = adstock * r.adstock_kept + span.mail_gain * letters + known.call_gain[n] * calls
        for g in range(2):
            if mass[g] <= 0.0 or span.frozen:
                continue
            for c in range(carriers):
                share = 0.0
                absent = 1.0
                quality = 0.0
                for line in range(lines):
                    share += law[g, line, c]
                    absent *= 1.0 - law[g, line, c]
                    quality += law[g, line, c] * posted.quality[c, line]
                if share <= 1e-12:
                    continue
                quality /= share
                seen = perceived(quality, posted.service[c], r) - r.incidents * (1.0 - quality) * r.incident_shock
                if c == 0:
                    seen += r.incidents * (1.0 - quality) * r.incident_shock * (1.0 - known.faults[n]) + known.lift[n]
                    if visits > 0:
                        seen += r.visit_lift
                    if g == 1:
                        seen += r.plan_lift
                told = r.information_weight if c == 0 and visits + letters + calls > 0 else 0.0
                felt = satisfied(feeling[g, c], expected[g, c], seen, r.desire, told, r)
                expected[g, c] += (1.0 - absent) * r.expectation_speed * (seen - expected[g, c])
                feeling[g, c] += (1.0 - absent) * (felt - feeling[g, c])

        # Evergreen: the reset of X, then an offer.
        if mass[1] > 0.0:
            age += 1
            gone = 0.0
            if age < r.reset_months and r.early_below > 0.0:
                leaves, fee = early_leavers(demand, price, law, over_ip, x, terms[plan], r.reset_months - age, beta, r)
                gone = mass[1] * leaves
                out[BREAKAGE] += weight * gone * fee
            if age >= r.reset_months:
                age = 0
                usage = 0.0
                for line in range(lines):
                    usage += demand[line] * price[0, line] * (law[1, line, 0] - ip_saved(line, 1, over_ip, r))
                recent = usage_before
                accept, haggle = renewal_odds(usage, recent, terms[plan], beta, r)
                leave = 1.0 / (1.0 + accept + haggle)
                x = recent * (1.0 - r.concession * haggle / max(accept + haggle, 1e-300))
                gone = mass[1] * leave
            total = mass[0] + gone
            if gone > 0.0 and total > 0.0:
                a, z = mass[0] / total, gone / total
                over_ip[0] = a * over_ip[0] + z * over_ip[1]
                latest[0] = a * latest[0] + z * latest[1]
                for line in range(lines):
                    loose[0, line] = z * law[1, line, 0]
                    owed[line] *= a
                    kept[0, line] = a * kept[0, line] + z * kept[1, line]
                    for c in range(carriers):
                        law[0, line, c] = a * law[0, line, c] + z * law[1, line, c]
                        moving = z if c != 0 else 0.0
                        bound[0, line, c] = a * bound[0, line, c] + moving * bound[1, line, c]
                        for slot in range(t, slots):
                            ring[0, line, c, slot] = (
                                a * alive[0, line, c] * ring[0, line, c, slot]
                                + moving * alive[1, line, c] * ring[1, line, c, slot]
                            )
                        alive[0, line, c] = 1.0
                for c in range(carriers):
                    feeling[0, c] = a * feeling[0, c] + z * feeling[1, c]
                    expected[0, c] = a * expected[0, c] + z * expected[1, c]
                solved[0] = a * solved[0] + z * solved[1]
            mass[1] -= gone
            mass[0] = total
        known_own = 0.0
        for c in range(carriers):
            rapport = 0.0
            for level in range(3):
                rapport += known.level_weight[level, n] * (1.0 - math.exp(-r.saturation * goodwill[c, level]))
            if c == 0:
                known_own = rapport
            else:
                known_rival = rapport
            common[c] = (
                types.rapport_weight[d, n] * rapport
                + r.image * (posted.image[c] + (1.0 - math.exp(-adstock) if c == 0 else 0.0))
                - types.hassle_weight[d, n] * posted.hassle[c]
            )
        if pending and visits > 0 and mass[0] > 0.0:
            pending = False
            out[OFFERS] += weight * mass[0]
            bill_now = 0.0
            everything = 0.0
            usage = 0.0
            at_home = 0.0
            for line in range(lines):
                saved = ip_saved(line, 0, over_ip, r)
                everything += demand[line] * price[0, line] * (1.0 - saved)
                at_home += law[0, line, 0]
                usage += demand[line] * price[0, line] * (law[0, line, 0] - saved)
                for c in range(carriers):
                    off = 1.0 - discount if c == 0 else 1.0
                    bill_now += demand[line] * price[c, line] * off * (law[0, line, c] - (saved if c == 0 else 0.0))
            recent = usage * (1.0 - discount) if r.x_by_bill else usage
            proposed = max(recent, menu.offer_x[b, n])
            then = bill_on_plan(everything, proposed, terms[plan, 0], terms[plan, 1])
            moved = 1.0 - at_home / lines
            gap = (known_own - known_rival) * (1.0 if moved > 0.01 else 0.0)
            relief = free_installation(lines * moved, bill_now, beta, r)
            logit = r.offer + beta * log_ratio(bill_now, then) + types.rapport_weight[d, n] * gap
            logit -= max(0.0, r.moving * moved - relief)
            joins = mass[0] * sigmoid(logit)
            total = mass[1] + joins
            if joins > 0.0:
                a, z = mass[1] / total, joins / total
                x = a * x + z * proposed
                age = 0
                out[WAIVED] += weight * joins * r.installation * (lines - at_home)
                over_ip[1] = a * over_ip[1] + z * over_ip[0]
                latest[1] = a * latest[1] + z * latest[0]
                for line in range(lines):
                    kept[1, line] = a * kept[1, line] + z * kept[0, line]
                    for c in range(carriers):
                        law[1, line, c] = a * law[1, line, c] + (z if c == 0 else 0.0)
                        bound[1, line, c] *= a
                        alive[1, line, c] = alive[1, line, c] * a if a > 0.0 else 1.0
                for c in range(carriers):
                    feeling[1, c] = a * feeling[1, c] + z * feeling[0, c]
                    expected[1, c] = a * expected[1, c] + z * expected[0, c]
                solved[1] = a * solved[1] + z * solved[0]
                mass[0] -= joins
                mass[1] = total

        # Attention, then choice; then bills.
        if r.holds:
            worth_of_staying(law, mass, latest, over_ip, beta, points, r, staying)
        paid_now = 0.0
        gone_wholly = 0.0
        for g in range(2):
            if mass[g] <= 1e-12:
                continue
            off = 1.0 - discount if g == 0 else 1.0
            cheaper = off**-beta if off < 1.0 else 1.0
            usage = 0.0
            kept_list = 0.0
            any_line, two, every = lines_held(law[g])
            long_with_us = known.oldest[n] >= 0 and known.oldest[n] + t >= r.repeat_months
            experienced = 1.0 if long_with_us else two / max(any_line, 1e-12)
            if g == 0 and discount > 0.0:
                experienced = 0.0
            loyal = loyalty(feeling[g, 0], experienced, span.blur, r)
            bundled = 1.0 if g == 1 else every
            solved[g] = min(solved[g], bundled)
            if visits > 0 and not span.frozen:
                solved[g] += (bundled - solved[g]) * r.integration
            lined = max(two - bundled, 0.0)
            tie = solved[g] * math.exp(-r.bond_solution) + (bundled - solved[g]) * math.exp(-r.bond_bundle)
            tie += lined * math.exp(-r.bond_line) + max(any_line - lined - bundled, 0.0)
            tie /= max(any_line, bundled, 1e-12)
            club = r.social * experienced if feeling[g, 0] > r.loyalty_threshold else 0.0
            for c in range(carriers):
                served = 0.0
                for line in range(lines):
                    served += law[g, line, c]
                carrier_odds[c] = math.exp(common[c] + r.satisfaction * feeling[g, c] + bundle * served)
                if c == 0:
                    carrier_odds[c] *= cheaper * math.exp(club)
                logit = attention_logit(feeling[g, c], r) + span.unrest
                if c != 0 and (visits > 0 or calls > 0):
                    logit += r.own_contact
                heard = ease
                if c == 0:
                    logit -= r.loyal * loyal
                    heard = math.exp(r.rival_contact * (1.0 - r.shield * loyal))
                if g == 1 and c == 0:
                    logit -= r.attention_on_plan
                calm = math.exp(logit)
                look_by[c] = looking(calm, heard, contact[t])
                ended_by[c] = looking(calm * ease_ended, heard, contact[t])
            for line in range(lines):
                total = 0.0
                for c in range(carriers):
                    odds[c] = carrier_odds[c] * fixed_odds[c, line] * math.exp(-bundle * law[g, line, c])
                    total += odds[c]
                    fresh[line, c] = law[g, line, c]
                out_of_own = 0.0
                for c in range(carriers):
                    here = law[g, line, c]
                    if here <= 1e-12:
                        continue
                    on_plan = g == 1 and c == 0
                    look = look_by[c]
                    look_ended = ended_by[c]
                    away = total - odds[c]
                    leave = tie if c == 0 else 1.0
                    present = odds[c] * staying[g, line] if c == 0 else odds[c]
                    free = leave * stay_cost / (present + leave * stay_cost * away)
                    tied = leave * bound_cost / (present + leave * bound_cost * away)
                    ending = 0.0
                    held = here
                    if g == 0 and c == 0:
                        owed[line] = max(0.0, owed[line] - bound[0, line, 0])
                    if not on_plan:
                        ending = min(ring[g, line, c, t] * alive[g, line, c], here)
                        held = min(max(bound[g, line, c] - ending, 0.0), here - ending)
                        bound[g, line, c] = held
                    if g == 0 and c == 0 and loose[0, line] > 0.0:
                        ending = min(ending + loose[0, line], here - held)
                        loose[0, line] = 0.0
                    open_now = here - held - ending
                    rate = (open_now * look + ending * look_ended) * free + held * look * tied
                    moved_out = rate * away
                    if c == 0:
                        out_of_own = moved_out / here
                    for j in range(carriers):
                        if j != c:
                            inflow = rate * odds[j]
                            fresh[line, j] += inflow
                            newly[j] += inflow * r.signing
                            if g == 1 and j == 0:
                                out[WAIVED] += weight * mass[1] * inflow * r.installation
                    fresh[line, c] -= moved_out
                    if not on_plan and r.term_months > 0:
                        lost_share = look * tied * away
                        if c == 0:
                            fee = r.line_fee * demand[line] * price[0, line] * off * owed[line] * lost_share
                            out[BREAKAGE] += weight * mass[g] * fee
                            owed[line] *= 1.0 - lost_share
                        bound[g, line, c] -= held * lost_share
                        alive[g, line, c] *= 1.0 - lost_share
                        stays = ending * (1.0 - look_ended * free * away) * r.resigning
                        bound[g, line, c] += stays
                        if c == 0:
                            owed[line] += stays * r.term_months
                        ring[g, line, c, t + r.term_months] += stays / alive[g, line, c]
                for j in range(carriers):
                    if newly[j] > 0.0 and r.term_months > 0:
                        bound[g, line, j] += newly[j]
                        if g == 0 and j == 0:
                            owed[line] += newly[j] * r.term_months
                        ring[g, line, j, t + r.term_months] += newly[j] / alive[g, line, j]
                    newly[j] = 0.0
                if line == r.ip_line:
                    stayed_ip = 1.0 - out_of_own
                before = kept[g, line]
                kept[g, line] *= 1.0 - out_of_own
                out[LEFT] += weight * mass[g] * (before - kept[g, line])
            for line in range(lines):
                for c in range(carriers):
                    law[g, line, c] = fresh[line, c]
                if line == r.ip_line:
                    # Lines that come take part from the first month on; those that go take their share away.
                    over_ip[g] *= min(stayed_ip, 1.0)
                    over_ip[g] += r.ip_speed * (highest_ip * law[g, line, 0] - over_ip[g])
                saved = ip_saved(line, g, over_ip, r)
                usage += demand[line] * price[0, line] * (law[g, line, 0] - saved)
                kept_list += demand[line] * price[0, line] * kept[g, line] * (1.0 - saved / max(law[g, line, 0], 1e-12))
            month = weight * mass[g]
            last = month
            if t == span.months - 1:
                last *= 1.0 + span.terminal
            out[SERVE] += last * r.cost_to_serve * usage
            if g == 0:
                bill = usage * off
                out[RETAINED] += last * kept_list * off
                out[WON_BACK] += last * (usage - kept_list) * off
                out[DISCOUNT] += month * usage * (1.0 - off)
            else:
                pay, cap = terms[plan, 0], terms[plan, 1]
                bill = bill_on_plan(usage, x, pay, cap)
                retained = min(bill, kept_list)
                won = min(bill - retained, usage - kept_list)
                out[RETAINED] += last * retained
                out[WON_BACK] += last * won
                out[SHORTFALL] += last * (bill - retained - won)
                out[CARE] += last * care(usage, pay * x, r)
                out[DISCOUNT] += month * max(0.0, usage - bill)
                usage_before = bill if r.x_by_bill else usage
            latest[g] = bill if r.x_by_bill else usage
            paid_now += mass[g] * bill
            absent = 1.0
            for line in range(lines):
                absent *= 1.0 - law[g, line, 0]
            gone_wholly += mass[g] * absent
        if r.points_per_yuan > 0.0:
            forfeited = max(0.0, (gone_wholly - without_us) / max(1.0 - without_us, 1e-12))
            without_us = gone_wholly
            spent, redeemed, points = earned_points(since_nil, earned, t, paid_now, forfeited, r)
            out[REDEEMED] += weight * spent * (1.0 + (span.terminal if t == span.months - 1 else 0.0))
            for g in range(2):
                feeling[g, 0] = min(1.0, feeling[g, 0] + r.redeeming_lift * redeemed)


@njit(cache=True, nogil=True)
def expect(
    first: int,
    last: int,
    known: Known,
    types: Types,
    menu: Menu,
    after: After,
    span: Span,
    tariffs: NDArray[Any],
    posted: Tariff,
    contact: NDArray[Any],
    terms: NDArray[Any],
    r: Rates,
    growing: bool,
    brought: NDArray[Any],
) -> None:
    """Fill `brought`, shape (customers, treatments, outcomes), for customers from `first` up to `last`.

    Treatments that aren't allowed keep what was there. Blocks of customers may run in threads of their own.
    """
    log_price = np.log(tariffs)
    same = np.zeros(len(tariffs), np.bool_)
    for t in range(1, len(tariffs)):
        same[t] = np.all(tariffs[t] == tariffs[t - 1])
    for n in range(first, last):
        for b in range(menu.allowed.shape[0]):
            if menu.allowed[b, n]:
                for d in range(types.weight.shape[0]):
                    expect_one(
                        n,
                        b,
                        d,
                        known,
                        types,
                        menu,
                        after,
                        span,
                        tariffs,
                        log_price,
                        same,
                        posted,
                        contact,
                        terms,
                        r,
                        growing,
                        brought[n, b],
                    )
