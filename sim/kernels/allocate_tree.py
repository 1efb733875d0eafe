"""Combinations of an account manager's near options: all that lose less than a given amount.

Against the split optimum of its hours a manager's whole choice loses what its options lose at the price of an hour, and
the hours that it leaves over. No option that alone loses more than a choice already known can belong to a better one,
so that the combinations of the few that lose less can all be looked at: the best of them is proven to be the best.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.allocate_price import NEVER, Room, Whole

MOST = 1 << 15
"""Combinations looked at for one manager at most."""
DEEP = 12
"""Accounts in which a column may differ from each account's best option."""
NEAREST = 24
"""Single changes that columns are made of at least, those that lose least."""
NONE = -1


class Tree(NamedTuple):
    """Combinations of changes from each account's best option, each reached from an earlier one by one change more."""

    loss: NDArray[np.float64]
    left: NDArray[np.float64]
    """Hours left by a combination, below 0 where it takes too many."""
    came_from: NDArray[np.int32]
    change: NDArray[np.int32]
    """The last change, a place in the list of near options."""
    depth: NDArray[np.int8]
    use: NDArray[np.float64]
    """Budgets used more than with every account at its best, shape (combinations, budgets)."""


class Near(NamedTuple):
    """Options that lose little, account by account."""

    account: Whole
    option: Whole
    loss: NDArray[np.float64]
    hours: NDArray[np.float64]
    """More than the account's best option takes."""
    use: NDArray[np.float64]
    """More than the account's best option uses, shape (changes, budgets)."""


@njit(cache=True, error_model="numpy", nogil=True)
def make_tree(budgets: int) -> Tree:
    """Return room for combinations."""
    return Tree(
        np.empty(MOST),
        np.empty(MOST),
        np.empty(MOST, np.int32),
        np.empty(MOST, np.int32),
        np.empty(MOST, np.int8),
        np.empty((MOST, budgets)),
    )


@njit(cache=True, error_model="numpy", nogil=True)
def make_near(changes: int, budgets: int) -> Near:
    """Return room for so many changes."""
    return Near(
        np.empty(changes, np.int64),
        np.empty(changes, np.int64),
        np.empty(changes),
        np.empty(changes),
        np.empty((changes, budgets)),
    )


@njit(cache=True, error_model="numpy", nogil=True)
def net(i: int, b: int, hour_price: float, room: Room) -> float:
    """Return an option's worth less what its hours cost."""
    return float(room.worth[i, b] - hour_price * room.hours[i, b])


@njit(cache=True, error_model="numpy", nogil=True)
def best_options(n: int, hour_price: float, room: Room, best: Whole) -> None:
    """Write each account's best option at the price of an hour."""
    for i in range(n):
        best[i] = 0
        for b in range(1, room.worth.shape[1]):
            if net(i, b, hour_price, room) > net(i, best[i], hour_price, room):
                best[i] = b


@njit(cache=True, error_model="numpy", nogil=True)
def list_near(lo: int, n: int, most: float, hour_price: float, use: Any, best: Whole, room: Room, near: Near) -> int:
    """List every option that loses less than `most` against its account's best, account by account; return how many."""
    listed = 0
    for i in range(n):
        at, top = best[i], net(i, best[i], hour_price, room)
        for b in range(room.worth.shape[1]):
            if b != at and room.worth[i, b] > NEVER:
                loss = top - net(i, b, hour_price, room)
                if loss < most:
                    near.account[listed], near.option[listed], near.loss[listed] = i, b, loss
                    near.hours[listed] = room.hours[i, b] - room.hours[i, at]
                    for k in range(use.shape[0]):
                        near.use[listed, k] = use[k, b, lo + i] - use[k, at, lo + i]
                    listed += 1
    return listed


@njit(cache=True, error_model="numpy", nogil=True)
def nearest_loss(n: int, hour_price: float, best: Whole, room: Room, losses: NDArray[np.float64]) -> float:
    """Return what the option number `NEAREST` loses, of all options in the order of what they lose."""
    listed = 0
    for i in range(n):
        top = net(i, best[i], hour_price, room)
        for b in range(room.worth.shape[1]):
            if b != best[i] and room.worth[i, b] > NEVER:
                losses[listed] = top - net(i, b, hour_price, room)
                listed += 1
    if listed == 0:
        return 0.0
    place = min(NEAREST, listed) - 1
    return float(np.partition(losses[:listed], place)[place])


@njit(cache=True, error_model="numpy", nogil=True)
def grow(listed: int, most: float, left: float, near: Near, tree: Tree) -> int:
    """Grow all combinations that lose less than `most`; return how many there are, -1 where they are too many."""
    tree.loss[0], tree.left[0], tree.came_from[0], tree.change[0], tree.depth[0] = 0.0, left, NONE, NONE, 0
    tree.use[0] = 0.0
    count, begun = 1, 0
    while begun < listed:
        end = begun
        while end < listed and near.account[end] == near.account[begun]:
            end += 1
        before = count
        for c in range(before):
            for j in range(begun, end):
                loss = tree.loss[c] + near.loss[j]
                if loss >= most:
                    continue
                if count == MOST:
                    return -1
                tree.loss[count], tree.left[count] = loss, tree.left[c] - near.hours[j]
                tree.came_from[count], tree.change[count], tree.depth[count] = c, j, tree.depth[c] + 1
                for k in range(tree.use.shape[1]):
                    tree.use[count, k] = tree.use[c, k] + near.use[j, k]
                count += 1
        begun = end
    return count


@njit(cache=True, error_model="numpy", nogil=True)
def lost_by(c: int, hour_price: float, tree: Tree) -> float:
    """Return what a combination loses against the split optimum, without end where it takes too many hours."""
    if tree.left[c] < 0.0:
        return np.inf
    return float(tree.loss[c] + (hour_price * tree.left[c] if hour_price > 0.0 else 0.0))


@njit(cache=True, error_model="numpy", nogil=True)
def winner_of(count: int, hour_price: float, tree: Tree) -> int:
    """Return the combination that loses least of those that a column can hold, -1 where none keeps to the hours."""
    found, least = NONE, np.inf
    for c in range(count):
        lost = lost_by(c, hour_price, tree)
        if lost < least and tree.depth[c] <= DEEP:
            found, least = c, lost
    return found


@njit(cache=True, error_model="numpy", nogil=True)
def least_lost(count: int, hour_price: float, tree: Tree) -> float:
    """Return what the combination that loses least loses, however many accounts it changes."""
    least = np.inf
    for c in range(count):
        least = min(least, lost_by(c, hour_price, tree))
    return least


@njit(cache=True, error_model="numpy", nogil=True)
def present_loss(n: int, available: float, hour_price: float, best: Whole, room: Room) -> tuple[float, float]:
    """Return what the options in `room.at` lose against the split optimum, and the hours left with `best` options."""
    lost, left, left_at_best = 0.0, available, available
    for i in range(n):
        left -= room.hours[i, room.at[i]]
        left_at_best -= room.hours[i, best[i]]
        lost += net(i, best[i], hour_price, room) - net(i, room.at[i], hour_price, room)
    return lost + (hour_price * left if hour_price > 0.0 else 0.0), left_at_best
