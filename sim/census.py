"""A synthetic city counted block by block, so that a part of it can be drawn by who knows nothing else of the rest.

Where a customer is depends on its own draws, but whose territory it stands in on how many others there are: tenants of
each building, and customers outside buildings in each service centre. Counting takes one pass over all customers, and
telling each customer's manager another; neither keeps more than a block of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.population import CitySettings, Ground, Keys, Places, draw_ground, draw_sites, territory_at

Whole = NDArray[np.int64]
BLOCK = 1 << 18
"""Customers looked at at a time."""


class Census(NamedTuple):
    """How many customers of a synthetic city are where, and so whose they are."""

    ground: Ground
    first_outside: Whole
    """Place in the round of all customers of the first one outside buildings, shape (centres,)."""
    manager: NDArray[np.int32]
    """Account manager of each building's tenants, shape (buildings,)."""
    number: NDArray[np.int32]
    """Index of the manager of each stretch of the round, as many stretches as managers were asked for."""
    buildings: int
    managers: int
    centres: int


def take_census(seed: int, city: CitySettings, accounts_per_manager: int, block: int = BLOCK) -> Census:
    """Return the census of a synthetic city; the round goes through the service centres, in each outside last."""
    ground, customers = draw_ground(seed, city), city.customers
    tenants = np.zeros(ground.edges.size, dtype=np.int64)
    outside = np.zeros(ground.centres, dtype=np.int64)
    for key in _blocks(customers, block):
        building, centre = draw_sites(seed, key, city, ground)
        tenants += np.bincount(building[building >= 0], minlength=tenants.size)
        outside += np.bincount(centre[building < 0], minlength=outside.size)
    inside = np.zeros(ground.centres, dtype=np.int64)
    np.add.at(inside, ground.centre, tenants)
    outside_before = np.cumsum(outside) - outside
    first_outside = np.cumsum(inside) + outside_before
    first_tenant = np.cumsum(tenants) - tenants + outside_before[ground.centre]
    stretches = max(1, round(customers / accounts_per_manager))
    of_building = territory_at(first_tenant + tenants / 2, stretches, customers)
    used = np.zeros(stretches, dtype=bool)
    used[of_building[tenants > 0]] = True
    used |= _between(first_outside, outside, stretches, customers)
    number = (np.cumsum(used) - 1).astype(np.int32)
    return Census(
        ground,
        first_outside,
        manager=number[of_building],
        number=number,
        buildings=int(np.flatnonzero(tenants).max(initial=-1)) + 1,
        managers=int(used.sum()),
        centres=int(np.flatnonzero(inside + outside).max(initial=-1)) + 1,
    )


def _between(first: Whole, count: Whole, stretches: int, customers: int) -> NDArray[np.bool_]:
    """Return which stretches of the round hold somebody outside buildings; each service centre has a run of them."""
    some = count > 0
    begin = territory_at(first[some] + 0.5, stretches, customers)
    end = territory_at(first[some] + count[some] - 0.5, stretches, customers)
    open_runs = np.zeros(stretches + 1, dtype=np.int64)
    np.add.at(open_runs, begin, 1)
    np.add.at(open_runs, end + 1, -1)
    return np.asarray(np.cumsum(open_runs)[:-1] > 0)


def places_by_block(seed: int, city: CitySettings, census: Census, block: int = BLOCK) -> Iterator[tuple[Keys, Places]]:
    """Yield the customers of the whole city in the order of their keys, a block at a time, and where they are."""
    met = np.zeros(census.ground.centres, dtype=np.int64)
    for key in _blocks(city.customers, block):
        building, centre = draw_sites(seed, key, city, census.ground)
        manager = census.manager[building]
        alone = np.flatnonzero(building < 0)
        where = centre[alone]
        at = census.first_outside[where] + met[where] + _count_up(where)
        manager[alone] = census.number[territory_at(at + 0.5, census.number.size, city.customers)]
        met += np.bincount(where, minlength=met.size)
        yield key, Places(building, centre, manager)


def _count_up(where: NDArray[np.int16]) -> Whole:
    """Return how many of those before each stand at the same place.

    >>> _count_up(np.array([5, 2, 5, 5, 2], dtype=np.int16)).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(where, kind="stable")
    ordered = where[order]
    before = np.empty(where.size, dtype=np.int64)
    before[order] = np.arange(where.size) - np.searchsorted(ordered, ordered, side="left")
    return before


def _blocks(customers: int, block: int) -> Iterator[Keys]:
    for first in range(0, customers, block):
        yield np.arange(first, min(first + block, customers), dtype=np.uint64)
