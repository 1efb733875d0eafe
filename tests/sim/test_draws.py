"""Keyed randomness: what a draw depends on, and that it is uniform."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim import draws

CUSTOMERS = np.arange(20_000, dtype=np.uint64)
KEY = draws.stream(11, "test")


def correlation_in_standard_errors(a, b):
    return abs(np.corrcoef(a, b)[0, 1]) * np.sqrt(a.size)


def test_a_draw_does_not_depend_on_the_order_of_customers():
    order = np.random.default_rng(1).permutation(CUSTOMERS.size)
    assert np.array_equal(draws.uniform(KEY, CUSTOMERS)[order], draws.uniform(KEY, CUSTOMERS[order]))


def test_a_draw_does_not_depend_on_who_else_draws():
    assert np.array_equal(draws.uniform(KEY, CUSTOMERS)[100:110], draws.uniform(KEY, CUSTOMERS[100:110]))


def test_a_draw_that_nobody_uses_changes_nothing():
    before = draws.uniform(KEY, CUSTOMERS)
    draws.uniform(draws.stream(11, "another purpose"), CUSTOMERS)
    draws.uniform(KEY, CUSTOMERS, 1)
    assert np.array_equal(draws.uniform(KEY, CUSTOMERS), before)


@pytest.mark.parametrize(
    ("other", "number"),
    [
        (draws.stream(12, "test"), 0),
        (draws.stream(11, "test", 1), 0),
        (draws.stream(11, "tests"), 0),
        (KEY, 1),
        (KEY, 7),
    ],
    ids=["seed", "month", "stream", "number", "later number"],
)
def test_draws_for_different_things_are_uncorrelated(other, number):
    first, second = draws.uniform(KEY, CUSTOMERS), draws.uniform(other, CUSTOMERS, number)
    assert correlation_in_standard_errors(first, second) < 4


def test_neighbouring_customers_draw_independently():
    drawn = draws.uniform(KEY, CUSTOMERS)
    assert correlation_in_standard_errors(drawn[:-1], drawn[1:]) < 4


def test_the_months_of_one_customer_are_independent():
    one = np.array([5], dtype=np.uint64)
    drawn = np.array([draws.uniform(draws.stream(11, "test", month), one)[0] for month in range(2000)])
    assert correlation_in_standard_errors(drawn[:-1], drawn[1:]) < 4
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3


def test_draws_are_uniform_between_0_and_1():
    drawn = draws.uniform(KEY, CUSTOMERS)
    assert ((drawn > 0) & (drawn < 1)).all()
    assert abs(drawn.mean() - 0.5) < 4 * np.sqrt(1 / 12 / drawn.size)
    assert abs(drawn.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / drawn.size)
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3


def test_keys_of_names_are_as_good_as_numbers():
    named = np.array([draws.identity(f"customer {n}") for n in range(5000)], dtype=np.uint64)
    assert np.unique(named).size == named.size
    assert stats.kstest(draws.uniform(KEY, named), "uniform").pvalue > 1e-3


def test_normal_draws_are_standard_normal():
    assert stats.kstest(draws.normal(KEY, CUSTOMERS), "norm").pvalue > 1e-3


@pytest.mark.parametrize("shape", [0.4, 2.0, 9.0])
def test_gamma_draws_follow_the_gamma_law(shape):
    assert stats.kstest(draws.gamma(KEY, CUSTOMERS, shape), stats.gamma(shape).cdf).pvalue > 1e-3


def test_dirichlet_shares_sum_to_one_around_their_means():
    weights = (4.0, 5.0, 4.0, 3.0)
    shares = draws.dirichlet(KEY, CUSTOMERS, weights)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    errors = shares.std(axis=1) / np.sqrt(CUSTOMERS.size)
    assert (np.abs(shares.mean(axis=1) - np.array(weights) / 16) < 4 * errors).all()


def test_categories_come_as_often_as_their_weights_say():
    counts = np.bincount(draws.category(KEY, CUSTOMERS, (1.0, 0.0, 3.0)), minlength=3)
    assert counts[1] == 0
    assert abs(counts[0] / CUSTOMERS.size - 0.25) < 4 * np.sqrt(0.25 * 0.75 / CUSTOMERS.size)


def test_each_customer_may_have_category_weights_of_its_own():
    sure = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 5.0]])
    assert draws.category(KEY, CUSTOMERS[:3], sure).tolist() == [0, 1, 2]
