"""Attitudes to risk: weights on outlooks that go from the mean to the worst case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optimize.outlook import Outlook, RiskSettings
from optimize.risk import caps, darkest, guarded

WORTH = arrays(float, 4, elements=st.floats(-1e6, 1e6))
ODDS = {"war": 0.2, "entry": 0.1, "recession": 0.3}


def risk(measure, level=0.7):
    outlooks = {name: Outlook(probability=p) for name, p in ODDS.items()}
    return RiskSettings(measure=measure, level=level, outlooks=outlooks)


def close(a, b):
    return abs(a - b) <= 1e-6 + 1e-9 * max(abs(a), abs(b))


@given(WORTH)
def test_at_level_nought_the_mean_of_the_worst_is_the_mean(worth):
    mean = np.array([0.4, 0.2, 0.1, 0.3]) @ worth
    assert close(guarded(worth, caps(risk("cvar", 0.0))), mean)
    assert close(guarded(worth, caps(risk("mean"))), mean)


@given(WORTH)
def test_towards_level_one_the_mean_of_the_worst_is_the_worst(worth):
    assert close(guarded(worth, caps(risk("cvar", 1.0))), worth.min())
    assert close(guarded(worth, caps(risk("cvar", 0.95))), worth.min())  # no outlook has less than a twentieth
    assert close(guarded(worth, caps(risk("worst_case"))), worth.min())


@given(WORTH, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_level_looks_at_darker_outlooks(worth, one, other):
    low, high = sorted((one, other))
    assert guarded(worth, caps(risk("cvar", high))) <= guarded(worth, caps(risk("cvar", low))) + 1e-6


@given(WORTH, st.floats(0, 0.99))
def test_guarded_worth_is_what_rockafellar_and_uryasev_maximise(worth, level):
    probability = np.array([0.4, 0.2, 0.1, 0.3])
    best = max(eta - probability @ np.maximum(eta - worth, 0) / (1 - level) for eta in worth)
    assert abs(guarded(worth, caps(risk("cvar", level))) - best) < 1e-4


@given(WORTH, WORTH, st.floats(0, 1))
def test_a_mixture_is_guarded_at_least_as_well_as_its_parts_are_in_the_mean(one, other, share):
    cap = caps(risk("cvar", 0.5))
    mixed = guarded(share * one + (1 - share) * other, cap)
    assert mixed >= share * guarded(one, cap) + (1 - share) * guarded(other, cap) - 1e-6


@pytest.mark.parametrize("measure", ["mean", "cvar", "worst_case", "max_regret"])
def test_the_darkest_weights_are_a_distribution_within_the_caps(measure):
    cap = caps(risk(measure))
    weight = darkest(np.array([3.0, -1.0, 2.0, 0.5]), cap)
    assert weight.sum() == pytest.approx(1)
    assert (weight >= 0).all()
    assert (weight <= cap + 1e-12).all()
