"""The default market's time and bytes as the city grows, and the minimal market beside peers of the same model."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
import pytest
from contest import OURS, TOLERANCE, Played, agent_peers, array_peers, figures_of, gaps, play
from minimal import MEASURES, minimal_world, ours
from report import Figure, report

from experiments import load
from sim import City, Scenario, found, simulate
from sim.founding import todays_practice
from sim.history import retained_revenue

MONTHS = 12
SIZES = (1_000, 10_000, 100_000)
AGENTS, ARRAYS = 10_000, 100_000
"""Customers of the minimal market where agents take part too, and where only arrays do."""
REPETITIONS = 5


def city_of(customers: int) -> tuple[Scenario, City]:
    scenario = load("shenzhen", [f"city.customers={customers}", "burn_in=3", f"months={MONTHS}"]).settings
    return scenario, found(scenario).city


def seconds(scenario: Scenario, city: City) -> float:
    own = np.where(city.state.carrier == 0, city.state.demand, 0).sum(axis=0)
    practice = todays_practice(scenario, own, city.customers.decision)
    best = np.inf
    for seed in range(3):
        began = time.process_time()
        history = simulate(scenario, city, practice, seed=seed)
        best = min(best, time.process_time() - began)
        assert retained_revenue(history) > 0
    return best


def default_market() -> list[Figure]:
    measured: list[Figure] = []
    base = np.nan
    for customers in SIZES:
        scenario, city = city_of(customers)
        nanoseconds = 1e9 * seconds(scenario, city) / customers / MONTHS
        base = nanoseconds if np.isnan(base) else base
        held = sum(array.nbytes for array in (*city.customers, *city.state)) / customers
        measured += [
            Figure("default market: whole run, CPU time", customers, nanoseconds, "ns/customer-month"),
            Figure("default market: growth from the smallest city", customers, nanoseconds / base, "times"),
            Figure("default market: arrays", customers, held, "bytes/customer", 400.0),
        ]
    return measured


class Measured(NamedTuple):
    """What one run of the benchmark brought; `played` is by customers."""

    figures: list[Figure]
    notes: list[str]
    played: dict[int, dict[str, Played]]


@pytest.fixture(scope="module")
def measured() -> Measured:
    arrays, notes = array_peers()
    agents, missing = agent_peers()
    ours(minimal_world(100), 0)
    figures, played = default_market(), {}
    for customers, peers in ((AGENTS, [*arrays, *agents]), (ARRAYS, arrays)):
        played[customers] = play(minimal_world(customers), peers, REPETITIONS)
        figures += figures_of(customers, played[customers], peers)
    return Measured(figures, [*notes, *missing], played)


def test_the_market_is_measured_and_written(measured: Measured) -> None:
    path = report("market", measured.figures, measured.notes)
    assert path.exists()


def test_peers_agree_with_ours_within_sampling_error(measured: Measured) -> None:
    apart = [
        f"{name}, {customers} customers: {measure} is {gap:+.1f} standard errors from ours"
        for customers, played in measured.played.items()
        for name, by_measure in gaps(played).items()
        for measure, gap in zip(MEASURES, by_measure, strict=True)
        if not abs(gap) <= TOLERANCE
    ]
    assert not apart


def test_ours_is_timed_at_every_size(measured: Measured) -> None:
    assert all((played[OURS].seconds > 0).all() for played in measured.played.values())
