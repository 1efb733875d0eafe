"""Allocation by decomposition: prices on shared budgets, whole options within hours, trade, and a certified gap.

1. Prices of budgets make every manager's accounts a problem of their own (`optimize.prices`): a bound that holds.
2. At these prices each manager's best choice of whole options is found and proven (`sim.kernels.allocate_columns`).
3. What that uses of the shared budgets misses their limits by a little: managers change to other choices, and accounts
   to options without more hours, until every limit is kept and what is left is used (`optimize.trading`).
4. Where the gap asks for it, a small integer programme decides over again the accounts that were nearest to another
   choice (`optimize.polish`).

Nothing stops on a clock, and the result doesn't depend on who runs the passes.
"""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.blocks import HELD, Blocks, Part, held, least, over
from optimize.prices import Cut, Dual, Region, bundle
from optimize.problem import Problem, arranged
from optimize.trading import USUAL, Effort, pack, settle, touch_up
from sim.errors import InfeasibleError
from sim.kernels.allocate_price import price_managers

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


EXACT = USUAL._replace(tolerance=1e-7, passes=60)
"""For bounds that are compared with each other: as near as the solver of the cuts can tell."""


class Decomposed(NamedTuple):
    """An allocation by decomposition."""

    option: Whole
    """Chosen, in the order of the blocks' accounts, shape (accounts,)."""
    value: float
    bound: float
    left: Floats
    """Of each shared budget, shape (budgets,); below 0 where no allocation within it was found."""
    price: Floats
    """Yuan for a unit of each budget."""
    hour_price: Floats
    """Yuan an hour of each manager."""
    passes: int


def decompose(given: Problem, effort: Effort = USUAL, executor: Executor | None = None) -> Decomposed:
    """Return a good allocation of a problem in memory and the bound on the best, accounts in the problem's order."""
    whole, order = arranged(given)
    found = allocate_blocks(held(whole, HELD), given.limit, effort, executor, given.nothing)
    option = np.empty(order.size, dtype=np.int64)
    option[order] = found.option
    return found._replace(option=option)


def allocate_blocks(
    blocks: Blocks,
    limit: Floats,
    effort: Effort = USUAL,
    executor: Executor | None = None,
    nothing: float | None = None,
) -> Decomposed:
    """Return a good allocation of the accounts of all blocks; memory is that of a block at a time and the choice."""
    fewest = over(blocks, least, executor)
    spare = limit - sum((part.used for part in fewest), np.zeros(limit.size))
    spare_hours = [_spare_hours(blocks.part(i), part.hours) for i, part in enumerate(fewest)]
    check_possible(spare, limit, spare_hours)
    blocks = blocks.narrowed([np.maximum(hours, 0) for hours in spare_hours], np.maximum(spare, 0))
    dual = find_prices(
        blocks,
        limit,
        0.0 if nothing is None else nothing,
        effort,
        executor,
        sum(part.hours.size for part in fewest) >= LARGE,
    )
    packed = over(blocks, partial(pack, dual.price, effort), executor)
    scale = max(dual.bound - (0.0 if nothing is None else nothing), 1e-9)
    options, hours_first = settle(packed, limit, dual.price, scale, effort)
    settled = touch_up(blocks, options, hours_first, dual.price, scale, effort, executor)
    return Decomposed(
        option=np.concatenate(settled.options).astype(np.int64),
        value=settled.value,
        bound=dual.bound - sum(part.lost for part in packed),
        left=settled.left,
        price=dual.price,
        hour_price=np.concatenate([part.hour_price for part in packed]),
        passes=dual.passes,
    )


def dual_bound(given: Problem, executor: Executor | None = None) -> float:
    """Return the bound by prices alone, a concave function of the limits; raises InfeasibleError where none holds."""
    whole, _ = arranged(given)
    blocks = held(whole, HELD)
    fewest = over(blocks, least, executor)
    spare_hours = [_spare_hours(blocks.part(i), part.hours) for i, part in enumerate(fewest)]
    check_possible(
        given.limit - sum((part.used for part in fewest), np.zeros(given.limit.size)), given.limit, spare_hours
    )
    return find_prices(blocks, given.limit, given.nothing or 0.0, EXACT, executor, False).bound


def check_possible(spare: Floats, limit: Floats, spare_hours: list[Floats]) -> None:
    """Raise InfeasibleError where even the least that accounts can take is more than there is of something."""
    short = spare < -1e-9 * np.maximum(np.abs(limit), 1.0)
    if short.any():
        k = int(short.argmax())
        raise InfeasibleError(f"budget {k + 1}: accounts take at least {limit[k] - spare[k]:.6g} of {limit[k]:.6g}")
    if any((hours < -1e-9).any() for hours in spare_hours):
        worst = -min(float(hours.min()) for hours in spare_hours)
        raise InfeasibleError(f"hours: a manager's accounts take at least {worst:.6g} hours more than there are")


def _spare_hours(part: Part, fewest: Floats) -> Floats:
    return np.asarray(part.block.available[part.first : part.last] - fewest)


# ------------------------------------------------------------------------------------------------------------ prices


def cut_at(price: Floats, part: Part, _index: int) -> tuple[float, Floats]:
    """Return what a part is worth at prices and what it then uses."""
    used = np.zeros(price.size)
    return price_managers(*part, price, used), used


def find_prices(
    blocks: Blocks, limit: Floats, nothing: float, effort: Effort, executor: Executor | None, large: bool
) -> Dual:
    """Return the best prices of budgets: found on the first blocks where there are many, then on all."""

    def priced(last: int, price: Floats) -> Cut:
        found = over(blocks, partial(cut_at, price), executor, last)
        return Cut(np.array([worth for worth, _ in found]), np.array([used for _, used in found]))

    free = priced(blocks.count, np.zeros(limit.size))
    used, worth = free.used.sum(axis=0), float(free.worth.sum())
    if not limit.size or (used <= limit).all():
        return Dual(np.zeros(limit.size), worth, 1)
    scale = (worth - nothing) / (np.abs(limit) + np.abs(used) + 1e-12) / limit.size
    start = Region(np.zeros(limit.size), 1.0, scale)
    sample = blocks.count // SAMPLED if large else 0
    if sample:
        share = free.used[:sample].sum(axis=0) / np.where(used != 0, used, 1.0)
        part = float(free.worth[:sample].sum()) / worth
        tried = bundle(partial(priced, sample), limit * share, start, nothing * part, SAMPLE_TOLERANCE, effort.passes)
        scale = np.maximum(tried.price, scale * 1e-2)
        start = Region(tried.price / scale, AFTER_SAMPLE, scale)
    found = bundle(partial(priced, blocks.count), limit, start, nothing, effort.tolerance, effort.passes)
    return found._replace(passes=found.passes + 1)


LARGE = 300
"""Managers from whom on prices are found on a sample first."""
SAMPLED = 16
"""One block in so many is priced first where there are as many."""
SAMPLE_TOLERANCE = 1e-5
AFTER_SAMPLE = 0.1
"""How far from the prices of the sample those of the whole book are looked for first, as a share."""
