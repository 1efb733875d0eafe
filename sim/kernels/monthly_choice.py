"""Which actions one manager takes in a month: by prices of that month, then by what fits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.monthly_records import ACTIONS, CHANNEL, CUT, HOURS, MONEY_OFF, OFFER, SEATS
from sim.kernels.step import apart, step

NEVER = -1e30
"""Gain of what can't be done."""
HALVINGS = 40
ROUNDS = 3
"""In which prices of a month are set in turn."""


class Staff(NamedTuple):
    """One manager's month, and room to work it out in; shape (accounts,) unless said."""

    gain: NDArray[np.float64]
    """Of each action over doing nothing, as ranked, prices not taken off, shape (accounts, actions)."""
    use: NDArray[np.float64]
    """Of hours, discount yuan now, channel yuan and seat minutes, shape (accounts, actions, 4)."""
    most: NDArray[np.float64]
    """Most that a plan offered would draw from the discount budget in a month to come, yuan."""
    chance: NDArray[np.float64]
    """That it is taken."""
    chosen: NDArray[np.int64]
    left: NDArray[np.float64]
    """Of hours and budgets, shape (4,)."""


@njit(cache=True, nogil=True)
def make_staff(size: int) -> Staff:
    """Return room for a manager of so many accounts."""
    return Staff(
        np.zeros((size, ACTIONS)),
        np.zeros((size, ACTIONS, 4)),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size, np.int64),
        np.zeros(4),
    )


@step
def net(n: int, action: int, price: NDArray[Any], staff: Staff) -> float:
    """Return an action's gain less what it uses at the prices, shape (4,)."""
    worth = staff.gain[n, action]
    for k in range(4):
        worth -= price[k] * staff.use[n, action, k]
    if OFFER <= action < CUT:
        worth -= price[MONEY_OFF] * staff.chance[n] * staff.most[n]
    return float(worth)


@step
def choose_at(price: NDArray[Any], k: int, staff: Staff) -> float:
    """Let every account have its best action at the prices, and return what that uses of resource `k`."""
    used = 0.0
    for n in range(staff.chosen.size):
        best, at = 0.0, 0
        for action in range(1, ACTIONS):
            if staff.gain[n, action] > NEVER:
                worth = net(n, action, price, staff)
                if worth > best:
                    best, at = worth, action
        staff.chosen[n] = at
        used += staff.use[n, at, k]
        if k == MONEY_OFF and OFFER <= at < CUT:
            used += staff.chance[n] * staff.most[n]
    return float(used)


@step
def raise_price(k: int, price: NDArray[Any], staff: Staff) -> bool:
    """Raise a resource's price from nought until what is wanted of it is there; return whether it had to be raised."""
    price[k] = 0.0
    if choose_at(price, k, staff) <= staff.left[k] + 1e-9:
        return False
    low, high = 0.0, 1.0
    price[k] = high
    while choose_at(price, k, staff) > staff.left[k] + 1e-9 and high < 1e12:
        low, high = high, 4.0 * high
        price[k] = high
    for _ in range(HALVINGS):
        price[k] = 0.5 * (low + high)
        if choose_at(price, k, staff) > staff.left[k] + 1e-9:
            low = price[k]
        else:
            high = price[k]
        if high - low < 1e-4 * high:
            break
    price[k] = high
    choose_at(price, k, staff)
    return True


@step
def fits(n: int, action: int, staff: Staff) -> bool:
    """Return whether an account may change to an action with what is left."""
    for k in range(4):
        if staff.use[n, action, k] - staff.use[n, staff.chosen[n], k] > staff.left[k] + 1e-9:
            return False
    was = OFFER <= staff.chosen[n] < CUT
    return not (OFFER <= action < CUT) or was or staff.chance[n] * staff.most[n] <= staff.left[MONEY_OFF] + 1e-9


@step
def change(n: int, action: int, staff: Staff) -> None:
    """Let an account change to an action."""
    was, now = OFFER <= staff.chosen[n] < CUT, OFFER <= action < CUT
    for k in range(4):
        staff.left[k] += staff.use[n, staff.chosen[n], k] - staff.use[n, action, k]
    staff.left[MONEY_OFF] += (int(was) - int(now)) * staff.chance[n] * staff.most[n]
    staff.chosen[n] = action


@step
def fill_up(price: NDArray[Any], staff: Staff) -> None:
    """Use what is left where it brings most for what it takes at the prices."""
    while True:
        best, who, what = 0.0, -1, 0
        for n in range(staff.chosen.size):
            now = staff.gain[n, staff.chosen[n]] if staff.chosen[n] > 0 else 0.0
            for action in range(1, ACTIONS):
                more = staff.gain[n, action] - now
                if more > 1e-9 and fits(n, action, staff):
                    taken = 1e-9
                    for k in range(4):
                        taken += price[k] * max(staff.use[n, action, k] - staff.use[n, staff.chosen[n], k], 0.0)
                    if more / taken > best:
                        best, who, what = more / taken, n, action
        if who < 0:
            return
        change(who, what, staff)


@apart
def choose_actions(price: NDArray[Any], staff: Staff) -> None:
    """Choose one action for every account of a manager, so that nothing is exceeded.

    Prices of this month, for which `price` is room, shape (4,), are raised until what is wanted is there; what then is
    left goes where it brings most. Discounts of offers count as expected here.
    """
    price[:] = 0.0
    for _ in range(ROUNDS):
        raised = 0
        for k in (HOURS, CHANNEL, SEATS, MONEY_OFF):
            if raise_price(k, price, staff):
                raised += 1
        if raised < 2:
            break
    choose_at(price, HOURS, staff)
    for n in range(staff.chosen.size):
        wanted = staff.chosen[n]
        staff.chosen[n] = 0
        if wanted > 0 and fits(n, wanted, staff):
            change(n, wanted, staff)
    fill_up(price, staff)
