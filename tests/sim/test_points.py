"""Points: earned on what is paid, redeemed at a cost, forfeited with the last line."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city
from sim.history import points_redeemed, programme_cost, yuan
from sim.market import run_market, simulate
from sim.programme import nothing
from sim.testing import cloned, only, tiny_scenario, worked_example


def example(**changes):
    return worked_example(mechanisms={"points": True}, **changes)


def test_points_are_earned_on_what_is_paid_to_us():
    scenario, city = example(points={"per_yuan": 2.0, "redeeming": 0.0})
    market = run_market(scenario, city, nothing(1), seed=1, months=6)
    assert market.city.state.points.tolist() == [2 * 6 * 3000]
    assert points_redeemed(market.record) == 0


def test_points_cost_their_worth_when_they_are_redeemed():
    scenario, city = example(points={"worth": 0.02, "least": 6000.0, "redeeming": 1.0})
    run = simulate(scenario, city, nothing(1), seed=1, months=6)
    np.testing.assert_allclose(yuan(run.redeemed), [0, 120, 0, 120, 0, 120])
    assert programme_cost(run) == pytest.approx(360)


def test_redeeming_pleases():
    points = {"redeeming": 1.0, "least": 1.0, "lift": 0.05}
    scenario, city = example(points=points, experience={"memory": 1.0})
    before = float(city.state.satisfaction[0, 0])
    after = run_market(scenario, city, nothing(1), seed=1, months=2).city.state.satisfaction[0, 0]
    assert after == pytest.approx(before + 0.1)


def test_as_often_as_said_who_can_redeem_does():
    scenario, city = example(points={"least": 3000.0, "redeeming": 0.15})
    many = cloned(city, 4000)
    run = simulate(scenario, many, nothing(4000), seed=2, months=1)
    share = (run.account.programme_cost > 0).mean()
    assert share == pytest.approx(0.15, abs=4 * np.sqrt(0.15 * 0.85 / 4000))


def test_who_has_no_line_with_us_has_no_points():
    scenario = tiny_scenario(city={"customers": 400}, burn_in=0, attention={"base": 0.0}, points={"redeeming": 0.0})
    state = run_market(scenario, draw_city(scenario), nothing(400), seed=3, months=6).city.state
    ours = (state.carrier == 0).any(axis=0)
    assert 20 < ours.sum() < 380
    assert not state.points[~ours].any()
    assert (state.points[ours] > 0).all()


def test_points_that_are_earned_are_held_or_redeemed_where_nobody_leaves():
    still = {"mechanisms": only("points"), "points": {"least": 2000.0, "redeeming": 0.3, "worth": 0.01}}
    scenario = tiny_scenario(city={"customers": 300}, burn_in=0, **still)
    market = run_market(scenario, draw_city(scenario), nothing(300), seed=4, months=12)
    paid = yuan(market.record.retained.sum() + market.record.won_back.sum())
    assert market.city.state.points.sum(dtype=float) + points_redeemed(market.record) / 0.01 == pytest.approx(paid)


def test_a_balance_holds_lines():
    lively = {"attention": {"base": 1.0}, "points": {"redeeming": 0.0, "weight": 20.0}}
    scenario = tiny_scenario(city={"customers": 500}, burn_in=0, **lively)
    poor, rich = draw_city(scenario), draw_city(scenario)
    rich.state.points[:] = 1e6
    lost = [simulate(scenario, city, nothing(500), seed=5, months=1).flows[0, :, 0, 1:].sum() for city in (poor, rich)]
    assert lost[1] < 0.5 * lost[0]


def test_points_add_nothing_to_what_draws_a_line_from_a_rival():
    lively = {"attention": {"base": 1.0}, "points": {"redeeming": 0.0, "weight": 20.0}}
    scenario = tiny_scenario(city={"customers": 500}, burn_in=0, **lively)
    poor, rich = draw_city(scenario), draw_city(scenario)
    rich.state.points[:] = 1e6
    won = [simulate(scenario, city, nothing(500), seed=5, months=1).flows[0, :, 1:, 0] for city in (poor, rich)]
    np.testing.assert_array_equal(won[0], won[1])
