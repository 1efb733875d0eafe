"""What channels have in common: who accepts them, what repeating brings, and what mail and seats can do in a month."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.channel import accepts, in_one_month, welcome
from sim.city import draw_city
from sim.history import yuan
from sim.market import run_market, simulate
from sim.names import CHANNELS
from sim.programme import nothing
from sim.testing import only, tiny_scenario

KEY = np.arange(4000, dtype=np.uint64)
EXPECTED = (KEY % len(CHANNELS)).astype(np.int8)


def test_who_expects_a_channel_accepts_it_and_a_share_of_the_others_does():
    takes = accepts(KEY, EXPECTED, "agent", 0.3)
    expects = CHANNELS.index("agent") == EXPECTED
    assert takes[expects].all()
    assert takes[~expects].mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / (~expects).sum()))


def test_a_wider_reach_loses_nobody():
    assert (accepts(KEY, EXPECTED, "hall", 0.6) >= accepts(KEY, EXPECTED, "hall", 0.2)).all()


def test_nobody_expects_letters_so_only_reach_counts():
    assert accepts(KEY, EXPECTED, "mail", 0.0).sum() == 0
    assert accepts(KEY, EXPECTED, "mail", 1.0).all()


def test_a_contact_does_less_where_another_channel_is_expected():
    assert welcome(np.array([1, 3], dtype=np.int8), "hall", 0.4).tolist() == [0.4, 1.0]


@given(st.integers(0, 60), st.floats(0, 0.99))
def test_each_further_contact_of_a_month_brings_a_share_of_the_one_before(contacts, repeated):
    reached = in_one_month(np.arange(contacts + 1), repeated)
    np.testing.assert_allclose(reached, np.concatenate([[0], np.cumsum(repeated ** np.arange(contacts))]), atol=1e-9)
    assert (np.diff(reached) >= 0).all()
    assert reached[-1] <= 1 / (1 - repeated) + 1e-9


def adstock(mail, **channel):
    """Return awareness after one month of so many letters a year."""
    scenario = tiny_scenario(channel=channel)
    city = draw_city(scenario)
    city.state.adstock[:] = 0
    turn = nothing(60)
    turn.mail[:] = mail
    return run_market(scenario, city, turn, seed=1, months=1).city.state.adstock[0]


def test_two_letters_in_a_month_bring_one_and_a_half_times_what_one_does():
    np.testing.assert_allclose(adstock(24), 1.5 * adstock(12), rtol=1e-6)
    np.testing.assert_allclose(adstock(24, repeated=1.0), 2 * adstock(12), rtol=1e-6)


def test_letters_that_nobody_reads_leave_no_awareness_but_cost():
    assert adstock(12, mail_reach=0.0).max() == 0
    scenario = tiny_scenario(channel={"mail_reach": 0.0})
    turn = nothing(60)
    turn.mail[:] = 12
    history = simulate(scenario, draw_city(scenario), turn, seed=1, months=1)
    assert yuan(history.mail_cost[0]) == 60 * scenario.channel.mail_cost


def test_letters_over_the_capacity_are_not_sent_and_the_best_customers_get_theirs():
    scenario = tiny_scenario(channel={"mail_capacity": 0.25})
    city = draw_city(scenario)
    turn = nothing(60)
    turn.mail[:] = 12
    market = run_market(scenario, city, turn, seed=1, months=1)
    spend = np.where(city.state.carrier == 0, city.state.demand, 0).sum(axis=0)
    assert market.record.letters[0] == 15
    assert spend[market.outreach.letters > 0].min() >= np.sort(spend)[-15]


def test_fixed_costs_are_paid_by_every_account_called_or_not():
    scenario = tiny_scenario(channel={"mail_fixed": 0.5, "call_fixed": 2.0}, mechanisms=only("visits"))
    history = simulate(scenario, draw_city(scenario), nothing(60), seed=1, months=3)
    assert (yuan(history.account.programme_cost) == 7.5).all()
    assert (yuan(history.mail_cost).tolist(), yuan(history.call_cost).tolist()) == ([30.0] * 3, [120.0] * 3)
