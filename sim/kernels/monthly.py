"""Exact dynamic programme of every account at given prices, and what its best actions then use (`optimize.monthly`)."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from sim.kernels.monthly_back import back, begin_back, decide, leaves_of, open_values, set_use
from sim.kernels.monthly_records import CUT, DECIDER, MONEY_OFF, OFFER, Costs, Grid, Prices, Process, Room, make_room
from sim.kernels.monthly_stocks import count, find, revenue_of, set_steps
from sim.kernels.step import apart, step


@apart
def begin_mass(n: int, m: int, process: Process, grid: Grid, room: Room) -> None:
    """Put an account at its start: shared out to the nodes around its stocks, all lines left."""
    room.mass[:] = 0.0
    find(process.goodwill[n], grid.saturation, grid.goodwill, 0, 0, room)
    find(process.awareness[n], 1.0, grid.awareness, 3, 0, room)
    i, a, up, along = room.steps[0, 0], room.steps[3, 0], room.shares[0, 0], room.shares[3, 0]
    for x in range(2):
        for y in range(2):
            weight = (up if x else 1.0 - up) * (along if y else 1.0 - along)
            room.mass[process.branch[n], i + x, a + y, (1 << m) - 1] = weight


@apart
def worth_at_start(n: int, m: int, process: Process, grid: Grid, room: Room) -> float:
    """Return the worth of an account's start, from `room.next` and `room.mass`."""
    total = 0.0
    for g in range(process.branches[n]):
        for i in range(grid.goodwill.size):
            for a in range(grid.awareness.size):
                for s in range(1 << m):
                    total += room.mass[g, i, a, s] * room.next[g, i, a, s]
    return total


@step
def share_out_lines(
    mass: float, g: int, i: int, a: int, s: int, m: int, rates: NDArray[Any], times: float, onto: NDArray[Any]
) -> None:
    """Share a mass out to the states that it may be in once a line of its may have left."""
    k, stays = count(s), mass
    for j in range(m):
        if (s >> j) & 1:
            lost = mass * rates[k - 1, j] * times
            onto[g, i, a, s ^ (1 << j)] += lost
            stays -= lost
    onto[g, i, a, s] += stays


@step
def quit_mass(t: int, n: int, m: int, leave: NDArray[Any], process: Process, grid: Grid, room: Room) -> None:
    """Let who comes off the plan this month go to the other branch, and more of its lines leave."""
    gone, more = process.quit[n, t], process.burst[n] - 1.0
    for i in range(grid.goodwill.size):
        for a in range(grid.awareness.size):
            for s in range(1 << m):
                mass = gone * room.mass[1, i, a, s]
                if mass > 0.0:
                    room.mass[1, i, a, s] -= mass
                    share_out_lines(mass, 0, i, a, s, m, leave[t, 0, i, a], more, room.mass)


@step
def spend_mass(
    mass: float,
    t: int,
    n: int,
    g: int,
    i: int,
    a: int,
    s: int,
    leave: NDArray[Any],
    process: Process,
    costs: Costs,
    used: NDArray[Any],
    room: Room,
) -> None:
    """Share a state's mass out to where its action takes it."""
    action, m = room.action[t, g, i, a, s], process.lines[n]
    for k in range(4):
        used[k, t] += mass * room.use[action, k]
    visit, contact, joins, times = action // 4, action % 4, 0.0, 1.0
    if action == CUT:
        visit, contact, times = 0, 0, process.cut[n]
        used[MONEY_OFF, t] += mass * costs.discount * revenue_of(s, process.revenue[n, t])
    elif action >= OFFER:
        visit, contact = DECIDER, action - OFFER
    low, share = room.steps[visit, i], room.shares[visit, i]
    under, part = room.steps[3 + contact, a], room.shares[3 + contact, a]
    for x in range(2):
        for y in range(2):
            weight = mass * (share if x else 1.0 - share) * (part if y else 1.0 - part)
            if weight <= 0.0:
                continue
            if action >= OFFER and action != CUT:
                joins = process.join[n, t // costs.every, low + x, count(s)]
            for h in range(2 if joins > 0.0 else g + 1):
                if h >= (0 if joins > 0.0 else g):
                    part_of = weight * ((joins if h == 1 else 1.0 - joins) if joins > 0.0 else 1.0)
                    share_out_lines(
                        part_of, h, low + x, under + y, s, m, leave[t, h, low + x, under + y], times, room.moved
                    )


@apart
def forth(
    t: int,
    n: int,
    m: int,
    leave: NDArray[Any],
    process: Process,
    costs: Costs,
    grid: Grid,
    used: NDArray[Any],
    room: Room,
) -> None:
    """Let an account live a month by its best actions, and add up what they are expected to use, shape (4, months)."""
    branches, goodwills, awarenesses = process.branches[n], grid.goodwill.size, grid.awareness.size
    if branches > 1 and process.quit[n, t] > 0.0:
        quit_mass(t, n, m, leave, process, grid, room)
    room.moved[:] = 0.0
    for g in range(branches):
        for i in range(goodwills):
            for a in range(awarenesses):
                for s in range(1, 1 << m):
                    mass = room.mass[g, i, a, s]
                    if mass > 0.0:
                        spend_mass(mass, t, n, g, i, a, s, leave, process, costs, used, room)
    for g in range(branches):
        for i in range(goodwills):
            for a in range(awarenesses):
                for s in range(1 << m):
                    room.mass[g, i, a, s] = room.moved[g, i, a, s]
    if branches > 1:
        for i in range(goodwills):
            for a in range(awarenesses):
                for s in range(1, 1 << m):
                    used[MONEY_OFF, t] += process.over[n, t] * room.moved[1, i, a, s]


@apart
def best_worth(
    n: int,
    manager: int,
    leave: NDArray[Any],
    process: Process,
    costs: Costs,
    grid: Grid,
    prices: Prices,
    room: Room,
) -> float:
    """Return the most that an account can be worth at the prices, yuan; its best actions are left in `room.action`."""
    m, months = process.lines[n], leave.shape[0]
    begin_back(n, m, process, grid, room)
    set_use(n, process, costs, room)
    for t in range(months - 1, -1, -1):
        back(t, n, m, leave, process, grid, prices, room)
        decide(t, n, m, manager, process, costs, grid, prices, room)
        open_values(t, n, m, leave[t], process, grid, room)
    begin_mass(n, m, process, grid, room)
    worth = worth_at_start(n, m, process, grid, room)
    set_steps(process.working[n], process.call[n], grid, room)
    return worth


@njit(cache=True, nogil=True)
def price_accounts(
    first: int,
    last: int,
    manager: NDArray[Any],
    process: Process,
    costs: Costs,
    grid: Grid,
    prices: Prices,
    worth: NDArray[Any],
    used: NDArray[Any],
) -> None:
    """Fill what accounts from `first` up to `last` are worth at prices, and what they then are expected to use.

    `worth` has the shape (customers,), `used` (customers, 4, months). Blocks may run in threads of their own.
    """
    months = used.shape[2]
    room = make_room(grid.goodwill.size, grid.awareness.size, process.revenue.shape[2], months)
    for n in range(first, last):
        used[n] = 0.0
        worth[n] = 0.0
        m = process.lines[n]
        if m > 0:
            leave = leaves_of(n, m, months, process, grid)
            worth[n] = best_worth(n, manager[n], leave, process, costs, grid, prices, room)
            for t in range(months):
                forth(t, n, m, leave, process, costs, grid, used[n], room)
