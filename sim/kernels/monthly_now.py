"""What each account's actions would bring in a month as it has come, and which of them to take (`optimize.monthly`)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.monthly_back import (
    back,
    begin_back,
    decide,
    leaves_of,
    open_values,
    set_use,
)
from sim.kernels.monthly_choice import NEVER, choose_actions, make_staff
from sim.kernels.monthly_gains import gain_of
from sim.kernels.monthly_records import (
    ACTIONS,
    CHANNEL,
    CUT,
    DECIDER,
    HOURS,
    MONEY_OFF,
    SEATS,
    Costs,
    Grid,
    Prices,
    Process,
    make_room,
)
from sim.kernels.monthly_stocks import count, find, revenue_of, set_steps


class Now(NamedTuple):
    """Where accounts have come to when a month opens, shape (customers,)."""

    branch: NDArray[np.int64]
    """1 on an Evergreen plan."""
    goodwill: NDArray[np.float64]
    awareness: NDArray[np.float64]
    left: NDArray[np.int64]
    """Lines of ours that have never left, one bit each, in the order of the process."""


@njit(cache=True, nogil=True)
def gains_now(
    first: int,
    last: int,
    month: int,
    now: Now,
    manager: NDArray[Any],
    process: Process,
    costs: Costs,
    grid: Grid,
    prices: Prices,
    gain: NDArray[Any],
    chance: NDArray[Any],
) -> None:
    """Fill what actions bring over doing nothing, shape (customers, actions), and the chance that an offer is taken."""
    months = prices.shared.shape[1]
    room = make_room(grid.goodwill.size, grid.awareness.size, process.revenue.shape[2], months)
    for n in range(first, last):
        gain[n] = NEVER
        chance[n] = 0.0
        m, s, g = process.lines[n], now.left[n], min(now.branch[n], process.branches[n] - 1)
        if s == 0:
            continue
        leave = leaves_of(n, m, months, process, grid)
        begin_back(n, m, process, grid, room)
        set_use(n, process, costs, room)
        for t in range(months - 1, month, -1):
            back(t, n, m, leave, process, grid, prices, room)
            decide(t, n, m, manager[n], process, costs, grid, prices, room)
            open_values(t, n, m, leave[t], process, grid, room)
        back(month, n, m, leave, process, grid, prices, room)
        find(now.goodwill[n], grid.saturation, grid.goodwill, 0, 0, room)
        find(now.awareness[n], 1.0, grid.awareness, 3, 0, room)
        i, a, up, along = room.steps[0, 0], room.steps[3, 0], room.shares[0, 0], room.shares[3, 0]
        set_steps(process.working[n], process.call[n], grid, room)
        gain[n, 0] = 0.0
        for action in range(1, ACTIONS):
            low = gain_of(action, month, n, g, i, a, s, process, costs, room)
            if low > NEVER:
                high = gain_of(action, month, n, g, i + 1, a, s, process, costs, room)
                more = gain_of(action, month, n, g, i, a + 1, s, process, costs, room)
                both = gain_of(action, month, n, g, i + 1, a + 1, s, process, costs, room)
                below, above = low + up * (high - low), more + up * (both - more)
                gain[n, action] = below + along * (above - below)
        if process.offered[n] and month % costs.every == 0 and g == 0:
            k, joins = count(s), process.join[n, month // costs.every]
            j, share = room.steps[DECIDER, i], room.shares[DECIDER, i]
            chance[n] = joins[j, k] + share * (joins[j + 1, k] - joins[j, k])


@njit(cache=True, nogil=True)
def choose_now(
    first: int,
    last: int,
    month: int,
    now: Now,
    process: Process,
    costs: Costs,
    gain: NDArray[Any],
    chance: NDArray[Any],
    capacity: NDArray[Any],
    action: NDArray[Any],
) -> None:
    """Fill the actions of one manager's accounts, from `first` up to `last`; `capacity` has the shape (4, months)."""
    size, months = last - first, capacity.shape[1]
    room = make_room(1, 1, process.revenue.shape[2], 1)
    staff = make_staff(size)
    staff.gain[:] = gain[first:last]
    staff.chance[:] = chance[first:last]
    spare = np.zeros(months)
    for t in range(month, months):
        spare[t] = capacity[MONEY_OFF, t]
    for i in range(size):
        n = first + i
        set_use(n, process, costs, room)
        for other in range(ACTIONS):
            for k in range(4):
                staff.use[i, other, k] = room.use[other, k]
        staff.use[i, CUT, MONEY_OFF] = costs.discount * revenue_of(now.left[n], process.revenue[n, month])
        for t in range(month, months):
            staff.most[i] = max(staff.most[i], process.over[n, t])
            if now.branch[n] == 1:
                spare[t] -= process.over[n, t]
    for k in (HOURS, CHANNEL, SEATS):
        staff.left[k] = capacity[k, month]
    staff.left[MONEY_OFF] = max(spare[month:].min(), 0.0)
    choose_actions(np.zeros(4), staff)
    action[first:last] = staff.chosen
