"""Replications handed out where they tell most: published shares, and what they buy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from experiments.sweeps.allocating import ocba, select_within
from sim.errors import InputError

MEANS = -np.arange(10.0)


def test_the_published_example_comes_out() -> None:
    """Chen & Lee (2010), Stochastic Simulation Optimization, appendix: 48, 38, 11, 2, 1 with its way of rounding."""
    means, variances = -np.array([1.2, 2.1, 3.4, 4.87, 6.05]), np.array([3.3, 2.0, 4.5, 5.3, 6.9])
    shares = ocba(means, variances, 100, already=np.array([12, 6, 5, 5, 4]))
    assert np.abs(shares - [48, 38, 11, 2, 1]).max() <= 1


def test_shares_of_the_others_are_as_their_variance_over_their_squared_gap() -> None:
    shares = ocba(np.array([0.0, -1.0, -2.0]), np.array([1.0, 4.0, 4.0]), 100_000)
    assert shares[1] / shares[2] == pytest.approx(4, rel=1e-3)
    assert shares[0] == pytest.approx(np.sqrt(shares[1] ** 2 / 4 + shares[2] ** 2 / 4), rel=1e-3)


def test_in_pairs_the_best_lives_what_its_closest_rival_does() -> None:
    shares = ocba(np.array([0.0, -1.0, -2.0]), np.array([0.0, 4.0, 4.0]), 900, paired=True)
    assert shares.tolist() == [400, 400, 100]


def test_who_has_lived_more_than_its_share_gets_nothing_and_gives_nothing_back() -> None:
    shares = ocba(np.array([0.0, -1.0, -9.0]), np.ones(3), 50, already=np.array([10, 10, 500]))
    assert shares[2] == 0
    assert shares.sum() == 50


def test_alternatives_without_luck_share_equally() -> None:
    assert ocba(np.array([1.0, 0.0]), np.zeros(2), 10).tolist() == [5, 5]


@settings(max_examples=60)
@given(st.data())
def test_all_of_a_budget_is_handed_out_and_never_less_than_nothing(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 6))
    means = data.draw(arrays(float, count, elements=st.floats(-1e6, 1e6)))
    variances = data.draw(arrays(float, count, elements=st.floats(0, 1e6)))
    already = data.draw(arrays(np.int64, count, elements=st.integers(0, 1000)))
    budget, paired = data.draw(st.integers(0, 1000)), data.draw(st.booleans())
    shares = ocba(means, variances, budget, already=already, paired=paired)
    assert shares.sum() == budget
    assert (shares >= 0).all()


def test_a_budget_handed_out_so_finds_the_best_more_often_than_equal_shares() -> None:
    budget, cases, gained, lost = 200, 120, 0, 0
    names = tuple(map(str, range(MEANS.size)))
    for case in range(cases):
        rng = np.random.default_rng([28, case])
        lived = MEANS[:, None] + 5 * rng.standard_normal((MEANS.size, budget)) + 9 * rng.standard_normal(budget)

        def sample(
            asked: tuple[str, ...], numbers: NDArray[np.int64], lived: NDArray[np.float64] = lived
        ) -> NDArray[np.float64]:
            return lived[np.ix_([int(name) for name in asked], numbers)]

        chosen = select_within(sample, names, budget=budget, first=5, at_once=20)
        assert chosen.table["replications"].sum() == budget
        equal = lived[:, : budget // MEANS.size].mean(axis=1).argmax() == 0
        gained += chosen.best == "0" and not equal
        lost += equal and chosen.best != "0"
    assert gained - lost > 2 * np.sqrt(gained + lost)


def test_a_budget_below_the_first_replications_is_refused() -> None:
    with pytest.raises(InputError, match="budget is 10: the first replications alone take 2 x 10 = 20"):
        select_within(lambda *_: np.zeros((2, 10)), ("a", "b"), budget=10)
