"""Packing visits into the hours that account managers have."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def pack_week(
    order: NDArray[Any],
    manager: NDArray[Any],
    due: NDArray[Any],
    offer_due: NDArray[Any],
    hours: NDArray[Any],
    offer_hours: float,
    left: NDArray[Any],
    visited: NDArray[Any],
    offered: NDArray[Any],
    spent: NDArray[Any],
    building: NDArray[Any],
    been: NDArray[Any],
    saved: float,
    shortest: float,
) -> None:
    """Make the visits (or calls) due, in the order given, while the hours `left` of each manager (or pool) last.

    `been`, shape (buildings,), is 1 where a manager has been this week and is filled in: a further visit there takes
    `saved` hours less, but never less than `shortest`. `building` is -1 outside.
    """
    for i in range(order.size):
        n = order[i]
        m = manager[n]
        while due[n] > 0:
            needed = hours[n]
            if saved > 0.0 and building[n] >= 0 and been[building[n]] == 1:
                needed = max(needed - saved, min(needed, shortest))
            if offer_due[n] == 1:
                needed += offer_hours
            if left[m] + 1e-9 < needed:
                break
            left[m] -= needed
            spent[n] += needed
            visited[n] += 1
            if building[n] >= 0:
                been[building[n]] = 1
            due[n] -= 1
            if offer_due[n] == 1:
                offered[n] = 1
                offer_due[n] = 0
