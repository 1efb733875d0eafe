"""Kernels of the allocation against plain twins: relaxed hours, whole hours, what fits, and trade."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from sim.kernels.allocate_columns import make_columns, pack_managers
from sim.kernels.allocate_price import Block, fewest, narrow, price_managers
from sim.kernels.allocate_trade import trade

ACCOUNTS, OPTIONS, BUDGETS = 5, 4, 2


@st.composite
def blocks(draw, managers=1):
    """Draw one manager's accounts with whole hours; the first option takes nothing and brings nothing."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    accounts = ACCOUNTS * managers
    value = rng.integers(0, 20, (OPTIONS, accounts)).astype(float)
    hours = rng.integers(0, 6, (OPTIONS, accounts)).astype(float)
    use = rng.integers(0, 5, (BUDGETS, OPTIONS, accounts)).astype(float)
    value[0], hours[0], use[:, 0] = 0, 0, 0
    allowed = rng.random((OPTIONS, accounts)) < 0.8
    allowed[0] = True
    available = rng.integers(0, 15, managers).astype(float)
    return Block(value, allowed, hours, use, np.arange(managers + 1) * ACCOUNTS, available)


def relaxed(block, price):
    """Return the best value when accounts may be split between options, by a linear programme."""
    worth = np.where(block.allowed, block.value - np.tensordot(price, block.use, axes=1), -1e9)
    one = np.kron(np.ones((1, OPTIONS)), np.eye(ACCOUNTS))
    found = linprog(
        -worth.ravel(), A_ub=block.hours.ravel()[None], b_ub=block.available, A_eq=one, b_eq=np.ones(ACCOUNTS)
    )
    return -found.fun


def whole(block, price):
    """Return the best value with whole options, by trying all."""
    worth = np.where(block.allowed, block.value - np.tensordot(price, block.use, axes=1), -1e9)
    account = np.arange(ACCOUNTS)
    tried = (np.array(option) for option in product(range(OPTIONS), repeat=ACCOUNTS))
    return max(
        worth[option, account].sum() for option in tried if block.hours[option, account].sum() <= block.available[0]
    )


PRICES = st.tuples(*[st.floats(0, 4)] * BUDGETS).map(np.array)


@given(blocks(), PRICES)
def test_split_hours_are_the_linear_relaxation(block, price):
    assert price_managers(block, 0, 1, price, np.zeros(BUDGETS)) == pytest.approx(relaxed(block, price), abs=1e-6)


@given(blocks(), PRICES, PRICES)
def test_what_is_used_is_how_the_dual_falls_with_prices(block, price, other):
    used = np.zeros(BUDGETS)
    here = price_managers(block, 0, 1, price, used)
    there = price_managers(block, 0, 1, other, np.zeros(BUDGETS))
    assert there >= here - used @ (other - price) - 1e-6


def packed(block, price):
    columns = make_columns(block.available.size, BUDGETS, 10, 3)
    base, hour_price = np.empty(block.value.shape[1], np.int16), np.empty(block.available.size)
    lost = pack_managers(block, 0, block.available.size, price, 64, 10, 3, base, hour_price, columns)
    return columns, base, lost


@given(blocks(), PRICES)
def test_the_first_column_is_the_best_whole_choice_and_the_proof_says_so(block, price):
    columns, _, lost = packed(block, price)
    first = columns.value[0, 0] - price @ columns.use[0, 0]
    assert first == pytest.approx(whole(block, price), abs=1e-6)
    assert relaxed(block, price) - lost == pytest.approx(whole(block, price), abs=1e-6)


@given(blocks(), PRICES)
def test_columns_are_what_they_say_and_keep_to_the_hours(block, price):
    columns, base, _ = packed(block, price)
    account = np.arange(ACCOUNTS)
    for c in range(columns.columns[0]):
        option = base.astype(int)
        changed = columns.account[0, c] >= 0
        option[columns.account[0, c][changed]] = columns.option[0, c][changed]
        assert block.allowed[option, account].all()
        assert block.hours[option, account].sum() <= block.available[0]
        assert columns.value[0, c] == pytest.approx(block.value[option, account].sum())
        np.testing.assert_allclose(columns.use[0, c], block.use[:, option, account].sum(axis=1))


@given(blocks(managers=2))
def test_the_least_is_the_least_of_what_is_allowed(block):
    hours, used = np.zeros(2), np.zeros(BUDGETS)
    fewest(block, 0, 2, hours, used)
    least = np.where(block.allowed, block.hours, np.inf).min(axis=0)
    np.testing.assert_allclose(hours, [least[:ACCOUNTS].sum(), least[ACCOUNTS:].sum()])
    np.testing.assert_allclose(used, np.where(block.allowed, block.use, np.inf).min(axis=1).sum(axis=1))


@given(blocks(managers=2), st.floats(0, 5), st.floats(0, 5))
def test_an_option_fits_if_all_others_taking_the_least_leave_room(block, spare_hours, spare):
    fits = np.empty(block.value.shape, dtype=bool)
    narrow(block, 0, 2, np.full(2, spare_hours), np.full(BUDGETS, spare), fits)
    more = block.hours - np.where(block.allowed, block.hours, np.inf).min(axis=0)
    other = block.use - np.where(block.allowed, block.use, np.inf).min(axis=1)[:, None]
    expected = block.allowed & (more <= spare_hours) & (other <= spare).all(axis=0)
    np.testing.assert_array_equal(fits, expected)


def test_trade_keeps_budgets_and_takes_two_changes_where_one_is_not_enough():
    """The first owner's choice exceeds the budget by 2; giving up 4 costs least when the second then uses 2 more."""
    value = np.array([0.0, -5.0, 0.0, 3.0])
    use = np.array([[0.0], [-4.0], [0.0], [2.0]])
    owner, starts = np.array([0, 0, 1, 1]), np.array([0, 2, 4])
    left, chosen, total = np.array([-2.0]), np.array([0, 2]), np.zeros(1)
    trade(value, use, owner, starts, np.arange(4), left, np.array([100.0]), 1e-9, 10, chosen, total)
    assert chosen.tolist() == [1, 3]
    assert (left[0], total[0]) == (0.0, -2.0)
