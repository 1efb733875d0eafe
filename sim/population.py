"""A synthetic city of business customers, drawn once from keyed randomness (D3, D4)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from sim import draws
from sim.names import CHANNELS, DECISIONS, INDUSTRIES, LEVELS, LOCATIONS, OWNERSHIPS
from sim.quantities import Settings, located, quantity

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]


MOST_CENTRES = int(np.iinfo(np.int16).max)
"""What a customer's index of its service centre can tell apart."""


class CitySettings(Settings):
    """Who lives in the city."""

    customers: int = quantity(2000, "customers", 1, 1_000_000_000)
    mean_spend: float = quantity(2500.0, "yuan/month", 0.01, 1e7, help="all lines and carriers, at reference prices")
    spend_spread: float = quantity(1.683, "log standard deviation", 0, 5, help="20 % of customers then hold 80 %")
    in_building: float = quantity(0.55, "share of customers", 0, 1)
    tenants: float = quantity(25.0, "customers/building, mean", 1, 10_000)
    building_spread: float = quantity(0.8, "log standard deviation", 0, 5, help="of the size of buildings")
    per_centre: float = quantity(370.0, "customers/service centre", 1, 1e6)
    growth: float = quantity(0.05, "per year, mean", -0.9, 5)
    growth_spread: float = quantity(0.15, "per year, standard deviation", 0, 5)
    downturn: float = quantity(
        0.0, "share of demand lost per year", 0, 0.9, help="by everybody, from the start of a run on: a recession"
    )
    under_contract: float = quantity(0.5, "share of lines", 0, 1, help="at the start of the burn-in")
    industries: tuple[float, ...] = quantity((1.0,) * 10, "relative weight, in the order of the vocabulary", 0, 1000)
    ownerships: tuple[float, ...] = quantity(
        (1.0, 6.0, 0.5, 0.5, 1.5, 1.0), "relative weight, in the order of the vocabulary", 0, 1000
    )
    tenant_locations: tuple[float, ...] = quantity(
        (1.0, 3.0, 2.0), "relative weight of special market, commercial, residential building", 0, 1000
    )
    own_locations: tuple[float, ...] = quantity((0.9, 0.1), "relative weight of own premises, managing body", 0, 1000)
    decisions: tuple[float, ...] = quantity((0.4, 0.35, 0.25), "relative weight of owner, person, group", 0, 1000)
    owner_levels: tuple[float, ...] = quantity((0.7, 0.2, 0.1), "weight of top, middle, working level", 0, 1)
    person_levels: tuple[float, ...] = quantity((0.25, 0.55, 0.2), "weight of top, middle, working level", 0, 1)
    group_levels: tuple[float, ...] = quantity((0.3, 0.35, 0.35), "weight of top, middle, working level", 0, 1)
    level_spread: float = quantity(20.0, "Dirichlet concentration", 0.1, 10_000, help="of true weights around these")
    channels: tuple[float, ...] = quantity(
        (0.3, 0.3, 0.2, 0.1, 0.1), "relative weight of visit, telephone, online, hall, agent", 0, 1000
    )

    @model_validator(mode="after")
    def _a_weight_for_each_word_and_an_index_for_each_centre(self) -> CitySettings:
        lengths = {
            "industries": len(INDUSTRIES),
            "ownerships": len(OWNERSHIPS),
            "tenant_locations": 3,
            "own_locations": 2,
            "decisions": len(DECISIONS),
            "owner_levels": len(LEVELS),
            "person_levels": len(LEVELS),
            "group_levels": len(LEVELS),
            "channels": len(CHANNELS),
        }
        problems = []
        for name, length in lengths.items():
            weights = getattr(self, name)
            if len(weights) != length or sum(weights) <= 0:
                told = f"has {len(weights)} weights that sum to {sum(weights):g}; give {length} with a sum above 0"
                problems.append(((name,), told))
        centres = self.customers / self.per_centre
        if centres > MOST_CENTRES:
            least = f"give at least {np.ceil(self.customers / MOST_CENTRES):g}"
            told = f"makes {centres:,.0f} service centres of {self.customers:,} customers, and {MOST_CENTRES:,} are "
            problems.append((("per_centre",), f"{self.per_centre:g} {told}the most that are told apart; {least}"))
        if problems:
            raise located(problems)
        return self


class Spread(NamedTuple):
    """A taste that differs between customers: lognormal with this mean."""

    mean: float
    spread: float


def lognormal(key: np.uint64, customer: Keys, taste: Spread, number: int = 0) -> Floats:
    """Return lognormal draws with mean `taste.mean` and log standard deviation `taste.spread`, one a customer."""
    luck = draws.normal(key, customer, number)
    return np.asarray(taste.mean * np.exp(taste.spread * luck - taste.spread**2 / 2))


def level_table(city: CitySettings) -> Floats:
    """Return the expected weight of each level by who decides, shape (levels, decisions)."""
    table = np.array([city.owner_levels, city.person_levels, city.group_levels]).T
    return np.asarray(table / table.sum(axis=0))


def level_weights(seed: int, customer: Keys, decision: NDArray[np.int8], city: CitySettings) -> Floats:
    """Return each customer's weights over levels, shape (levels, customers): Dirichlet around its decision type."""
    key = draws.stream(seed, "decision weights")
    expected = level_table(city)[:, decision]
    parts = np.empty_like(expected)
    for kind in range(len(DECISIONS)):
        members = decision == kind
        shapes = np.maximum(city.level_spread * level_table(city)[:, kind], 1e-3)
        parts[:, members] = draws.dirichlet(key, customer[members], tuple(shapes))
    return parts


