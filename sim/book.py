"""The book: what the carrier knows of its customers, which is less than what is true (D14)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import draws
from sim.knowledge import BookSettings, complaints_of_the_year, shown_spend
from sim.names import CHANNELS, CLASSES, DECISIONS, INDUSTRIES, LOCATIONS, OWN, OWNERSHIPS, PLANS, SOURCES
from sim.population import CitySettings, growth_in_downturn
from sim.segment import SegmentSettings, value_class
from sim.state import City

Floats = NDArray[np.float32]


class Truth(NamedTuple):
    """What no carrier knows and only an oracle's book holds, shape (customers,) unless said."""

    price_sensitivity: Floats
    rapport_weight: Floats
    hassle_weight: Floats
    switching_cost: Floats
    desire: Floats
    level_weight: Floats
    """Weight of each level in the customer's decisions, shape (levels, customers)."""
    satisfaction: Floats
    """Shape (carriers, customers), as the next one."""
    expectation: Floats


class Book(NamedTuple):
    """What the carrier knows, one entry a customer on the last axis."""

    ids: NDArray[np.str_]
    key: NDArray[np.uint64]
    building: NDArray[np.int32]
    centre: NDArray[np.int16]
    manager: NDArray[np.int32]
    industry: NDArray[np.int8]
    location: NDArray[np.int8]
    ownership: NDArray[np.int8]
    decision: NDArray[np.int8]
    expected_channel: NDArray[np.int8]
    value_class: NDArray[np.int8]
    """A 0 … D 3 by spend with us, X 4."""
    spend: Floats
    """List value of usage with us, yuan/month, shape (lines, customers); 0 where the line isn't ours."""
    ours: NDArray[np.bool_]
    """Shape (lines, customers)."""
    rival_spend: Floats
    """Estimate of what is spent with rivals, yuan/month, shape (lines, customers); NaN where unknown."""
    rival: NDArray[np.int8]
    """Index of the carrier that serves a line that isn't ours, -1 where unknown, shape (lines, customers)."""
    tenure: NDArray[np.int16]
    """Months since our line was won, shape (lines, customers)."""
    months_left: NDArray[np.int16]
    """Contract term left, -1 where unknown, as with rivals it is but to an oracle, shape (lines, customers)."""
    discount: Floats
    """Unit discount we granted, shape (lines, customers)."""
    recent_usage: Floats
    """List value of usage with us in the last three months, newest last, shape (3, customers)."""
    growth: Floats
    """Growth of demand as observed, per month."""
    goodwill: Floats
    """Relation stock reckoned from our own visit records, shape (levels, customers)."""
    adstock: Floats
    """Awareness reckoned from our own campaigns, shape (customers,)."""
    complaints: NDArray[np.int16]
    """In the last twelve months."""
    source: NDArray[np.int8]
    """Best source of what is known of rival spend, an index into `sim.names.SOURCES`."""
    plan: NDArray[np.int8]
    plan_x: Floats
    plan_age: NDArray[np.int16]
    step: NDArray[np.int8]
    """Product, line, bundle or solution, 0 to 3 (D8)."""
    points: Floats
    """Points not redeemed yet."""
    ip_share: Floats
    """Share of the usage on our line that goes over our IP calls; `spend` counts it at list prices."""
    building_names: tuple[str, ...]
    """By building index."""
    manager_names: tuple[str, ...]
    """By account manager index."""
    truth: Truth | None = None
    """Only in an oracle's book."""
    kept: NDArray[np.bool_] | None = None
    """Lines that have been ours since the run began, shape (lines, customers); None in a book of its start."""
    month: int = 0
    """Months since the run began."""

    @property
    def since_start(self) -> NDArray[np.bool_]:
        """Return which lines have been ours since the run began, shape (lines, customers)."""
        return self.ours if self.kept is None else self.kept

    @property
    def own_spend(self) -> Floats:
        """Return spend with us over all lines, yuan/month, shape (customers,)."""
        return np.asarray(self.spend.sum(axis=0))


def rows_of_book(book: Book, customers: NDArray[np.integer[Any]]) -> Book:
    """Return the book of some customers, in the order given."""
    parts: dict[str, Any] = {
        name: np.ascontiguousarray(part[..., customers])
        for name, part in book._asdict().items()
        if isinstance(part, np.ndarray)
    }
    truth = book.truth
    if truth is not None:
        truth = truth._replace(**{k: np.ascontiguousarray(v[..., customers]) for k, v in truth._asdict().items()})
    return book._replace(**parts, truth=truth)


