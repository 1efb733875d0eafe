"""A user's own customers: their book as read from a file, and a truth drawn so that it is consistent with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import draws
from sim.bond import plain_step
from sim.book import Book, expected_demand, numbered
from sim.contract import usual_share_under_contract
from sim.experience import complaint_scar
from sim.founding import Start, begin_knowledge, behaviour, draw_carriers, join, settle, stand, usual_rapport
from sim.intake.file import read_customers
from sim.knowledge import HEARSAY, UNKNOWN, YEAR, shown_spend
from sim.names import CHANNELS, DECISIONS, INDUSTRIES, LOCATIONS, OWN, OWNERSHIPS, PLANS
from sim.oracle import seen_through
from sim.population import Places, Spread, Words, level_weights, lognormal, territories
from sim.rates import posted_tariff
from sim.scenario import Scenario
from sim.segment import value_class
from sim.state import City, Customers, State
from sim.tastes import long_run_shares, tastes_given_lines, usual_satisfaction

Floats = NDArray[np.float64]


def found_from_file(scenario: Scenario, folder: Path) -> Start:
    """Return a city of the user's customers and the book they make; what the file doesn't say is drawn or assumed.

    There is no burn-in: who holds what is what the file says. Everything assumed is in the notes.
    """
    assert scenario.customers is not None
    table = read_customers(scenario.customers, list(scenario.lines), list(scenario.rivals), folder)
    notes: list[str] = [*table.notes]
    key = np.array([draws.identity(str(name)) for name in table.frame["id"]], dtype=np.uint64)
    territory = _territory(table.frame, scenario, notes)
    places = territory.places
    words = _words(table.frame, places, notes)
    book = _book(table.frame, key, territory, words, scenario, notes)
    people, state = _truth(scenario, book, words, places)
    city = City(
        customers=people,
        state=state,
        ids=book.ids,
        buildings=int(places.building.max(initial=-1)) + 1,
        managers=int(places.manager.max(initial=-1)) + 1,
        centres=int(places.centre.max(initial=-1)) + 1,
    )
    begin_knowledge(scenario, city, book.source > UNKNOWN)
    book = with_records(book, city, scenario)
    return seen_through(Start(city, book, tuple(notes), ((table.path.name, table.sha256),)), scenario)


def with_records(book: Book, city: City, scenario: Scenario) -> Book:
    """Return the book with what settlement records bought for the start show, in the place of what the file says."""
    source = city.state.revealed
    shown = shown_spend(city.customers, city.state, scenario.seed, posted_tariff(scenario).price, scenario.book)
    better = source > HEARSAY
    return book._replace(
        rival_spend=np.where(better, shown.spend, book.rival_spend),
        rival=np.where(better, shown.rival, book.rival).astype(np.int8),
        source=source.copy(),
    )


def customers(count: int) -> str:
    """Return a number of customers in words.

    >>> customers(1), customers(2)
    ('1 customer', '2 customers')
    """
    return f"{count} customer" + ("" if count == 1 else "s")


class Territory(NamedTuple):
    """Where customers are and who looks after them, with the names of buildings and managers."""

    places: Places
    building_names: tuple[str, ...]
    manager_names: tuple[str, ...]


def _coded(column: pd.Series[Any]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return an index a row in the order of the names, -1 where there is none, and the names."""
    codes, names = pd.factorize(column, sort=True)
    return np.asarray(codes, dtype=np.int32), tuple(str(name) for name in names)


def _territory(frame: pd.DataFrame, scenario: Scenario, notes: list[str]) -> Territory:
    building, building_names = _coded(frame["building"])
    found, _ = _coded(frame["centre"])
    if (found >= 0).any() and (found < 0).any():
        notes.append(f"centre: {customers((found < 0).sum())} without one stand in the first")
    centre = np.maximum(found, 0).astype(np.int16)
    manager, manager_names = _coded(frame["manager"])
    alone = manager < 0
    if alone.any():
        size = scenario.visit.accounts_per_manager
        notes.append(
            f"manager: {customers(alone.sum())} without an account manager stand in territories of about "
            f"{size} (visit.accounts_per_manager)"
        )
        drawn = territories(building[alone], centre[alone], size)
        manager[alone] = drawn + len(manager_names)
        manager_names += numbered("territory ", int(drawn.max()) + 1)
    return Territory(Places(building, centre, manager), building_names, manager_names)