class Places(NamedTuple):
    """Where customers are: building (-1 outside), service centre and account manager, one entry a customer."""

    building: NDArray[np.int32]
    centre: NDArray[np.int16]
    manager: NDArray[np.int32]


class Ground(NamedTuple):
    """What a synthetic city is built on, the same for all its customers."""

    edges: Floats
    """Share of tenants up to the end of each building, shape (buildings,)."""
    centre: NDArray[np.int64]
    """Service centre of each building, never descending, shape (buildings,)."""
    centres: int


def draw_ground(seed: int, city: CitySettings) -> Ground:
    """Return the buildings and service centres of a synthetic city."""
    buildings = max(1, round(city.customers * city.in_building / city.tenants))
    sizes = lognormal(
        draws.stream(seed, "building size"), np.arange(buildings, dtype=np.uint64), Spread(1.0, city.building_spread)
    )
    centres = max(1, round(city.customers / city.per_centre))
    return Ground(np.cumsum(sizes) / sizes.sum(), np.arange(buildings) * centres // buildings, centres)


def draw_sites(
    seed: int, customer: Keys, city: CitySettings, ground: Ground
) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    """Return building (-1 outside) and service centre of some customers of a synthetic city."""
    inside = draws.uniform(draws.stream(seed, "in a building"), customer) < city.in_building
    where = draws.uniform(draws.stream(seed, "building"), customer)
    chosen = np.minimum(np.searchsorted(ground.edges, where), ground.edges.size - 1)
    building = np.where(inside, chosen, -1).astype(np.int32)
    outside = (draws.uniform(draws.stream(seed, "service centre"), customer) * ground.centres).astype(np.int64)
    return building, np.where(inside, ground.centre[building], outside).astype(np.int16)


def draw_places(seed: int, customer: Keys, city: CitySettings, accounts_per_manager: int) -> Places:
    """Return places for all customers of a synthetic city; a manager's territory is whole buildings."""
    building, centre = draw_sites(seed, customer, city, draw_ground(seed, city))
    return Places(building, centre, territories(building, centre, accounts_per_manager))


def territories(building: NDArray[np.int32], centre: NDArray[np.int16], accounts_per_manager: int) -> NDArray[np.int32]:
    """Return a manager a customer: territories of about the size asked for, made of whole buildings of one area."""
    alone = building.max(initial=-1) + 1 + np.arange(building.size)
    unit = np.where(building >= 0, building, alone)
    order = np.lexsort((unit, building < 0, centre))
    first = np.empty(building.size, dtype=bool)
    first[0:1] = True
    first[1:] = unit[order][1:] != unit[order][:-1]
    starts = np.flatnonzero(first)
    sizes = np.diff(np.append(starts, building.size))
    managers = max(1, round(building.size / accounts_per_manager))
    of_unit = territory_at(starts + sizes / 2, managers, building.size)
    _, contiguous = np.unique(of_unit, return_inverse=True)
    manager = np.empty(building.size, dtype=np.int32)
    manager[order] = np.repeat(contiguous, sizes)
    return manager


def territory_at(middle: NDArray[np.floating], managers: int, customers: int) -> NDArray[np.int64]:
    """Return in which of equal territories places of the round of all customers stand, given each unit's middle."""
    return np.minimum((middle * managers / customers).astype(np.int64), managers - 1)


class Words(NamedTuple):
    """What kind of customer each is, as indices into the vocabularies of `sim.names`."""

    industry: NDArray[np.int8]
    location: NDArray[np.int8]
    ownership: NDArray[np.int8]
    decision: NDArray[np.int8]
    expected_channel: NDArray[np.int8]


def draw_words(seed: int, customer: Keys, city: CitySettings, inside: NDArray[np.bool_]) -> Words:
    """Return the kinds of customers, drawn independently but for the location, which follows the building."""

    def drawn(purpose: str, weights: tuple[float, ...]) -> NDArray[np.int8]:
        return draws.category(draws.stream(seed, purpose), customer, weights)

    tenant = drawn("tenant location", city.tenant_locations)
    freestanding = drawn("own location", city.own_locations) + LOCATIONS.index("own_premises")
    return Words(
        industry=drawn("industry", city.industries),
        location=np.where(inside, tenant, freestanding).astype(np.int8),
        ownership=drawn("ownership", city.ownerships),
        decision=drawn("decision", city.decisions),
        expected_channel=drawn("expected channel", city.channels),
    )


def draw_demand(seed: int, customer: Keys, city: CitySettings, shares: tuple[float, ...]) -> Floats:
    """Return demand at reference prices, yuan/month, shape (lines, customers): lognormal total, Dirichlet shares."""
    total = lognormal(draws.stream(seed, "spend"), customer, Spread(city.mean_spend, city.spend_spread))
    return np.asarray(total * draws.dirichlet(draws.stream(seed, "line shares"), customer, shares))


def draw_growth(seed: int, customer: Keys, city: CitySettings) -> Floats:
    """Return growth of demand per month, one a customer."""
    yearly = city.growth + city.growth_spread * draws.normal(draws.stream(seed, "growth"), customer)
    return np.asarray(np.clip(1 + yearly, 0.1, None) ** (1 / 12) - 1)


def growth_in_downturn(growth: NDArray[np.floating], downturn: float) -> NDArray[Any]:
    """Return growth per month when a share of demand is lost a year beside it, of the same shape and precision.

    >>> yearly = (1 + growth_in_downturn(np.array([0.0, 1.1 ** (1 / 12) - 1]), 0.2)) ** 12
    >>> yearly.round(6).tolist()
    [0.8, 0.88]
    """
    left = (1 - downturn) ** (1 / 12)
    return np.asarray((1 + growth) * left - 1, dtype=growth.dtype) if downturn else growth
