"""The synthetic city: who lives in it, and what the burn-in leaves."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import burn_in, draw_city, found
from sim.errors import InputError
from sim.names import CLASSES, OWN
from sim.testing import tiny_scenario


@pytest.fixture(scope="module")
def large():
    """A city of 20,000 before anybody lives in it."""
    return draw_city(tiny_scenario(city={"customers": 20_000, "tenants": 25.0}, visit={"accounts_per_manager": 150}))


def spend(city):
    return city.state.demand.sum(axis=0, dtype=float)


def test_a_fifth_of_the_customers_holds_four_fifths_of_the_spend(large):
    largest = np.sort(spend(large))[::-1]
    assert 0.75 < largest[: largest.size // 5].sum() / largest.sum() < 0.85


def test_no_single_customer_holds_much_of_the_city(large):
    assert spend(large).max() / spend(large).sum() < 0.05


def test_mean_spend_is_the_one_asked_for(large):
    error = spend(large).std() / np.sqrt(spend(large).size)
    assert abs(spend(large).mean() - 2500) < 4 * error


def test_lines_take_the_shares_asked_for(large):
    shares = (large.state.demand / spend(large)).mean(axis=1)
    np.testing.assert_allclose(shares, np.array([4, 5, 4, 3]) / 16, atol=0.005)


def test_a_territory_is_made_of_whole_buildings(large):
    who = large.customers
    inside = who.building >= 0
    pairs = np.unique(np.stack([who.building[inside], who.manager[inside]]), axis=1)
    assert pairs.shape[1] == np.unique(who.building[inside]).size


def test_territories_are_about_as_large_as_asked_for(large):
    sizes = np.bincount(large.customers.manager, minlength=large.managers)
    assert sizes.sum() == 20_000
    assert abs(sizes.mean() - 150) < 15
    assert np.quantile(sizes, [0.05, 0.95]) == pytest.approx([150, 150], abs=75)


def test_a_building_belongs_to_one_service_centre(large):
    who = large.customers
    inside = who.building >= 0
    pairs = np.unique(np.stack([who.building[inside], who.centre[inside]]), axis=1)
    assert pairs.shape[1] == np.unique(who.building[inside]).size


def test_the_share_of_customers_in_buildings_is_the_one_asked_for(large):
    inside = (large.customers.building >= 0).mean()
    assert abs(inside - 0.55) < 4 * np.sqrt(0.55 * 0.45 / 20_000)


def test_weights_of_levels_sum_to_one_and_follow_who_decides(large):
    weight, decision = large.customers.level_weight, large.customers.decision
    np.testing.assert_allclose(weight.sum(axis=0), 1, rtol=1e-5)
    means = np.array([weight[:, decision == kind].mean(axis=1) for kind in range(3)])
    np.testing.assert_allclose(means, [[0.7, 0.2, 0.1], [0.25, 0.55, 0.2], [0.3, 0.35, 0.35]], atol=0.01)


def test_a_customer_is_the_same_in_a_larger_city():
    small, larger = (draw_city(tiny_scenario(city={"customers": size})) for size in (50, 60))
    for name in ("growth", "price_sensitivity", "switching_cost", "decision", "industry"):
        np.testing.assert_array_equal(getattr(larger.customers, name)[:50], getattr(small.customers, name))
    np.testing.assert_array_equal(larger.state.demand[:, :50], small.state.demand)


def test_another_seed_draws_another_city():
    one, other = (draw_city(tiny_scenario(seed=seed)) for seed in (1, 2))
    assert not np.array_equal(one.state.demand, other.state.demand)


def test_a_burn_in_leaves_demand_and_who_customers_are():
    scenario = tiny_scenario(burn_in=18)
    city = draw_city(scenario)
    settled = burn_in(scenario, city)
    np.testing.assert_array_equal(settled.state.demand, city.state.demand)
    assert settled.customers is city.customers


def test_the_book_counts_the_complaints_of_the_last_year_only():
    start, half = found(tiny_scenario(burn_in=18)), found(tiny_scenario(burn_in=12))
    assert 0 < start.book.complaints.sum() < start.city.state.complaints.sum()
    np.testing.assert_array_equal(half.book.complaints, half.city.state.complaints)


def test_a_burn_in_of_no_months_changes_nothing():
    scenario = tiny_scenario(burn_in=0)
    city = draw_city(scenario)
    assert burn_in(scenario, city) is city


def test_a_price_war_does_not_begin_before_the_start():
    war = {"rivals": {"netcom": {"policy": {"name": "price_war", "month": 0, "drop": 0.5}}}}
    peace, later = found(tiny_scenario(burn_in=12)).city, found(tiny_scenario(burn_in=12, **war)).city
    np.testing.assert_array_equal(peace.state.carrier, later.state.carrier)


def test_founding_twice_gives_the_same_city_bit_for_bit():
    one, other = (found(tiny_scenario()) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.city.state, other.city.state, strict=True))
    for a, b in zip(one.book, other.book, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_city_of_one_customer_stands():
    start = found(tiny_scenario(city={"customers": 1}))
    assert (start.book.key.size, start.city.managers) == (1, 1)


def test_nobody_needs_a_building():
    city = draw_city(tiny_scenario(city={"in_building": 0.0}))
    assert (city.buildings, (city.customers.building == -1).all()) == (0, True)


def test_the_own_carrier_serves_more_lines_than_any_rival_but_not_all(large):
    shares = np.bincount(large.state.carrier.ravel()) / large.state.carrier.size
    assert 1.2 * shares[1:].max() < shares[OWN] < 0.95
    assert CLASSES[-1] == "X"


def test_more_service_centres_than_can_be_told_apart_are_refused():
    assert tiny_scenario(city={"customers": 32_767, "per_centre": 1.0}).city.per_centre == 1.0
    with pytest.raises(InputError, match=r"100,000 service centres of 10,000,000 customers.*give at least 306"):
        tiny_scenario(city={"customers": 10_000_000, "per_centre": 100.0})
