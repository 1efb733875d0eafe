"""Attention, then choice: probabilities, and the law they lead to."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from sim.choice import attention_probability, choice_probabilities, stationary_law

unhurried = settings(deadline=None)
logits = st.floats(-30, 30)
costs = st.floats(0, 10)
several = arrays(float, st.tuples(st.integers(2, 5), st.integers(1, 4)), elements=logits)


@unhurried
@given(several, costs)
def test_probabilities_sum_to_one(value, cost):
    current = np.zeros(value.shape[1], dtype=int)
    chosen = choice_probabilities(value, current, np.full(value.shape[1], cost))
    assert (chosen >= 0).all()
    np.testing.assert_allclose(chosen.sum(axis=0), 1)


@unhurried
@given(several, costs, st.floats(-500, 500))
def test_what_all_carriers_share_changes_no_choice(value, cost, constant):
    current, paid = np.zeros(value.shape[1], dtype=int), np.full(value.shape[1], cost)
    np.testing.assert_allclose(
        choice_probabilities(value + constant, current, paid), choice_probabilities(value, current, paid), atol=1e-9
    )


@unhurried
@given(logits, logits, costs, st.integers(0, 1))
def test_two_carriers_make_a_binary_logit(ours, theirs, cost, current):
    chosen = choice_probabilities(np.array([[ours], [theirs]]), np.array([current]), np.array([cost]))
    bonus = cost if current == 0 else -cost
    np.testing.assert_allclose(chosen[0], expit(ours - theirs + bonus), atol=1e-12)


@unhurried
@given(several, costs)
def test_a_switching_cost_never_makes_the_present_carrier_less_likely(value, cost):
    current = np.zeros(value.shape[1], dtype=int)
    free = choice_probabilities(value, current, np.zeros(value.shape[1]))
    bound = choice_probabilities(value, current, np.full(value.shape[1], cost))
    assert (bound[0] >= free[0] - 1e-12).all()


def chain(value, attention, cost):
    """Return (1 - a) I + a P of one line, shape (carriers, carriers)."""
    carriers = np.arange(value.size)
    rows = [choice_probabilities(value[:, None], np.array([c]), np.array([cost]))[:, 0] for c in carriers]
    return np.diag(1 - attention) + attention[:, None] * np.array(rows)


@unhurried
@given(
    arrays(float, 3, elements=st.floats(-4, 4)),
    arrays(float, 3, elements=st.floats(0.01, 1)),
    st.floats(0, 4),
)
def test_the_stationary_law_is_where_the_chain_comes_to_rest(value, attention, cost):
    step = chain(value, attention, cost)
    law = stationary_law(value[:, None], attention[:, None], np.array([cost]))[:, 0]
    np.testing.assert_allclose(law @ step, law, atol=1e-12)
    np.testing.assert_allclose(np.linalg.matrix_power(step, 2**22)[0], law, atol=1e-7)


def test_equal_carriers_end_with_equal_shares():
    law = stationary_law(np.zeros((4, 1)), np.full((4, 1), 0.1), np.array([1.3]))
    np.testing.assert_allclose(law, 0.25)


def test_attention_rises_with_its_logit_from_nought_to_one():
    looks = attention_probability(np.array([-800.0, -1.0, 0.0, 1.0, 800.0]))
    assert (np.diff(looks) > 0).all()
    assert (looks[0], looks[2], looks[-1]) == (0.0, 0.5, 1.0)
