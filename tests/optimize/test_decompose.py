"""Decomposition: a bound that holds, whole options within every limit, and close to each other."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.blocks import Stored, held, part_of_blocks, store
from optimize.decompose import allocate_blocks, decompose
from optimize.problem import arranged, excess, problem, used_by, value_of
from optimize.program import solve_whole
from optimize.solver import SolverSettings
from optimize.testing import drawn_problem
from optimize.trading import Effort

EXACT = SolverSettings(gap=0.0, nodes=100_000)
some = settings(max_examples=60)
SMALL = st.builds(
    drawn_problem,
    seed=st.integers(0, 10**6),
    accounts=st.integers(3, 12),
    options=st.integers(2, 5),
    managers=st.integers(1, 3),
    budgets=st.integers(0, 3),
    tightness=st.sampled_from((0.0, 0.2, 0.5, 0.9, 2.0)),
    whole=st.booleans(),
)
LARGE = drawn_problem(5, accounts=3000, options=12, managers=20, budgets=3, whole=False)


@some
@given(SMALL)
def test_the_best_lies_between_the_value_and_the_bound(small):
    found, best = decompose(small), solve_whole(small, EXACT).value
    assert found.value <= best + 1e-6 * max(best, 1)
    assert found.bound >= best - 1e-6 * max(best, 1)


@some
@given(SMALL)
def test_no_limit_is_exceeded(small):
    assert not excess(small, decompose(small).option)


@some
@given(SMALL)
def test_what_is_said_of_a_choice_is_true_of_it(small):
    found = decompose(small)
    assert found.value == pytest.approx(value_of(small, found.option))
    np.testing.assert_allclose(found.left, small.limit - used_by(small, found.option)[1], atol=1e-6)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("whole", [True, False])
def test_the_bound_holds_for_one_manager_with_many_accounts(seed, whole):
    one = drawn_problem(seed, accounts=60, options=4, managers=1, budgets=0, whole=whole)
    best, found = solve_whole(one, EXACT).value, decompose(one)
    assert found.bound >= best - 1e-7 * best
    assert found.value <= best + 1e-7 * best


def test_the_bound_holds_where_the_best_choice_changes_more_accounts_than_a_column_can_hold():
    """Forty accounts that take an hour and a bit each, worth the same: all bits together are what is left over."""
    rng = np.random.default_rng(3)
    hours = np.stack([np.zeros(40), np.full(40, 1.0), 1.0 + 0.02 * rng.random(40)])
    value = np.stack([np.zeros(40), np.full(40, 1.0), 1.0 + 0.02 * rng.random(40)])
    tight = problem(
        value,
        np.zeros((0, 3, 40)),
        [],
        hours=hours,
        manager=np.zeros(40, dtype=int),
        available=[30.1],
        nothing=0.0,
    )
    best, found = solve_whole(tight, EXACT).value, decompose(tight)
    assert found.value - 1e-9 <= best <= found.bound + 1e-9


def test_a_large_book_is_solved_within_a_thousandth():
    found = decompose(LARGE)
    assert not excess(LARGE, found.option)
    assert 0 <= found.bound - found.value <= 1e-3 * found.bound


def test_without_limits_every_account_gets_its_best_option():
    free = LARGE._replace(limit=np.full(3, np.inf), available=np.full(20, np.inf))
    found = decompose(free)
    best = np.where(free.allowed, free.value, -np.inf).max(axis=0)
    np.testing.assert_allclose(free.value[found.option, np.arange(3000)], best)
    assert found.bound == pytest.approx(best.sum())


def test_a_budget_that_is_just_what_is_committed_leaves_the_least_of_each():
    """Added up in another order the commitment may be a rounding error more; that is no reason to find nothing."""
    drawn = drawn_problem(5, accounts=300)
    use = drawn.use.copy()
    use[0, 0] = 1 + np.arange(300) / 7
    use[0, 1:] = use[0, 0] + 1
    exactly = float(use[0, 0].sum())
    for limit in (exactly, exactly * (1 - 1e-12), exactly * (1 + 1e-9)):
        found = decompose(drawn._replace(use=use, limit=np.array([limit, drawn.limit[1]])))
        assert (found.option == 0).all()
        assert np.isfinite(found.bound)


def test_a_limit_that_is_at_least_is_one_negated():
    """At least half of what the second option brings elsewhere has to be had, though the first is worth more."""
    wanted = problem(value=[[5.0] * 10, [4.0] * 10], use=[[[0.0] * 10, [-1.0] * 10]], limit=[-5.0], nothing=0.0)
    found = decompose(wanted)
    assert (found.option == 1).sum() == 5
    assert found.value == pytest.approx(45.0)


def test_the_order_of_accounts_is_of_no_consequence():
    order = np.random.default_rng(1).permutation(3000)
    mixed = LARGE._replace(
        value=LARGE.value[:, order],
        allowed=LARGE.allowed[:, order],
        hours=LARGE.hours[:, order],
        use=LARGE.use[:, :, order],
        manager=LARGE.manager[order],
    )
    found = decompose(mixed)
    assert not excess(mixed, found.option)
    assert found.bound == pytest.approx(decompose(LARGE).bound, rel=1e-5)


def test_threads_and_files_give_the_same_answer(tmp_path):
    whole, _ = arranged(LARGE)
    blocks = held(whole, 4)
    here = allocate_blocks(blocks, LARGE.limit, nothing=0.0)
    with ThreadPoolExecutor(2) as pool:
        threads = allocate_blocks(blocks, LARGE.limit, executor=pool, nothing=0.0)
    for index in range(blocks.count):
        store(part_of_blocks(blocks, index), index, tmp_path)
    files = allocate_blocks(Stored(str(tmp_path), blocks.count), LARGE.limit, nothing=0.0)
    for other in (threads, files):
        np.testing.assert_array_equal(other.option, here.option)
        assert (other.value, other.bound) == (here.value, here.bound)


def test_other_processes_give_the_same_answer_from_files(tmp_path):
    whole, _ = arranged(LARGE)
    blocks = held(whole, 4)
    for index in range(blocks.count):
        store(part_of_blocks(blocks, index), index, tmp_path)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        there = allocate_blocks(Stored(str(tmp_path), blocks.count), LARGE.limit, executor=pool, nothing=0.0)
    here = allocate_blocks(blocks, LARGE.limit, nothing=0.0)
    np.testing.assert_array_equal(there.option, here.option)
    assert (there.value, there.bound) == (here.value, here.bound)


@some
@given(SMALL, st.sampled_from((1.2, 2.0)))
def test_more_of_everything_never_lowers_the_bound(small, more):
    roomier = small._replace(limit=small.limit * more, available=small.available * more)
    before, after = decompose(small), decompose(roomier)
    assert after.bound >= before.value - 1e-6 * max(before.value, 1)


def test_less_effort_leaves_the_bound_a_bound():
    hasty = decompose(LARGE, Effort(passes=2, near=2, aside=0, pairs=0, single=0, single_aside=0))
    careful = decompose(LARGE)
    assert hasty.bound >= careful.bound - 1e-6 * careful.bound
    assert hasty.bound >= careful.value
