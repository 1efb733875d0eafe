"""Simultaneous intervals: several paired differences on the same futures, all of them covered at once.

The critical value is that of the largest |t| of a multivariate t with the correlation of the differences themselves, as
Dunnett's is for several treatments against one. Bonferroni would pay for comparisons that are nearly one and the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws

Floats = NDArray[np.float64]
TRIED = 20_000
"""Draws behind a critical value: its standard error is below 0.02 at 95 %."""


class Family(NamedTuple):
    """Mean differences with intervals that hold together, each of shape (comparisons,)."""

    mean: Floats
    low: Floats
    high: Floats
    error: Floats
    """Standard errors of the means."""
    critical: float
    """Standard errors from the mean to either end."""


def simultaneous(differences: Floats, level: float = 0.95, tried: int = TRIED, seed: int = 0) -> Family:
    """Return means with intervals that all hold with probability `level`; shape (replications, comparisons).

    Source: Dunnett (1955), Journal of the American Statistical Association 50, 1096-1121; Hothorn, Bretz and Westfall
    (2008), Biometrical Journal 50, 346-363.
    """
    replications, comparisons = differences.shape
    mean = differences.mean(axis=0)
    if replications < 2 or not comparisons:
        ends = np.full(comparisons, np.inf)
        return Family(mean, -ends, ends, ends, float("inf"))
    error = differences.std(axis=0, ddof=1) / np.sqrt(replications)
    critical = critical_value(differences, level, tried, seed)
    return Family(mean, mean - critical * error, mean + critical * error, error, critical)


def critical_value(differences: Floats, level: float = 0.95, tried: int = TRIED, seed: int = 0) -> float:
    """Return the level's quantile of the largest |t| of all comparisons; shape (replications, comparisons).

    Normal multipliers on the standardised differences have their sample correlation, whether or not there are more
    comparisons than replications; one chi-square for all stands for the variances that are estimated.

    >>> one = critical_value(np.arange(30.0)[:, None] % 7)
    >>> bool(abs(one - 2.045) < 0.05)  # Student's t with 29 degrees of freedom
    True
    """
    return largest_t(differences - differences.mean(axis=0), len(differences) - 1, level, tried, seed)


def largest_t(parts: Floats, freedom: float, level: float = 0.95, tried: int = TRIED, seed: int = 0) -> float:
    """Return the level's quantile of the largest |t| of errors made of independent parts; shape (parts, comparisons).

    A comparison's error is the sum of its column with a normal multiplier a part, and its spread has `freedom`.
    """
    length = np.sqrt((parts**2).sum(axis=0))
    standard = np.divide(parts, length, out=np.zeros_like(parts), where=length > 0)
    key, who = draws.stream(seed, "simultaneous intervals"), np.arange(tried, dtype=np.uint64)
    drawn = np.zeros((tried, parts.shape[1]))
    for part, row in enumerate(standard):
        drawn += draws.normal(key, who, part)[:, None] * row
    spread = draws.gamma(draws.stream(seed, "spread of simultaneous intervals"), who, freedom / 2)
    return float(np.quantile(np.abs(drawn).max(axis=1) / np.sqrt(2 * spread / freedom), level))
