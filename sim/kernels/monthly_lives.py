"""Lives of one manager's accounts under a policy, in the response model (`optimize.monthly_policy`)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.keyed import keyed_uniform
from sim.kernels.monthly_back import leaves_of, set_use
from sim.kernels.monthly_choice import NEVER, Staff, choose_actions, make_staff
from sim.kernels.monthly_records import (
    ACTIONS,
    CUT,
    DECIDER,
    MONEY_OFF,
    OFFER,
    Costs,
    Grid,
    Process,
    Room,
    make_room,
)
from sim.kernels.monthly_stocks import count, find, revenue_of, set_steps
from sim.kernels.step import apart, step

PLACE, JOINS, QUITS, LEAVES, BEGINS = range(5)
"""What draws of a month are for."""
FIRST, SECOND = np.uint64(0), np.uint64(1)


class Lives(NamedTuple):
    """What is added up over lives under a policy, shape (lives,) unless said."""

    lost: NDArray[np.float64]
    """Worth at the prices given up by actions that aren't the best at them, yuan."""
    paid: NDArray[np.float64]
    """Retained revenue, and the worth of the states left behind, yuan."""
    used: NDArray[np.float64]
    """Of hours, discount yuan, channel yuan and seat minutes, shape (lives, 4, months)."""


class Where(NamedTuple):
    """Where a manager's accounts have come to, shape (accounts,)."""

    branch: NDArray[np.int64]
    goodwill: NDArray[np.int64]
    awareness: NDArray[np.int64]
    left: NDArray[np.int64]
    """Lines of ours that have never left, one bit each."""
    drawn: NDArray[np.float64]
    """Discount yuan that plans draw which run, shape (months,)."""


@step
def lose_line(draw: float, rates: NDArray[Any], times: float, s: int) -> int:
    """Return the lines left once one may have left: each with its own chance."""
    k, j, edge = count(s), 0, 0.0
    while s >> j:
        if (s >> j) & 1:
            edge += rates[k - 1, j] * times
            if draw < edge:
                return s ^ (1 << j)
        j += 1
    return s


@step
def draw_on(n: int, first: int, sign: int, process: Process, where: Where) -> None:
    """Let a plan draw on the discount budget of the months from `first` on, or no more where `sign` is -1."""
    for t in range(first, where.drawn.size):
        where.drawn[t] += sign * process.over[n, t]


@apart
def begin_lives(
    first: int, key: NDArray[Any], draws: NDArray[Any], process: Process, grid: Grid, room: Room, where: Where
) -> None:
    """Put accounts at their start: at one of the nodes around each stock."""
    for i in range(where.left.size):
        n = first + i
        where.branch[i], where.left[i] = process.branch[n], (1 << process.lines[n]) - 1
        find(process.goodwill[n], grid.saturation, grid.goodwill, 0, 0, room)
        find(process.awareness[n], 1.0, grid.awareness, 3, 0, room)
        up = keyed_uniform(draws[0, BEGINS], key[n], FIRST) < room.shares[0, 0]
        where.goodwill[i] = room.steps[0, 0] + up
        up = keyed_uniform(draws[0, BEGINS], key[n], SECOND) < room.shares[3, 0]
        where.awareness[i] = room.steps[3, 0] + up
        if where.branch[i] == 1 and where.left[i] > 0:
            draw_on(n, 0, 1, process, where)


@apart
def come_off_plan(
    i: int,
    n: int,
    t: int,
    rates: NDArray[Any],
    key: NDArray[Any],
    draws: NDArray[Any],
    process: Process,
    where: Where,
) -> None:
    """Let an account come off its plan when the month opens, if it is its turn, and a line may leave then."""
    if where.branch[i] == 0 or keyed_uniform(draws[t, QUITS], key[n], FIRST) >= process.quit[n, t]:
        return
    where.branch[i] = 0
    draw_on(n, t, -1, process, where)
    where.left[i] = lose_line(
        keyed_uniform(draws[t, QUITS], key[n], SECOND), rates, process.burst[n] - 1.0, where.left[i]
    )


