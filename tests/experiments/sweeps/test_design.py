"""Designs fill the unit cube as they promise, and uncertainties turn shares into values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.sweeps.cells import cells_over
from experiments.sweeps.design import Grid, LatinHypercube, Middle, OneAtATime, SobolSequence
from experiments.sweeps.uncertainty import LogUniform, Normal, Triangular, Uniform, Values, ends, whole

NAMES = ("a", "b", "c")


@pytest.mark.parametrize(
    "design", [Middle(), Grid(levels=4), LatinHypercube(points=50), SobolSequence(points=50), OneAtATime(levels=3)]
)
@pytest.mark.parametrize("names", [(), ("a",), NAMES])
def test_every_design_has_points_in_the_unit_cube(design: Grid, names: tuple[str, ...]) -> None:
    points = design.unit(names)
    assert points.shape[1] == len(names)
    assert len(points) > 0
    assert ((points >= 0) & (points <= 1)).all()


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_latin_hypercube_has_one_point_in_each_slice(points: int, seed: int) -> None:
    found = LatinHypercube(points=points, seed=seed).unit(NAMES)
    for column in found.T:
        assert sorted((column * points).astype(int)) == list(range(points))


def test_names_decide_what_a_latin_hypercube_takes() -> None:
    design = LatinHypercube(points=20)
    np.testing.assert_array_equal(design.unit(NAMES)[:, 2], design.unit(("c",))[:, 0])
    assert (design.unit(NAMES)[:, 0] != design.unit(NAMES)[:, 1]).any()


def test_a_sobol_sequence_fills_more_evenly_than_chance() -> None:
    points = SobolSequence(points=256).unit(("a", "b"))
    counts, *_ = np.histogram2d(points[:, 0], points[:, 1], bins=16, range=[[0, 1], [0, 1]])
    assert (counts == 1).all()


def test_a_sobol_sequence_of_any_length_is_the_beginning_of_a_longer_one() -> None:
    np.testing.assert_array_equal(SobolSequence(points=20).unit(NAMES), SobolSequence(points=32).unit(NAMES)[:20])


@pytest.mark.parametrize(
    ("unknown", "law"),
    [
        (Uniform(low=1, high=3), stats.uniform(1, 2)),
        (LogUniform(low=1, high=100), stats.loguniform(1, 100)),
        (Triangular(low=0, mode=1, high=4), stats.triang(0.25, 0, 4)),
        (Normal(mean=2, sd=1, low=0, high=5), stats.truncnorm(-2, 3, 2, 1)),
    ],
    ids=lambda part: type(part).__name__,
)
def test_quantiles_are_those_of_the_law(unknown: Uniform, law: stats.rv_frozen) -> None:
    share = np.linspace(0, 1, 11)
    np.testing.assert_allclose(law.cdf(unknown.at(share)), share, atol=1e-12)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_values_stay_between_the_ends_and_grow_with_the_share(low: float, wide: float, shares: list[float]) -> None:
    unknown = Uniform(low=low, high=low + wide)
    found = unknown.at(np.sort(shares))
    first, last = ends(unknown)
    assert first <= found[0]
    assert found[-1] <= last
    assert found == sorted(found)


def test_values_come_as_often_as_their_weights_say() -> None:
    unknown = Values(of=("calm", "war", "entry"), weights=(2.0, 1.0, 1.0))
    found = unknown.at((np.arange(1000) + 0.5) / 1000)
    assert [found.count(word) for word in unknown.of] == [500, 250, 250]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda: Uniform(low=2, high=2), "low 2 is not below high 2"),
        (lambda: LogUniform(low=0, high=2), "low 0 is not above 0"),
        (lambda: Triangular(low=0, mode=3, high=2), "mode 3 is not from 0 to 2"),
        (lambda: Values(of=()), "no values"),
        (lambda: Values(of=(1, 2), weights=(1.0,)), "1 weights for 2 values"),
    ],
)
def test_a_law_that_cannot_be_is_refused(given: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        given()  # type: ignore[operator]


@given(st.floats(0, 1))
def test_whole_numbers_stay_within_the_ends(share: float) -> None:
    unknown = Uniform(low=1.2, high=4.7)
    assert whole(unknown.at(np.array([share]))[0], *ends(unknown)) in (2, 3, 4)


def test_a_point_that_comes_again_is_the_same_cell() -> None:
    cells = cells_over({"x": Values(of=(1, 2))}, LatinHypercube(points=8), "1")
    assert sorted(dict(cell.point)["x"] for cell in cells) == [1, 2]
    assert [cell.number for cell in cells] == [0, 1]
