"""A downturn: demand that everybody loses from the start of a run on, in the market as in what is expected of it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.book import expected_growth
from sim.city import found
from sim.market import run_market
from sim.programme import nothing
from sim.testing import only, tiny_scenario

LEVEL = {"growth": 0.0, "growth_spread": 0.0}


def lived(downturn, **city):
    scenario = tiny_scenario(burn_in=0, mechanisms=only("growth"), city={**city, "downturn": downturn})
    start = found(scenario).city
    market = run_market(scenario, start, nothing(60), seed=1, months=12)
    return start, market


@pytest.mark.parametrize("downturn", [0.0, 0.2, 0.9])
def test_within_a_year_that_share_of_demand_is_lost(downturn):
    start, market = lived(downturn, **LEVEL)
    np.testing.assert_allclose(market.city.state.demand, (1 - downturn) * start.state.demand, rtol=1e-5)


def test_growing_customers_grow_less_by_the_same_share():
    (_, usual), (_, dark) = lived(0.0, growth=0.1), lived(0.25, growth=0.1)
    np.testing.assert_allclose(dark.city.state.demand, 0.75 * usual.city.state.demand, rtol=1e-5)


def test_who_customers_are_stays_as_it_was():
    start, market = lived(0.3)
    np.testing.assert_array_equal(market.city.customers.growth, start.customers.growth)


def test_nobody_has_seen_it_before_the_start():
    usual, dark = (found(tiny_scenario(city={"downturn": downturn})) for downturn in (0.0, 0.4))
    np.testing.assert_array_equal(usual.city.state.demand, dark.city.state.demand)
    np.testing.assert_array_equal(usual.book.growth, dark.book.growth)


def test_whoever_plans_for_it_expects_what_it_does():
    book = found(tiny_scenario()).book
    usual, dark = (
        expected_growth(book, scenario.city, scenario.book)
        for scenario in (tiny_scenario(), tiny_scenario(city={"downturn": 0.4}))
    )
    np.testing.assert_allclose(((1 + dark) / (1 + usual)) ** 12, 0.6)
