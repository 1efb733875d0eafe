"""Totals inside groups of customers, such as the tenants of a building."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, error_model="numpy")
def group_totals(group: NDArray[Any], groups: int, said: NDArray[Any]) -> NDArray[np.int64]:
    """Return the sums of `said`, shape (rows, customers), over each group, shape (rows, groups + 1).

    Group -1 is none; it stands last, with sums of 0. That it has a place of its own keeps branches out of the loops.
    """
    rows = said.shape[0]
    totals = np.zeros((rows, groups + 1), np.int64)
    for row in range(rows):
        for n in range(group.size):
            totals[row, group[n]] += said[row, n]
        totals[row, groups] = 0
    return totals


@njit(cache=True, error_model="numpy")
def others_totals(group: NDArray[Any], totals: NDArray[Any], said: NDArray[Any]) -> NDArray[np.int32]:
    """Return the totals of a customer's group without its own part, shape (rows, customers); 0 without a group."""
    rows, customers = said.shape
    others = np.empty((rows, customers), np.int32)
    for row in range(rows):
        for n in range(customers):
            own = said[row, n] if group[n] >= 0 else 0
            others[row, n] = totals[row, group[n]] - own
    return others


@njit(cache=True, error_model="numpy")
def group_largest(group: NDArray[Any], groups: int, amount: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest of `amount`, shape (customers,), in each group, shape (groups + 1,); 0 for none."""
    largest = np.zeros(groups + 1, np.float32)
    for n in range(group.size):
        if amount[n] > 0 and group[n] >= 0:
            largest[group[n]] = max(largest[group[n]], amount[n])
    return largest
