"""Counts inside groups of customers, such as the tenants of a building."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def others_counted(group: NDArray[Any], counted: NDArray[Any], groups: int) -> NDArray[np.int64]:
    """Return the sum of `counted` over the other members of a customer's group; 0 where the group is -1."""
    totals = np.zeros(groups, np.int64)
    for n in range(group.size):
        if group[n] >= 0:
            totals[group[n]] += counted[n]
    others = np.zeros(group.size, np.int64)
    for n in range(group.size):
        if group[n] >= 0:
            others[n] = totals[group[n]] - counted[n]
    return others
