"""Seats: weekly shifts, the city's best customers first, and calls that wait for a quarter at most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.channel import ChannelSettings
from sim.city import draw_city
from sim.exchange import Alone
from sim.market import run_market, simulate
from sim.names import OWN
from sim.programme import nothing
from sim.queueing import by_rank
from sim.seat import Seats, rank_by_spend
from sim.testing import tiny_scenario

KEY = np.arange(5, dtype=np.uint64)


def shifts(minutes, waiting, weeks):
    """Return calls made by week and customer when a month brings so many seat minutes in all."""
    seats = Seats(5)
    seats.waiting[:] = waiting
    seats.order = rank_by_spend(np.array([10, 50, 20, 40, 30]))
    settings = ChannelSettings(seat_minutes=minutes / 5, call_minutes=10.0)
    return np.array([seats.shift(Alone(), KEY, settings, 5) for _ in range(weeks)]), seats


def test_a_week_serves_the_best_customers_first():
    made, seats = shifts(80.0, 1, 2)
    assert made.tolist() == [[0, 1, 0, 1, 0], [0, 0, 1, 0, 1]]
    assert seats.waiting.tolist() == [1, 0, 0, 0, 0]


def test_what_is_left_of_a_shift_is_kept_if_it_is_less_than_a_call():
    assert shifts(60.0, 1, 2)[0].sum(axis=1).tolist() == [1, 2]


def test_a_shift_without_calls_lapses_but_for_a_call():
    made, seats = shifts(80.0, 0, 3)
    assert made.sum() == 0
    seats.waiting[:] = 9
    settings = ChannelSettings(seat_minutes=16.0, call_minutes=10.0)
    assert seats.shift(Alone(), KEY, settings, 5).sum() == 3


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=20), st.integers(0, 30))
def test_a_capacity_is_used_up_in_order_of_rank_and_never_exceeded(wishes, capacity):
    order, wanted = np.array(wishes, dtype=np.int64).T
    key = np.arange(order.size, dtype=np.uint64)
    got = by_rank(Alone(), order, wanted, key, capacity)
    assert got.sum() == min(capacity, wanted.sum())
    assert (got <= wanted).all()
    short = got < wanted
    if short.any():
        assert got[order > order[short].min()].sum() == 0


@pytest.fixture(scope="module")
def crowded():
    """Everybody is to be called twice a month by seats that manage half of that."""
    scenario = tiny_scenario(channel={"seat_minutes": 15.0}, mechanisms={"attention": False, "growth": False})
    city = draw_city(scenario)
    turn = nothing(60)
    turn.calls[:] = 24
    return scenario, city, turn


def test_calls_due_are_made_missed_or_wait(crowded):
    scenario, city, turn = crowded
    history = simulate(scenario, city, turn, seed=3)
    settled = np.cumsum(history.calls_due - history.calls - history.calls_missed)
    np.testing.assert_array_equal(settled, history.calls_waiting)
    assert history.calls.tolist() == [60] * 12


def test_a_call_waits_for_a_quarter_at_most(crowded):
    scenario, city, turn = crowded
    history = simulate(scenario, city, turn, seed=3)
    assert history.calls_waiting.tolist() == [60, 120, 180] * 4
    assert history.calls_missed.tolist() == [0, 0, 0, 180] + [0, 0, 180] * 2 + [0, 0]


def test_a_new_programme_ends_the_wait(crowded):
    scenario, city, turn = crowded
    history = simulate(scenario, city, {0: turn, 2: nothing(60)}, seed=3, months=3)
    assert (history.calls_missed.tolist(), history.calls_waiting[2]) == ([0, 0, 120], 0)


def test_those_who_go_without_are_the_smallest(crowded):
    scenario, city, turn = crowded
    market = run_market(scenario, city, turn, seed=3, months=1)
    spend = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    called = market.outreach.calls > 0
    assert spend[called].min() >= spend[~called].max()
