"""Usage that moves between lines, and to our own IP calls (`sim.substitution`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.lanes import ONE, ZERO, F, exp32, log32
from sim.kernels.records import Block, Rates
from sim.kernels.step import apart, step
from sim.state import Customers, State


@step
def move_usage(lo: int, m: int, s: State, posted: Tariff, r: Rates, w: Block) -> None:
    """Move each flow's share of usage, the faster the dearer the origin is against the destination."""
    for flow in range(r.flows.shape[0]):
        origin, destination = int(r.flows[flow, 0]), int(r.flows[flow, 1])
        rate, elasticity, ratio = r.flows[flow, 2], r.flows[flow, 3], r.flows[flow, 4]
        here, there = w.number, w.total
        log_paid(lo, m, origin, s, posted, r, here)
        log_paid(lo, m, destination, s, posted, r, there)
        leaving, coming = s.demand[origin, lo : lo + m], s.demand[destination, lo : lo + m]
        for i in range(m):
            moved = leaving[i] * min(ONE, rate * exp32(elasticity * (here[i] - there[i])))
            leaving[i] -= moved
            coming[i] += ratio * moved


@step
def log_paid(lo: int, m: int, line: int, s: State, posted: Tariff, r: Rates, paid: NDArray[Any]) -> None:
    """Write the logarithm of the price ratio that customers pay on a line, shape (block,)."""
    current, discount = s.carrier[line, lo : lo + m], s.discount[line, lo : lo + m]
    for c in range(posted.price.shape[0]):
        price, carrier = log32(F(posted.price[c, line])), np.int8(c)
        for i in range(m):
            paid[i] = price if current[i] == carrier else (ZERO if c == 0 else paid[i])
    for i in range(m):
        paid[i] += log32(ONE - discount[i]) if current[i] == 0 else ZERO
    if line == r.ip_line:
        share = s.ip_share[lo : lo + m]
        for i in range(m):
            paid[i] += log32(ONE - r.ip_saving * share[i])


@step
def take_up_ip(lo: int, m: int, who: Customers, s: State, r: Rates) -> None:
    """Let IP calls take up more of our line's usage, towards what the customer's price sensitivity allows."""
    if r.ip_line < 0:
        return
    current, share = s.carrier[r.ip_line, lo : lo + m], s.ip_share[lo : lo + m]
    beta = who.price_sensitivity[lo : lo + m]
    for i in range(m):
        highest = r.ip_most * beta[i] / (beta[i] + r.ip_half)
        share[i] = share[i] + r.ip_speed * (highest - share[i]) if current[i] == 0 else ZERO


@step
def list_line(lo: int, m: int, line: int, s: State, posted: Tariff, r: Rates, w: Block) -> None:
    """Write the value of usage on a line at our prices, before unit discounts."""
    listed, demand, price = w.listed, s.demand[line, lo : lo + m], posted.price[0, line]
    if line == r.ip_line:
        share, saving = s.ip_share[lo : lo + m], np.float64(r.ip_saving)
        for i in range(m):
            listed[i] = np.float64(demand[i]) * (price * (1.0 - saving * np.float64(share[i])))
    else:
        for i in range(m):
            listed[i] = np.float64(demand[i]) * price


@apart
def own_charge(n: int, line: int, s: State, posted: Tariff, r: Rates) -> float:
    """Return what we charge one customer on a line for a yuan of usage at reference prices."""
    price = posted.price[0, line]
    if line == r.ip_line:
        price *= 1.0 - np.float64(r.ip_saving) * np.float64(s.ip_share[n])
    return float(price)
