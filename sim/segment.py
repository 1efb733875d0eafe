"""Segments: value classes by spend with us (D6), and the three-level tree of who a customer is (D4)."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from sim.errors import did_you_mean
from sim.exchange import Exchange
from sim.names import CLASSES, DECISIONS, LOCATIONS
from sim.quantities import Settings, located, quantity
from sim.ranking import marks_passed
from sim.segment_priority import PrioritySettings

KNOWN = ("potential", "existing")
"""First level: whether a customer has a line with us."""
SIZES = ("organisation", "sole_trader")
"""Second level."""
PATHS = tuple((known, size, location) for known in KNOWN for size in SIZES for location in LOCATIONS)
"""The leaves of the tree, in the order of their index."""
PRODUCT_CLASSES = {
    "plain_line": "ABCDX",
    "isdn": "ABCDX",
    "centrex": "ABCX",
    "shared_line": "ABCX",
    "number_800": "ABX",
    "conference_call": "ABX",
    "video": "AX",
    "group_mobile": "AX",
}
"""Products and the value classes that they suit (D6)."""

Product = Literal[
    "plain_line", "isdn", "centrex", "shared_line", "number_800", "conference_call", "video", "group_mobile"
]


class SegmentSettings(Settings):
    """Where value classes begin, who counts as a sole trader, and how segments are ranked."""

    class_shares: tuple[float, float, float] = quantity(
        (0.05, 0.15, 0.30), "share of our customers in A, B and C", 0, 1, help="the rest is D; X isn't ours"
    )
    sole_trader_below: float = quantity(
        800.0, "yuan/month", 0, 1e7, help="a customer whose owner decides and that spends less is a sole trader"
    )
    priority: PrioritySettings = PrioritySettings()

    @model_validator(mode="after")
    def _judgements_are_of_segments(self) -> SegmentSettings:
        known = (*LOCATIONS, *(" / ".join(path) for path in PATHS))
        unknown = [name for name in self.priority.judged if name not in known]
        if unknown:
            raise located(
                [(("priority", "judged", name), f"unknown segment; {did_you_mean(name, known)}") for name in unknown]
            )
        return self


class Tree(NamedTuple):
    """Where each customer stands in the three-level tree."""

    path: NDArray[np.int16]
    """Index into `PATHS`, shape (customers,)."""

    @property
    def names(self) -> NDArray[np.str_]:
        """Return readable paths, shape (customers,)."""
        return np.asarray(np.array([" / ".join(path) for path in PATHS])[self.path])


def segment_path(
    ours: NDArray[np.bool_],
    decision: NDArray[np.integer],
    spend: NDArray[np.floating],
    location: NDArray[np.integer],
    settings: SegmentSettings,
) -> Tree:
    """Return each customer's leaf; `ours` has shape (lines, customers), `spend` is all that is known, yuan/month.

    >>> tree = segment_path(np.array([[True]]), np.array([0]), np.array([300.0]), np.array([1]), SegmentSettings())
    >>> tree.names.tolist()
    ['existing / sole_trader / commercial_building']
    """
    known = ours.any(axis=0).astype(np.int64)
    small = sole_trader(decision, spend, settings).astype(np.int64)
    path = (known * len(SIZES) + small) * len(LOCATIONS) + location
    return Tree(path.astype(np.int16))


def sole_trader(
    decision: NDArray[np.integer], spend: NDArray[np.floating], settings: SegmentSettings
) -> NDArray[np.bool_]:
    """Return who counts as a sole trader: its owner decides and its spend is below the threshold."""
    return np.asarray((decision == DECISIONS.index("owner")) & (spend < settings.sole_trader_below))


def suits(product: Product, value_class: str) -> bool:
    """Return whether a product suits a value class (D6).

    >>> suits("centrex", "C"), suits("video", "B")
    (True, False)
    """
    if product not in PRODUCT_CLASSES:
        raise ValueError(f"unknown product {product!r}; give one of {', '.join(PRODUCT_CLASSES)}")
    if value_class not in CLASSES:
        raise ValueError(f"unknown value class {value_class!r}; give one of {', '.join(CLASSES)}")
    return value_class in PRODUCT_CLASSES[product]


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
    classes[ours] = class_of_rank(rank, rank.size, settings)
    return classes


def class_of_rank(rank: NDArray[Any], count: int, settings: SegmentSettings) -> NDArray[np.int8]:
    """Return the value class index (A 0 … D 3) by rank, largest spend first from 0, among `count` customers of ours."""
    edges = np.cumsum(settings.class_shares) * count
    return np.searchsorted(edges, rank, side="right").astype(np.int8)


def class_in_city(
    own_spend: NDArray[np.float32], key: NDArray[np.uint64], settings: SegmentSettings, exchange: Exchange
) -> NDArray[np.int8]:
    """Return the value class index by rank among all of the city's customers, whichever part of it this is."""
    ours = own_spend > 0
    order = -own_spend[ours].view(np.int32).astype(np.int64)  # positive floats are in the order of their bits
    count = int(exchange.total(np.array([order.size], dtype=np.int64))[0])
    ends = np.ceil(np.cumsum(settings.class_shares) * count).astype(np.int64)
    classes = np.full(own_spend.size, CLASSES.index("X"), dtype=np.int8)
    classes[ours] = marks_passed(exchange, order, key[ours], ends)
    return classes
