"""The allocation by whichever method suits: the same answer within gaps, never beyond a limit, better with more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.allocation import Allocation, allocate, better_of, by_decomposition, prices_of
from optimize.decompose import decompose
from optimize.polish import Prices, losses, polish
from optimize.problem import arranged, excess, problem, value_of
from optimize.solver import SolverSettings
from optimize.testing import drawn_problem, drawn_ties
from sim.errors import InfeasibleError

some = settings(max_examples=40)
SMALL = st.builds(
    drawn_problem,
    seed=st.integers(0, 10**6),
    accounts=st.integers(3, 15),
    options=st.integers(2, 5),
    managers=st.integers(1, 3),
    budgets=st.integers(1, 3),
    tightness=st.sampled_from((0.2, 0.5, 0.9)),
    whole=st.booleans(),
)
EXACT = SolverSettings(gap=0.0, nodes=100_000, method="integer_programme")


def with_method(name, **more):
    return SolverSettings(method=name, **more)


@some
@given(SMALL)
def test_every_method_comes_within_its_gap_of_the_best(small):
    best = allocate(small, EXACT)
    slight = 1e-6 * max(best.value, 1)
    for name in ("auto", "integer_programme", "decomposition"):
        found = allocate(small, with_method(name))
        assert found.value <= best.value + slight
        assert found.bound >= best.value - slight
        assert best.value - found.value <= found.gap * (found.bound - found.nothing) + slight


@some
@given(SMALL, st.floats(1.0, 3.0))
def test_raising_every_limit_never_lowers_the_best_beyond_the_gap(small, factor):
    before = allocate(small)
    after = allocate(small._replace(limit=small.limit * factor, available=small.available * factor))
    assert after.value >= before.value - after.gap * (after.bound - after.nothing) - 1e-6 * max(before.value, 1)


def test_a_small_problem_is_solved_whole_and_a_large_one_by_prices():
    small, large = drawn_problem(1), drawn_problem(1, accounts=700, options=9, managers=6, whole=False)
    assert allocate(small).method == "integer programme"
    assert allocate(large).method == "decomposition"


def test_an_account_without_an_option_is_told():
    with pytest.raises(InfeasibleError, match="no option"):
        allocate(problem([[1.0]], [[[1.0]]], [1.0], allowed=[[False]]))


def test_limits_that_cannot_be_kept_are_refused_by_every_method():
    forced = problem([[1.0], [2.0]], [[[3.0], [4.0]]], [2.0])
    for name in ("integer_programme", "decomposition"):
        with pytest.raises(InfeasibleError):
            allocate(forced, with_method(name))


def test_of_two_allocations_the_better_is_kept_with_the_lower_bound():
    option = np.zeros(1, dtype=int)
    one = Allocation(option, "node limit", 90.0, 100.0, 0.0)
    other = Allocation(option, "node limit", 95.0, 110.0, 0.0)
    best = better_of(one, other, 0.06)
    assert (best.value, best.bound, best.status) == (95.0, 100.0, "optimal")


def test_prices_of_what_is_scarce_are_above_nil_and_of_what_is_not_nil():
    scarce = drawn_problem(3, accounts=500, options=6, managers=4, budgets=2, tightness=0.3, whole=False)
    plenty = scarce._replace(limit=scarce.limit * 1e6, available=scarce.available * 1e6)
    assert (prices_of(scarce).budget > 0).any()
    assert (prices_of(scarce).hour > 0).all()
    assert not prices_of(plenty).budget.any()
    assert not prices_of(plenty).hour.any()


# Polish.


def test_polish_never_makes_a_choice_worse_and_keeps_every_limit():
    for seed in range(5):
        large = drawn_problem(seed, accounts=120, options=6, managers=2, budgets=3)
        found = decompose(large)
        prices = Prices(found.price, found.hour_price)
        better = polish(large, found.option, prices, found.bound, 200, SolverSettings(gap=0.0, nodes=50))
        assert value_of(large, better) >= value_of(large, found.option)
        assert not excess(large, better)


def test_polish_finds_what_rounding_missed():
    """Two of three equal accounts fit; a choice of one is mended."""
    three = problem([[0.0] * 3, [5.0] * 3], [[[0.0] * 3, [2.0] * 3]], [4.0], nothing=0.0)
    one = np.array([1, 0, 0])
    better = polish(three, one, Prices(np.array([2.5]), np.zeros(3)), 10.0, 10, SolverSettings(gap=0.0))
    assert value_of(three, better) == 10.0


def test_what_an_option_loses_is_nil_for_the_best_and_never_below():
    small = drawn_problem(2)
    loss = losses(small, Prices(np.full(small.limit.size, 0.1), np.full(small.available.size, 0.2)))
    assert (loss >= 0).all()
    assert (np.where(small.allowed, loss, np.inf).min(axis=0) == 0).all()


# The problem as a value.


@given(SMALL, st.integers(0, 100))
def test_accounts_in_any_order_are_arranged_by_manager(small, seed):
    order = np.random.default_rng(seed).permutation(small.value.shape[1])
    mixed = small._replace(
        value=small.value[:, order],
        allowed=small.allowed[:, order],
        hours=small.hours[:, order],
        use=small.use[:, :, order],
        manager=small.manager[order],
    )
    block, back = arranged(mixed)
    assert (np.diff(mixed.manager[back]) >= 0).all()
    np.testing.assert_array_equal(block.value, mixed.value[:, back])
    np.testing.assert_array_equal(np.diff(block.starts), np.bincount(mixed.manager, minlength=mixed.available.size))


def test_what_exceeds_a_limit_is_named_worst_first():
    two = problem([[0.0], [1.0]], [[[0.0], [3.0]], [[0.0], [9.0]]], [1.0, 1.0], budgets=("letters", "calls"))
    assert excess(two, np.array([0])) == []
    assert excess(two, np.array([1])) == ["calls: 9 of 1", "letters: 3 of 1"]


def test_an_option_that_is_not_allowed_is_named():
    one = problem([[0.0], [1.0]], np.zeros((0, 2, 1)), [], allowed=[[True], [False]])
    assert excess(one, np.array([1])) == ["what is allowed"]


def test_odd_shapes_are_refused():
    with pytest.raises(ValueError, match="use has shape"):
        problem([[1.0, 2.0]], [[[1.0]]], [1.0])


def test_a_problem_with_ties_is_allocated_by_the_same_call():
    tied = drawn_ties(drawn_problem(9, accounts=12), 9)
    found, exact = by_decomposition(tied, SolverSettings()), allocate(tied, EXACT)
    assert found.value <= exact.value + 1e-6 <= found.bound + 2e-6
