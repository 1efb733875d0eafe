"""The default market: time a customer-month and bytes a customer, and how they grow with the city."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from experiments import load
from sim import City, Scenario, found, simulate
from sim.founding import todays_practice
from sim.history import retained_revenue

sys.path.insert(0, str(Path(__file__).parent))
from report import Figure, report

MONTHS = 12
SIZES = (1_000, 10_000, 100_000)


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


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    measured: list[Figure] = []
    base = np.nan
    for customers in SIZES:
        scenario, city = city_of(customers)
        nanoseconds = 1e9 * seconds(scenario, city) / customers / MONTHS
        base = nanoseconds if np.isnan(base) else base
        held = sum(array.nbytes for array in (*city.customers, *city.state)) / customers
        measured += [
            Figure("whole run, CPU time", customers, nanoseconds, "ns/customer-month"),
            Figure("growth from the smallest city", customers, nanoseconds / base, "ratio"),
            Figure("market arrays", customers, held, "bytes/customer", 400.0),
        ]
    return measured


def test_the_market_is_measured_and_written(figures: list[Figure]) -> None:
    path = report("market", figures)
    assert path.exists()


def test_market_arrays_stay_within_their_target(figures: list[Figure]) -> None:
    assert all(figure.met for figure in figures if figure.target is not None)
