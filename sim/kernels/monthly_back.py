"""A month back in an account's dynamic programme: what states are worth, given what they will be worth.

A month goes: who comes off its plan; the action; stocks fade and take up what it brings; who takes an offer; lines
leave (at most one of an account); money. Expected figures are linear between nodes of the two stocks.
"""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from sim.kernels.monthly_records import (
    BOTH,
    CALL,
    CHANNEL,
    CUT,
    DECIDER,
    HOURS,
    LETTER,
    MONEY_OFF,
    OFFER,
    SEATS,
    Costs,
    Grid,
    Prices,
    Process,
    Room,
)
from sim.kernels.monthly_stocks import count, revenue_of, set_steps
from sim.kernels.step import apart, step


@apart
def hold_states(
    branches: int,
    m: int,
    leave: NDArray[Any],
    revenue: NDArray[Any],
    bill: float,
    charged: float,
    times: float,
    room: Room,
) -> None:
    """Fill `room.held` and `room.lost` from `room.next`: the month's money and moves, given the stocks.

    `charged` is what usage above the plan's bill costs at its price; `times` multiplies the month's money.
    """
    for g in range(branches):
        for i in range(leave.shape[1]):
            for a in range(leave.shape[2]):
                then, held, lost, rates = room.next[g, i, a], room.held[g, i, a], room.lost[g, i, a], leave[g, i, a]
                held[0], lost[0] = 0.0, 0.0
                for s in range(1, 1 << m):
                    paid = revenue_of(s, revenue)
                    if g == 1:
                        paid = min(bill, paid)
                    held[s] = paid * times + then[s] - (charged if g == 1 else 0.0)
                    lost[s] = 0.0
                for s in range((1 << m) - 1, 0, -1):
                    k, drop = count(s), 0.0
                    for j in range(m):
                        if (s >> j) & 1:
                            drop += rates[k - 1, j] * (held[s] - held[s ^ (1 << j)])
                    lost[s] = drop
                    held[s] -= drop


@apart
def hear(branches: int, m: int, contacts: int, room: Room, goodwills: int, awarenesses: int) -> None:
    """Fill `room.heard`: `held` where each contact takes awareness."""
    for c in range(contacts):
        for g in range(branches):
            for i in range(goodwills):
                for a in range(awarenesses):
                    low, share = room.steps[3 + c, a], room.shares[3 + c, a]
                    for s in range(1 << m):
                        below, above = room.held[g, i, low, s], room.held[g, i, low + 1, s]
                        room.heard[c, g, i, a, s] = below + share * (above - below)


@step
def after(v: int, c: int, g: int, i: int, a: int, s: int, room: Room) -> float:
    """Return `held` where a visit and a contact take the stocks."""
    low, share = room.steps[v, i], room.shares[v, i]
    below, above = room.heard[c, g, low, a, s], room.heard[c, g, low + 1, a, s]
    return float(below + share * (above - below))


@step
def lost_after(g: int, i: int, a: int, s: int, room: Room) -> float:
    """Return `lost` where stocks go without contact."""
    low, share, under, part = room.steps[0, i], room.shares[0, i], room.steps[3, a], room.shares[3, a]
    bottom = room.lost[g, low, under, s] + part * (room.lost[g, low, under + 1, s] - room.lost[g, low, under, s])
    top = room.lost[g, low + 1, under, s] + part * (
        room.lost[g, low + 1, under + 1, s] - room.lost[g, low + 1, under, s]
    )
    return float(bottom + share * (top - bottom))


@apart
def set_use(n: int, process: Process, costs: Costs, room: Room) -> None:
    """Fill what each action takes; the last takes a share of what is paid, which is left out here."""
    room.use[:] = 0.0
    for action in range(CUT):
        visit = DECIDER if action >= OFFER else action // 4
        contact = action - OFFER if action >= OFFER else action % 4
        if visit > 0:
            room.use[action, HOURS] = process.hours[n, visit - 1] + (costs.offer if action >= OFFER else 0.0)
        if contact in (LETTER, BOTH):
            room.use[action, CHANNEL] += costs.letter
        if contact in (CALL, BOTH):
            room.use[action, CHANNEL] += costs.call
            room.use[action, SEATS] = costs.minutes


@step
def price_of(action: int, t: int, manager: int, prices: Prices, room: Room) -> float:
    """Return what an action's use costs at the prices, but for discounts."""
    price = room.use[action, HOURS] * prices.hours[manager, t]
    for k in range(MONEY_OFF, SEATS + 1):
        price += room.use[action, k] * prices.shared[k - 1, t]
    return float(price)


@step
def take(action: int, worth: float, s: int, best: NDArray[Any], chosen: NDArray[Any]) -> None:
    """Note an action where it is the best so far."""
    if worth > best[s]:
        best[s] = worth
        chosen[s] = action


