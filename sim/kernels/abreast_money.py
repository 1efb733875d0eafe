"""Usage with us, points and substitution in the recursion abreast (`sim.kernels.abreast`)."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from sim.kernels.abreast_lanes import exp64, fill, log64
from sim.kernels.abreast_paths import Account, Month, Paths, Turn, Who
from sim.kernels.expect_records import REDEEMED, Case
from sim.kernels.records import Rates
from sim.kernels.step import apart, step

Array = NDArray[Any]


@step
def own_usage(g: int, price: Array, r: Rates, p: Paths, usage: Array) -> None:
    """Work out a branch's list value of usage with us, yuan/month; `price` has the shape (carriers, lines).

    Of usage on the line where IP calls are sold, the share that goes over ours is charged less.
    """
    add_usage(p.demand, p.law[g], price[0], usage)
    if r.ip_line >= 0:
        spare(p.demand[r.ip_line], p.over_ip[g], r.ip_saving * price[0, r.ip_line], usage)


@apart
def add_usage(demand: Array, law: Array, price: Array, usage: Array) -> None:
    """Add up usage with us at list prices."""
    fill(usage, 0.0)
    for line in range(demand.shape[0]):
        used, here, charged = demand[line], law[line, 0], price[line]
        for i in range(usage.size):
            usage[i] += used[i] * charged * here[i]


@apart
def spare(demand: Array, share: Array, times: float, usage: Array) -> None:
    """Take what IP calls save off usage."""
    for i in range(usage.size):
        usage[i] -= demand[i] * share[i] * times


@step
def worth_of_staying(one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Work out by what factor a line of ours is likelier to stay for points and IP calls."""
    r, points, beta, ours, factor = case.r, p.points, who.price_sensitivity, w.share, w.part
    for g in range(2 if one.planned else 1):
        latest = p.latest[g]
        fill(ours, 0.0)
        for line in range(p.demand.shape[0]):
            law = p.law[g, line, 0]
            for i in range(ours.size):
                ours[i] += law[i]
        for i in range(points.size):
            value = r.point_worth * points[i]
            year = max(value + 12.0 * latest[i], 1e-6)
            factor[i] = exp64(r.point_weight * beta[i] * value / (year * max(ours[i], 1.0)))
        for line in range(p.demand.shape[0]):
            staying = p.staying[g, line]
            for i in range(staying.size):
                staying[i] = factor[i]
        if r.ip_line >= 0:
            law, over_ip, staying = p.law[g, r.ip_line, 0], p.over_ip[g], p.staying[g, r.ip_line]
            for i in range(over_ip.size):
                saved = min(r.ip_saving * over_ip[i] / max(law[i], 1e-12), r.ip_saving)
                staying[i] *= exp64(-beta[i] * log64(1.0 - saved))


@step
def earn_points(now: Turn, case: Case, p: Paths, w: Month) -> None:
    """Earn points on what was paid and redeem them."""
    r, forfeited, nowhere, lost = case.r, w.share, w.nowhere, p.lost
    for i in range(forfeited.size):
        forfeited[i] = max(0.0, (nowhere[i] - lost[i]) / max(1.0 - lost[i], 1e-12))
    for i in range(lost.size):
        lost[i] = nowhere[i]
    redeem(now.t, r, p, w)
    spent, redeemed, out = w.spent, w.redeemed, p.out[REDEEMED]
    times = r.redeeming * (1.0 + (case.span.terminal if now.last else 0.0)) * r.point_worth
    for i in range(out.size):
        out[i] += spent[i] * times
    for g in range(2):
        feeling = p.feeling[g, 0]
        for i in range(feeling.size):
            feeling[i] = min(1.0, feeling[i] + r.redeeming_lift * redeemed[i])


