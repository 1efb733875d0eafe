"""Means over points crossed with replications: known errors, and coverage where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.sweeps.crossed import beside, crossed, family, weighted
from optimize.simultaneous import simultaneous
from optimize.worth import paired_difference


def drawn(seed: int, points: int, replications: int, columns: int, *spreads: float) -> np.ndarray:
    """Return values whose parts by point, by replication and by run have some spreads."""
    rng = np.random.default_rng(seed)
    shapes = ((points, 1, columns), (1, replications, columns), (points, replications, columns))
    parts = (spread * rng.standard_normal(shape) for spread, shape in zip(spreads, shapes, strict=True))
    return sum(parts, np.zeros(shapes[2]))


def test_with_one_point_the_intervals_are_those_of_paired_futures() -> None:
    values = drawn(1, 1, 30, 4, 0, 1, 1)
    ours, known = family(crossed(values), sampled=False), simultaneous(values[0])
    assert ours.error == pytest.approx(known.error)
    assert ours.critical == pytest.approx(known.critical)


def test_over_fixed_points_the_unit_is_the_future_averaged_over_them() -> None:
    values = drawn(2, 7, 25, 1, 3, 1, 1)
    known = paired_difference(values.mean(axis=0)[:, 0], np.zeros(25))
    ours = family(crossed(values), sampled=False)
    assert (ours.mean[0], ours.error[0]) == pytest.approx((known.mean, known.error))


def test_points_that_all_say_the_same_add_nothing_to_the_error_of_a_sample() -> None:
    values = np.repeat(drawn(3, 1, 25, 1, 0, 1, 1), 8, axis=0)
    ours = crossed(values)
    assert family(ours, sampled=True).error == pytest.approx(family(ours, sampled=False).error)


def test_the_three_parts_of_a_variance_are_those_of_the_analysis_of_variance() -> None:
    values = drawn(4, 6, 5, 1, 2, 1, 1)[..., 0]
    total, points, replications = values.mean(), values.mean(axis=1), values.mean(axis=0)
    rest = values - points[:, None] - replications + total
    error = (points.var(ddof=1) / 6 + replications.var(ddof=1) / 5) - (rest**2).sum() / (5 * 4) / 30
    assert family(crossed(values[..., None]), sampled=True).error[0] == pytest.approx(np.sqrt(error))


def test_a_weighted_mean_of_scenarios_has_the_error_of_the_weighted_values() -> None:
    one, other = drawn(5, 3, 20, 2, 1, 1, 1), drawn(6, 3, 20, 2, 1, 1, 1)
    mixed = weighted([crossed(one), crossed(other)], np.array([1.0, 3.0]))
    straight = family(crossed(0.25 * one + 0.75 * other), sampled=True)
    assert family(mixed, sampled=True).error == pytest.approx(straight.error)
    assert mixed.mean == pytest.approx(straight.mean)


@settings(max_examples=40)
@given(st.integers(1, 5), st.integers(2, 6), st.integers(0, 99))
def test_a_difference_of_columns_is_the_column_of_differences(points: int, replications: int, seed: int) -> None:
    values = drawn(seed, points, replications, 3, 1, 1, 1)
    ours = family(crossed(values).contrasts(np.array([[1.0], [0.0], [-1.0]])), sampled=points > 1, tried=50)
    straight = family(crossed(values[..., :1] - values[..., 2:]), sampled=points > 1, tried=50)
    assert ours.mean == pytest.approx(straight.mean)
    assert ours.error == pytest.approx(straight.error)


def test_a_point_counts_as_much_as_another_whatever_it_lost() -> None:
    values = np.array([[1.0, 3.0, np.nan, np.nan], [10.0, 10.0, 10.0, 10.0]])[..., None]
    assert crossed(values).mean == pytest.approx([6.0])


def test_a_point_without_any_future_counts_for_nothing() -> None:
    values = drawn(7, 4, 10, 2, 1, 1, 1)
    more = np.concatenate([values, np.full((1, 10, 2), np.nan)])
    ours, straight = family(crossed(more), sampled=True), family(crossed(values), sampled=True)
    assert ours.mean == pytest.approx(straight.mean)
    assert ours.error == pytest.approx(straight.error)


@pytest.mark.parametrize(("shape", "sampled"), [((5, 1, 2), False), ((5, 1, 2), True), ((1, 9, 2), True)])
def test_one_future_or_a_sample_of_one_point_tells_nothing(shape: tuple[int, ...], sampled: bool) -> None:
    ours = family(crossed(np.random.default_rng(8).standard_normal(shape)), sampled=sampled)
    assert np.isneginf(ours.low).all()
    assert np.isposinf(ours.high).all()


@pytest.mark.parametrize(
    ("points", "replications", "spreads", "sampled", "lost"),
    [
        (12, 10, (1, 1, 1), False, 0.0),
        (12, 10, (1, 1, 1), True, 0.0),
        (40, 5, (1, 1, 1), True, 0.0),
        (20, 10, (0, 0, 1), True, 0.1),
    ],
)
def test_all_intervals_cover_together_in_about_19_of_20_cases(
    points: int, replications: int, spreads: tuple[float, ...], sampled: bool, lost: float
) -> None:
    cases, covered = 160, 0
    less = np.concatenate([np.ones((1, 3)), -np.eye(3)])
    for case in range(cases):
        rng = np.random.default_rng([29, case])
        at_points = spreads[0] * rng.standard_normal((points, 1, 4))
        values = at_points + drawn(1000 + case, points, replications, 4, 0, *spreads[1:])
        truth = (np.zeros(4) if sampled else at_points.mean(axis=(0, 1))) @ less
        values[rng.random((points, replications)) < lost] = np.nan
        ours = family(crossed(values).contrasts(less), sampled=sampled, tried=500)
        covered += bool(((ours.low <= truth) & (truth <= ours.high)).all())
    assert abs(covered / cases - 0.95) < 3.5 * np.sqrt(0.05 * 0.95 / cases)


def test_scenarios_beside_each_other_keep_their_columns() -> None:
    parts = [crossed(drawn(seed, 3, 8, 2, 1, 1, 1)) for seed in (1, 2)]
    both = beside(parts)
    assert both.mean == pytest.approx(np.concatenate([part.mean for part in parts]))
    assert both.runs.shape == (3, 8, 4)
