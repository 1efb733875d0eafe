"""Trade: whole choices of managers, and of single accounts, changed until shared budgets are kept and used up."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.blocks import Blocks, Part, over
from sim.kernels.allocate_columns import Columns, make_columns, pack_managers
from sim.kernels.allocate_trade import trade

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
PENALTIES = (1.05, 1.2, 1.5, 2.0, 4.0, 16.0, 256.0, 1e6)
"""What a unit beyond a budget costs in trade, in its price: raised until budgets are kept."""
SLIGHT = 1e-3
"""What going beyond a budget that has no price costs, as a share of the uplift for all of it."""
LEAST = 1e-9
"""Trade goes on while a change gains more than this share of the uplift."""


class Effort(NamedTuple):
    """How much work is done; counts, never seconds."""

    tolerance: float = 2e-6
    """Of the dual, as a share of the uplift."""
    passes: int = 200
    """Most evaluations of the dual."""
    paired: int = 128
    """Options of a manager that are tried in pairs when its hours are first packed."""
    near: int = 40
    """Whole choices of a manager that are kept because they lose least."""
    aside: int = 6
    """Whole choices kept for each budget, to use more of it and to use less."""
    single: int = 2000
    """Changes of one account that cost no hours, that a part offers because they lose least."""
    single_aside: int = 300
    """And those for each budget, to use more of it and to use less."""
    pairs: int = 1500
    """Whole choices of managers that are changed two at a time."""
    changes: int = 10_000
    """Changes made at most."""


USUAL = Effort()


class Packed(NamedTuple):
    """Whole choices of a part's managers, within their hours."""

    base: NDArray[np.int16]
    """Option of each account that columns differ from, shape (accounts,)."""
    starts: Whole
    """First account of each manager, shape (managers,)."""
    hour_price: Floats
    columns: Columns
    lost: float
    """What whole options must bring less than split ones at these prices, proven."""


def pack(price: Floats, effort: Effort, part: Part, _index: int) -> Packed:
    """Return whole choices for a part's managers, good at the prices."""
    accounts = part.accounts
    base, hour_price = np.empty(accounts.stop - accounts.start, np.int16), np.empty(part.managers)
    columns = make_columns(part.managers, price.size, effort.near, effort.aside)
    lost = pack_managers(*part, price, effort.paired, effort.near, effort.aside, base, hour_price, columns)
    return Packed(base, part.block.starts[part.first : part.last] - accounts.start, hour_price, columns, lost)


class Goods(NamedTuple):
    """What is traded: choices of owners, each against the owner's present one."""

    value: Floats
    """Shape (choices,)."""
    use: Floats
    """Shape (choices, budgets)."""
    owner: Whole
    """Rising, shape (choices,); owner 0 has the first."""
    starts: Whole
    """First choice of each owner, shape (owners + 1,)."""


class Settled(NamedTuple):
    """Whole options of all accounts."""

    options: list[NDArray[np.int16]]
    """By part, shape (accounts,) each."""
    value: float
    left: Floats
    """Of each budget."""


def settle(
    packed: list[Packed], limit: Floats, price: Floats, scale: float, effort: Effort
) -> tuple[list[NDArray[np.int16]], Settled]:
    """Let managers change their choices until budgets are kept and what is left of them is used."""
    count = np.concatenate([part.columns.columns for part in packed])
    starts = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    manager = np.repeat(np.arange(count.size), count)
    there = [np.arange(part.columns.value.shape[1]) < part.columns.columns[:, None] for part in packed]
    value = np.concatenate([part.columns.value[real] for part, real in zip(packed, there, strict=True)])
    use = np.concatenate([part.columns.use[real] for part, real in zip(packed, there, strict=True)])
    first = starts[:-1]
    left, total = limit - use[first].sum(axis=0), float(value[first].sum())
    goods = Goods(value - value[first][manager], use - use[first][manager], manager, starts)
    chosen, gained = exchange(goods, first.copy(), left, price, limit, scale, effort)
    column = chosen - first
    edges = np.cumsum([0, *(part.columns.columns.size for part in packed)])
    options = [with_columns(part, column[a:b]) for part, a, b in zip(packed, edges[:-1], edges[1:], strict=True)]
    return options, Settled(options, total + gained, left)


