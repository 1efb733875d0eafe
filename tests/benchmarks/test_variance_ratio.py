"""Variances of differences, and what replications they cost: against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from variance_ratio import best_coupled, ratio, replications_needed, resampled, share_of_most, variances

YUAN = st.floats(-1e6, 1e6, allow_subnormal=False)


def bivariate(correlation: float, replications: int, seed: int):
    """Return two columns of unit variance with this correlation."""
    law = [[1.0, correlation], [correlation, 1.0]]
    return np.random.default_rng(seed).multivariate_normal([3.0, 1.0], law, size=replications)


def test_shared_luck_of_correlation_rho_saves_one_over_one_minus_rho():
    keyed, stream = bivariate(0.8, 4000, 1), bivariate(0.0, 4000, 2)
    found, samples = variances(keyed, stream), resampled(keyed, stream, samples=500)
    for way in ("independent", "one_stream"):
        saved = ratio(float(getattr(found, way)[0] / found.keyed[0]), (getattr(samples, way) / samples.keyed)[:, 0])
        assert saved.low < 1 / (1 - 0.8) < saved.high
        assert saved.high - saved.low < 1.5


def test_one_stream_is_judged_by_what_its_policies_have_in_common_not_by_how_much_they_vary():
    keyed, stream = bivariate(0.8, 4000, 1), bivariate(0.5, 4000, 2)
    found, wilder = variances(keyed, stream), variances(keyed, 3.0 * stream)
    assert found.one_stream[0] / found.keyed[0] == pytest.approx((1 - 0.5) / (1 - 0.8), rel=0.1)
    assert wilder.one_stream[0] == pytest.approx(found.one_stream[0])


def test_independent_seeds_vary_as_all_pairs_of_different_futures_do():
    keyed = bivariate(0.6, 40, 3)
    apart = keyed[:, None, 0] - keyed[None, :, 1]
    other = ~np.eye(40, dtype=bool)
    mean = keyed[:, 0].mean() - keyed[:, 1].mean()
    within = ((apart - mean)[other] ** 2).mean()
    covariance = np.cov(keyed.T, ddof=0)[0, 1] * 2 / 39  # pairs leave each future's own partner out
    assert variances(keyed, keyed).independent[0] * 39 / 40 == pytest.approx(within - covariance)


def test_a_bootstrap_sample_has_the_variance_of_its_replications():
    keyed, stream = bivariate(0.5, 12, 4), bivariate(0.5, 9, 5)
    times = np.random.default_rng(0).multinomial(12, np.full(12, 1 / 12))  # what the first sample draws first
    taken = np.repeat(keyed, times, axis=0)
    first = resampled(keyed, stream, samples=1)
    assert first.keyed[0, 0] == pytest.approx((taken[:, 0] - taken[:, 1]).var(ddof=1))
    assert first.independent[0, 0] == pytest.approx(taken.var(axis=0, ddof=1).sum())


def test_with_the_replications_needed_the_interval_is_a_tenth_of_the_difference():
    number = replications_needed(variance=7.0, mean=2.0)
    assert 1.96 * np.sqrt(7.0 / number) == pytest.approx(0.2)


@given(arrays(float, (2, 6, 3), elements=YUAN))
def test_no_sharing_of_luck_within_accounts_varies_less_than_the_best(values):
    ours, others = values
    shared = (ours - others).var(axis=0, ddof=1).sum()
    assert best_coupled(ours, others) <= shared * (1 + 1e-9) + 1e-3


def test_a_single_account_that_differs_makes_all_of_the_variance():
    ours, others = np.ones((5, 4)), np.ones((5, 4))
    others[2, 3] = 7.0
    assert share_of_most(ours, others, accounts=1) == 1.0
