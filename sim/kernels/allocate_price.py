"""Options priced: what each account would choose at given prices of budgets, and each manager's price of an hour.

Given prices of the shared budgets, an account manager's accounts compete for its hours only. An account's options then
form a concave staircase of worth over hours, and the manager's best split of its hours climbs the steepest steps of all
accounts first, until hours run out: the slope there is the price of an hour (a multiple-choice knapsack relaxed: Sinha
and Zoltners 1979; Zemel 1980).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Whole = NDArray[np.int64]
NEVER = -1e300
"""Worth below which an option isn't allowed."""


class Block(NamedTuple):
    """Accounts of some managers, in the order of managers, with what their options bring and take."""

    value: Floats
    """Shape (options, accounts), as the next two."""
    allowed: NDArray[np.bool_]
    hours: Floats
    """Of the account's manager."""
    use: Floats
    """Of the shared budgets, shape (budgets, options, accounts)."""
    starts: Whole
    """Manager m has the accounts from `starts[m]` up to `starts[m + 1]`, shape (managers + 1,)."""
    available: NDArray[np.float64]
    """Hours of each manager, shape (managers,)."""


class Room(NamedTuple):
    """Scratch for one manager at a time, for up to `accounts` accounts."""

    worth: NDArray[np.float64]
    """Value less what its use of budgets costs, shape (accounts, options)."""
    hours: NDArray[np.float64]
    at: Whole
    """Option chosen, shape (accounts,)."""
    slope: NDArray[np.float64]
    """Steps of all accounts, in the order of accounts, shape (accounts x options,), as the next three."""
    rise: NDArray[np.float64]
    """Hours of a step."""
    climber: Whole
    reached: Whole
    """Option that a step ends at."""
    reward: NDArray[np.float64]
    """Steps of one account, shape (options,), as the next two."""
    effort: NDArray[np.float64]
    landing: Whole


@njit(cache=True, error_model="numpy", nogil=True)
def make_room(accounts: int, options: int) -> Room:
    """Return scratch for managers with at most so many accounts."""
    steps = accounts * options
    return Room(
        np.empty((accounts, options)),
        np.empty((accounts, options)),
        np.empty(accounts, np.int64),
        np.empty(steps),
        np.empty(steps),
        np.empty(steps, np.int64),
        np.empty(steps, np.int64),
        np.empty(options),
        np.empty(options),
        np.empty(options, np.int64),
    )


@njit(cache=True, error_model="numpy", nogil=True)
def largest(starts: Whole, first: int, last: int) -> int:
    """Return how many accounts the largest of some managers has."""
    most = 0
    for m in range(first, last):
        most = max(most, int(starts[m + 1] - starts[m]))
    return most


@njit(cache=True, error_model="numpy", nogil=True)
def put_prices(lo: int, n: int, block: Block, price: NDArray[np.float64], room: Room) -> None:
    """Write the worth and hours of the options of `n` accounts from `lo` on."""
    value, allowed, hours, use = block.value, block.allowed, block.hours, block.use
    budgets, options = use.shape[0], value.shape[0]
    for b in range(options):
        for i in range(n):
            room.worth[i, b] = value[b, lo + i] if allowed[b, lo + i] else -np.inf
            room.hours[i, b] = hours[b, lo + i]
        for k in range(budgets):
            p = price[k]
            if p != 0.0:
                for i in range(n):
                    room.worth[i, b] -= p * use[k, b, lo + i]


@njit(cache=True, error_model="numpy", nogil=True)
def leave_efficient(n: int, room: Room) -> None:
    """Forbid the options that take no fewer hours than another which is worth as much; the first of equals stays."""
    for i in range(n):
        worth, hours = room.worth[i], room.hours[i]
        for b in range(worth.size):
            for other in range(worth.size):
                as_good = worth[other] > NEVER and worth[other] >= worth[b] and hours[other] <= hours[b]
                if as_good and (worth[other] > worth[b] or hours[other] < hours[b] or other < b):
                    worth[b] = -np.inf
                    break


@njit(cache=True, error_model="numpy", nogil=True)
def staircase(i: int, room: Room) -> tuple[int, int]:
    """Return where an account starts, at its fewest hours, and in how many ever flatter steps its worth can rise."""
    worth, hours = room.worth[i], room.hours[i]
    at, steps = -1, 0
    for b in range(worth.size):
        if worth[b] > NEVER and (at < 0 or hours[b] < hours[at] or (hours[b] == hours[at] and worth[b] > worth[at])):
            at = b
    start = at
    while at >= 0:
        steepest, reached = 0.0, -1
        for b in range(worth.size):
            up, along = worth[b] - worth[at], hours[b] - hours[at]
            if up > 0.0 and along > 0.0 and up >= steepest * along:
                further = reached >= 0 and up == steepest * along and hours[b] < hours[reached]
                if not further:
                    steepest, reached = up / along, b
        if reached < 0:
            break
        room.reward[steps] = worth[reached] - worth[at]
        room.effort[steps] = hours[reached] - hours[at]
        room.landing[steps] = reached
        steps, at = steps + 1, reached
    return start, steps