@step
def offering(action: int, t: int, n: int, i: int, a: int, s: int, process: Process, costs: Costs, room: Room) -> float:
    """Return the expected worth of an offer in a state off the plan, before its price."""
    low, share, k = room.steps[DECIDER, i], room.shares[DECIDER, i], count(s)
    joins, declined, taken = (
        process.join[n, t // costs.every],
        room.heard[action - OFFER, 0],
        room.heard[action - OFFER, 1],
    )
    below = declined[low, a, s] + joins[low, k] * (taken[low, a, s] - declined[low, a, s])
    above = declined[low + 1, a, s] + joins[low + 1, k] * (taken[low + 1, a, s] - declined[low + 1, a, s])
    return float(below + share * (above - below))


@step
def cutting(n: int, i: int, a: int, s: int, off: float, process: Process, room: Room) -> float:
    """Return the expected worth of a month's discount, which takes `off` off the bill, before its price."""
    return float(after(0, 0, 0, i, a, s, room) + (1.0 - process.cut[n]) * lost_after(0, i, a, s, room) - off)


@apart
def decide(
    t: int, n: int, m: int, manager: int, process: Process, costs: Costs, grid: Grid, prices: Prices, room: Room
) -> None:
    """Fill `room.value` and this month's `room.action` with each state's best action, from `held`, `lost`, `heard`."""
    for g in range(process.branches[n]):
        for i in range(grid.goodwill.size):
            for a in range(grid.awareness.size):
                best, chosen = room.value[g, i, a], room.action[t, g, i, a]
                chosen[:] = 0
                best[0] = 0.0
                for s in range(1, 1 << m):
                    best[s] = after(0, 0, g, i, a, s, room)
                for action in range(1, OFFER):
                    if costs.actions[action]:
                        price = price_of(action, t, manager, prices, room)
                        for s in range(1, 1 << m):
                            take(action, after(action // 4, action % 4, g, i, a, s, room) - price, s, best, chosen)
                if g == 0 and process.offered[n] and t % costs.every == 0:
                    for action in range(OFFER, CUT):
                        if costs.actions[action]:
                            price = price_of(action, t, manager, prices, room)
                            for s in range(1, 1 << m):
                                take(
                                    action,
                                    offering(action, t, n, i, a, s, process, costs, room) - price,
                                    s,
                                    best,
                                    chosen,
                                )
                if g == 0 and process.discounted[n] and costs.actions[CUT]:
                    for s in range(1, 1 << m):
                        off = costs.discount * revenue_of(s, process.revenue[n, t])
                        worth = cutting(n, i, a, s, off, process, room) - off * prices.shared[MONEY_OFF - 1, t]
                        take(CUT, worth, s, best, chosen)


@step
def come_off(gone: float, n: int, m: int, leave: NDArray[Any], process: Process, grid: Grid, room: Room) -> None:
    """Let who is on the plan come off it when the month opens, and more lines leave then: from `value` to `next`."""
    more = process.burst[n] - 1.0
    for i in range(grid.goodwill.size):
        for a in range(grid.awareness.size):
            on, off, then = room.value[1, i, a], room.value[0, i, a], room.next[1, i, a]
            for s in range(1 << m):
                then[s] = on[s]
                if gone > 0.0 and s > 0:
                    k, drop = count(s), 0.0
                    for j in range(m):
                        if (s >> j) & 1:
                            drop += leave[0, i, a, k - 1, j] * more * (off[s] - off[s ^ (1 << j)])
                    then[s] += gone * (off[s] - drop - on[s])


@apart
def open_values(t: int, n: int, m: int, leave: NDArray[Any], process: Process, grid: Grid, room: Room) -> None:
    """Fill `room.next` with the worth of states before who comes off the plan this month."""
    for i in range(grid.goodwill.size):
        for a in range(grid.awareness.size):
            for s in range(1 << m):
                room.next[0, i, a, s] = room.value[0, i, a, s]
    if process.branches[n] > 1:
        come_off(process.quit[n, t], n, m, leave, process, grid, room)


@njit(cache=True, nogil=True)
def leaves_of(n: int, m: int, months: int, process: Process, grid: Grid) -> NDArray[Any]:
    """Return an account's probabilities of leaving, shape (months, branches, goodwills, awarenesses, left, lines)."""
    flat = process.leave[process.at[n] : process.at[n + 1]]
    return flat.reshape((months, process.branches[n], grid.goodwill.size, grid.awareness.size, m, m))


@apart
def begin_back(n: int, m: int, process: Process, grid: Grid, room: Room) -> None:
    """Put the worth of states left behind into `room.next`, and note where actions take stocks and what they use."""
    set_steps(process.working[n], process.call[n], grid, room)
    i = process.ends[n]
    for g in range(process.branches[n]):
        for goodwill in range(grid.goodwill.size):
            for a in range(grid.awareness.size):
                for s in range(1 << m):
                    room.next[g, goodwill, a, s] = process.after[i]
                    i += 1


@apart
def back(t: int, n: int, m: int, leave: NDArray[Any], process: Process, grid: Grid, prices: Prices, room: Room) -> None:
    """Go a month back: from the worth of states at its end, in `room.next`, to `room.held`, `lost` and `heard`."""
    charged = process.over[n, t] * prices.shared[MONEY_OFF - 1, t]
    branches = process.branches[n]
    hold_states(branches, m, leave[t], process.revenue[n, t], process.bill[n, t], charged, 1.0, room)
    hear(branches, m, 4, room, grid.goodwill.size, grid.awareness.size)