def _words(frame: pd.DataFrame, places: Places, notes: list[str]) -> Words:
    def index(name: str, vocabulary: tuple[str, ...], assumed: str | NDArray[np.str_]) -> NDArray[np.int8]:
        codes = pd.Categorical(frame[name], categories=list(vocabulary)).codes.astype(np.int8)
        taken = np.broadcast_to(np.asarray(assumed), codes.shape)
        for word, count in zip(*np.unique(taken[codes < 0], return_counts=True), strict=True):
            notes.append(f"{name}: '{word}' is assumed for {customers(count)} whose {name} the file doesn't say")
        places_of_words = pd.Categorical(taken, categories=list(vocabulary)).codes
        return np.where(codes < 0, places_of_words, codes).astype(np.int8)

    return Words(
        industry=index("industry", INDUSTRIES, "other"),
        location=index("location", LOCATIONS, np.where(places.building >= 0, "commercial_building", "own_premises")),
        ownership=index("ownership", OWNERSHIPS, "domestic"),
        decision=index("decision", DECISIONS, "person"),
        expected_channel=index("expected_channel", CHANNELS, "telephone"),
    )


def _by_line(frame: pd.DataFrame, prefix: str, lines: list[str]) -> Floats:
    return np.stack([frame[f"{prefix}.{line}"].to_numpy(dtype=float, na_value=np.nan) for line in lines])


def _rival_index(frame: pd.DataFrame, scenario: Scenario, ours: NDArray[np.bool_]) -> NDArray[np.int8]:
    names = list(scenario.carriers)
    columns = [pd.Categorical(frame[f"rival.{line}"], categories=names).codes for line in scenario.lines]
    return np.where(ours, -1, np.stack(columns)).astype(np.int8)


def _book(
    frame: pd.DataFrame,
    key: NDArray[np.uint64],
    territory: Territory,
    words: Words,
    scenario: Scenario,
    notes: list[str],
) -> Book:
    lines = list(scenario.lines)
    spend = np.nan_to_num(_by_line(frame, "spend", lines))
    ours = spend > 0
    months_left = _by_line(frame, "months_left", lines)
    rival_spend = np.where(ours, np.nan, _by_line(frame, "rival_spend", lines))
    unseen = ~ours & np.isnan(rival_spend)
    if unseen.any():
        notes.append(
            f"rival_spend: unknown on {int(unseen.sum())} lines that aren't ours; estimated, and drawn in truth"
        )
    growth = frame["growth"].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(growth).any():
        notes.append(f"growth: city.growth is assumed for {customers(np.isnan(growth).sum())}")
    yearly = np.where(np.isnan(growth), scenario.city.growth, growth)
    tenure = frame["tenure"].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(tenure).any():
        notes.append(f"tenure: 24 months are assumed for {customers(np.isnan(tenure).sum())}")
    tenure = np.nan_to_num(tenure, nan=24.0)
    plan = pd.Categorical(frame["plan"], categories=list(PLANS[1:])).codes + 1
    size = key.size
    return Book(
        ids=frame["id"].to_numpy(dtype=str),
        key=key,
        **territory.places._asdict(),
        **words._asdict(),
        value_class=value_class(spend.sum(axis=0), scenario.segment),
        spend=spend.astype(np.float32),
        ours=ours,
        rival_spend=rival_spend.astype(np.float32),
        rival=_rival_index(frame, scenario, ours),
        tenure=np.repeat(np.minimum(tenure, 32000).astype(np.int16)[None], len(lines), axis=0),
        months_left=np.where(ours & ~np.isnan(months_left), months_left, -1).astype(np.int16),
        discount=np.zeros((len(lines), size), dtype=np.float32),
        recent_usage=np.repeat(spend.sum(axis=0).astype(np.float32)[None], 3, axis=0),
        growth=((1 + yearly) ** (1 / 12) - 1).astype(np.float32),
        goodwill=np.zeros((3, size), dtype=np.float32),
        adstock=np.zeros(size, dtype=np.float32),
        complaints=np.nan_to_num(frame["complaints"].to_numpy(dtype=float, na_value=np.nan)).astype(np.int16),
        source=np.where(np.isnan(rival_spend).all(axis=0), UNKNOWN, HEARSAY).astype(np.int8),
        plan=plan.astype(np.int8),
        plan_x=np.nan_to_num(frame["plan_x"].to_numpy(dtype=float, na_value=np.nan)).astype(np.float32),
        plan_age=np.zeros(size, dtype=np.int16),
        step=plain_step(ours.sum(axis=0), len(lines), plan > 0),
        points=np.zeros(size, dtype=np.float32),
        ip_share=np.zeros(size, dtype=np.float32),
        building_names=territory.building_names,
        manager_names=territory.manager_names,
    )


