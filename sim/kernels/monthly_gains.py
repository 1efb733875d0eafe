"""What actions bring over doing nothing, in every state of every month (`optimize.monthly_policy`)."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from sim.kernels.monthly_back import after, back, begin_back, cutting, decide, leaves_of, offering, open_values, set_use
from sim.kernels.monthly_choice import NEVER
from sim.kernels.monthly_records import ACTIONS, CUT, OFFER, Costs, Grid, Prices, Process, Room, make_room
from sim.kernels.monthly_stocks import revenue_of
from sim.kernels.step import apart


@apart
def gain_of(
    action: int, t: int, n: int, g: int, i: int, a: int, s: int, process: Process, costs: Costs, room: Room
) -> float:
    """Return what an action brings over doing nothing in a state, before prices; far below nought where it can't be."""
    if action == 0 or s == 0 or not costs.actions[action]:
        return 0.0 if action == 0 else NEVER
    idle = after(0, 0, g, i, a, s, room)
    if action < OFFER:
        return after(action // 4, action % 4, g, i, a, s, room) - idle
    if g == 1:
        return NEVER
    if action == CUT:
        off = costs.discount * revenue_of(s, process.revenue[n, t])
        return cutting(n, i, a, s, off, process, room) - idle if process.discounted[n] else NEVER
    if process.offered[n] and t % costs.every == 0:
        return offering(action, t, n, i, a, s, process, costs, room) - idle
    return NEVER


@apart
def fill_gains(
    t: int, n: int, m: int, process: Process, costs: Costs, grid: Grid, room: Room, gain: NDArray[Any]
) -> None:
    """Fill what actions bring over doing nothing in every state: (actions, branches, goodwills, awarenesses, lines)."""
    for g in range(process.branches[n]):
        for i in range(grid.goodwill.size):
            for a in range(grid.awareness.size):
                for s in range(1 << m):
                    for action in range(ACTIONS):
                        gain[action, g, i, a, s] = gain_of(action, t, n, g, i, a, s, process, costs, room)


@njit(cache=True, nogil=True)
def table_gains(
    first: int,
    last: int,
    ahead: bool,
    manager: NDArray[Any],
    process: Process,
    costs: Costs,
    grid: Grid,
    prices: Prices,
    at: NDArray[Any],
    gains: NDArray[Any],
) -> None:
    """Fill what actions of accounts from `first` up to `last` bring over doing nothing, in every month and state.

    With `ahead` the best is done in the months that follow, at the prices; without, nothing. An account's table begins
    at `at[n - first]` and has the shape (months, actions, branches, goodwills, awarenesses, lines left).
    """
    months = prices.shared.shape[1]
    room = make_room(grid.goodwill.size, grid.awareness.size, process.revenue.shape[2], months)
    for n in range(first, last):
        m = process.lines[n]
        if m == 0:
            continue
        leave = leaves_of(n, m, months, process, grid)
        shape = (months, ACTIONS, process.branches[n], grid.goodwill.size, grid.awareness.size, 1 << m)
        table = gains[at[n - first] : at[n - first + 1]].reshape(shape)
        begin_back(n, m, process, grid, room)
        set_use(n, process, costs, room)
        for t in range(months - 1, -1, -1):
            back(t, n, m, leave, process, grid, prices, room)
            fill_gains(t, n, m, process, costs, grid, room, table[t])
            if ahead:
                decide(t, n, m, manager[n], process, costs, grid, prices, room)
            else:
                for g in range(process.branches[n]):
                    for i in range(grid.goodwill.size):
                        for a in range(grid.awareness.size):
                            for s in range(1 << m):
                                room.value[g, i, a, s] = after(0, 0, g, i, a, s, room)
            open_values(t, n, m, leave[t], process, grid, room)
