"""Posting a month to the customers' accounts, and its totals, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def post(amount: NDArray[Any], account: NDArray[Any]) -> int:
    """Add a month's amounts to the accounts, money units, shape (customers,), and return their sum."""
    total = np.int64(0)
    for n in range(amount.size):
        account[n] += amount[n]
        total += amount[n]
    return int(total)
