"""Columns: for each manager the best whole choice of options at given prices, and others that lose little against it.

The best is proven to be the best (`sim.kernels.allocate_tree`). Choices that lose a little more are kept as columns,
with what they use of the shared budgets, for trade.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.allocate_pack import Swaps, make_swaps, near_options, swap
from sim.kernels.allocate_price import Block, Room, Whole, largest, leave_efficient, make_room, put_prices, split_hours
from sim.kernels.allocate_tree import (
    DEEP,
    MOST,
    NONE,
    Near,
    Tree,
    best_options,
    grow,
    least_lost,
    list_near,
    lost_by,
    make_near,
    make_tree,
    nearest_loss,
    present_loss,
    winner_of,
)


class Columns(NamedTuple):
    """Whole choices of managers, arrays that begin with the managers and their columns; the first is the best."""

    columns: Whole
    """Columns of each manager, shape (managers,)."""
    value: NDArray[np.float64]
    """Shape (managers, columns)."""
    use: NDArray[np.float64]
    """Shape (managers, columns, budgets)."""
    account: NDArray[np.int32]
    """Accounts, from the manager's first on, that aren't at their base option, shape (managers, columns, DEEP); -1."""
    option: NDArray[np.int16]
    """What they have instead."""


class Rank(NamedTuple):
    """The best combinations by some scores, best first."""

    score: NDArray[np.float64]
    """Shape (lists, length); -inf where there is none."""
    place: Whole


@njit(cache=True, error_model="numpy", nogil=True)
def enter(rank: Rank, row: int, length: int, score: float, place: int) -> None:
    """Put a combination at its place among the best of a list, if it is among them."""
    scores, at = rank.score[row], length
    while at > 0 and score > scores[at - 1]:
        at -= 1
    if at == length:
        return
    for j in range(length - 1, at, -1):
        scores[j], rank.place[row, j] = scores[j - 1], rank.place[row, j - 1]
    scores[at], rank.place[row, at] = score, place


@njit(cache=True, error_model="numpy", nogil=True)
def rank_columns(
    count: int,
    winner: int,
    hour_price: float,
    price: NDArray[np.float64],
    near: int,
    aside: int,
    tree: Tree,
    rank: Rank,
) -> None:
    """Rank combinations by what they lose, and by budget and side by that for each yuan of it that they move."""
    rank.score[:] = -np.inf
    least = lost_by(winner, hour_price, tree)
    for c in range(count):
        lost = lost_by(c, hour_price, tree) - least
        if c == winner or lost == np.inf or tree.depth[c] > DEEP:
            continue
        enter(rank, 0, near, -lost, c)
        for k in range(price.size):
            moved = price[k] * (tree.use[c, k] - tree.use[winner, k])
            if moved != 0.0:
                enter(rank, 1 + 2 * k + (1 if moved > 0.0 else 0), aside, -lost / abs(moved), c)


@njit(cache=True, error_model="numpy", nogil=True)
def write_column(
    m: int, c: int, value: float, used: NDArray[np.float64], near: Near, tree: Tree, columns: Columns
) -> None:
    """Write a combination as the manager's next column; `value` and `used` are those with every account at its best."""
    at = columns.columns[m]
    columns.value[m, at] = value
    for k in range(used.size):
        columns.use[m, at, k] = used[k] + tree.use[c, k]
    columns.account[m, at] = NONE
    place = 0
    while tree.change[c] >= 0:
        j = tree.change[c]
        columns.account[m, at, place], columns.option[m, at, place] = near.account[j], near.option[j]
        c, place = tree.came_from[c], place + 1
    columns.columns[m] = at + 1


@njit(cache=True, error_model="numpy", nogil=True)
def write_columns(
    m: int,
    n: int,
    lo: int,
    winner: int,
    best: Whole,
    block: Block,
    near: Near,
    tree: Tree,
    rank: Rank,
    known: NDArray[np.bool_],
    columns: Columns,
) -> None:
    """Write the best combination and the ranked ones, each once."""
    used = np.zeros(block.use.shape[0])
    value = 0.0
    for i in range(n):
        value += block.value[best[i], lo + i]
        for k in range(used.size):
            used[k] += block.use[k, best[i], lo + i]
    write_column(m, winner, value + change_of_value(winner, lo, best, block, near, tree), used, near, tree, columns)
    known[winner] = True
    for row in range(rank.score.shape[0]):
        for j in range(rank.score.shape[1]):
            if rank.score[row, j] > -np.inf and not known[rank.place[row, j]]:
                c = rank.place[row, j]
                known[c] = True
                more = change_of_value(c, lo, best, block, near, tree)
                write_column(m, c, value + more, used, near, tree, columns)
    known[winner] = False
    for row in range(rank.score.shape[0]):
        for j in range(rank.score.shape[1]):
            if rank.score[row, j] > -np.inf:
                known[rank.place[row, j]] = False


