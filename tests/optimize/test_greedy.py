"""Incremental greedy: steepest steps first, within every limit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optimize.allocation import allocate
from optimize.greedy import greedy, steepest
from optimize.problem import excess, problem, value_of


def test_what_brings_most_for_what_it_takes_goes_first():
    tiny = problem(value=[[0.0, 0.0], [5.0, 4.0]], use=[[[0.0, 0.0], [3.0, 2.0]]], limit=[4.0])
    assert greedy(tiny).tolist() == [0, 1]


def test_a_step_that_does_not_fit_is_passed_over():
    tiny = problem(value=[[0.0] * 2, [9.0, 1.0]], use=[[[0.0] * 2, [5.0, 1.0]]], limit=[4.0])
    assert greedy(tiny).tolist() == [0, 1]


def test_an_account_climbs_from_step_to_step():
    tiny = problem(value=[[0.0], [3.0], [4.0]], use=[[[0.0], [1.0], [2.0]]], limit=[2.0])
    assert steepest(tiny, np.zeros(1, dtype=np.int64)).option.tolist() == [1, 2]
    assert greedy(tiny).tolist() == [2]


def test_what_is_free_and_better_is_taken_at_once():
    tiny = problem(value=[[0.0], [1.0]], use=[[[0.0], [0.0]]], limit=[0.0])
    assert greedy(tiny).tolist() == [1]


def test_what_is_not_allowed_is_not_given():
    tiny = problem(value=[[0.0], [1.0]], use=[[[0.0], [0.0]]], limit=[1.0], allowed=[[True], [False]])
    assert greedy(tiny).tolist() == [0]


def test_each_manager_has_its_own_hours():
    tiny = problem(
        value=[[0.0] * 3, [3.0, 2.0, 1.0]],
        use=np.zeros((0, 2, 3)),
        limit=[],
        hours=[[0.0] * 3, [1.0] * 3],
        manager=[0, 0, 1],
        available=[1.0, 1.0],
    )
    assert greedy(tiny).tolist() == [1, 0, 1]


@given(st.integers(0, 2**32 - 1))
def test_greedy_keeps_every_limit_and_never_beats_the_bound(seed):
    rng = np.random.default_rng(seed)
    value, use = rng.random((4, 6)), rng.random((2, 4, 6))
    value[0], use[:, 0] = 0.0, 0.0
    some = problem(
        value=value,
        use=use,
        limit=rng.random(2) * 3,
        hours=use[0] * 2,
        manager=np.arange(6) % 2,
        available=rng.random(2) * 2,
        nothing=0.0,
    )
    chosen = greedy(some)
    assert excess(some, chosen) == []
    assert 0 <= value_of(some, chosen) <= allocate(some).bound + 1e-9
