"""Experience to satisfaction: bounded, leaky, against expectation and desire."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.city import draw_city
from sim.experience import ExperienceSettings, next_satisfaction, performance
from sim.kernels.behaviour import satisfied
from sim.market import run_market
from sim.programme import nothing
from sim.rates import rates
from sim.testing import tiny_scenario

unhurried = settings(deadline=None)
share = st.floats(0, 1)
RATES = rates(tiny_scenario())


@unhurried
@given(share, share, st.floats(-5, 5))
def test_satisfaction_stays_between_0_and_1(satisfaction, expectation, seen):
    now = next_satisfaction(np.array(satisfaction), np.array(expectation), np.array(seen), ExperienceSettings())
    assert 0 <= now <= 1


@unhurried
@given(share, share, share)
def test_the_compiled_satisfaction_is_the_documented_one(satisfaction, expectation, seen):
    wanted = next_satisfaction(np.array(satisfaction), np.array(expectation), np.array(seen), ExperienceSettings())
    found = satisfied(satisfaction, expectation, seen, RATES.desire, np.float32(0), RATES)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@unhurried
@given(share, share, share, st.floats(0, 0.5))
def test_a_better_month_never_satisfies_less(satisfaction, expectation, seen, better):
    settings = ExperienceSettings()
    usual = next_satisfaction(np.array(satisfaction), np.array(expectation), np.array(seen), settings)
    assert next_satisfaction(np.array(satisfaction), np.array(expectation), np.array(seen + better), settings) >= usual


@unhurried
@given(share, share, share)
def test_who_expects_more_is_satisfied_less(satisfaction, expectation, seen):
    settings = ExperienceSettings()
    spoilt = next_satisfaction(np.array(satisfaction), np.array(1.0), np.array(seen), settings)
    assert spoilt <= next_satisfaction(np.array(satisfaction), np.array(expectation), np.array(seen), settings)


def test_steady_performance_is_what_satisfaction_settles_at():
    settings, now = ExperienceSettings(), np.array(0.2)
    seen = performance(np.array(0.8), np.array(0.6), settings)
    for _ in range(200):
        now = next_satisfaction(now, seen, seen, settings)
    np.testing.assert_allclose(now, seen + settings.desire_weight * (seen - settings.desire))


def test_performance_mixes_quality_and_service_by_the_share_given():
    settings = ExperienceSettings(service_share=0.25)
    np.testing.assert_allclose(performance(np.array(0.8), np.array(0.4), settings), 0.7)


@unhurried
@given(share, share, share)
def test_who_is_informed_moves_towards_how_truthful_it_found_us(satisfaction, expectation, seen):
    settings = ExperienceSettings(memory=0.0, information_weight=1.0, candour=0.4)
    told = next_satisfaction(
        np.array(satisfaction), np.array(expectation), np.array(seen), settings, informed=np.array(True)
    )
    assert told == pytest.approx(0.4)


def test_who_desires_more_is_less_satisfied():
    scenario = tiny_scenario(city={"customers": 400}, experience={"desire_spread": 0.2})
    city = draw_city(scenario)
    after = run_market(scenario, city, nothing(400), seed=1).city.state.satisfaction[0]
    ours, desire = (city.state.carrier == 0).all(axis=0), city.customers.desire
    assert np.corrcoef(desire[ours], after[ours])[0, 1] < -0.3
    assert desire.std() == pytest.approx(0.15, abs=0.06)
