"""Places for which customers of the whole city queue: who is served, whatever part of the city they live in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.exchange import Exchange

Whole = NDArray[np.int64]
_FINE = 2.0**52


def arrival(luck: NDArray[np.float64]) -> Whole:
    """Return uniform draws as whole numbers that order as they do."""
    return (luck * _FINE).astype(np.int64)


LATEST = int(_FINE)
"""Above every arrival: added to the arrivals of who queues behind all others."""


def first_in_line(
    exchange: Exchange, place: NDArray[np.integer], order: Whole, key: NDArray[np.uint64], room: Whole
) -> NDArray[np.bool_]:
    """Return who is among the first `room[place]` of those who queue there, by ascending order, ties by key.

    `place`, `order` and `key` have an entry a customer in the queue, `room` one a place.

    >>> from sim.exchange import Alone
    >>> key = np.arange(4, dtype=np.uint64)
    >>> first_in_line(Alone(), np.array([0, 0, 0, 1]), np.array([5, 3, 4, 9]), key, np.array([2, 1])).tolist()
    [False, True, True, True]
    """
    rows = np.column_stack([place.astype(np.int64), order, key.view(np.int64)])
    queue, mine = exchange.gather(rows)
    where = queue[:, 0]
    rank = np.arange(len(queue)) - np.searchsorted(where, where, side="left")
    return np.asarray((rank < room[where])[mine])


def by_rank(exchange: Exchange, order: Whole, wanted: Whole, key: NDArray[np.uint64], capacity: int) -> Whole:
    """Return how much of what each wants it gets of a capacity of the city, by ascending order.

    >>> from sim.exchange import Alone
    >>> by_rank(Alone(), np.array([2, 1, 3]), np.array([2, 2, 2]), np.arange(3, dtype=np.uint64), 3).tolist()
    [1, 2, 0]
    """
    queue, mine = exchange.gather(np.column_stack([order, wanted, key.view(np.int64)]))
    before = np.cumsum(queue[:, 1]) - queue[:, 1]
    return np.asarray(np.clip(capacity - before, 0, queue[:, 1])[mine])
