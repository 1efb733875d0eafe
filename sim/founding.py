"""What founding a city takes, whether its customers are drawn or a user's own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.bond import plain_step
from sim.book import Book
from sim.exchange import ALONE, Exchange
from sim.knowledge import HEARSAY, UNKNOWN
from sim.learning import buy_records, settlement_bought
from sim.loyalty import deserved_stage, intention
from sim.memory import copies
from sim.names import LEVELS, OWN
from sim.population import Places, Words, level_table
from sim.programme import Programme, practice
from sim.rates import posted_tariff
from sim.scenario import Scenario
from sim.segment import class_in_city, value_class
from sim.state import City, Customers, State, empty_state
from sim.summing import over_lines
from sim.tastes import Behaviour, Tastes, draw_desire, usual_satisfaction
from sim.visit import deciding_level

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]


class Start(NamedTuple):
    """Where a run starts: the true city, and the book that the carrier has of it."""

    city: City
    book: Book
    notes: tuple[str, ...] = ()
    """What was assumed of a user's own customers, a sentence each."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Name and SHA-256 of each file read."""
    own_book: Book | None = None
    """The carrier's own book, where `book` holds the truth."""


def begin_knowledge(scenario: Scenario, city: City, heard: NDArray[np.bool_], exchange: Exchange = ALONE) -> None:
    """Note in the state whose rival spend is known at the start: by hearsay, and by records bought in month 0."""
    who, state = city.customers, city.state
    state.revealed[:] = np.where(heard, HEARSAY, UNKNOWN)
    state.revealed_ago[:] = 0
    if settlement_bought(scenario, 0):
        buy_records(scenario, who, state, posted_tariff(scenario).price[OWN], exchange)


def behaviour(scenario: Scenario) -> Behaviour:
    """Return the settings that tastes and long-run laws depend on."""
    experience = scenario.experience
    if not scenario.mechanisms.incidents:
        experience = experience.model_copy(update={"incidents": 0.0})
    return Behaviour(scenario.value, scenario.attention, scenario.choice, experience)


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


def practice_of_part(scenario: Scenario, city: City, exchange: Exchange) -> Programme:
    """Return today's practice for a city or a part of one; value classes are by rank among all of the city."""
    spend = over_lines(np.where(city.state.carrier == OWN, city.state.demand, 0))
    classes = class_in_city(spend, city.customers.key, scenario.segment, exchange)
    decider = deciding_level(level_table(scenario.city)[:, city.customers.decision])
    return practice(classes, decider, scenario.practice)


def settle(scenario: Scenario, key: Keys, carrier: NDArray[np.int8], demand: Floats, under_contract: float) -> State:
    """Return a state with usual stocks for customers whose lines are served by `carrier`.

    `under_contract` is the share of lines inside a contract term; where a term ends is drawn evenly.
    """
    posted = posted_tariff(scenario)
    carriers, lines = posted.price.shape
    state = empty_state(carriers, lines, key.size)
    state.carrier[:] = carrier
    state.demand[:] = demand
    usual = usual_satisfaction(posted, behaviour(scenario).experience)[:, None]
    state.satisfaction[:] = usual
    state.expectation[:] = usual
    state.goodwill[1:] = scenario.visit.rival_goodwill
    if scenario.mechanisms.contracts:
        for line in range(lines):
            signed = draws.uniform(draws.stream(scenario.seed, "under contract"), key, line)
            left = draws.uniform(draws.stream(scenario.seed, "term left"), key, line)
            state.months_left[line] = np.where(signed < under_contract, 1 + left * scenario.contract.term_months, 0)
    state.recent_usage[:] = (np.where(carrier == OWN, demand, 0) * posted.price[OWN][:, None]).sum(axis=0)
    return stand(scenario, state)


def stand(scenario: Scenario, state: State) -> State:
    """Put customers at the stage of loyalty and the step that their holdings and satisfaction speak for."""
    ours = state.carrier == OWN
    own_lines = ours.sum(axis=0)
    oldest = np.where(ours, state.tenure, -1).max(axis=0)
    aware, discounted = np.zeros(own_lines.size, dtype=bool), np.asarray((state.discount > 0).any(axis=0))
    meant = intention(state.satisfaction[OWN].astype(float), scenario.loyalty)
    state.stage[:] = deserved_stage(own_lines, oldest, aware, discounted, meant, scenario.loyalty)
    state.step[:] = plain_step(own_lines, len(ours), state.plan > 0)
    return state


def draw_carriers(scenario: Scenario, key: Keys, law: Floats) -> NDArray[np.int8]:
    """Return who serves each line, shape (lines, customers), drawn from `law`, shape (carriers, lines, customers)."""
    stream = draws.stream(scenario.seed, "first carrier")
    return np.stack([draws.category(stream, key, law[:, line], line) for line in range(law.shape[1])])


def join(
    scenario: Scenario, key: Keys, places: Places, words: Words, growth: Floats, tastes: Tastes, levels: Floats
) -> Customers:
    """Return the customers' fixed arrays from their parts; `levels` has shape (levels, customers)."""
    assert levels.shape[0] == len(LEVELS)
    who = Customers(
        key=key,
        **places._asdict(),
        **words._asdict(),
        growth=growth.astype(np.float32),
        **{name: taste.astype(np.float32) for name, taste in tastes._asdict().items()},
        desire=draw_desire(scenario.seed, key, scenario.experience).astype(np.float32),
        level_weight=np.ascontiguousarray(levels, dtype=np.float32),
    )
    return Customers(*copies(who))
