"""Segments: value classes by spend with us (D6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.names import CLASSES
from sim.quantities import Settings, quantity


class SegmentSettings(Settings):
    """Where value classes begin: shares of our customers, ranked by spend with us."""

    class_shares: tuple[float, float, float] = quantity(
        (0.05, 0.15, 0.30), "share of our customers in A, B and C", 0, 1, help="the rest is D; X isn't ours"
    )


def value_class(own_spend: NDArray[np.floating], settings: SegmentSettings) -> NDArray[np.int8]:
    """Return the value class index (A 0 … D 3, X 4) by rank of spend with us, shape (customers,).

    >>> spend = np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    >>> [CLASSES[c] for c in value_class(spend, SegmentSettings(class_shares=(0.25, 0.25, 0.25)))]
    ['X', 'D', 'C', 'B', 'A']
    """
    ours = own_spend > 0
    classes = np.full(own_spend.size, CLASSES.index("X"), dtype=np.int8)
    rank = np.empty(int(ours.sum()))
    rank[np.argsort(-own_spend[ours], kind="stable")] = np.arange(rank.size)
    edges = np.cumsum(settings.class_shares) * rank.size
    classes[ours] = np.searchsorted(edges, rank, side="right").astype(np.int8)
    return classes
