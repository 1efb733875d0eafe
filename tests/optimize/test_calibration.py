"""Calibration: what rank correlations and tenths tell, on tables whose answers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from optimize.calibration import calibration, rank_correlations, ranked, ranks_table


def table(predicted, realised, error=0.0, spend=1.0):
    size = len(predicted)
    return pd.DataFrame(
        {
            "class": ["A", "B"] * (size // 2),
            "spend": np.broadcast_to(spend, size).astype(float),
            "lines": np.arange(size) % 4 + 1,
            "family": ["visit"] * size,
            "planned": np.arange(size) % 2 == 0,
            "predicted": predicted,
            "realised": realised,
            "error": np.broadcast_to(error, size).astype(float),
        }
    )


def test_a_prediction_in_the_right_order_has_correlation_one_whatever_its_scale():
    guess = np.arange(20.0)
    assert ranks_table(table(guess, guess**3), 1)["yuan"][0] == pytest.approx(1.0)


def test_ties_share_their_ranks_as_scipy_has_it():
    rng = np.random.default_rng(4)
    one, others = rng.integers(0, 4, 30).astype(float), rng.integers(0, 4, (3, 30)).astype(float)
    known = [stats.spearmanr(one, other).statistic for other in others]
    np.testing.assert_allclose(rank_correlations(one, others), known)


def test_a_prediction_in_the_wrong_order_is_found_out():
    guess = np.arange(20.0)
    assert ranks_table(table(guess, -guess), 1)["yuan"][0] == pytest.approx(-1.0)


def test_yuan_may_be_ordered_well_where_yuan_per_yuan_of_spend_is_not():
    spend = np.exp(np.arange(40.0) / 3)
    ratio = np.where(np.arange(40) % 2, 1.0, 1.1)
    rows = ranks_table(table(spend * ratio, spend * (2.1 - ratio), spend=spend), 1)
    assert rows["yuan"][0] > 0.99
    assert rows["per_spend"][0] < -0.9


def test_noise_allows_a_perfect_prediction_the_correlation_that_it_leaves():
    guess = np.random.default_rng(5).normal(size=3000)
    found = ranked(guess, guess, np.ones(3000), 1)
    assert found.correlation == pytest.approx(1.0)
    assert found.allowed == pytest.approx(6 / np.pi * np.arcsin(np.sqrt(0.5) / 2), abs=0.01)


def test_tenths_hold_all_accounts_once_and_keep_the_total():
    rng = np.random.default_rng(6)
    guess, real = rng.normal(size=104), rng.normal(size=104)
    rows = calibration(table(guess, real, 0.5))
    yuan = rows[rows["unit"] == "yuan"]
    assert yuan["accounts"].sum() == 104
    assert (yuan["realised"] * yuan["accounts"]).sum() == pytest.approx(real.sum())
    assert yuan["predicted"].is_monotonic_increasing
    np.testing.assert_allclose(yuan["error"], 0.5 / np.sqrt(yuan["accounts"]))


def test_the_parts_of_each_way_of_grouping_hold_all_accounts():
    rows = ranks_table(table(np.arange(16.0), np.arange(16.0)), 1)
    assert set(rows.groupby("by")["accounts"].sum()) == {16}


def test_too_few_accounts_have_no_rank_correlation():
    assert np.isnan(ranked(np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.zeros(2), 1).correlation)


def test_what_is_off_is_predicted_over_realised():
    rows = ranks_table(table(np.full(8, 1.1), np.full(8, 1.0), 0.1), 1)
    assert rows["off"][0] == pytest.approx(0.1)
    assert rows["error"][0] == pytest.approx(0.1 * np.sqrt(8))
