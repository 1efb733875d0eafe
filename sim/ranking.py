"""Who of the whole city stands before a mark in an order, found by counting: no part hears of another's customers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.exchange import Exchange, Whole

DIGIT = 8
"""Bits that are told apart at a time."""
_DIGITS = 1 << DIGIT


def marks_passed(exchange: Exchange, order: Whole, key: NDArray[np.uint64], marks: Whole) -> NDArray[np.int8]:
    """Return how many marks each customer stands behind, by ascending order, ties by key, shape of `order`.

    Who is among the first `marks[m]` of the city stands before mark m; keys are all different. Each mark is found digit
    by digit, from how many customers of all parts have which next digit: 16 meetings, however large the city is.

    >>> from sim.exchange import ALONE
    >>> marks_passed(ALONE, np.array([5, 3, 3, 9]), np.array([0, 2, 1, 3], dtype=np.uint64), np.array([1, 3])).tolist()
    [1, 1, 0, 2]
    """
    customers = int(exchange.total(np.array([order.size], dtype=np.int64))[0])
    left = np.minimum(marks, customers).astype(np.int64)
    passed = np.full(order.size, np.count_nonzero(left <= 0), dtype=np.int8)
    around = [np.arange(order.size) for _ in left]
    """By mark, those of whom only the digits so far are known to be the mark's."""
    for word in (_rising(order), _rising(key.view(np.int64))):
        for shift in range(64 - DIGIT, -1, -DIGIT):
            digit = ((word >> np.uint64(shift)) & np.uint64(_DIGITS - 1)).astype(np.int16)
            counts = np.stack([np.bincount(digit[who], minlength=_DIGITS) for who in around])
            up_to = np.cumsum(exchange.total(counts), axis=1)
            for mark in np.flatnonzero(left > 0):
                own = int(np.searchsorted(up_to[mark], left[mark]))
                who = around[mark]
                passed[who[digit[who] > own]] += 1
                around[mark] = who[digit[who] == own]
                left[mark] -= up_to[mark, own - 1] if own else 0
    return passed


def _rising(numbers: Whole) -> NDArray[np.uint64]:
    """Return numbers from 0 up in the same order."""
    return (numbers ^ np.int64(-(2**63))).view(np.uint64)