def _truth(scenario: Scenario, book: Book, words: Words, places: Places) -> tuple[Customers, State]:
    posted, settings = posted_tariff(scenario), behaviour(scenario)
    known = usual_rapport(scenario, book.key.size)
    tastes = tastes_given_lines(scenario.seed, book.key, book.ours, known, posted, settings, scenario.truth.candidates)
    law = long_run_shares(tastes, known, posted, settings)
    law[OWN] = 0.0
    drawn = draw_carriers(scenario, book.key, law)
    carrier = np.where(book.ours, OWN, np.where(book.rival >= 0, book.rival, drawn)).astype(np.int8)
    under_contract = usual_share_under_contract(scenario.contract)
    state = settle(scenario, book.key, carrier, _demand(scenario, book), under_contract)
    usual = usual_satisfaction(posted, settings.experience)[OWN]
    state.satisfaction[OWN] = np.maximum(0, usual - complaint_scar(scenario.experience) * book.complaints)
    state.months_left[:] = np.where(book.months_left >= 0, book.months_left, state.months_left)
    state.tenure[:] = book.tenure
    state.complained_in[:] = spread_over_year(book.complaints)
    state.plan[:], state.plan_x[:] = book.plan, book.plan_x
    state.recent_usage[:] = book.recent_usage
    stand(scenario, state)
    levels = level_weights(scenario.seed, book.key, words.decision, scenario.city)
    return join(scenario, book.key, places, words, book.growth.astype(float), tastes, levels), state


def spread_over_year(complaints: NDArray[np.int16]) -> NDArray[np.uint16]:
    """Return months with a complaint, one bit a month, for complaints spread evenly over the last year, at most 12.

    >>> [f"{months:012b}" for months in spread_over_year(np.array([0, 1, 4], dtype=np.int16))]
    ['000000000000', '000001000000', '010010010010']
    """
    count = np.clip(complaints, 0, YEAR).astype(np.int64)
    numbers = np.arange(YEAR)[:, None]
    month = ((2 * numbers + 1) * YEAR) // np.maximum(2 * count, 1)
    return np.asarray(np.where(numbers < count, 1 << np.minimum(month, YEAR - 1), 0).sum(axis=0), dtype=np.uint16)


def _demand(scenario: Scenario, book: Book) -> Floats:
    """Return true demand: what the book shows, and around what is expected of it where it shows nothing."""
    shares = np.array([line.share for line in scenario.lines.values()])
    expected = expected_demand(book, posted_tariff(scenario).price, shares, scenario.city.mean_spend)
    unseen = ~book.ours & np.isnan(book.rival_spend)
    stream = draws.stream(scenario.seed, "unseen rival spend")
    luck = np.stack(
        [lognormal(stream, book.key, Spread(1.0, scenario.truth.unseen_spread), line) for line in range(len(expected))]
    )
    return np.asarray(np.where(unseen, expected * luck, expected))
