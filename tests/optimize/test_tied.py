"""Units that bind their accounts, and accounts that may change managers: against the integer programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.allocation import by_decomposition, by_program
from optimize.problem import bound_options, excess, value_of
from optimize.solver import SolverSettings
from optimize.testing import drawn_moves, drawn_problem, drawn_ties

EXACT = SolverSettings(gap=0.0, nodes=100_000, method="integer_programme")
some = settings(max_examples=40)
SMALL = st.builds(
    drawn_problem,
    seed=st.integers(0, 10**6),
    accounts=st.integers(4, 12),
    options=st.integers(2, 4),
    managers=st.integers(1, 3),
    budgets=st.integers(1, 2),
    tightness=st.sampled_from((0.2, 0.5, 0.9, 2.0)),
)
TIED = st.builds(drawn_ties, SMALL, seed=st.integers(0, 10**6), alternatives=st.integers(2, 3))
MOVING = st.builds(drawn_moves, SMALL, seed=st.integers(0, 10**6))


@some
@given(st.one_of(TIED, MOVING))
def test_decomposition_and_integer_programme_agree_within_their_gaps(small):
    exact, found = by_program(small, EXACT), by_decomposition(small, SolverSettings())
    slight = 1e-6 * max(abs(exact.value), 1)
    assert found.value <= exact.value + slight
    assert found.bound >= exact.value - slight
    assert not excess(small, found.treatment, found.alternative)
    assert not excess(small, exact.treatment, exact.alternative)


@some
@given(TIED)
def test_an_account_has_only_options_that_go_with_its_units_alternative(small):
    for found in (by_program(small, EXACT), by_decomposition(small, SolverSettings())):
        account = np.arange(found.treatment.size)
        assert bound_options(small, found.alternative)[found.treatment, account].all()
        assert found.value == pytest.approx(value_of(small, found.treatment, found.alternative))


def test_a_decision_is_taken_where_its_lift_is_worth_its_cost():
    """One unit of two: together the lift of 3 each pays for the decision's 5; alone neither would."""
    small = drawn_problem(1, accounts=2, options=2, managers=1, budgets=1, tightness=2.0)
    plain = small._replace(
        value=np.array([[0.0, 0.0], [1.0, 1.0]]), allowed=np.ones((2, 2), dtype=bool), limit=np.array([100.0])
    )
    tied = drawn_ties(plain, 1, members=2)
    ties = tied.ties._replace(unit=np.zeros(2, dtype=int), value=np.array([[0.0], [-5.0]]), use=np.zeros((1, 2, 1)))
    lifted = tied._replace(value=np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 3.0], [4.0, 4.0]]), ties=ties)
    for found in (by_program(lifted, EXACT), by_decomposition(lifted, SolverSettings())):
        assert found.alternative.tolist() == [1]
        assert found.value == pytest.approx(3.0)
    dear = lifted._replace(ties=ties._replace(value=np.array([[0.0], [-7.0]])))
    for found in (by_program(dear, EXACT), by_decomposition(dear, SolverSettings())):
        assert found.alternative.tolist() == [0]


def test_a_larger_book_with_ties_comes_within_two_per_cent():
    large = drawn_ties(drawn_problem(3, accounts=600, options=6, managers=5, budgets=2, whole=False), 3, members=20)
    found = by_decomposition(large, SolverSettings())
    assert not excess(large, found.treatment, found.alternative)
    assert found.gap <= 0.02


def test_accounts_that_may_move_are_worth_at_least_as_much_as_those_that_stay():
    staying = drawn_problem(4, accounts=300, options=6, managers=4, budgets=1, whole=False, tightness=0.3)
    moving = drawn_moves(staying, 4)
    home = moving.manager == staying.manager
    found = by_decomposition(moving, SolverSettings())
    stays = by_decomposition(moving._replace(allowed=moving.allowed & (home | (moving.hours == 0))), SolverSettings())
    assert not excess(moving, found.treatment)
    assert found.value >= stays.value - 1e-6
    assert found.gap <= 0.02
