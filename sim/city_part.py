"""Founding a part of a synthetic city where it will live, without drawing the rest of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.census import BLOCK, places_by_block, take_census
from sim.city import burn_in, draw_customers, names_of_drawn
from sim.errors import InputError
from sim.exchange import Exchange
from sim.founding import begin_knowledge
from sim.knowledge import heard_of
from sim.memory import side_by_side
from sim.population import Places
from sim.scenario import Scenario
from sim.state import City, Customers, State


def found_part(scenario: Scenario, part: int, parts: int, exchange: Exchange) -> City:
    """Return one of several parts of the synthetic city that `found` returns, at the start of a run.

    All parts live the burn-in in step, each in a place of its own, and meet at their `exchange`.
    """
    city = burn_in(scenario, draw_part(scenario, part, parts), exchange)
    begin_knowledge(scenario, city, heard_of(scenario.seed, city.customers.key, scenario.book), exchange)
    return city


def draw_part(scenario: Scenario, part: int, parts: int, block: int = BLOCK) -> City:
    """Return the customers of some account managers, about as many for each part, as they are before the burn-in."""
    if scenario.customers is not None:
        raise InputError("customers: the user's own aren't drawn; found their city first, and give it with the run")
    seed, settings = scenario.seed, scenario.city
    census = take_census(seed, settings, scenario.visit.accounts_per_manager, block)
    if parts > census.managers:
        raise InputError(
            f"shards: {parts} are more than the {census.managers} account managers among whom this city is divided; "
            f"ask for at most {census.managers}"
        )
    first, end = (census.managers * number // parts for number in (part, part + 1))
    drawn = []
    for key, places in places_by_block(seed, settings, census, block):
        mine = np.flatnonzero((places.manager >= first) & (places.manager < end))
        if mine.size:
            here = Places(places.building[mine], places.centre[mine], places.manager[mine])
            drawn.append(draw_customers(scenario, key[mine], here))
    who = Customers(*_in_a_row([customers for customers, _ in drawn]))
    state = State(*_in_a_row([state for _, state in drawn]))
    return City(who, state, names_of_drawn(who.key, settings), census.buildings, census.managers, census.centres)


def _in_a_row(records: list[Any]) -> list[NDArray[Any]]:
    """Return each array of several records with those of the others behind it; customers are on the last axis."""
    customers = sum(record[0].shape[-1] for record in records)
    made = side_by_side([((*array.shape[:-1], customers), array.dtype) for array in records[0]], blank=False)
    for field, whole in enumerate(made):
        np.concatenate([record[field] for record in records], axis=-1, out=whole)
    return made
