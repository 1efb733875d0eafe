"""Recording groups: value class by leaf of the segment tree, as the carrier knows a customer at the start of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.exchange import Exchange
from sim.names import CLASSES, OWN
from sim.quantities import Settings
from sim.segment import PATHS, SegmentSettings, class_in_city, segment_path

if TYPE_CHECKING:
    from sim.book import Book
    from sim.state import City

Index = NDArray[np.int16]
GROUPS = tuple((name, *path) for name in CLASSES for path in PATHS)
"""Value class and path of each group, in the order of its index."""
LEVELS = ("class", "known", "size", "location")
"""What the parts of a group's name are."""


class RecordingSettings(Settings):
    """What a run writes down beside its totals."""

    groups: bool = Field(default=True, description="record every month by value class and segment too")


def group_index(value_class: NDArray[np.integer], path: NDArray[np.integer]) -> Index:
    """Return the index into `GROUPS`, shape (customers,).

    >>> GROUPS[int(group_index(np.array([1]), np.array([19]))[0])]
    ('B', 'existing', 'sole_trader', 'managing_body')
    """
    return np.asarray(value_class.astype(np.int64) * len(PATHS) + path, dtype=np.int16)


def book_groups(book: Book, settings: SegmentSettings) -> Index:
    """Return each customer's group from the book, rivals' spend included where settlement data show it."""
    from sim.segment_table import book_segments

    return group_index(book.value_class, book_segments(book, settings).path)


def city_groups(city: City, price: NDArray[np.float64], settings: SegmentSettings, exchange: Exchange) -> Index:
    """Return each customer's group from what its lines with us show, at our list prices, shape (lines,)."""
    who, now = city.customers, city.state
    ours = now.carrier == OWN
    spend = np.where(ours, now.demand * price[:, None], 0).astype(np.float32).sum(axis=0)
    path = segment_path(ours, who.decision, spend, who.location, settings).path
    return group_index(class_in_city(spend, who.key, settings, exchange), path)
