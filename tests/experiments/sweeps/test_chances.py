"""How often each policy is best in resamples: shares with known values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.sweeps.chances import chances

ALIKE = np.array([1.0])


def luck(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_a_policy_that_is_better_in_every_future_is_best_in_every_resample() -> None:
    values = luck(1, 1, 1, 20, 1) + np.array([1.0, 0.0, -1.0])
    assert chances(values, ALIKE, sampled=False).in_mean.tolist() == [1, 0, 0]


def test_policies_that_never_differ_share_being_best() -> None:
    values = np.repeat(luck(2, 2, 3, 20, 1), 2, axis=3)
    often = chances(values, np.ones(2), sampled=False)
    assert often.in_scenario == pytest.approx(np.full((2, 2), 0.5))
    assert often.in_all == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("lead", [0.0, 0.15, 0.3])
def test_of_two_policies_the_share_is_that_of_the_means_normal_law(lead: float) -> None:
    gained = luck(3, 60)
    gained += lead - gained.mean()
    values = np.stack([gained, np.zeros(60)], axis=1)[None, None]
    known = stats.norm.cdf(lead / (gained.std() / np.sqrt(60)))
    assert chances(values, ALIKE, sampled=False).in_mean[0] == pytest.approx(known, abs=0.04)


def test_being_best_everywhere_is_rarer_than_being_best_anywhere() -> None:
    values = luck(4, 3, 1, 30, 3)
    often = chances(values, np.ones(3), sampled=False)
    assert (often.in_all <= often.in_scenario.min(axis=0)).all()
    assert often.in_all.sum() < 1


def test_scenarios_with_the_same_luck_are_won_together() -> None:
    values = np.repeat(luck(5, 1, 1, 30, 2), 2, axis=0)
    often = chances(values, np.ones(2), sampled=False)
    assert often.in_all == pytest.approx(often.in_scenario[0])


def test_a_scenario_without_weight_has_no_say_in_the_mean() -> None:
    values = luck(6, 2, 1, 30, 2)
    often = chances(values, np.array([1.0, 0.0]), sampled=False)
    assert often.in_mean == pytest.approx(often.in_scenario[0])


def test_shares_add_up_to_one() -> None:
    values = luck(7, 2, 4, 10, 5)
    values[:, 1, 3] = np.nan
    often = chances(values, np.ones(2), sampled=True)
    assert often.in_scenario.sum(axis=1) == pytest.approx([1, 1])
    assert often.in_mean.sum() == pytest.approx(1)


def test_settings_that_were_drawn_make_a_sample_less_sure_than_luck_alone() -> None:
    values = 0.1 * luck(8, 1, 12, 20, 2) + luck(9, 1, 12, 1, 2)
    fixed, drawn = (chances(values, ALIKE, sampled=sampled).in_mean.max() for sampled in (False, True))
    assert fixed == 1
    assert 0.5 < drawn < 0.999


def test_a_future_that_a_point_lacks_takes_no_part_there() -> None:
    values = luck(10, 1, 1, 20, 2)
    more = np.concatenate([values, np.full((1, 1, 20, 2), np.nan)], axis=1)
    assert chances(more, ALIKE, sampled=False).in_mean == pytest.approx(chances(values, ALIKE, sampled=False).in_mean)


@pytest.mark.parametrize(("shape", "sampled"), [((1, 5, 1, 2), False), ((1, 1, 9, 2), True)])
def test_one_future_or_a_sample_of_one_point_has_no_shares(shape: tuple[int, ...], sampled: bool) -> None:
    assert np.isnan(chances(luck(11, *shape), ALIKE, sampled=sampled).in_scenario).all()