def observe(
    city: City,
    seed: int,
    posted_price: NDArray[np.float64],
    settings: BookSettings,
    classes: SegmentSettings,
) -> Book:
    """Return what the carrier knows of a city; `posted_price` is the tariff's (carriers, lines) price.

    What is known of rivals is by the best source of each customer, as the state notes it.
    """
    who, now = city.customers, city.state
    ours = now.carrier == OWN
    spend = np.where(ours, now.demand * posted_price[OWN][:, None], 0).astype(np.float32)
    shown = shown_spend(who, now, seed, posted_price, settings)
    slip = settings.growth_noise / 12 * draws.normal(draws.stream(seed, "growth error"), who.key)
    return Book(
        ids=city.ids,
        key=who.key,
        building=who.building,
        centre=who.centre,
        manager=who.manager,
        industry=who.industry,
        location=who.location,
        ownership=who.ownership,
        decision=who.decision,
        expected_channel=who.expected_channel,
        value_class=value_class(spend.sum(axis=0), classes),
        spend=spend,
        ours=ours,
        rival_spend=shown.spend,
        rival=shown.rival,
        tenure=now.tenure.copy(),
        months_left=np.where(ours, now.months_left, -1).astype(np.int16),
        discount=now.discount.copy(),
        recent_usage=now.recent_usage.copy(),
        growth=(who.growth + slip).astype(np.float32),
        goodwill=now.visit_record.copy(),
        adstock=now.adstock[OWN].copy(),
        complaints=complaints_of_the_year(now),
        source=now.revealed.copy(),
        plan=now.plan.copy(),
        plan_x=now.plan_x.copy(),
        plan_age=now.plan_age.copy(),
        step=now.step.copy(),
        points=now.points.copy(),
        ip_share=now.ip_share.copy(),
        building_names=numbered("B", city.buildings),
        manager_names=numbered("M", city.managers),
    )


def numbered(letter: str, count: int) -> tuple[str, ...]:
    """Return names for what has none.

    >>> numbered("M", 2)
    ('M0', 'M1')
    """
    width = len(str(max(count - 1, 0)))
    return tuple(f"{letter}{index:0{width}d}" for index in range(count))


def names_of(index: NDArray[np.integer[Any]], names: tuple[str, ...]) -> NDArray[np.str_]:
    """Return the name of each index, empty where it is -1."""
    return np.asarray(np.array([*names, ""])[index])


def usual_growth(book: Book, city: CitySettings, settings: BookSettings) -> NDArray[np.float64]:
    """Return customers' growth per month: what was observed, drawn towards the city's mean as far as it is noise."""
    noise, spread = settings.growth_noise if book.truth is None else 0.0, city.growth_spread
    trust = spread**2 / (spread**2 + noise**2) if spread + noise > 0 else 1.0
    usual = (1 + city.growth) ** (1 / 12) - 1
    return np.asarray(usual + trust * (book.growth.astype(float) - usual))


def expected_growth(book: Book, city: CitySettings, settings: BookSettings) -> NDArray[np.float64]:
    """Return expected growth per month from the start on: the customers' own, less a downturn that nobody had seen."""
    return growth_in_downturn(usual_growth(book, city, settings), city.downturn)


def expected_demand(
    book: Book, price: NDArray[np.float64], shares: NDArray[np.float64], mean_spend: float
) -> NDArray[np.float64]:
    """Return usage at reference prices by line, yuan/month, shape (lines, customers).

    Ours is known. A rival's is the estimate where the book shows one, else what the line's usual share of a
    customer's spend (`shares`, relative) says, given what is seen of it; `mean_spend` where nothing is seen. `price`
    is the tariff's, shape (carriers, lines); a rival that isn't known is taken to charge what rivals charge on average.
    """
    usual = (shares / shares.sum())[:, None]
    seen = np.where(book.ours, book.spend / price[OWN][:, None], 0.0)
    share_seen = (usual * book.ours).sum(axis=0)
    total = np.where(share_seen > 0, seen.sum(axis=0) / np.maximum(share_seen, 1e-9), mean_spend)
    lines = np.arange(len(usual))[:, None]
    charged = np.where(book.rival > OWN, price[book.rival, lines], price[OWN + 1 :].mean(axis=0)[:, None])
    at_rivals = np.where(np.isnan(book.rival_spend), total * usual, book.rival_spend / charged)
    return np.asarray(np.where(book.ours, seen, at_rivals))


def book_table(book: Book, lines: tuple[str, ...], carriers: tuple[str, ...]) -> pd.DataFrame:
    """Return the book as a tidy table, one row a customer, words instead of indices."""

    def words(index: NDArray[np.integer[Any]], names: tuple[str, ...]) -> Any:
        return pd.Categorical.from_codes(index.astype(np.int64), categories=pd.Index(names))

    columns: dict[str, Any] = {
        "id": book.ids,
        "class": words(book.value_class, CLASSES),
        "manager": names_of(book.manager, book.manager_names),
        "building": names_of(book.building, book.building_names),
        "centre": book.centre,
        "industry": words(book.industry, INDUSTRIES),
        "location": words(book.location, LOCATIONS),
        "ownership": words(book.ownership, OWNERSHIPS),
        "decision": words(book.decision, DECISIONS),
        "expected_channel": words(book.expected_channel, CHANNELS),
        "growth_per_month": book.growth,
        "complaints": book.complaints,
        "rival_source": words(book.source, SOURCES),
        "plan": words(book.plan, PLANS),
        "plan_x": book.plan_x,
    }
    for index, line in enumerate(lines):
        columns[f"spend.{line}"] = book.spend[index]
        columns[f"rival_spend.{line}"] = book.rival_spend[index]
        columns[f"rival.{line}"] = words(book.rival[index], carriers)
        columns[f"months_left.{line}"] = book.months_left[index]
    return pd.DataFrame(columns)