@njit(cache=True, error_model="numpy", nogil=True)
def change_of_value(c: int, lo: int, best: Whole, block: Block, near: Near, tree: Tree) -> float:
    """Return how much more a combination's options are worth than every account's best at the prices."""
    more = 0.0
    while tree.change[c] >= 0:
        j = tree.change[c]
        i = near.account[j]
        more += block.value[near.option[j], lo + i] - block.value[best[i], lo + i]
        c = tree.came_from[c]
    return more


@njit(cache=True, error_model="numpy", nogil=True)
def columns_of(
    m: int,
    lo: int,
    n: int,
    available: float,
    hour_price: float,
    price: NDArray[np.float64],
    block: Block,
    room: Room,
    best: Whole,
    losses: NDArray[np.float64],
    near: Near,
    tree: Tree,
    rank: Rank,
    known: NDArray[np.bool_],
    lengths: tuple[int, int],
    columns: Columns,
) -> float:
    """Write a manager's columns, based on `best` or on `room.at`; return what whole options lose at least, proven."""
    best_options(n, hour_price, room, best)
    present, left = present_loss(n, available, hour_price, best, room)
    most = present * (1.0 + 1e-9) + 1e-12
    wider = max(most, nearest_loss(n, hour_price, best, room, losses))
    count, proven = -1, 0.0
    for limit in (wider, most):
        if count < 0:
            listed = list_near(lo, n, limit, hour_price, block.use, best, room, near)
            count = grow(listed, limit, left, near, tree)
    winner = winner_of(count, hour_price, tree) if count > 0 else NONE
    if count > 0:
        proven = min(present, least_lost(count, hour_price, tree))
    if winner < 0 or lost_by(winner, hour_price, tree) > most:
        for i in range(n):
            best[i] = room.at[i]
        winner, count = 0, 1
        tree.loss[0], tree.left[0], tree.change[0], tree.depth[0] = 0.0, 0.0, NONE, 0
        tree.use[0] = 0.0
    rank_columns(count, winner, hour_price, price, lengths[0], lengths[1], tree, rank)
    write_columns(m, n, lo, winner, best, block, near, tree, rank, known, columns)
    return proven


@njit(cache=True, error_model="numpy", nogil=True)
def make_columns(managers: int, budgets: int, near: int, aside: int) -> Columns:
    """Return room for the columns of so many managers."""
    per = 1 + near + 2 * budgets * aside
    return Columns(
        np.zeros(managers, np.int64),
        np.empty((managers, per)),
        np.empty((managers, per, budgets)),
        np.empty((managers, per, DEEP), np.int32),
        np.empty((managers, per, DEEP), np.int16),
    )


@njit(cache=True, error_model="numpy", nogil=True)
def pack_managers(
    block: Block,
    first: int,
    last: int,
    price: NDArray[np.float64],
    paired: int,
    near: int,
    aside: int,
    base: NDArray[np.integer[Any]],
    hour_price: NDArray[np.float64],
    columns: Columns,
) -> float:
    """Write for each manager the columns at prices of budgets; return how much less than split options they must bring.

    What is returned is proven: the dual value of `price_managers` less it is still a bound. `base`, shape (accounts,),
    `hour_price`, shape (managers,), and `columns` are written; `paired` is how many of a manager's options, besides
    each account's best, are tried in pairs at first; columns are the `near` that lose least, and `aside` by budget and
    side.
    """
    starts, most, options, budgets = block.starts, largest(block.starts, first, last), block.value.shape[0], price.size
    room, swaps = make_room(most, options), make_swaps(most + paired)
    near_changes, tree = make_near(most * options, budgets), make_tree(budgets)
    best, losses, known = np.empty(most, np.int64), np.empty(most * options), np.zeros(MOST, np.bool_)
    rank = Rank(np.empty((1 + 2 * budgets, max(near, aside))), np.empty((1 + 2 * budgets, max(near, aside)), np.int64))
    begin, lost = int(starts[first]), 0.0
    for m in range(first, last):
        lo, n = int(starts[m]), int(starts[m + 1] - starts[m])
        put_prices(lo, n, block, price, room)
        leave_efficient(n, room)
        split = split_hours(n, block.available[m], room)
        hour_price[m - first] = split.price
        if split.split >= 0:
            start_whole(n, split.price, split.left, split.worth, room, swaps, losses)
        lost += columns_of(
            m - first,
            lo,
            n,
            block.available[m],
            split.price,
            price,
            block,
            room,
            best,
            losses,
            near_changes,
            tree,
            rank,
            known,
            (near, aside),
            columns,
        )
        for i in range(n):
            base[lo - begin + i] = best[i]
    return lost


@njit(cache=True, error_model="numpy", nogil=True)
def start_whole(
    n: int, hour_price: float, left: float, worth: float, room: Room, swaps: Swaps, losses: NDArray[np.float64]
) -> None:
    """Improve the whole options in `room.at` by swaps."""
    kept = near_options(n, hour_price, room, swaps, losses)
    swap(kept, left, 1e-12 * abs(worth), room, swaps)
