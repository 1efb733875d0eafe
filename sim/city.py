"""Founding a city: customers and the state they start from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.book import observe
from sim.exchange import ALONE, Exchange
from sim.founding import (
    Start,
    begin_knowledge,
    behaviour,
    draw_carriers,
    join,
    practice_of_part,
    settle,
    todays_practice,
    usual_rapport,
)
from sim.knowledge import heard_of
from sim.market import run_market
from sim.oracle import seen_through
from sim.own_customers import found_from_file
from sim.population import (
    CitySettings,
    Keys,
    Places,
    draw_demand,
    draw_growth,
    draw_places,
    draw_words,
    level_weights,
)
from sim.rates import posted_tariff
from sim.rivals import Rival, Static
from sim.scenario import Scenario
from sim.state import City, Customers, State
from sim.tastes import draw_tastes, long_run_shares

__all__ = ["Start", "burn_in", "draw_city", "found", "peaceful", "todays_practice"]


def draw_city(scenario: Scenario) -> City:
    """Return the synthetic city as it is before the burn-in."""
    key = np.arange(scenario.city.customers, dtype=np.uint64)
    places = draw_places(scenario.seed, key, scenario.city, scenario.visit.accounts_per_manager)
    customers, state = draw_customers(scenario, key, places)
    return City(
        customers=customers,
        state=state,
        ids=names_of_drawn(key, scenario.city),
        buildings=int(places.building.max(initial=-1)) + 1,
        managers=int(places.manager.max(initial=-1)) + 1,
        centres=int(places.centre.max(initial=-1)) + 1,
    )


def draw_customers(scenario: Scenario, key: Keys, places: Places) -> tuple[Customers, State]:
    """Return customers of a synthetic city and their state before the burn-in; who else there is changes nothing."""
    words = draw_words(scenario.seed, key, scenario.city, places.building >= 0)
    tastes = draw_tastes(scenario.seed, key, behaviour(scenario))
    law = long_run_shares(tastes, usual_rapport(scenario, key.size), posted_tariff(scenario), behaviour(scenario))
    shares = tuple(line.share for line in scenario.lines.values())
    demand = draw_demand(scenario.seed, key, scenario.city, shares)
    state = settle(scenario, key, draw_carriers(scenario, key, law), demand, scenario.city.under_contract)
    growth = draw_growth(scenario.seed, key, scenario.city)
    levels = level_weights(scenario.seed, key, words.decision, scenario.city)
    return join(scenario, key, places, words, growth, tastes, levels), state


def names_of_drawn(key: Keys, city: CitySettings) -> NDArray[np.str_]:
    """Return what customers of a synthetic city are called, shape (customers,)."""
    width = len(str(max(city.customers - 1, 1)))
    return np.array([f"C{n:0{width}d}" for n in key.tolist()])


def burn_in(scenario: Scenario, city: City, exchange: Exchange = ALONE) -> City:
    """Live some months under today's practice, so that stocks and carriers fit each other.

    Demand doesn't grow, so that the city's size doesn't depend on the length of the burn-in, and nothing is revealed:
    what is known at the start is what the settings say.
    """
    months = scenario.burn_in
    if months == 0:
        return city
    quiet = scenario.model_copy(
        update={
            "mechanisms": scenario.mechanisms.model_copy(update={"growth": False, "revealing": False}),
            "rivals": peaceful(scenario),
            "processes": {},
            "campaigns": {},
            "substitution": scenario.substitution.model_copy(update={"flows": {}}),
            "recording": {"groups": False},
        }
    )
    first = max(months - 12, 0)
    for part, length in enumerate((first, months - first)):
        if length:
            programme = practice_of_part(scenario, city, exchange)
            seed = burn_in_seed(scenario.seed, part)
            city = run_market(quiet, city, programme, seed=seed, months=length, exchange=exchange).city
    return city


def burn_in_seed(seed: int, part: int) -> int:
    """Return the seed of a part of the burn-in, so that no future replays its luck."""
    return int(draws.stream(seed, "burn-in", part))


def peaceful(scenario: Scenario) -> dict[str, Rival]:
    """Return the rivals as they are before any of them moves."""
    return {
        name: rival.model_copy(update={"policy": Static(), "poach": None}) for name, rival in scenario.rivals.items()
    }


def found(scenario: Scenario, folder: Path | None = None) -> Start:
    """Return the city at the start of a run and the carrier's book of it: drawn, or from the user's customers.

    `folder` is what a relative path of the customers' file starts from; the working folder if it isn't given.
    """
    if scenario.customers is not None:
        return found_from_file(scenario, Path() if folder is None else folder)
    city = burn_in(scenario, draw_city(scenario))
    heard = heard_of(scenario.seed, city.customers.key, scenario.book)
    begin_knowledge(scenario, city, heard)
    price = posted_tariff(scenario).price
    book = observe(city, scenario.seed, price, scenario.book, scenario.segment)
    return seen_through(Start(city, book), scenario)
