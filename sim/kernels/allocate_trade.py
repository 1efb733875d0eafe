"""Trade: managers change their columns, alone and two at a time, so that shared budgets are kept and then used up."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.allocate_price import Whole

Floats = NDArray[np.float64]


@njit(cache=True, error_model="numpy", nogil=True)
def excess_after(left: Floats, penalty: Floats, change: Floats) -> float:
    """Return the penalty for what is used beyond the budgets after a change."""
    total = 0.0
    for k in range(left.size):
        total += penalty[k] * max(0.0, change[k] - left[k])
    return total


@njit(cache=True, error_model="numpy", nogil=True)
def excess_after_two(left: Floats, penalty: Floats, one: Floats, two: Floats) -> float:
    """Return the penalty after two changes."""
    total = 0.0
    for k in range(left.size):
        total += penalty[k] * max(0.0, one[k] + two[k] - left[k])
    return total


@njit(cache=True, error_model="numpy", nogil=True)
def best_change(value: Floats, use: Floats, left: Floats, penalty: Floats, now: float, least: float) -> int:
    """Return the change that gains most value less penalty, -1 where none gains more than `least`."""
    found, most = -1, least
    for j in range(value.size):
        if value[j] + now > most:
            gain = value[j] + now - excess_after(left, penalty, use[j])
            if gain > most:
                found, most = j, gain
    return found


@njit(cache=True, error_model="numpy", nogil=True)
def best_pair(
    value: Floats,
    use: Floats,
    manager: Whole,
    short: Whole,
    left: Floats,
    penalty: Floats,
    now: float,
    least: float,
) -> tuple[int, int]:
    """Return the two changes of different managers that gain most value less penalty together, -1 for none."""
    one, two, most = -1, -1, least
    for a in range(short.size):
        j = short[a]
        for c in range(a + 1, short.size):
            q = short[c]
            both = value[j] + value[q] + now
            if both > most and manager[q] != manager[j]:
                gain = both - excess_after_two(left, penalty, use[j], use[q])
                if gain > most:
                    one, two, most = j, q, gain
    return one, two


@njit(cache=True, error_model="numpy", nogil=True)
def take(
    j: int, value: Floats, use: Floats, manager: Whole, starts: Whole, left: Floats, chosen: Whole, total: Floats
) -> None:
    """Change a manager's column; the values and uses of all its columns are from then on against this one."""
    m = manager[j]
    chosen[m] = j
    total[0] += value[j]
    for k in range(left.size):
        left[k] -= use[j, k]
    more = value[j]
    change = use[j].copy()
    for q in range(starts[m], starts[m + 1]):
        value[q] -= more
        for k in range(left.size):
            use[q, k] -= change[k]


@njit(cache=True, error_model="numpy", nogil=True)
def trade(
    value: Floats,
    use: Floats,
    manager: Whole,
    starts: Whole,
    short: Whole,
    left: Floats,
    penalty: Floats,
    least: float,
    most: int,
    chosen: Whole,
    total: Floats,
) -> int:
    """Make the changes that gain most value less the penalty for excess, one after the other; return how many.

    `value`, shape (columns,), and `use`, shape (columns, budgets), are those of each column against its manager's
    present one, manager m's from `starts[m]` up to `starts[m + 1]`; they are brought up to date, as are `left`, what is
    left of each budget, `chosen`, the column of each manager, and `total`, the value in all. `short` lists the columns
    that are tried in pairs; at most `most` changes are made.
    """
    made, nothing = 0, np.zeros(left.size)
    while made < most:
        now = excess_after(left, penalty, nothing)
        one = best_change(value, use, left, penalty, now, least)
        two = -1
        if one < 0:
            one, two = best_pair(value, use, manager, short, left, penalty, now, least)
        if one < 0:
            break
        take(one, value, use, manager, starts, left, chosen, total)
        if two >= 0:
            take(two, value, use, manager, starts, left, chosen, total)
        made += 1
    return made
