"""Luck: how much of what differs between cells other futures would have changed.

All cells live through the same futures, so what a future does to all of them alike doesn't differ between cells. What
is left after taking off each cell's and each future's mean is luck.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def luck_spread(brought: Floats) -> float:
    """Return the standard deviation of cells' means by luck, NaN where cells have one future; shape (cells, futures).

    >>> luck_spread(np.array([[1.0, 2.0, 3.0], [11.0, 12.0, 13.0]]))
    0.0
    """
    cells, futures = brought.shape
    if np.isnan(brought).any():
        return _from_each(brought)
    if futures < 2 or cells < 2:
        return float("nan")
    rest = brought - brought.mean(axis=1, keepdims=True) - brought.mean(axis=0) + brought.mean()
    return float(np.sqrt((rest**2).sum() / ((cells - 1) * (futures - 1)) / futures))


def luck_share(brought: Floats) -> float:
    """Return luck's share of the variance of cells' means, at most 1, NaN where it can't be told."""
    means = np.nanmean(brought, axis=1)
    between = float(means.var(ddof=1)) if means.size > 1 else 0.0
    spread = luck_spread(brought)
    return min(1.0, spread**2 / between) if between > 0 and spread == spread else float("nan")


def _from_each(brought: Floats) -> float:
    """Return the same where cells have unequal numbers of futures: from each cell's own spread, so rather too much."""
    counts = (~np.isnan(brought)).sum(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a cell of one future has no spread
        own = np.nanvar(brought, axis=1, ddof=1) / counts
    return float(np.sqrt(np.nanmean(own))) if (counts > 1).any() else float("nan")
