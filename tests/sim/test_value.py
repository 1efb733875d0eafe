"""Delivered value: what raises it, and how much."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city
from sim.rates import posted_tariff
from sim.testing import tiny_scenario
from sim.value import delivered_value, rapport, share_of_lines


@pytest.fixture(scope="module")
def scenario():
    return tiny_scenario()


@pytest.fixture
def city(scenario):
    return draw_city(scenario)


def value_of(scenario, city, **changes):
    tariff = posted_tariff(scenario)._replace(**changes)
    return delivered_value(city.customers, city.state, tariff, scenario.value)


def test_the_first_visit_is_worth_more_than_the_tenth():
    weight = np.array([[1.0], [0.0], [0.0]])
    known = [rapport(np.array([[[g], [0.0], [0.0]]]), weight, 0.2)[0, 0] for g in (0.0, 1.0, 9.0, 10.0)]
    assert known[1] - known[0] > 4 * (known[3] - known[2])


def test_a_visit_to_a_level_without_a_say_brings_nothing():
    goodwill = np.array([[[0.0], [0.0], [5.0]]])
    assert rapport(goodwill, np.array([[0.6], [0.4], [0.0]]), 0.2).tolist() == [[0.0]]


def test_rapport_never_exceeds_one():
    weight = np.full((3, 4), 1 / 3)
    assert rapport(np.full((2, 3, 4), 1e6), weight, 0.2).max() <= 1.0


def test_a_price_cut_is_worth_the_sensitivity_times_its_logarithm(scenario, city):
    before = value_of(scenario, city)
    price = posted_tariff(scenario).price.copy()
    price[1] *= 0.9
    gained = value_of(scenario, city, price=price) - before
    wanted = -city.customers.price_sensitivity * np.log(0.9)
    np.testing.assert_allclose(gained[1], np.broadcast_to(wanted, gained[1].shape), rtol=1e-5)
    assert not gained[[0, 2]].any()


def test_a_unit_discount_makes_only_our_line_worth_more(scenario, city):
    before = value_of(scenario, city)
    city.state.discount[2] = 0.1
    gained = value_of(scenario, city) - before
    np.testing.assert_allclose(gained[0, 2], -city.customers.price_sensitivity * np.log(0.9), rtol=1e-4)
    gained[0, 2] = 0
    assert not gained.any()


def test_the_bundle_counts_the_other_lines_and_not_the_line_itself(scenario, city):
    city.state.carrier[:] = 0
    city.state.carrier[3] = 1
    whole = scenario.value.bundle
    plain = scenario.value.model_copy(update={"bundle": 0.0})
    args = (city.customers, city.state, posted_tariff(scenario))
    worth = delivered_value(*args, scenario.value) - delivered_value(*args, plain)
    np.testing.assert_allclose(worth[:, 0, 0], [whole * 2 / 3, whole / 3, 0], atol=1e-9)
    np.testing.assert_allclose(worth[:, 3, 0], [whole, 0, 0], atol=1e-9)


def test_hassle_lowers_value_and_satisfaction_raises_it(scenario, city):
    before = value_of(scenario, city)
    assert (value_of(scenario, city, hassle=np.array([0.4, 0.9, 0.4]))[1] < before[1]).all()
    city.state.satisfaction[2] += 0.1
    np.testing.assert_allclose(value_of(scenario, city)[2] - before[2], 0.1 * scenario.value.satisfaction, rtol=1e-5)


def test_shares_of_lines_sum_to_one(city):
    np.testing.assert_allclose(share_of_lines(city.state.carrier, 3).sum(axis=0), 1)
