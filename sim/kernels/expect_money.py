"""Early leaving, points and substitution in the expected-value recursion (`sim.kernels.expect`).

Where arrays of the recursion are passed, their first axis is the branch, off and on a plan: `law` has the shape
(2, lines, carriers), `over_ip` is the share of all usage on the line that goes over our IP calls, shape (2,).
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit
from numpy.typing import NDArray

from sim.kernels.behaviour import early_fee, early_leaving
from sim.kernels.records import Rates

Array = NDArray[Any]


@njit(cache=True)
def ip_saved(line: int, branch: int, over_ip: Array, r: Rates) -> float:
    """Return the share of a line's usage that our IP calls take off the bill, over all laws of its carrier."""
    return r.ip_saving * over_ip[branch] if line == r.ip_line else 0.0


@njit(cache=True)
def early_leavers(
    demand: Array, price: Array, law: Array, over_ip: Array, x: float, terms: Array, months: int, beta: float, r: Rates
) -> tuple[float, float]:
    """Return the probability of leaving a plan this month, before its reset, and the fee for it, yuan.

    Whole bills matter, so the cases are taken one by one in which all lines are with us or one of them isn't; the rest
    is taken at its mean usage.
    """
    lines = demand.size
    whole, everything, mean = 1.0, 0.0, 0.0
    for line in range(lines):
        saved = ip_saved(line, 1, over_ip, r)
        whole *= law[1, line, 0]
        everything += demand[line] * price[0, line] * (1.0 - saved)
        mean += demand[line] * price[0, line] * (law[1, line, 0] - saved)
    chance = whole * early_leaving(everything, x, terms, months, beta, r)
    rest, usage_of_rest = 1.0 - whole, mean - whole * everything
    for line in range(lines if whole > 0.0 else 0):
        missing = whole * (1.0 - law[1, line, 0]) / law[1, line, 0]
        usage = everything - demand[line] * price[0, line] * (1.0 - ip_saved(line, 1, over_ip, r))
        if missing > 0.0:
            chance += missing * early_leaving(usage, x, terms, months, beta, r)
        rest -= missing
        usage_of_rest -= missing * usage
    if rest > 1e-9:
        chance += rest * early_leaving(max(0.0, usage_of_rest / rest), x, terms, months, beta, r)
    return chance, early_fee(x, terms[0], months, r)


@njit(cache=True)
def worth_of_staying(
    law: Array, mass: Array, latest: Array, over_ip: Array, beta: float, points: float, r: Rates, staying: Array
) -> None:
    """Write by what factor a line of ours is likelier to stay for points and IP calls, shape (2, lines)."""
    lines = law.shape[1]
    value = r.point_worth * points
    for g in range(2):
        if mass[g] <= 1e-12:
            continue
        ours = 0.0
        for line in range(lines):
            ours += law[g, line, 0]
        stake = r.point_weight * beta * value / max(value + 12.0 * latest[g], 1e-6) / max(ours, 1.0)
        factor = math.exp(stake)
        for line in range(lines):
            staying[g, line] = factor
        if r.ip_line >= 0:
            saved = ip_saved(r.ip_line, g, over_ip, r) / max(law[g, r.ip_line, 0], 1e-12)
            staying[g, r.ip_line] *= (1.0 - min(saved, r.ip_saving)) ** -beta


@njit(cache=True)
def earned_points(
    since_nil: Array, earned: Array, month: int, paid: float, forfeited: float, r: Rates
) -> tuple[float, float, float]:
    """Return what points redeemed in a month cost, yuan, the probability of redeeming, and the mean balance after it.

    `since_nil` is the law of when the balance was nil last, `earned` what had been earned by then, less the balance at
    the start for who never redeemed; both are carried on. `forfeited` is the probability that the last line has left.
    """
    level = (earned[month] if month > 0 else 0.0) + r.points_per_yuan * paid
    earned[month + 1] = level
    spent, redeemed, balance = 0.0, 0.0, 0.0
    for last in range(month + 1):
        held = since_nil[last] * (1.0 - forfeited)
        points = level - earned[last]
        if points >= r.least_points:
            spent += r.redeeming * held * points * r.point_worth
            redeemed += r.redeeming * held
            held *= 1.0 - r.redeeming
        since_nil[last] = held
        balance += held * points
    since_nil[month + 1] = forfeited + redeemed
    return spent, redeemed, balance


@njit(cache=True)
def pull_of_prices(log_price: Array, r: Rates, pull: Array) -> None:
    """Write each flow's prices, raised to their powers, at origin and destination, shape (flows, 2, carriers).

    `log_price` is the tariff's, shape (carriers, lines).
    """
    for flow in range(r.flows.shape[0]):
        for c in range(log_price.shape[0]):
            pull[flow, 0, c] = math.exp(r.flows[flow, 3] * log_price[c, int(r.flows[flow, 0])])
            pull[flow, 1, c] = math.exp(-r.flows[flow, 3] * log_price[c, int(r.flows[flow, 1])])


@njit(cache=True)
def flow_of_usage(
    demand: Array, law: Array, mass: Array, pull: Array, discount: float, over_ip: Array, r: Rates
) -> None:
    """Move expected usage between lines."""
    for flow in range(r.flows.shape[0]):
        origin, destination = int(r.flows[flow, 0]), int(r.flows[flow, 1])
        rate, elasticity, ratio = r.flows[flow, 2], r.flows[flow, 3], r.flows[flow, 4]
        pace = 0.0
        for g in range(2):
            if mass[g] > 0.0:
                off = discount if g == 0 else 0.0
                here = mean_pull(origin, g, pull[flow, 0], elasticity, off, law, over_ip, r)
                there = mean_pull(destination, g, pull[flow, 1], -elasticity, off, law, over_ip, r)
                pace += mass[g] * here * there
        moved = demand[origin] * min(1.0, rate * pace)
        demand[origin] -= moved
        demand[destination] += ratio * moved


@njit(cache=True)
def mean_pull(line: int, g: int, pull: Array, power: float, off: float, law: Array, over_ip: Array, r: Rates) -> float:
    """Return the mean over carriers of the price paid on a line, raised to a power; `off` is our unit discount."""
    saved = min(ip_saved(line, g, over_ip, r) / max(law[g, line, 0], 1e-12), r.ip_saving)
    total = law[g, line, 0] * pull[0]
    if off > 0.0 or saved > 0.0:
        total *= ((1.0 - off) * (1.0 - saved)) ** power
    for c in range(1, pull.size):
        total += law[g, line, c] * pull[c]
    return float(total)