@step
def redeem(month: int, r: Rates, p: Paths, w: Month) -> None:
    """Work out points that may be redeemed in a month, and the probability of redeeming; move the balance's law.

    What a customer has depends on when its balance was nil last, so that is what is followed.
    """
    level, before, paid, forfeited = p.earned[month + 1], p.earned[month], w.paid, w.share
    spent, redeemed, balance, held, points = w.spent, w.redeemed, p.points, w.calm, w.called
    for i in range(level.size):
        level[i] = (before[i] if month > 0 else 0.0) + r.points_per_yuan * paid[i]
    fill(spent, 0.0)
    fill(redeemed, 0.0)
    fill(balance, 0.0)
    for last in range(month + 1):
        since, earned = p.since_nil[last], p.earned[last]
        for i in range(points.size):
            points[i] = level[i] - earned[i]
        for i in range(held.size):
            held[i] = since[i] * (1.0 - forfeited[i]) * (1.0 if points[i] >= r.least_points else 0.0)
        for i in range(spent.size):
            spent[i] += held[i] * points[i]
        for i in range(redeemed.size):
            redeemed[i] += r.redeeming * held[i]
        for i in range(since.size):
            since[i] = since[i] * (1.0 - forfeited[i]) - r.redeeming * held[i]
        for i in range(balance.size):
            balance[i] += since[i] * points[i]
    nil = p.since_nil[month + 1]
    for i in range(nil.size):
        nil[i] = forfeited[i] + redeemed[i]


@step
def pull_of_prices(log_price: Array, r: Rates, p: Paths) -> None:
    """Raise each flow's prices to their powers; `log_price` is the tariff's, shape (carriers, lines)."""
    for flow in range(r.flows.shape[0]):
        for c in range(log_price.shape[0]):
            p.pull[flow, 0, c] = math.exp(r.flows[flow, 3] * log_price[c, int(r.flows[flow, 0])])
            p.pull[flow, 1, c] = math.exp(-r.flows[flow, 3] * log_price[c, int(r.flows[flow, 1])])


@step
def flow_of_usage(now: Turn, one: Account, r: Rates, p: Paths, w: Month) -> None:
    """Move expected usage between lines."""
    pace, here, there = w.pace, w.here, w.there
    for flow in range(r.flows.shape[0]):
        origin, destination, power = int(r.flows[flow, 0]), int(r.flows[flow, 1]), r.flows[flow, 3]
        rate, ratio = r.flows[flow, 2], r.flows[flow, 4]
        fill(pace, 0.0)
        for g in range(2 if one.planned else 1):
            discounted, mass = g == 0 and now.discounted, p.mass[g]
            mean_pull(origin, g, p.pull[flow, 0], power, discounted, r, p, w, here)
            mean_pull(destination, g, p.pull[flow, 1], -power, discounted, r, p, w, there)
            for i in range(pace.size):
                pace[i] += mass[i] * here[i] * there[i]
        source, sink = p.demand[origin], p.demand[destination]
        for i in range(pace.size):
            pace[i] = source[i] * min(1.0, rate * pace[i])
        for i in range(source.size):
            source[i] -= pace[i]
        for i in range(sink.size):
            sink[i] += ratio * pace[i]


@step
def mean_pull(
    line: int, g: int, pull: Array, power: float, discounted: bool, r: Rates, p: Paths, w: Month, total: Array
) -> None:
    """Work out the mean over carriers of the price paid on a line, raised to a power."""
    off = w.part
    fill(off, 0.0)
    if discounted:
        add_times(off, w.log_off, 1.0)
    if line == r.ip_line:
        save(p.law[g, line, 0], p.over_ip[g], r.ip_saving, off)
    pull_mean(p.law[g, line], pull, power, discounted or line == r.ip_line, off, total)


@apart
def add_times(x: Array, more: Array, times: float) -> None:
    """Add lanes, so many times, to others."""
    for i in range(x.size):
        x[i] += more[i] * times


@apart
def save(law: Array, over_ip: Array, saving: float, log_price: Array) -> None:
    """Lower the logarithm of what a line of ours costs by what IP calls save."""
    for i in range(log_price.size):
        log_price[i] += log64(1.0 - min(saving * over_ip[i] / max(law[i], 1e-12), saving))


@apart
def pull_mean(law: Array, pull: Array, power: float, off: bool, log_off: Array, total: Array) -> None:
    """Work out the mean of prices raised to a power over carriers, ours being lower by `log_off` where it is `off`."""
    ours, times = law[0], pull[0]
    for i in range(total.size):
        total[i] = ours[i] * times
    for i in range(total.size if off else 0):
        total[i] *= exp64(power * log_off[i])
    for c in range(1, pull.size):
        add_times(total, law[c], pull[c])