class Split(NamedTuple):
    """How a manager's hours are split at given prices of budgets."""

    worth: float
    """Of the options chosen, without the part of the step that hours ran out in."""
    left: float
    """Hours left, below 0 where even the fewest don't fit."""
    price: float
    """Of an hour."""
    split: int
    """Account whose next step doesn't fit whole, -1 where there is none."""
    next: int
    """Option that this step would reach."""
    rise: float
    """Its hours."""


@njit(cache=True, error_model="numpy", nogil=True)
def split_hours(n: int, available: float, room: Room) -> Split:
    """Let accounts climb the steepest steps while hours last, and leave their options in `room.at`."""
    worth, left, steps = 0.0, available, 0
    for i in range(n):
        start, own = staircase(i, room)
        room.at[i] = start
        worth += room.worth[i, start]
        left -= room.hours[i, start]
        for j in range(own):
            room.slope[steps] = room.reward[j] / room.effort[j]
            room.rise[steps] = room.effort[j]
            room.climber[steps] = i
            room.reached[steps] = room.landing[j]
            steps += 1
    for j in np.argsort(-room.slope[:steps], kind="mergesort"):
        i, b = room.climber[j], room.reached[j]
        if room.rise[j] > left:
            return Split(worth, left, room.slope[j], i, b, room.rise[j])
        left -= room.rise[j]
        worth += room.worth[i, b] - room.worth[i, room.at[i]]
        room.at[i] = b
    return Split(worth, left, 0.0, -1, 0, 0.0)


@njit(cache=True, error_model="numpy", nogil=True)
def price_managers(block: Block, first: int, last: int, price: NDArray[np.float64], used: NDArray[np.float64]) -> float:
    """Return the dual value of managers at prices of budgets, without what the budgets themselves are worth.

    The managers are those from `first` up to `last`. What their accounts use, one of them split between two options,
    is added to `used`, shape (budgets,).
    """
    starts, use = block.starts, block.use
    room = make_room(largest(starts, first, last), block.value.shape[0])
    total = 0.0
    for m in range(first, last):
        lo, n = int(starts[m]), int(starts[m + 1] - starts[m])
        put_prices(lo, n, block, price, room)
        split = split_hours(n, block.available[m], room)
        total += split.worth
        for k in range(use.shape[0]):
            for i in range(n):
                used[k] += use[k, room.at[i], lo + i]
        if split.split >= 0:
            i, part = split.split, split.left / split.rise
            total += split.price * split.left
            for k in range(use.shape[0]):
                used[k] += part * (use[k, split.next, lo + i] - use[k, room.at[i], lo + i])
    return total


@njit(cache=True, error_model="numpy", nogil=True)
def fewest(block: Block, first: int, last: int, hours: NDArray[np.float64], used: NDArray[np.float64]) -> None:
    """Add up the least that accounts can take: of each manager's hours, shape (managers,), and of each budget.

    An account without any option that is allowed counts as taking hours without end.
    """
    options, budgets = block.value.shape[0], block.use.shape[0]
    for m in range(first, last):
        for n in range(block.starts[m], block.starts[m + 1]):
            least = np.inf
            for b in range(options):
                if block.allowed[b, n]:
                    least = min(least, block.hours[b, n])
            hours[m - first] += least
            for k in range(budgets):
                least = np.inf
                for b in range(options):
                    if block.allowed[b, n]:
                        least = min(least, block.use[k, b, n])
                used[k] += least


@njit(cache=True, error_model="numpy", nogil=True)
def narrow(
    block: Block,
    first: int,
    last: int,
    spare_hours: NDArray[np.float64],
    spare: NDArray[np.float64],
    fits: NDArray[np.bool_],
) -> None:
    """Write which options fit, shape (options, accounts): those that alone don't take more than all else leaves.

    `spare` is what of each budget is left when every account takes the least, shape (budgets,); `spare_hours` likewise.
    """
    options, budgets = block.value.shape[0], block.use.shape[0]
    for m in range(first, last):
        for n in range(block.starts[m], block.starts[m + 1]):
            for b in range(options):
                fits[b, n] = block.allowed[b, n]
            least = np.inf
            for b in range(options):
                if block.allowed[b, n]:
                    least = min(least, block.hours[b, n])
            for b in range(options):
                fits[b, n] &= block.hours[b, n] - least <= spare_hours[m - first]
            for k in range(budgets):
                least = np.inf
                for b in range(options):
                    if block.allowed[b, n]:
                        least = min(least, block.use[k, b, n])
                for b in range(options):
                    fits[b, n] &= block.use[k, b, n] - least <= spare[k]
