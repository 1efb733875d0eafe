"""Single-precision mathematics that the compiler turns into vector instructions when called in a loop over lanes.

Division follows numpy's rule (no exception by zero), without which a loop doesn't vectorise. No fast-math: every
operation rounds as IEEE 754 says, so that a lane gives the same bits whatever stands beside it.
Polynomials are those of the Cephes library (Moshier 1989); relative errors stay below 2e-7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.keyed import spread, spread_bits
from sim.kernels.step import apart

F = np.float32
ZERO: Any = F(0.0)
HALF: Any = F(0.5)
ONE: Any = F(1.0)
SHORT = 1 << 14
"""Lanes whose count fits into 16 bits; narrow numbers are added up several times as fast as wide ones."""
_LOG2_E, _LN2_HIGH, _LN2_LOW = F(1.44269504), F(0.693359375), F(-2.12194440e-4)
_SQRT_HALF = F(0.70710678)


@njit(cache=True, error_model="numpy")
def exp32(x: Any) -> Any:
    """Return e to the x, for x cut to [-87, 88]."""
    return _exp_within(min(max(x, F(-87.0)), F(88.0)))


@njit(cache=True, error_model="numpy")
def fade32(x: Any) -> Any:
    """Return e to the x, for x up to 88, cut to -87."""
    return _exp_within(max(x, F(-87.0)))


@njit(cache=True, error_model="numpy")
def odds32(x: Any) -> Any:
    """Return e to the x, for x up to 80, of which a few add up to a finite number, and cut to -80."""
    return _exp_within(max(x, F(-80.0)))


@njit(cache=True, error_model="numpy")
def _exp_within(x: Any) -> Any:
    n = np.rint(x * _LOG2_E)
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    p = F(1.9875691500e-4)
    p = p * r + F(1.3981999507e-3)
    p = p * r + F(8.3334519073e-3)
    p = p * r + F(4.1665795894e-2)
    p = p * r + F(1.6666665459e-1)
    p = p * r + F(5.0000001201e-1)
    p = p * r * r + r + ONE
    return np.int32(F(p).view(np.int32) + np.int32(np.int32(n) << 23)).view(np.float32)


@njit(cache=True, error_model="numpy")
def log32(x: Any) -> Any:
    """Return the natural logarithm of a positive, normal x."""
    bits = F(x).view(np.int32)
    e = F((bits >> 23) - 126)
    m = np.int32((bits & 0x007FFFFF) | 0x3F000000).view(np.float32)
    low = m < _SQRT_HALF
    e = e - (ONE if low else ZERO)
    m = m + (m if low else ZERO) - ONE
    z = m * m
    p = F(7.0376836292e-2)
    p = p * m - F(1.1514610310e-1)
    p = p * m + F(1.1676998740e-1)
    p = p * m - F(1.2420140846e-1)
    p = p * m + F(1.4249322787e-1)
    p = p * m - F(1.6668057665e-1)
    p = p * m + F(2.0000714765e-1)
    p = p * m - F(2.4999993993e-1)
    p = p * m + F(3.3333331174e-1)
    y = p * m * z + e * _LN2_LOW - HALF * z
    return m + y + e * _LN2_HIGH


@njit(cache=True, error_model="numpy")
def keyed32(key: np.uint64, customer: np.uint64, number: np.uint64) -> Any:
    """Return the uniform draw in (0, 1) of `sim.kernels.keyed`, to 23 bits."""
    return spread32(key, spread(customer), number)


@njit(cache=True, error_model="numpy")
def spread32(key: np.uint64, place: np.uint64, number: np.uint64) -> Any:
    """Return `keyed32` of a customer whose key has been spread."""
    z = spread_bits(key, place, number)
    return (F(np.int32(z >> np.uint64(41))) + HALF) * F(2.0**-23)


@njit(cache=True, error_model="numpy")
def some(x: NDArray[Any]) -> bool:
    """Return whether any lane isn't nil."""
    found = np.int8(0)
    for i in range(x.size):
        found = np.int8(found | (x[i] != 0))
    return bool(found != 0)


@njit(cache=True, error_model="numpy")
def some_whole(x: NDArray[np.int64]) -> bool:
    """Return whether any whole number isn't nil."""
    found = np.int64(0)
    for i in range(x.size):
        found |= x[i]
    return bool(found != 0)


@apart
def count(x: NDArray[np.int8], value: int) -> int:
    """Return how many lanes hold a value."""
    found, sought = 0, np.int8(value)
    for lo in range(0, x.size, SHORT):
        part, held = x[lo : lo + SHORT], np.int16(0)
        for i in range(part.size):
            held = np.int16(held + (1 if part[i] == sought else 0))
        found += int(held)
    return found


@apart
def count_both(x: NDArray[np.int8], y: NDArray[np.int8], of_x: int, of_y: int) -> int:
    """Return how many lanes hold one value in `x` and another in `y`."""
    found, first, second = 0, np.int8(of_x), np.int8(of_y)
    for lo in range(0, x.size, SHORT):
        one, other, held = x[lo : lo + SHORT], y[lo : lo + SHORT], np.int16(0)
        for i in range(one.size):
            held = np.int16(held + (1 if (one[i] == first) & (other[i] == second) else 0))
        found += int(held)
    return found


@njit(cache=True, error_model="numpy")
def pick(flag: NDArray[np.int8], order: NDArray[np.int32]) -> int:
    """Write the places of lanes whose flag is 1, in order, and return how many there are."""
    n = 0
    for i in range(flag.size):
        order[n] = i
        n += flag[i]
    return n
