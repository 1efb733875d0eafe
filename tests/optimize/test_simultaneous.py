"""Simultaneous intervals: known critical values, and coverage where nothing differs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optimize.simultaneous import critical_value, simultaneous


def correlated(rng: np.random.Generator, futures: int, comparisons: int, alike: float) -> np.ndarray:
    """Return normal null differences of mean nought that share a part, as leads over several rules do."""
    shared = rng.standard_normal((futures, 1))
    return np.sqrt(alike) * shared + np.sqrt(1 - alike) * rng.standard_normal((futures, comparisons))


def test_one_comparison_has_students_interval():
    gained = np.random.default_rng(1).standard_normal((40, 1))
    assert critical_value(gained) == pytest.approx(stats.t.ppf(0.975, 39), abs=0.06)


def test_the_same_comparison_twice_costs_nothing():
    gained = np.random.default_rng(2).standard_normal((40, 1))
    assert critical_value(np.repeat(gained, 12, axis=1)) == pytest.approx(critical_value(gained))


def test_independent_comparisons_cost_no_more_than_bonferroni():
    gained = np.random.default_rng(3).standard_normal((100, 30))
    critical, bonferroni = critical_value(gained), stats.t.ppf(1 - 0.025 / 30, 99)
    assert stats.t.ppf(0.975, 99) + 0.5 < critical < bonferroni + 0.06


def test_policies_that_never_differ_have_an_interval_without_width():
    gained = np.random.default_rng(4).standard_normal((30, 2)) * [1.0, 0.0]
    family = simultaneous(gained)
    assert family.low[1] == family.high[1] == 0.0
    assert np.isfinite(family.critical)


def test_a_single_future_shows_nothing():
    family = simultaneous(np.ones((1, 3)))
    assert np.isneginf(family.low).all()
    assert np.isposinf(family.high).all()


def test_intervals_depend_on_no_generator_but_the_keyed_one():
    gained = np.random.default_rng(5).standard_normal((30, 4))
    np.random.default_rng(6).standard_normal(10)
    assert simultaneous(gained).critical == simultaneous(gained).critical


@pytest.mark.parametrize(("futures", "comparisons", "alike"), [(40, 36, 0.7), (20, 9, 0.2), (20, 36, 0.9)])
def test_all_intervals_cover_nought_in_about_19_of_20_cases_without_differences(futures, comparisons, alike):
    rng, cases = np.random.default_rng(futures + comparisons), 300
    covered = 0
    for _ in range(cases):
        family = simultaneous(correlated(rng, futures, comparisons, alike), tried=1000)
        covered += bool(((family.low <= 0) & (family.high >= 0)).all())
    error = np.sqrt(0.05 * 0.95 / cases)
    assert abs(covered / cases - 0.95) < 3.5 * error


def test_intervals_one_by_one_would_not_cover_together():
    rng, cases = np.random.default_rng(7), 200
    covered = 0
    for _ in range(cases):
        gained = correlated(rng, 50, 18, 0.3)
        error = gained.std(axis=0, ddof=1) / np.sqrt(50)
        covered += bool((np.abs(gained.mean(axis=0)) <= stats.t.ppf(0.975, 49) * error).all())
    assert covered / cases < 0.8
