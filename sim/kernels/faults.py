"""Who has a fault with the own carrier this month."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.lanes import ONE, ZERO, F, keyed32


@njit(cache=True, error_model="numpy")
def arise(
    customer: NDArray[np.uint64],
    carrier: NDArray[np.int8],
    quality: NDArray[Any],
    incidents: Any,
    factor: NDArray[np.float32],
    tier: NDArray[np.int8],
    key: np.uint64,
) -> NDArray[np.int8]:
    """Return 1 where a fault arises with a line of ours, shape (customers,).

    `carrier` has shape (lines, customers), our `quality` (lines,); `incidents` is the rate of faults a month and unit
    of missing quality, and `factor` multiplies it by tier, shape (tiers,).
    """
    faults = np.zeros(customer.size, np.int8)
    for n in range(customer.size):
        served, good = ZERO, ZERO
        for line in range(quality.size):
            here = ONE if carrier[line, n] == 0 else ZERO
            served += here
            good += here * F(quality[line])
        if served > ZERO:
            chance = incidents * (ONE - good / served) * factor[tier[n]]
            faults[n] = keyed32(key, customer[n], np.uint64(0)) < chance
    return faults
