"""Adding up a month by recording group, and line by line for a ledger."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.behaviour import MONEY_UNIT, bill_on_plan, fixed
from sim.kernels.records import Block, Month, Rates
from sim.kernels.step import apart, step
from sim.kernels.substitution import list_line, own_charge
from sim.state import State

BLOCK = 512
"""Customers taken at a time."""
FEW = 32
"""Customers looked at together for what is rare."""


class Done(NamedTuple):
    """What was done for each customer in a month, shape (customers,)."""

    due: NDArray[Any]
    """Visits that fell into the month."""
    made: NDArray[Any]
    backlog: NDArray[Any]
    """Visits due and not yet made at the month's end."""
    dropped: NDArray[Any]
    """Visits given up with the programme that they belonged to."""
    complained: NDArray[Any]
    """1 where a fault with us was complained of."""


class ByGroup(NamedTuple):
    """A month's counts by group, int64."""

    visits: NDArray[np.int64]
    """As in `Done`, shape (groups, 4)."""
    complaints: NDArray[np.int64]
    """Shape (groups,)."""
    on_plan: NDArray[np.int64]
    """Customers on a plan, shape (groups,)."""
    stages: NDArray[np.int64]
    """Customers at each loyalty stage, shape (groups, stages)."""
    served: NDArray[np.int64]
    """Customers that a carrier serves, shape (groups, carriers)."""
    satisfaction: NDArray[np.int64]
    """Their satisfaction with it in 1/10,000, shape (groups, carriers)."""


@step
def count_lines(lo: int, m: int, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, w: Block, out: Month) -> None:
    """Add a block's lines to `out.held` and `out.moved` by group, and note each line's charge if they are asked for.

    A line's cell is its group, line, carrier, and whether it was ours at the start (for our own: and never left).
    Everybody is first charged as without a plan, in a loop without branches; what is rare is put right after it.
    """
    if out.group.size == 0:
        return
    carriers, lines = posted.price.shape
    group, held, across = out.group[lo : lo + m], out.held, np.int64(lines * carriers)
    rare, plan = w.flag, s.plan[lo : lo + m]
    for i in range(m):
        rare[i] = plan[i] > 0
    for line in range(lines):
        demand, discount = s.demand[line, lo : lo + m], s.discount[line, lo : lo + m]
        current, start, kept = s.carrier[line, lo : lo + m], s.start[line, lo : lo + m], s.kept[line, lo : lo + m]
        price, listed, first = posted.price[:, line], w.listed, np.int64(line * carriers)
        list_line(lo, m, line, s, posted, r, w)
        for i in range(m):
            own = current[i] == 0
            charged = listed[i] if own else np.float64(demand[i]) * price[np.uint64(current[i])]
            amount = fixed(charged * (1.0 - np.float64(discount[i]) * np.float64(own)))
            since = kept[i] if own else start[i]
            cell = np.uint64(((np.int64(group[i]) * across + first + np.int64(current[i])) << 1) + since)
            held[cell, 0] += 1
            held[cell, 1] += amount
        if out.paid.shape[1] > 0:
            for i in range(m):
                off = np.float64(discount[i]) if current[i] == 0 else 0.0
                charged = listed[i] if current[i] == 0 else np.float64(demand[i]) * price[current[i]]
                out.paid[line, lo + i] = fixed(charged * (1.0 - off))
        for i in range(m):
            rare[i] |= w.before[line, i] != current[i]
    for some in range(0, m, FEW):
        end = min(some + FEW, m)
        if rare[some:end].any():
            for i in range(some, end):
                if rare[i]:
                    if s.plan[lo + i] > 0:
                        charge_plan(lo + i, w.usage[i], s, posted, terms, r, out)
                    for line in range(lines):
                        before, now = w.before[line, i], s.carrier[line, lo + i]
                        if before != now:
                            out.moved[group[i], line, before, now] += 1


@apart
def charge_plan(n: int, usage: float, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, out: Month) -> None:
    """Put a plan's bill in the place of what its lines cost without it; unused, it is booked on the first line."""
    carriers, lines = posted.price.shape
    itemised = out.paid.shape[1] > 0
    paid = bill_on_plan(usage, np.float64(s.plan_x[n]), terms[s.plan[n], 0], terms[s.plan[n], 1])
    cell = np.int64(out.group[n]) * lines * carriers * 2
    unused = fixed(paid) if usage <= 0.0 else 0
    out.held[cell, 1] += unused
    if itemised:
        out.paid[lines, n] = unused
    for line in range(lines):
        if s.carrier[line, n] == 0:
            listed = np.float64(s.demand[line, n]) * own_charge(n, line, s, posted, r)
            without = fixed(listed * (1.0 - np.float64(s.discount[line, n])))
            amount = fixed(paid * listed / usage) if usage > 0.0 else 0
            out.held[cell + 2 * line * carriers + s.kept[line, n], 1] += amount - without
            if itemised:
                out.paid[line, n] = amount


@njit(cache=True, error_model="numpy")
def count_customers(
    group: NDArray[Any], s: State, money: tuple[NDArray[Any], ...], done: Done, sums: NDArray[np.int64], by: ByGroup
) -> None:
    """Add up customers by group: `money` into `sums`, shape (groups, measures), all else into `by`."""
    for n in range(group.size):
        g = np.uint64(group[n])
        for k in range(len(money)):
            sums[g, k] += money[k][n]
    due, made, backlog, dropped, complained = done
    visits, complaints, on_plan, stages, plan, stage = by.visits, by.complaints, by.on_plan, by.stages, s.plan, s.stage
    for n in range(group.size):
        g = np.uint64(group[n])
        visits[g, 0] += due[n]
        visits[g, 1] += made[n]
        visits[g, 2] += backlog[n]
        visits[g, 3] += dropped[n]
        complaints[g] += complained[n]
        on_plan[g] += plan[n] > 0
        stages[g, np.uint64(stage[n])] += 1
    for c in range(s.satisfaction.shape[0]):
        count_satisfaction(c, group, s, by)


@njit(cache=True, error_model="numpy")
def count_satisfaction(c: int, group: NDArray[Any], s: State, by: ByGroup) -> None:
    """Count whom a carrier serves, and add up their satisfaction with it; in blocks, whose loops vectorise."""
    serves, felt = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    served, summed = by.served, by.satisfaction
    for lo in range(0, group.size, BLOCK):
        m = min(BLOCK, group.size - lo)
        satisfaction = s.satisfaction[c, lo : lo + m]
        serves[:m] = 0
        for line in range(s.carrier.shape[0]):
            carrier = s.carrier[line, lo : lo + m]
            for i in range(m):
                serves[i] |= carrier[i] == c
        for i in range(m):
            felt[i] = serves[i] * np.int64(np.rint(np.float64(satisfaction[i]) * MONEY_UNIT))
        for i in range(m):
            g = np.uint64(group[lo + i])
            served[g, c] += serves[i]
            summed[g, c] += felt[i]


@njit(cache=True, error_model="numpy")
def add_by_group(group: NDArray[Any], amount: NDArray[Any], added: NDArray[np.int64]) -> None:
    """Add customers' amounts up by group, into `added` of shape (groups,)."""
    for n in range(group.size):
        added[group[n]] += amount[n]
