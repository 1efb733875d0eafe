"""Agents: what they reach, when they are paid, and where they are cheaper than account managers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agent import AgentSettings, commissions
from sim.city import draw_city
from sim.history import yuan
from sim.kernels.behaviour import MONEY_UNIT
from sim.market import run_market, simulate
from sim.names import OWN
from sim.programme import nothing
from sim.state import empty_state
from sim.testing import LINES, only, tiny_scenario

PRICE = np.array([1.0, 0.5])


def one_customer(months):
    """Return a state of one customer with two lines at 100 yuan list value that we have just won."""
    state = empty_state(3, 2, 1)
    state.demand[:, 0] = (100, 200)
    state.tenure[:] = 0
    state.agent_window[:] = months
    return state


def paid(state, settings, months, lost_in=None):
    """Return yuan paid month by month, the line leaving in month `lost_in`."""
    amounts = []
    for month in range(months):
        if month == lost_in:
            state.carrier[0] = 1
        earned = commissions(state, PRICE, settings)
        amounts.append(float(yuan(earned.units.sum())))
        state.tenure[:] += 1
    return amounts


STAGED = AgentSettings(commission=2.0, at_sign_up=0.25, stay=3, window=2)


def test_a_commission_is_paid_at_sign_up_and_when_the_line_has_stayed():
    assert paid(one_customer(1), STAGED, 6) == [100.0, 0, 0, 300.0, 0, 0]


def test_a_line_that_leaves_before_its_time_costs_no_second_payment():
    assert paid(one_customer(1), STAGED, 6, lost_in=2) == [100.0, 0, 0, 150.0, 0, 0]


def test_a_fixed_commission_is_paid_once_and_whatever_becomes_of_the_line():
    fixed = AgentSettings(pay="one_off", one_off=80.0)
    assert paid(one_customer(1), fixed, 6, lost_in=2) == [160.0, 0, 0, 0, 0, 0]


def test_a_line_won_without_an_agent_costs_no_commission():
    assert paid(one_customer(0), STAGED, 6) == [0.0] * 6


def test_a_line_that_was_ours_all_along_costs_no_commission():
    state = one_customer(2)
    state.tenure[:] = 9
    assert paid(state, STAGED, 6) == [0.0] * 6


def test_an_agents_window_closes_with_its_months():
    state = one_customer(2)
    state.carrier[:] = 1
    commissions(state, PRICE, STAGED)
    assert state.agent_window[0] == 1
    commissions(state, PRICE, STAGED)
    state.carrier[:], state.tenure[:] = OWN, 0
    assert commissions(state, PRICE, STAGED).wins == 0


def contested(**agent):
    """Return a city at rivals whose lines all come to us in the first month, with agents or managers as asked."""
    scenario = tiny_scenario(
        city={"in_building": 0.0},
        attention={"base": 20.0},
        value={"quality": 20.0},
        own={"quality": dict.fromkeys(LINES, 1.0)},
        rivals={"netcom": {"quality": dict.fromkeys(LINES, 0.0)}, "unicom": {"quality": dict.fromkeys(LINES, 0.0)}},
        visit={"hours": 5000.0},
        agent={"reach": 1.0, **agent},
        mechanisms=only("attention", "agents", "visits"),
    )
    city = draw_city(scenario)
    city.state.carrier[:], city.state.months_left[:] = 1, 0
    return scenario, city


@pytest.fixture(scope="module")
def bills():
    """Spend of each customer, and what winning it cost through an agent and through a manager, yuan."""
    scenario, city = contested(capacity=1.0)
    idle = nothing(60)
    indirect = simulate(scenario, city, idle._replace(agents=idle.agents + 12), seed=1)
    direct = simulate(scenario, city, idle._replace(visits=idle.visits + 12), seed=1)
    assert indirect.agent_wins.tolist() == [240] + [0] * 11
    assert direct.account.won_back.tolist() == indirect.account.won_back.tolist()
    costs = (yuan(run.account.programme_cost) for run in (indirect, direct))
    return city.state.demand.sum(axis=0).astype(float), *costs


def test_small_customers_are_cheaper_through_agents_and_large_ones_through_managers(bills):
    spend, agent, manager = bills
    order = np.argsort(spend)
    cheaper = agent[order] < manager[order]
    assert cheaper[0]
    assert not cheaper[-1]
    assert np.diff(cheaper.astype(int)).sum() == -1


def test_what_an_agent_costs_grows_with_what_the_line_brings(bills):
    spend, agent, _ = bills
    settings = AgentSettings()
    want = settings.commission * spend + 12 * (settings.fixed + settings.cost)
    np.testing.assert_allclose(agent, want, rtol=1e-4)


def test_agents_visit_no_more_than_their_capacity_allows():
    scenario, city = contested(capacity=0.25)
    turn = nothing(60)
    turn.agents[:] = 12
    history = simulate(scenario, city, turn, seed=1)
    assert history.agent_contacts.tolist() == [15] * 12


def test_who_lets_no_agent_in_is_not_stirred():
    scenario, city = contested(capacity=1.0, reach=0.0, gain=1.0)
    city.state.adstock[:] = 0
    turn = nothing(60)
    turn.agents[:] = 12
    market = run_market(scenario, city, turn, seed=1, months=1)
    expects = city.customers.expected_channel == 4
    np.testing.assert_allclose(market.city.state.adstock[OWN], expects.astype(float), atol=1e-6)
    assert market.record.agent_wins[0] == 4 * expects.sum()


def test_an_agents_contact_stirs_who_is_with_a_rival():
    """Attention to the rival's lines goes up by what any contact of ours does."""
    scenario = tiny_scenario(
        city={"customers": 4000}, agent={"reach": 1.0, "capacity": 1.0}, attention={"own_contact": 3.0}
    )
    city = draw_city(scenario)
    city.state.carrier[:] = 1
    turn = nothing(4000)
    looked = [
        simulate(scenario, city, turn._replace(agents=turn.agents + often), seed=1, months=1).looked[0, 1]
        for often in (0, 12)
    ]
    assert looked[1] > 3 * looked[0]


def test_commissions_are_posted_to_the_customer_in_the_month_paid():
    scenario, city = contested(capacity=1.0, commission=1.0, at_sign_up=1.0, fixed=0.0, cost=0.0)
    turn = nothing(60)
    turn.agents[7] = 12
    history = simulate(scenario, city, turn, seed=1, months=2)
    spend = city.state.demand[:, 7].astype(float)
    wanted = np.rint(spend * MONEY_UNIT).sum()
    assert history.agent_cost.tolist() == [wanted, 0]
    assert history.account.programme_cost[7] == wanted
    assert history.account.programme_cost.sum() == wanted
