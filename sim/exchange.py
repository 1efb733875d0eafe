"""What parts of a city tell each other at month ends: whole numbers, in an order that no partition changes.

A market knows its own customers only. Whatever spans the city (a queue, a ranking, a count that talk or rivals look
at) goes through its exchange, so that a city in one piece and the same city in shards live the same lives.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


class Gathered(NamedTuple):
    """Rows of all parts of the city."""

    rows: Whole
    """In ascending order of their columns, first column first, shape (all rows, columns)."""
    mine: Whole
    """Where this part's rows stand among them, in the order in which it gave them, shape (own rows,)."""


class Exchange(Protocol):
    """How a part of the city learns what it can't know from its own customers."""

    def total(self, counted: Whole) -> Whole:
        """Return the sum over all parts, shape as given."""
        ...

    def highest(self, counted: Whole) -> Whole:
        """Return the largest of all parts, entry by entry, shape as given."""
        ...

    def gather(self, rows: Whole) -> Gathered:
        """Return the rows of all parts in canonical order; the last column must tell rows apart, as a key does."""
        ...


class Alone:
    """The exchange of a city in one piece.

    >>> Alone().gather(np.array([[3, 7], [1, 9], [1, 8]])).rows.tolist()
    [[1, 8], [1, 9], [3, 7]]
    """

    def total(self, counted: Whole) -> Whole:
        """Return what was given."""
        return counted

    def highest(self, counted: Whole) -> Whole:
        """Return what was given."""
        return counted

    def gather(self, rows: Whole) -> Gathered:
        """Return the rows in order."""
        return in_order(rows)


ALONE = Alone()


def in_order(rows: Whole) -> Gathered:
    """Return rows in ascending order of their columns, and where each of them went."""
    order = np.lexsort(rows.T[::-1])
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.arange(len(rows))
    return Gathered(rows[order], place)


def sortable(key: NDArray[np.uint64]) -> Whole:
    """Return customers' keys as numbers of the same order, for a column of rows.

    >>> sortable(np.array([0, 1, 2**63, 2**64 - 1], dtype=np.uint64)).argsort().tolist()
    [0, 1, 2, 3]
    """
    return (key ^ np.uint64(1 << 63)).view(np.int64)
