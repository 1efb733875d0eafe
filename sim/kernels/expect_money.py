"""Early leaving, points and substitution in the expected-value recursion (`sim.kernels.expect`)."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from sim.kernels.behaviour import early_fee, early_leaving
from sim.kernels.expect_records import REDEEMED, Account, Case, Outcomes, Paths, Turn
from sim.kernels.records import Rates
from sim.kernels.step import step

Array = NDArray[Any]


@step
def ip_saved(line: int, branch: int, over_ip: Array, r: Rates) -> float:
    """Return the share of a line's usage that our IP calls take off the bill, over all laws of its carrier.

    `over_ip` is the share of all usage on the line that goes over our IP calls, shape (2,).
    """
    return r.ip_saving * over_ip[branch] if line == r.ip_line else 0.0


@step
def own_usage(g: int, price: Array, r: Rates, p: Paths) -> float:
    """Return a branch's list value of usage with us, yuan/month; `price` has the shape (carriers, lines)."""
    usage = 0.0
    for line in range(p.demand.size):
        usage += p.demand[line] * price[0, line] * (p.law[g, line, 0] - ip_saved(line, g, p.over_ip, r))
    return usage


@step
def early_leavers(months: int, now: Turn, who: Account, case: Case, p: Paths) -> tuple[float, float]:
    """Return the probability of leaving a plan this month, `months` before its reset, and the fee for it, yuan.

    Whole bills matter, so the cases are taken one by one in which all lines are with us or one of them isn't; the rest
    is taken at its mean usage.
    """
    r, price, x, terms, beta = case.r, case.tariffs[now.t], p.x[0], case.terms[who.plan], who.price_sensitivity
    whole, everything, mean = 1.0, 0.0, 0.0
    for line in range(p.demand.size):
        saved = ip_saved(line, 1, p.over_ip, r)
        whole *= p.law[1, line, 0]
        everything += p.demand[line] * price[0, line] * (1.0 - saved)
        mean += p.demand[line] * price[0, line] * (p.law[1, line, 0] - saved)
    chance = whole * early_leaving(everything, x, terms, months, beta, r)
    rest, usage_of_rest = 1.0 - whole, mean - whole * everything
    for line in range(p.demand.size if whole > 0.0 else 0):
        missing = whole * (1.0 - p.law[1, line, 0]) / p.law[1, line, 0]
        usage = everything - p.demand[line] * price[0, line] * (1.0 - ip_saved(line, 1, p.over_ip, r))
        if missing > 0.0:
            chance += missing * early_leaving(usage, x, terms, months, beta, r)
        rest -= missing
        usage_of_rest -= missing * usage
    if rest > 1e-9:
        chance += rest * early_leaving(max(0.0, usage_of_rest / rest), x, terms, months, beta, r)
    return chance, early_fee(x, terms[0], months, r)


@step
def worth_of_staying(who: Account, case: Case, p: Paths) -> None:
    """Work out by what factor a line of ours is likelier to stay for points and IP calls."""
    r = case.r
    value = r.point_worth * p.points[0]
    for g in range(2):
        if p.mass[g] <= 1e-12:
            continue
        ours = 0.0
        for line in range(p.demand.size):
            ours += p.law[g, line, 0]
        year = max(value + 12.0 * p.latest[g], 1e-6)
        factor = math.exp(r.point_weight * who.price_sensitivity * value / year / max(ours, 1.0))
        for line in range(p.demand.size):
            p.staying[g, line] = factor
        if r.ip_line >= 0:
            saved = ip_saved(r.ip_line, g, p.over_ip, r) / max(p.law[g, r.ip_line, 0], 1e-12)
            p.staying[g, r.ip_line] *= (1.0 - min(saved, r.ip_saving)) ** -who.price_sensitivity


@step
def earn_points(paid: float, lost: float, now: Turn, who: Account, case: Case, p: Paths, out: Outcomes) -> None:
    """Earn points on what was paid and redeem them; `lost` is the probability that no line is ours any more."""
    r = case.r
    forfeited = max(0.0, (lost - p.lost[0]) / max(1.0 - p.lost[0], 1e-12))
    p.lost[0] = lost
    spent, redeemed = redeem(now.t, paid, forfeited, r, p)
    out[REDEEMED] += who.weight * spent * (1.0 + (case.span.terminal if now.t == case.span.months - 1 else 0.0))
    for g in range(2):
        p.feeling[g, 0] = min(1.0, p.feeling[g, 0] + r.redeeming_lift * redeemed)


@step
def redeem(month: int, paid: float, forfeited: float, r: Rates, p: Paths) -> tuple[float, float]:
    """Return what points redeemed in a month cost, yuan, and the probability of redeeming.

    `forfeited` is the probability that the last line has left.
    """
    level = (p.earned[month] if month > 0 else 0.0) + r.points_per_yuan * paid
    p.earned[month + 1] = level
    spent, redeemed, balance = 0.0, 0.0, 0.0
    for last in range(month + 1):
        held = p.since_nil[last] * (1.0 - forfeited)
        points = level - p.earned[last]
        if points >= r.least_points:
            spent += r.redeeming * held * points * r.point_worth
            redeemed += r.redeeming * held
            held *= 1.0 - r.redeeming
        p.since_nil[last] = held
        balance += held * points
    p.since_nil[month + 1] = forfeited + redeemed
    p.points[0] = balance
    return spent, redeemed


@step
def pull_of_prices(log_price: Array, r: Rates, p: Paths) -> None:
    """Raise each flow's prices to their powers; `log_price` is the tariff's, shape (carriers, lines)."""
    for flow in range(r.flows.shape[0]):
        for c in range(log_price.shape[0]):
            p.pull[flow, 0, c] = math.exp(r.flows[flow, 3] * log_price[c, int(r.flows[flow, 0])])
            p.pull[flow, 1, c] = math.exp(-r.flows[flow, 3] * log_price[c, int(r.flows[flow, 1])])


@step
def flow_of_usage(discount: float, r: Rates, p: Paths) -> None:
    """Move expected usage between lines."""
    for flow in range(r.flows.shape[0]):
        origin, destination = int(r.flows[flow, 0]), int(r.flows[flow, 1])
        rate, elasticity, ratio = r.flows[flow, 2], r.flows[flow, 3], r.flows[flow, 4]
        pace = 0.0
        for g in range(2):
            if p.mass[g] > 0.0:
                off = discount if g == 0 else 0.0
                here = mean_pull(origin, g, p.pull[flow, 0], elasticity, off, r, p)
                there = mean_pull(destination, g, p.pull[flow, 1], -elasticity, off, r, p)
                pace += p.mass[g] * here * there
        moved = p.demand[origin] * min(1.0, rate * pace)
        p.demand[origin] -= moved
        p.demand[destination] += ratio * moved


@step
def mean_pull(line: int, g: int, pull: Array, power: float, off: float, r: Rates, p: Paths) -> float:
    """Return the mean over carriers of the price paid on a line, raised to a power; `off` is our unit discount."""
    saved = min(ip_saved(line, g, p.over_ip, r) / max(p.law[g, line, 0], 1e-12), r.ip_saving)
    total = p.law[g, line, 0] * pull[0]
    if off > 0.0 or saved > 0.0:
        total *= ((1.0 - off) * (1.0 - saved)) ** power
    for c in range(1, pull.size):
        total += p.law[g, line, c] * pull[c]
    return float(total)
