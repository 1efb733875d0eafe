"""Counter-based uniform draws for kernels and, through `sim.draws`, for everything else."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_CUSTOMER = np.uint64(0x9E3779B97F4A7C15)
_NUMBER = np.uint64(0xD1B54A32D192ED03)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-52


@njit(cache=True)
def keyed_bits(key: np.uint64, customer: np.uint64, number: np.uint64) -> np.uint64:
    """Return the 64 bits that belong to this key, customer and number: SplitMix64's finaliser of a counter."""
    return spread_bits(key, spread(customer), number)


@njit(cache=True)
def spread(customer: np.uint64) -> np.uint64:
    """Return a customer's key as counters take it, for who draws for it many times."""
    return customer * _CUSTOMER


@njit(cache=True)
def spread_bits(key: np.uint64, place: np.uint64, number: np.uint64) -> np.uint64:
    """Return `keyed_bits` of a customer whose key has been spread."""
    z = key + place + number * _NUMBER
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def keyed_uniform(key: np.uint64, customer: np.uint64, number: np.uint64) -> float:
    """Return the uniform draw in (0, 1) that belongs to this key, customer and number."""
    z = keyed_bits(key, customer, number)
    return (np.float64(z >> np.uint64(12)) + 0.5) * _TO_UNIT


@njit(cache=True)
def uniforms(key: np.uint64, customer: NDArray[np.uint64], number: np.uint64) -> NDArray[np.float64]:
    """Return one uniform draw a customer, shape (customers,)."""
    drawn = np.empty(customer.size)
    for n in range(customer.size):
        drawn[n] = keyed_uniform(key, customer[n], number)
    return drawn
