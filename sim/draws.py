"""Keyed randomness: a draw depends on what it is for, never on the order in which it is asked for.

A draw is named by (seed, stream, month, customer key, number). Two policies on one seed therefore see the same luck
(common random numbers), and inserting a draw somewhere moves no other draw. The counter is hashed by the finaliser of
SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from sim.kernels.keyed import uniforms

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]


def stream(seed: int, name: str, month: int = 0) -> np.uint64:
    """Return the key of one named stream in one month of one seed."""
    digest = blake2b(f"{seed}\x1f{name}\x1f{month}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def identity(name: str) -> np.uint64:
    """Return the key of a customer known by a name, so that the order of rows in a file doesn't matter."""
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


def uniform(key: np.uint64, customer: Keys, number: int = 0) -> Floats:
    """Return uniform draws in (0, 1), one a customer key.

    >>> customer = np.arange(2, dtype=np.uint64)
    >>> first = uniform(stream(1, "example"), customer)
    >>> bool((first[::-1] == uniform(stream(1, "example"), customer[::-1])).all())
    True
    """
    return uniforms(key, np.ascontiguousarray(customer), np.uint64(number))


def normal(key: np.uint64, customer: Keys, number: int = 0) -> Floats:
    """Return standard normal draws, one a customer key, by inversion."""
    return np.asarray(ndtri(uniform(key, customer, number)))


def gamma(key: np.uint64, customer: Keys, shape: float, number: int = 0) -> Floats:
    """Return gamma draws of unit scale, one a customer key, by inversion."""
    return np.asarray(gammaincinv(shape, uniform(key, customer, number)))


def dirichlet(key: np.uint64, customer: Keys, concentration: tuple[float, ...]) -> Floats:
    """Return shares that sum to one, shape (len(concentration), customers)."""
    parts = np.stack([gamma(key, customer, shape, i) for i, shape in enumerate(concentration)])
    return np.asarray(parts / parts.sum(axis=0))


def category(key: np.uint64, customer: Keys, weights: Any, number: int = 0) -> NDArray[np.int8]:
    """Return one category index a customer; `weights` are relative, shape (categories,) or (categories, customers)."""
    weights = np.asarray(weights, dtype=float)
    edges = np.cumsum(weights / weights.sum(axis=0), axis=0)[:-1]
    draws = uniform(key, customer, number)
    edges = edges if edges.ndim == 2 else edges[:, None]
    return np.asarray((draws[None, :] > edges).sum(axis=0), dtype=np.int8)
