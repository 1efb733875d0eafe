"""Substitution across lines: usage that moves, and our own IP calls; and switches against zero strength."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city
from sim.composing.layering import merge
from sim.errors import InputError
from sim.history import yuan
from sim.market import run_market, simulate
from sim.programme import nothing
from sim.scenario import Scenario
from sim.shape import Shape
from sim.substitution import IpCalls, highest_ip_share
from sim.testing import offering, only, tiny_scenario, worked_example

FLOW = {"origin": "local_voice", "destination": "mobile", "rate": 0.05}
IP = {"line": "long_distance", "speed": 0.2}


def still(flow=None, ip=None, **changes):
    """Return a market in which only usage moves."""
    calm = only("substitution")
    moving = {"flows": {"one": flow} if flow else {}, "ip": ip}
    return tiny_scenario(burn_in=0, mechanisms=calm, substitution=moving, **changes)


def lived(scenario, months=6):
    """Return the city before and the market after some months."""
    city = draw_city(scenario)
    return city, run_market(scenario, city, nothing(city.ids.size), seed=1, months=months)


def test_usage_moves_by_the_prices_of_the_carriers_that_serve_it():
    scenario = still({**FLOW, "price_elasticity": 2.0})
    before, market = lived(scenario, 1)
    price = market.posted.price[before.state.carrier, np.arange(4)[:, None]]
    share = 0.05 * (price[0] / price[3]) ** 2
    demand = market.city.state.demand
    np.testing.assert_allclose(demand[0], before.state.demand[0] * (1 - share), rtol=1e-5)
    np.testing.assert_allclose(demand[3], before.state.demand[3] + before.state.demand[0] * share, rtol=1e-5)
    assert np.ptp(share) > 0


def test_a_unit_discount_keeps_usage_where_it_is():
    scenario = still(FLOW)
    city = draw_city(scenario)
    city.state.carrier[:] = 0
    city.state.discount[0] = 0.2
    market = run_market(scenario, city, nothing(60), seed=1, months=1)
    np.testing.assert_allclose(market.city.state.demand[0], city.state.demand[0] * (1 - 0.05 * 0.8), rtol=1e-5)


@pytest.mark.parametrize("ratio", [0.0, 0.7, 1.0])
def test_what_leaves_one_line_comes_to_the_other_times_its_ratio(ratio):
    before, market = lived(still({**FLOW, "ratio": ratio}), 12)
    change = market.city.state.demand.astype(float) - before.state.demand
    np.testing.assert_allclose(change[3], -ratio * change[0], rtol=1e-3, atol=1e-2)
    np.testing.assert_array_equal(change[1:3], 0)
    assert (change[0] < 0).all()


def test_demand_never_turns_negative():
    _, market = lived(still({**FLOW, "rate": 1.0, "price_elasticity": 20.0}), 3)
    assert (market.city.state.demand >= 0).all()


def test_ip_calls_take_up_usage_of_our_line_towards_what_price_sensitivity_allows():
    scenario = still(ip=IP)
    _, market = lived(scenario, 6)
    who, state = market.city.customers, market.city.state
    ours = state.carrier[1] == 0
    highest = highest_ip_share(who.price_sensitivity, scenario.substitution.ip)
    np.testing.assert_allclose(state.ip_share[ours], (highest * (1 - 0.8**6))[ours], rtol=1e-5)
    assert not state.ip_share[~ours].any()
    assert 0 < ours.sum() < 60


def test_ip_calls_lower_what_we_bill():
    scenario, city = worked_example(
        3000.0,
        (0.0, 0.0),
        mechanisms={"substitution": True},
        substitution={"ip": {"line": "local_voice", "speed": 1.0, "saving": 0.4, "half_at": 8.0}},
        value={"price_sensitivity": 8.0, "price_sensitivity_spread": 0.0},
    )
    run = simulate(scenario, city, nothing(1), seed=1, months=2)
    np.testing.assert_allclose(yuan(run.retained), [3000 * (1 - 0.4 * 0.25)] * 2, rtol=1e-6)


def test_a_line_that_leaves_forgets_its_ip_calls():
    scenario = tiny_scenario(
        burn_in=0, city={"customers": 400}, attention={"base": 1.0}, substitution={"ip": {**IP, "speed": 0.5}}
    )
    city = draw_city(scenario)
    state = run_market(scenario, city, nothing(400), seed=1, months=6).city.state
    assert not state.ip_share[state.carrier[1] != 0].any()
    fresh = (state.carrier[1] == 0) & (state.tenure[1] == 0)
    highest = highest_ip_share(city.customers.price_sensitivity, IpCalls(line="long_distance"))
    np.testing.assert_allclose(state.ip_share[fresh], 0.5 * highest[fresh], rtol=1e-5)
    assert fresh.sum() > 5


def test_cheap_ip_calls_hold_the_line():
    lost = []
    for share in (0.0, 0.9):
        scenario = still(ip={**IP, "saving": 0.5, "speed": 0.0}, city={"customers": 500}, attention={"base": 1.0})
        on = scenario.mechanisms.model_copy(update={"attention": True})
        city = draw_city(scenario)
        city.state.ip_share[:] = share * (city.state.carrier[1] == 0)
        looking = scenario.model_copy(update={"mechanisms": on})
        lost.append(simulate(looking, city, nothing(500), seed=2, months=1).flows[0, :, 0, 1:].sum(axis=1))
    assert lost[1][1] < 0.5 * lost[0][1]
    np.testing.assert_array_equal(lost[0][[0, 2, 3]], lost[1][[0, 2, 3]])


def test_an_unknown_line_is_told_with_the_nearest_known():
    for changes in ({"flows": {"one": {**FLOW, "origin": "local_voise"}}}, {"ip": {"line": "long_distanc"}}):
        with pytest.raises(InputError, match="did you mean 'lo"):
            tiny_scenario(substitution=changes)


def test_usage_cannot_move_to_where_it_is():
    with pytest.raises(InputError, match="must move to another line"):
        tiny_scenario(substitution={"flows": {"one": {**FLOW, "destination": "local_voice"}}})


ZERO = {
    "early_leaving": {"contract": {"early_below": 0.0, "early_fee": 0.0, "line_fee": 0.0}},
    "waived_fees": {"contract": {"installation": 0.0}},
    "points": {"points": {"per_yuan": 0.0}},
    "substitution": {"substitution": {"flows": {"one": {"rate": 0.0}}, "ip": {"speed": 0.0}}},
}


@pytest.mark.parametrize("name", ZERO)
def test_a_mechanism_that_is_off_is_one_of_zero_strength(name):
    lively = {
        "city": {"customers": 300},
        "burn_in": 0,
        "attention": {"base": -1.5},
        "contract": {"offer": 0.0, "early": 1.0},
        "substitution": {"flows": {"one": FLOW}, "ip": IP},
    }
    base = tiny_scenario(**lively)
    off = tiny_scenario(**lively, mechanisms={name: False})
    zero = tiny_scenario(**merge(lively, ZERO[name], Shape(Scenario)))
    histories = []
    for scenario in (base, off, zero):
        city = draw_city(scenario)
        histories.append(simulate(scenario, city, offering(city, "A", 900.0), seed=6, months=12))
    assert not same(histories[0], histories[1])
    assert same(histories[1], histories[2])


def same(one, other):
    """Return whether two histories are equal bit for bit."""
    parts = [*zip(one._replace(account=()), other._replace(account=()), strict=True)]
    accounts = [*zip(one.account, other.account, strict=True)]
    return all(np.array_equal(a, b) for a, b in [*parts, *accounts])
