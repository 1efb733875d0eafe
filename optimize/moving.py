"""Accounts that may change managers: a generalised assignment within service centres, outside buildings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.problem import Problem
from sim.book import Book
from sim.state import City

Whole = NDArray[np.int64]


def movable(given: Problem, book: Book) -> Problem:
    """Return the problem in which an account outside buildings may be with any manager of its service centre.

    Option `c treatments + b` is treatment b with the centre's manager c, the account's own first. Tenants stay, since a
    manager's territory is whole buildings.
    """
    own, account = book.manager.astype(np.int64), np.arange(book.key.size)
    pairs = np.unique(np.stack([book.centre.astype(np.int64), own]), axis=1)
    count = np.bincount(pairs[0], minlength=int(book.centre.max()) + 1)
    starts = np.concatenate([[0], np.cumsum(count)])
    slots = int(count.max())
    managers, allowed = [], []
    for slot in range(slots):
        inside = slot < count[book.centre]
        there = pairs[1][np.minimum(starts[book.centre] + slot, pairs.shape[1] - 1)]
        other = inside & (there != own) & (book.building < 0)
        managers.append(np.where(other, there, own))
        allowed.append(given.allowed & other & (given.hours > 0))
    manager = np.concatenate([np.broadcast_to(own, given.value.shape), *(_rows(m, given) for m in managers)])
    times = slots + 1
    return given._replace(
        value=np.tile(given.value, (times, 1)),
        allowed=np.concatenate([given.allowed, *allowed]),
        hours=np.tile(given.hours, (times, 1)),
        manager=np.ascontiguousarray(manager)[:, account],
        use=np.tile(given.use, (1, times, 1)),
    )


def _rows(manager: Whole, given: Problem) -> Whole:
    return np.broadcast_to(manager, given.value.shape)


def with_managers(book: Book, manager: Whole) -> Book:
    """Return the book with accounts at these managers."""
    return book._replace(manager=manager.astype(book.manager.dtype))


def city_with_managers(city: City, manager: Whole) -> City:
    """Return the city with customers at these managers."""
    who = city.customers._replace(manager=manager.astype(city.customers.manager.dtype))
    return city._replace(customers=who)
