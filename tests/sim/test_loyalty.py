"""Loyalty: the threshold, the stages, and what loyal customers do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.city import draw_city
from sim.errors import InputError
from sim.loyalty import (
    ADVOCACY,
    EXPECTATION,
    FIRST_PURCHASE,
    REPEAT_PURCHASE,
    SUSPICION,
    LoyaltySettings,
    deserved_stage,
    intention,
    loyal_behaviour,
    next_stage,
)
from sim.market import run_market, simulate
from sim.programme import nothing
from sim.testing import tiny_scenario

SETTINGS = LoyaltySettings()


def deserved(own_lines, oldest, satisfaction, aware=False, discounted=False):
    meant = intention(np.array([satisfaction]), SETTINGS)
    truths = np.array([aware]), np.array([discounted])
    return int(deserved_stage(np.array([own_lines]), np.array([oldest]), *truths, meant, SETTINGS)[0])


def test_a_stranger_is_suspicious_until_it_has_heard_of_us():
    assert deserved(0, -1, 0.9) == SUSPICION
    assert deserved(0, -1, 0.9, aware=True) == EXPECTATION


def test_a_single_new_line_is_a_first_purchase_however_satisfied():
    assert deserved(1, SETTINGS.repeat_months - 1, 1.0) == FIRST_PURCHASE


@pytest.mark.parametrize(("own_lines", "oldest"), [(1, SETTINGS.repeat_months), (2, 0)])
def test_a_year_or_a_second_line_makes_a_repeat_purchase_and_high_satisfaction_an_advocate(own_lines, oldest):
    assert deserved(own_lines, oldest, SETTINGS.threshold + 0.01) == REPEAT_PURCHASE
    assert deserved(own_lines, oldest, SETTINGS.full) == ADVOCACY


def test_up_to_the_threshold_satisfaction_makes_no_intention_and_no_repeat_purchase():
    assert intention(np.array([SETTINGS.threshold]), SETTINGS)[0] == 0
    assert deserved(4, 60, SETTINGS.threshold) == FIRST_PURCHASE


def test_loyalty_to_a_low_price_is_no_loyalty():
    assert deserved(4, 60, 1.0, discounted=True) == FIRST_PURCHASE


@given(st.integers(0, 4), st.integers(0, 4))
def test_stages_are_climbed_one_by_one_and_lost_at_once(stage, goal):
    after = int(next_stage(np.array([stage], dtype=np.int8), np.array([goal], dtype=np.int8))[0])
    assert after == min(stage + 1, goal)


@given(st.floats(0, 1), st.floats(0, 1))
def test_behaviour_grows_with_satisfaction_and_stays_between_nought_and_one(one, other):
    low, high = sorted((one, other))
    stage = np.array([ADVOCACY, ADVOCACY], dtype=np.int8)
    acted = loyal_behaviour(stage, intention(np.array([low, high]), SETTINGS), SETTINGS)
    assert 0 <= acted[0] <= acted[1] <= 1


def test_only_from_repeat_purchase_on_does_intention_show():
    stage = np.arange(5, dtype=np.int8)
    acted = loyal_behaviour(stage, np.ones(5), SETTINGS)
    assert acted.tolist() == [0, 0, 0, SETTINGS.repeat_share, 1]


def test_a_full_intention_below_the_threshold_is_refused_with_a_remedy():
    with pytest.raises(InputError, match=r"full.*not above the threshold 0\.95"):
        tiny_scenario(loyalty={"threshold": 0.95})


def looks(scenario):
    city = draw_city(scenario)
    return simulate(scenario, city, nothing(city.customers.key.size), seed=3).looked[:, 0].sum()


CONTENT = {"experience": {"desire": 0.5}, "own": {"service": 1.0}, "city": {"customers": 2000}}


def test_loyal_customers_look_around_less_and_hear_rivals_less():
    indifferent = looks(tiny_scenario(**CONTENT, loyalty={"attention": 0, "shield": 0}))
    shielded = looks(tiny_scenario(**CONTENT, loyalty={"attention": 0, "shield": 1}))
    loyal = looks(tiny_scenario(**CONTENT, loyalty={"attention": 2, "shield": 1}))
    assert indifferent > 1.1 * shielded > 1.1 * loyal


def test_everybody_is_counted_in_one_stage_each_month():
    scenario = tiny_scenario()
    history = simulate(scenario, draw_city(scenario), nothing(60), seed=3)
    assert (history.stages.sum(axis=1) == 60).all()
    assert (history.steps.sum(axis=1) == 60).all()


def test_with_loyalty_off_stages_stay():
    off = tiny_scenario(mechanisms={"loyalty": False})
    city = draw_city(off)
    assert np.array_equal(run_market(off, city, nothing(60), seed=3).city.state.stage, city.state.stage)
