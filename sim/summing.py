"""Sums whose order is fixed, so that a customer's doesn't depend on who else stands in the array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def over_lines(amount: NDArray[Any]) -> NDArray[Any]:
    """Return the sum over lines, first line first, shape (customers,), of amounts of shape (lines, customers).

    `numpy.sum` adds up in another order where there is a single customer.

    >>> over_lines(np.array([[1.0, 2.0], [10.0, 20.0]])).tolist()
    [11.0, 22.0]
    """
    total = np.array(amount[0])
    for line in amount[1:]:
        total += line
    return np.asarray(total)
