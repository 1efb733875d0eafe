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
) -> None:
    """Make the visits (or calls) due, in the order given, while the hours `left` of each manager (or pool) last."""
    for i in range(order.size):
        n = order[i]
        m = manager[n]
        while due[n] > 0:
            needed = hours[n]
            if offer_due[n] == 1:
                needed += offer_hours
            if left[m] + 1e-9 < needed:
                break
            left[m] -= needed
            spent[n] += needed
            visited[n] += 1
            due[n] -= 1
            if offer_due[n] == 1:
                offered[n] = 1
                offer_due[n] = 0