def exchange(
    goods: Goods, chosen: Whole, left: Floats, price: Floats, limit: Floats, scale: float, effort: Effort
) -> tuple[Whole, float]:
    """Return each owner's choice after trade and the value gained; `left` and the goods are brought up to date."""
    usual = np.maximum(price, SLIGHT * scale / np.maximum(np.abs(limit), 1.0))
    total = np.zeros(1)
    for penalty in PENALTIES if left.size else ():
        short = np.argsort(goods.use @ price - goods.value, kind="stable")[: effort.pairs]
        trade(
            goods.value,
            goods.use,
            goods.owner,
            goods.starts,
            short,
            left,
            penalty * usual,
            LEAST * scale,
            effort.changes,
            chosen,
            total,
        )
        if (left >= 0).all():
            break
    return chosen, float(total[0])


class Single(NamedTuple):
    """Changes of one account."""

    account: Whole
    """Place in the part's accounts, rising, shape (changes,)."""
    option: Whole
    value: Floats
    use: Floats
    """Shape (changes, budgets)."""


def single_changes(price: Floats, options: list[NDArray[np.int16]], effort: Effort, part: Part, index: int) -> Single:
    """Return changes of one account that take no more hours: those that lose least, also by budget and side."""
    block, accounts, present = part.block, part.accounts, options[index].astype(np.int64)
    place = np.arange(present.size)
    value, hours, use = block.value[:, accounts], block.hours[:, accounts], block.use[:, :, accounts]
    worth = value - np.tensordot(price, use, axes=1)
    possible = block.allowed[:, accounts] & (hours <= hours[present, place])
    possible[present, place] = False
    option, account = np.nonzero(possible)
    loss = (worth[present, place] - worth)[option, account]
    keep = [_smallest(loss, effort.single)]
    for k in range(price.size):
        moved = price[k] * (use[k][option, account] - use[k][present[account], account])
        for side in (moved > 0, moved < 0):
            there = np.flatnonzero(side)
            keep.append(there[_smallest(loss[there] / np.abs(moved[there]), effort.single_aside)])
    kept = np.unique(np.concatenate(keep))
    kept = kept[np.argsort(account[kept], kind="stable")]
    option, account = option[kept], account[kept]
    return Single(
        account,
        option,
        value[option, account] - value[present[account], account],
        (use[:, option, account] - use[:, present[account], account]).T.copy(),
    )


def _smallest(scores: Floats, count: int) -> Whole:
    return np.argpartition(scores, count)[:count] if scores.size > count else np.arange(scores.size)


def touch_up(
    blocks: Blocks,
    options: list[NDArray[np.int16]],
    before: Settled,
    price: Floats,
    scale: float,
    effort: Effort,
    executor: Executor | None,
) -> Settled:
    """Let single accounts change options without more hours until budgets are kept and used; `options` is written."""
    left, limit = before.left.copy(), before.left
    if not left.size:
        return before
    found = over(blocks, partial(single_changes, price, options, effort), executor)
    part = np.repeat(np.arange(len(found)), [changes.account.size for changes in found])
    account = np.concatenate([changes.account for changes in found])
    _, owner, count = np.unique(np.stack([part, account]), axis=1, return_inverse=True, return_counts=True)
    owner = owner.reshape(-1)
    starts = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    goods = Goods(
        np.concatenate([changes.value for changes in found]),
        np.concatenate([changes.use for changes in found]),
        owner,
        starts,
    )
    option = np.concatenate([changes.option for changes in found])
    chosen, gained = exchange(goods, np.full(count.size, -1), left, price, limit, scale, effort)
    for j in chosen[chosen >= 0]:
        options[part[j]][account[j]] = option[j]
    return Settled(options, before.value + gained, left)


def with_columns(part: Packed, column: Whole) -> NDArray[np.int16]:
    """Return the options of a part's accounts where its managers have chosen these columns."""
    manager = np.arange(column.size)
    account, option = part.columns.account[manager, column], part.columns.option[manager, column]
    changed = account >= 0
    options = part.base.copy()
    options[(account + part.starts[:, None])[changed]] = option[changed]
    return options
