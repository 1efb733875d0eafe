"""Founding a city: customers and the state they start from, drawn or taken from a user's own book."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.book import Book, observe
from sim.market import posted_tariff, run_market
from sim.names import LEVELS, OWN
from sim.population import draw_demand, draw_growth, draw_places, draw_words, level_table, level_weights
from sim.programme import Programme, practice
from sim.scenario import Scenario
from sim.segment import value_class
from sim.state import City, Customers, State, empty_state
from sim.tastes import Behaviour, Tastes, draw_tastes, long_run_shares, usual_satisfaction
from sim.visit import deciding_level

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]


class Start(NamedTuple):
    """Where a run starts: the true city, and the book that the carrier has of it."""

    city: City
    book: Book


def behaviour(scenario: Scenario) -> Behaviour:
    """Return the settings that tastes and long-run laws depend on."""
    return Behaviour(scenario.value, scenario.attention, scenario.choice, scenario.experience)


def usual_rapport(scenario: Scenario, customers: int) -> Floats:
    """Return rapport that rivals' sales forces maintain, none for us, shape (carriers, customers)."""
    maintained = -np.expm1(-scenario.value.goodwill_saturation * scenario.visit.rival_goodwill)
    known = np.full((len(scenario.carriers), customers), maintained)
    known[OWN] = 0.0
    return known


def todays_practice(scenario: Scenario, own_spend: NDArray[np.floating], decision: NDArray[np.int8]) -> Programme:
    """Return today's practice for customers who spend this much with us; it knows who decides, not the true weights."""
    decider = deciding_level(level_table(scenario.city)[:, decision])
    return practice(value_class(own_spend, scenario.segment), decider, scenario.practice)


def settle(scenario: Scenario, key: Keys, carrier: NDArray[np.int8], demand: Floats) -> State:
    """Return a state with usual stocks for customers whose lines are served by `carrier`."""
    posted = posted_tariff(scenario)
    carriers, lines = posted.price.shape
    state = empty_state(carriers, lines, key.size)
    state.carrier[:] = carrier
    state.demand[:] = demand
    usual = usual_satisfaction(posted, scenario.experience)[:, None]
    state.satisfaction[:] = usual
    state.expectation[:] = usual
    state.goodwill[1:] = scenario.visit.rival_goodwill
    if scenario.mechanisms.contracts:
        for line in range(lines):
            signed = draws.uniform(draws.stream(scenario.seed, "under contract"), key, line)
            left = draws.uniform(draws.stream(scenario.seed, "term left"), key, line)
            state.months_left[line] = np.where(
                signed < scenario.city.under_contract, 1 + left * scenario.contract.term_months, 0
            )
    state.recent_usage[:] = (np.where(carrier == OWN, demand, 0) * posted.price[OWN][:, None]).sum(axis=0)
    return state


def draw_carriers(scenario: Scenario, key: Keys, law: Floats) -> NDArray[np.int8]:
    """Return who serves each line, shape (lines, customers), drawn from `law`, shape (carriers, lines, customers)."""
    stream = draws.stream(scenario.seed, "first carrier")
    return np.stack([draws.category(stream, key, law[:, line], line) for line in range(law.shape[1])])


def draw_city(scenario: Scenario) -> City:
    """Return the synthetic city as it is before the burn-in."""
    key = np.arange(scenario.city.customers, dtype=np.uint64)
    places = draw_places(scenario.seed, key, scenario.city, scenario.visit.accounts_per_manager)
    words = draw_words(scenario.seed, key, scenario.city, places.building >= 0)
    tastes = draw_tastes(scenario.seed, key, behaviour(scenario))
    law = long_run_shares(tastes, usual_rapport(scenario, key.size), posted_tariff(scenario), behaviour(scenario))
    shares = tuple(line.share for line in scenario.lines.values())
    demand = draw_demand(scenario.seed, key, scenario.city, shares)
    state = settle(scenario, key, draw_carriers(scenario, key, law), demand)
    growth = draw_growth(scenario.seed, key, scenario.city)
    levels = level_weights(scenario.seed, key, words.decision, scenario.city)
    customers = join(key, places, words, growth, tastes, levels)
    width = len(str(max(key.size - 1, 1)))
    return City(
        customers=customers,
        state=state,
        ids=np.array([f"C{n:0{width}d}" for n in range(key.size)]),
        buildings=int(places.building.max(initial=-1)) + 1,
        managers=int(places.manager.max(initial=-1)) + 1,
        centres=int(places.centre.max(initial=-1)) + 1,
    )


def join(key: Keys, places: tuple[NDArray[np.int32], NDArray[np.int16], NDArray[np.int32]],
         words: tuple[NDArray[np.int8], ...], growth: Floats, tastes: Tastes, levels: Floats) -> Customers:
    """Return the customers' fixed arrays from their parts."""
    assert levels.shape[0] == len(LEVELS)
    return Customers(
        key,
        *places,
        *words,
        growth.astype(np.float32),
        *(taste.astype(np.float32) for taste in tastes),
        level_weight=np.ascontiguousarray(levels, dtype=np.float32),
    )


def burn_in(scenario: Scenario, city: City) -> tuple[City, NDArray[np.int16]]:
    """Live some months under today's practice, so that stocks and carriers fit each other.

    Demand is put back to what it was, so that the city's size doesn't depend on the length of the burn-in. Returned
    beside the city: complaints of the last twelve months, shape (customers,).
    """
    months = scenario.burn_in
    if months == 0:
        return city, np.zeros(city.customers.key.size, dtype=np.int16)
    quiet = scenario.model_copy(
        update={"mechanisms": scenario.mechanisms.model_copy(update={"growth": False}), "rivals": peaceful(scenario)}
    )
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    programme = todays_practice(scenario, own, city.customers.decision)
    first = max(months - 12, 0)
    early = run_market(quiet, city, programme, seed=scenario.seed, months=first).city if first else city
    own = np.where(early.state.carrier == OWN, early.state.demand, 0).sum(axis=0)
    programme = todays_practice(scenario, own, city.customers.decision)
    before = early.state.complaints.copy()
    late = run_market(quiet, early, programme, seed=scenario.seed + 2**32, months=months - first).city
    return late, late.state.complaints - before


def peaceful(scenario: Scenario) -> dict[str, object]:
    """Return the rivals as they are before any of them moves."""
    from sim.rivals import Static

    return {name: rival.model_copy(update={"policy": Static()}) for name, rival in scenario.rivals.items()}


def found(scenario: Scenario) -> Start:
    """Return the city at the start of a run and the carrier's book of it: drawn, or from the user's customers."""
    if scenario.customers is not None:
        from sim.own_customers import found_from_file

        return found_from_file(scenario)
    city, complaints = burn_in(scenario, draw_city(scenario))
    book = observe(
        city, scenario.seed, posted_tariff(scenario).price, scenario.book, scenario.segment, complaints
    )
    return Start(city, book)
