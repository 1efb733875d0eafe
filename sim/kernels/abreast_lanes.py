"""Lanes of the recursion abreast, and double-precision mathematics that the compiler turns into vectors.

A lane is one treatment of an account under one draw of what the book doesn't say. A block of them is lived side by
side: every step is a few short loops over lanes. The functions round as IEEE 754 says, without fast-math, so that a
lane gives the same bits whatever stands beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.step import apart, step

WIDTHS = np.array([32, 64, 96, 128, 160, 192])
"""Lanes that a block may have: whole vectors. A block that isn't full repeats its first lane."""
LOOPS = 48
"""What a block costs beside its lanes, in lanes: its loops' beginnings."""
_LOG2_E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 6.93147180369123816490e-01, 1.90821492927058770002e-10
_NO_FRACTION = 1.5 * 2.0**52
_SQRT_HALF_BITS = np.float64(0.5**0.5).view(np.int64)
_ONE_BITS = np.float64(1.0).view(np.int64)


@njit(cache=True, error_model="numpy")
def exp64(x: Any) -> Any:
    """Return e to the x to about 1e-11 of it, for x cut to [-700, 700].

    >>> [bool(abs(exp64.py_func(x) / np.exp(x) - 1) < 2e-11) for x in (-650.0, -3.3, 0.0, 0.34, 40.0)]
    [True, True, True, True, True]
    """
    cut = min(max(x, -700.0), 700.0)
    whole = cut * _LOG2_E + _NO_FRACTION
    n = whole - _NO_FRACTION
    r = cut - n * _LN2_HIGH - n * _LN2_LOW
    p = 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r * r + r + 1.0
    return np.int64(np.float64(p).view(np.int64) + (np.float64(whole).view(np.int64) << 52)).view(np.float64)


@njit(cache=True, error_model="numpy")
def log64(x: Any) -> Any:
    """Return the natural logarithm of a positive, normal x to about 1e-11, by the series of the inverse tanh.

    >>> [bool(abs(log64.py_func(x) - np.log(x)) < 1e-11 * max(abs(np.log(x)), 1)) for x in (1e-6, 0.7, 1.0, 1.4, 3e9)]
    [True, True, True, True, True]
    """
    bits = np.float64(x).view(np.int64)
    e = (bits - _SQRT_HALF_BITS) >> 52
    m = np.int64(bits - (e << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 1.0 / 15.0
    p = p * z + 1.0 / 13.0
    p = p * z + 1.0 / 11.0
    p = p * z + 1.0 / 9.0
    p = p * z + 1.0 / 7.0
    p = p * z + 1.0 / 5.0
    p = p * z + 1.0 / 3.0
    p = p * z + 1.0
    return np.float64(e) * 0.6931471805599453 + 2.0 * s * p


@apart
def some_above(x: NDArray[Any], least: float) -> bool:
    """Return whether any lane is above a number."""
    found = np.int64(0)
    for i in range(x.size):
        found |= np.int64(1 if x[i] > least else 0)
    return bool(found != 0)


def best_width(lanes: NDArray[np.int64]) -> int:
    """Return how wide blocks had best be for accounts with so many lanes.

    >>> best_width(np.array([200, 216, 248])), best_width(np.array([31]))
    (128, 32)
    """
    blocks = -(-lanes[:, None] // WIDTHS)
    return int(WIDTHS[np.argmin((blocks * (WIDTHS + LOOPS)).sum(axis=0))])


@step
def fill(x: NDArray[Any], value: float) -> None:
    """Give all lanes a value."""
    for i in range(x.size):
        x[i] = value


@apart
def place(x: NDArray[Any], steps: int, low: NDArray[Any], part: NDArray[Any]) -> None:
    """Find where numbers from 0 to 1 lie in a table of even steps: the entry below, and how far to the next."""
    top, last = steps - 1.0, steps - 2.0
    for i in range(part.size):
        part[i] = min(max(x[i], 0.0), 1.0) * top
    for i in range(low.size):
        low[i] = np.int64(min(part[i], last))
    for i in range(part.size):
        part[i] -= np.float64(low[i])


@apart
def between(table: NDArray[Any], low: NDArray[Any], part: NDArray[Any], found: NDArray[Any]) -> None:
    """Read a table of even steps in between, at the places found."""
    for i in range(low.size):
        below = table[low[i]]
        found[i] = below + part[i] * (table[low[i] + 1] - below)
