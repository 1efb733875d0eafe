"""Tastes: drawn from the prior, or weighted by what is seen."""

from __future__ import annotations

import numpy as np
import pytest

from sim.founding import behaviour, usual_rapport
from sim.rates import posted_tariff
from sim.tastes import draw_tastes, likelihood, long_run_shares, tastes_given_lines
from sim.testing import tiny_scenario

SCENARIO = tiny_scenario()
CUSTOMERS = np.arange(4000, dtype=np.uint64)
POSTED = posted_tariff(SCENARIO)
KNOWN = usual_rapport(SCENARIO, CUSTOMERS.size)


def test_tastes_have_the_means_asked_for():
    tastes = draw_tastes(3, CUSTOMERS, behaviour(SCENARIO))
    means = (7.3, 2.0, 0.5, 1.3)
    for taste, mean in zip(tastes, means, strict=True):
        assert abs(taste.mean() - mean) < 4 * taste.std() / np.sqrt(taste.size)
        assert (taste > 0).all()


def test_another_number_gives_other_tastes_for_the_same_customer():
    one, other = (draw_tastes(3, CUSTOMERS, behaviour(SCENARIO), number) for number in (0, 1))
    for a, b in zip(one, other, strict=True):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(a.size)


def test_long_run_shares_sum_to_one():
    law = long_run_shares(draw_tastes(3, CUSTOMERS, behaviour(SCENARIO)), KNOWN, POSTED, behaviour(SCENARIO))
    np.testing.assert_allclose(law.sum(axis=0), 1)
    assert law.shape == (3, 4, 4000)


def test_the_likelihoods_of_all_that_might_be_held_sum_to_one():
    law = long_run_shares(draw_tastes(3, CUSTOMERS[:5], behaviour(SCENARIO)), KNOWN[:, :5], POSTED, behaviour(SCENARIO))
    patterns = np.array(np.meshgrid(*[[False, True]] * 4)).reshape(4, -1)
    total = sum(likelihood(law, np.repeat(pattern[:, None], 5, axis=1)) for pattern in patterns.T)
    np.testing.assert_allclose(total, 1)


@pytest.mark.parametrize(("ours", "sign"), [(False, 1), (True, -1)])
def test_who_holds_the_cheap_rivals_is_thought_more_sensitive_to_price(ours, sign):
    held = np.full((4, CUSTOMERS.size), ours)
    given = tastes_given_lines(3, CUSTOMERS, held, KNOWN, POSTED, behaviour(SCENARIO), 16)
    prior = draw_tastes(3, CUSTOMERS, behaviour(SCENARIO))
    difference = given.price_sensitivity.mean() - prior.price_sensitivity.mean()
    error = np.hypot(given.price_sensitivity.std(), prior.price_sensitivity.std()) / np.sqrt(CUSTOMERS.size)
    assert sign * difference > 4 * error


def test_with_one_try_the_prior_is_kept():
    held = np.zeros((4, CUSTOMERS.size), dtype=bool)
    given = tastes_given_lines(3, CUSTOMERS, held, KNOWN, POSTED, behaviour(SCENARIO), 1)
    np.testing.assert_array_equal(
        given.price_sensitivity, draw_tastes(3, CUSTOMERS, behaviour(SCENARIO)).price_sensitivity
    )
