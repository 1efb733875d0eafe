"""What knowing more is worth: closed forms, draws, and what can't be otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from optimize.knowing import Lines, envelope, lines_of, moved_by, worth_of_knowing

SOME = st.lists(st.tuples(st.floats(-10, 10), st.floats(-5, 5)), min_size=1, max_size=8)


def lines(*pairs: tuple[float, float]) -> Lines:
    return Lines(*(np.array(part) for part in zip(*pairs, strict=True)))


def test_two_treatments_and_a_normal_sample_are_worth_the_textbooks_loss() -> None:
    """Expected value of sample information, Raiffa & Schlaifer 1961, 5.5: prior N(2, 3^2), 16 observations of sd 20."""
    mean, doubt, luck, size = 2.0, 3.0, 20.0, 16
    moved = doubt**2 / np.sqrt(doubt**2 + luck**2 / size)
    distance = abs(mean) / moved
    textbook = moved * (stats.norm.pdf(distance) - distance * stats.norm.sf(distance))
    found = worth_of_knowing(lines((0.0, 0.0), (mean, 1.0)), moved_by(doubt, np.array(luck / np.sqrt(size))))
    assert float(found) == pytest.approx(textbook, rel=1e-12)


@given(SOME, st.floats(0.01, 5))
def test_it_is_what_draws_say(pairs: list[tuple[float, float]], spread: float) -> None:
    """On 20,001 quantiles of the normal law, which leave out next to nothing of the tails."""
    given_lines = lines(*pairs)
    x = spread * stats.norm.ppf((np.arange(20_001) + 0.5) / 20_001)
    best = (given_lines.at_mean[:, None] + np.outer(given_lines.slope, x)).max(axis=0)
    expected = best.mean() - given_lines.at_mean.max()
    assert float(worth_of_knowing(given_lines, spread)) == pytest.approx(expected, abs=2e-3 * (1 + spread))


@given(SOME)
def test_no_doubt_is_worth_nothing_and_more_movement_never_less(pairs: list[tuple[float, float]]) -> None:
    worth = worth_of_knowing(lines(*pairs), np.linspace(0, 4, 30))
    assert worth[0] == 0
    assert (np.diff(worth) >= -1e-12).all()


@given(SOME, st.floats(0, 5))
def test_a_larger_trial_is_never_worth_less_nor_more_than_certainty(pairs: list[tuple[float, float]], doubt) -> None:
    sizes = np.array([1, 2, 5, 10, 100, 10**4, 10**9])
    worth = worth_of_knowing(lines(*pairs), moved_by(doubt, 3 / np.sqrt(sizes)))
    assert (np.diff(worth) >= -1e-12).all()
    assert (worth <= worth_of_knowing(lines(*pairs), doubt) + 1e-12).all()


@given(SOME)
def test_the_envelope_is_above_every_line_and_made_of_lines(pairs: list[tuple[float, float]]) -> None:
    all_of, x = lines(*pairs), np.linspace(-30, 30, 201)
    kept, corners = envelope(all_of)
    best = (all_of.at_mean[:, None] + np.outer(all_of.slope, x)).max(axis=0)
    made = (kept.at_mean[:, None] + np.outer(kept.slope, x)).max(axis=0)
    np.testing.assert_allclose(made, best, atol=1e-9)
    assert (np.diff(kept.slope) > 0).all()
    assert (np.diff(corners) >= 0).all()


def test_all_plans_that_are_ever_best_are_found() -> None:
    slopes = np.linspace(-3, 3, 13)
    heights = -(slopes**2)

    def solve(x: float) -> tuple[float, float]:
        best = (heights + slopes * x).argmax()
        return float(heights[best]), float(slopes[best])

    found, _ = envelope(lines_of(solve, doubt=2.0, most=100))
    np.testing.assert_allclose(found.slope, slopes)


def test_fewer_plans_make_knowing_worth_less_never_more() -> None:
    def solve(x: float) -> tuple[float, float]:
        """The tangent at x of x squared, whose worth is the variance."""
        return -(x**2), 2 * x

    worth = [float(worth_of_knowing(lines_of(solve, 1.0, most), 1.0)) for most in (3, 9, 30, 100)]
    assert worth == sorted(worth)
    assert worth[-1] == pytest.approx(1.0, rel=0.01)


def test_without_doubt_one_plan_is_enough() -> None:
    asked: list[float] = []

    def solve(x: float) -> tuple[float, float]:
        asked.append(x)
        return 1.0, 1.0

    assert float(worth_of_knowing(lines_of(solve, 0.0, 10), 0.0)) == 0
    assert asked == [0.0]