@apart
def rank_actions(
    i: int,
    n: int,
    t: int,
    table: NDArray[Any],
    process: Process,
    costs: Costs,
    grid: Grid,
    room: Room,
    where: Where,
    staff: Staff,
) -> None:
    """Note what an account's actions bring, as they are ranked, and what they use."""
    g, x, y, s = where.branch[i], where.goodwill[i], where.awareness[i], where.left[i]
    set_use(n, process, costs, room)
    for action in range(ACTIONS):
        staff.gain[i, action] = table[t, action, g, x, y, s]
        for k in range(4):
            staff.use[i, action, k] = room.use[action, k]
    staff.use[i, CUT, MONEY_OFF] = costs.discount * revenue_of(s, process.revenue[n, t])
    if process.offered[n] and t % costs.every == 0 and g == 0:
        set_steps(process.working[n], process.call[n], grid, room)
        low, share = room.steps[DECIDER, x], room.shares[DECIDER, x]
        joins, k = process.join[n, t // costs.every], count(s)
        staff.chance[i] = joins[low, k] + share * (joins[low + 1, k] - joins[low, k])
        for u in range(t, where.drawn.size):
            staff.most[i] = max(staff.most[i], process.over[n, u])


@step
def as_fits(i: int, n: int, t: int, capacity: NDArray[Any], process: Process, where: Where, staff: Staff) -> int:
    """Return an account's action if the discount budget bears it, taken offers included, or what is left of it."""
    action = staff.chosen[i]
    if OFFER <= action < CUT:
        for u in range(t, where.drawn.size):
            if where.drawn[u] + process.over[n, u] > capacity[MONEY_OFF, u] + 1e-9:
                return int(4 * DECIDER + action - OFFER)
    if action == CUT:
        if where.drawn[t] + staff.use[i, CUT, MONEY_OFF] > capacity[MONEY_OFF, t] + 1e-9:
            return 0
        where.drawn[t] += staff.use[i, CUT, MONEY_OFF]
    return int(action)


@step
def given_up(
    i: int, t: int, action: int, table: NDArray[Any], price: NDArray[Any], where: Where, staff: Staff
) -> float:
    """Return by how much an action falls short of the best at the prices, yuan."""
    g, x, y, s = where.branch[i], where.goodwill[i], where.awareness[i], where.left[i]
    best, mine = 0.0, 0.0
    for other in range(ACTIONS):
        brings = np.float64(table[t, other, g, x, y, s])
        if brings > NEVER:
            for k in range(4):
                brings -= price[k, t] * staff.use[i, other, k]
            best = max(best, brings)
            if other == action:
                mine = brings
    return best - mine


@apart
def act(
    i: int,
    n: int,
    t: int,
    action: int,
    leave: NDArray[Any],
    key: NDArray[Any],
    draws: NDArray[Any],
    process: Process,
    costs: Costs,
    grid: Grid,
    room: Room,
    where: Where,
) -> float:
    """Let an account live a month under an action, and return what it pays for the lines that are left, yuan."""
    g, s = where.branch[i], where.left[i]
    visit, contact, times, off = action // 4, action % 4, 1.0, 0.0
    if action == CUT:
        visit, contact, times = 0, 0, np.float64(process.cut[n])
        off = costs.discount * revenue_of(s, process.revenue[n, t])
    elif action >= OFFER:
        visit, contact = DECIDER, action - OFFER
    set_steps(process.working[n], process.call[n], grid, room)
    x, y = where.goodwill[i], where.awareness[i]
    x = room.steps[visit, x] + (keyed_uniform(draws[t, PLACE], key[n], FIRST) < room.shares[visit, x])
    y = room.steps[3 + contact, y] + (keyed_uniform(draws[t, PLACE], key[n], SECOND) < room.shares[3 + contact, y])
    if OFFER <= action < CUT:
        chance = process.join[n, t // costs.every, x, count(s)]
        if keyed_uniform(draws[t, JOINS], key[n], FIRST) < chance:
            g = 1
            draw_on(n, t, 1, process, where)
    s = lose_line(keyed_uniform(draws[t, LEAVES], key[n], FIRST), leave[t, g, x, y], times, s)
    where.branch[i], where.goodwill[i], where.awareness[i], where.left[i] = g, x, y, s
    if s == 0 and g == 1:
        draw_on(n, t, -1, process, where)
    paid = revenue_of(s, process.revenue[n, t])
    return (min(paid, np.float64(process.bill[n, t])) if g == 1 else paid) - off


@apart
def clear_month(t: int, capacity: NDArray[Any], where: Where, staff: Staff) -> None:
    """Begin a month of a manager's: nothing chosen, and all of its hours and budgets left but what plans draw."""
    staff.most[:] = 0.0
    staff.chance[:] = 0.0
    staff.use[:] = 0.0
    staff.gain[:] = NEVER
    for k in range(4):
        staff.left[k] = capacity[k, t]
    spare = capacity[MONEY_OFF, t] - where.drawn[t]
    for u in range(t, where.drawn.size):
        spare = min(spare, capacity[MONEY_OFF, u] - where.drawn[u])
    staff.left[MONEY_OFF] = max(spare, 0.0)


@njit(cache=True, nogil=True)
def live_months(
    life: int,
    first: int,
    last: int,
    key: NDArray[np.uint64],
    draws: NDArray[np.uint64],
    process: Process,
    costs: Costs,
    grid: Grid,
    price: NDArray[Any],
    capacity: NDArray[Any],
    at: NDArray[Any],
    gains: NDArray[Any],
    ranks: NDArray[Any],
    lives: Lives,
) -> None:
    """Let one manager's accounts live through the period once, their actions by `ranks`; add to `lives`.

    `draws` are keys of shape (months, 5); `price` and `capacity` of hours and of this manager's part of what is shared
    have the shape (4, months). `gains` and `ranks` are tables of `table_gains`, alike where the policy follows prices.
    Offers are made one after the other, and only while what is taken fits into the discount budget of all months left.
    """
    size, months = last - first, capacity.shape[1]
    room = make_room(grid.goodwill.size, grid.awareness.size, process.revenue.shape[2], months)
    staff, whole = make_staff(size), np.zeros((4, size), np.int64)
    where = Where(whole[0], whole[1], whole[2], whole[3], np.zeros(months))
    worth, now = np.zeros(size), np.zeros(4)
    begin_lives(first, key, draws, process, grid, room, where)
    for t in range(months):
        for i in range(size):
            if where.left[i] > 0:
                leave = leaves_of(first + i, process.lines[first + i], months, process, grid)
                rates = leave[t, 0, where.goodwill[i], where.awareness[i]]
                come_off_plan(i, first + i, t, rates, key, draws, process, where)
        clear_month(t, capacity, where, staff)
        for i in range(size):
            n = first + i
            if where.left[i] > 0:
                shape = (
                    months,
                    ACTIONS,
                    process.branches[n],
                    grid.goodwill.size,
                    grid.awareness.size,
                    1 << process.lines[n],
                )
                table = ranks[at[i] : at[i + 1]].reshape(shape)
                rank_actions(i, n, t, table, process, costs, grid, room, where, staff)
        choose_actions(now, staff)
        for i in range(size):
            offered = OFFER <= staff.chosen[i] < CUT
            worth[i] = -staff.gain[i, staff.chosen[i]] / max(staff.most[i], 1e-9) if offered else 0.0
        for i in np.argsort(worth):
            n = first + i
            if where.left[i] > 0:
                action = as_fits(i, n, t, capacity, process, where, staff)
                shape = (
                    months,
                    ACTIONS,
                    process.branches[n],
                    grid.goodwill.size,
                    grid.awareness.size,
                    1 << process.lines[n],
                )
                table = gains[at[i] : at[i + 1]].reshape(shape)
                lives.lost[life] += given_up(i, t, action, table, price, where, staff)
                for k in range(4):
                    lives.used[life, k, t] += staff.use[i, action, k]
                leave = leaves_of(n, process.lines[n], months, process, grid)
                lives.paid[life] += act(i, n, t, action, leave, key, draws, process, costs, grid, room, where)
                if where.branch[i] == 1 and where.left[i] > 0:
                    lives.used[life, MONEY_OFF, t] += process.over[n, t]
    for i in range(size):
        n = first + i
        if process.lines[n] > 0:
            node = (where.branch[i] * grid.goodwill.size + where.goodwill[i]) * grid.awareness.size + where.awareness[i]
            lives.paid[life] += process.after[process.ends[n] + (node << process.lines[n]) + where.left[i]]
