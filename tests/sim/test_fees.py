"""Fees: for leaving a plan or a term early, and for installation, which a plan waives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.city import draw_city
from sim.contract import plan_month, plan_table
from sim.history import breakage_income, contribution, own_revenue, waived_fees, yuan
from sim.kernels.behaviour import early_leaving
from sim.market import run_market, simulate
from sim.names import PLANS
from sim.programme import nothing
from sim.rates import posted_tariff, rates
from sim.substitution import charged_price
from sim.testing import LINES, cloned, offering, tiny_scenario, worked_example

TERMS = plan_table(tiny_scenario().contract)[PLANS.index("A")]
NUMBERS = rates(tiny_scenario())


def on_plan_a(own, x, months=6, **contract):
    """Return the run of a customer that takes plan A in the first month and may leave it early."""
    changes = {"contract": {"offer": 20.0, **contract}, "mechanisms": {"early_leaving": True}}
    scenario, city = worked_example(own, (0.0, 0.0), **changes)
    return simulate(scenario, city, {0: offering(city, "A", x), 1: nothing(1)}, seed=1, months=months)


def test_who_pays_for_much_it_does_not_use_leaves_for_a_share_of_the_commitment_left():
    run = on_plan_a(1200.0, 2000.0, early=20.0)
    np.testing.assert_allclose(yuan(run.breakage), [0, 0.5 * 2200 * 5, 0, 0, 0, 0])
    assert (run.plans_left.tolist(), run.on_plan.tolist()) == ([0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(yuan(run.retained + run.shortfall), [2200, *[1200] * 5], rtol=1e-6)


def test_who_uses_what_it_pays_for_does_not_leave_early():
    run = on_plan_a(2000.0, 2000.0, early=20.0)
    assert (run.plans_left.sum(), run.breakage.sum()) == (0, 0)


def test_breakage_is_income_and_part_of_the_contribution():
    run = on_plan_a(1200.0, 2000.0, early=20.0)
    bills = yuan(run.retained.sum() + run.won_back.sum() + run.shortfall.sum())
    assert own_revenue(run) - bills == pytest.approx(breakage_income(run))
    assert breakage_income(run) == pytest.approx(5500)
    spent = yuan((run.visit_cost + run.care + run.waived + run.redeemed + run.cost_to_serve).sum())
    assert contribution(run) == pytest.approx(bills + 5500 - spent)


@given(st.floats(0, 3000), st.floats(0, 3000), st.integers(1, 5), st.floats(1, 20))
def test_the_less_is_used_the_likelier_a_plan_is_left_early(usage, less, months, sensitivity):
    more = max(usage, less)
    likelier = early_leaving(min(usage, less), 2000.0, TERMS, months, sensitivity, NUMBERS)
    assert likelier >= early_leaving(more, 2000.0, TERMS, months, sensitivity, NUMBERS)
    if more > 0.8 * 2200 * (1 + 1e-6):
        assert early_leaving(more, 2000.0, TERMS, months, sensitivity, NUMBERS) == 0


def test_a_fee_that_equals_the_commitment_left_leaves_the_base_rate_to_who_uses_nothing():
    whole = NUMBERS._replace(early_fee=np.float32(1.0))
    assert early_leaving(0.0, 2000.0, TERMS, 3, 7.0, whole) == pytest.approx(1 / (1 + np.exp(3)))


def a_line_that_moves(carrier, theirs):
    """Return the first month of a customer that takes its line of 3000 yuan to the cheapest; rivals ask `theirs`."""
    scenario, city = worked_example(
        3000.0,
        (0.0, 0.0),
        mechanisms={"attention": True, "contracts": True, "early_leaving": True},
        attention={"base": 20.0},
        value={"price_sensitivity": 60.0, "price_sensitivity_spread": 0.0},
    )
    prices = dict.fromkeys(LINES[:3], theirs)
    rivals = {name: rival.model_copy(update={"price": prices}) for name, rival in scenario.rivals.items()}
    scenario = scenario.model_copy(update={"rivals": rivals})
    city.state.carrier[:] = carrier
    city.state.months_left[0] = 10
    return simulate(scenario, city, nothing(1), seed=1, months=1)


def test_a_line_that_leaves_inside_its_term_pays_a_share_of_the_bills_left():
    run = a_line_that_moves(0, 0.5)
    assert run.flows[0, 0, 0, 1:].sum() == 1
    assert yuan(run.breakage[0]) == pytest.approx(0.3 * 3000 * 9)


def test_what_a_line_pays_to_a_rival_for_leaving_is_not_ours():
    run = a_line_that_moves(1, 3.0)
    assert run.flows[0, 0, 1, 0] == 1
    assert run.breakage.sum() == 0


def test_installation_is_free_for_lines_that_come_with_a_plan():
    scenario, city = worked_example(contract={"installation": 150.0}, mechanisms={"waived_fees": True})
    run = simulate(scenario, city, offering(city, "A", 8000.0), seed=1)
    np.testing.assert_allclose(yuan(run.waived), [300, 0, 0, 0, 0, 0])
    assert waived_fees(run) == pytest.approx(300)
    assert yuan(run.account.programme_cost.sum()) == pytest.approx(
        yuan((run.waived + run.redeemed + run.care + run.visit_cost).sum())
    )


def test_lines_that_come_without_a_plan_pay_their_installation():
    run = a_line_that_moves(1, 3.0)
    assert (run.flows[0, 0, 1, 0], run.waived.sum()) == (1, 0)


def test_free_installation_makes_an_offer_likelier_by_the_documented_odds():
    copies = 4000
    beta, rapport = {"price_sensitivity": 7.0, "price_sensitivity_spread": 0.0}, {"rapport": 0.0}
    contract = {"offer": -0.5, "moving": 1.5, "installation": 4000.0}
    scenario, city = worked_example(contract=contract, value={**beta, **rapport}, mechanisms={"waived_fees": True})
    many = cloned(city, copies)
    accepted = simulate(scenario, many, offering(many, "C", 12_000.0), seed=4, months=1).plans_accepted[0] / copies
    relief = 7.0 * np.log(1 + 4000 * 2 / (12 * 11_000))
    logit = -0.5 + 7.0 * np.log(11_000 / 10_800) - (1.5 * 2 / 3 - relief)
    wanted = 1 / (1 + np.exp(-logit))
    assert accepted == pytest.approx(wanted, abs=4 * np.sqrt(wanted * (1 - wanted) / copies))


@pytest.mark.parametrize("basis", ["usage", "bill"])
def test_x_is_set_anew_from_usage_or_from_the_bill(basis):
    contract = {"renewal": 20.0, "renegotiation": 20.0, "x_basis": basis}
    scenario, city = worked_example(contract=contract)
    market = run_market(scenario, city, offering(city, "A", 8000.0), seed=1, months=7)
    assert market.city.state.plan_x[0] == pytest.approx({"usage": 11_000, "bill": 8800}[basis])


def test_what_a_plan_customer_paid_and_used_is_known_from_the_state():
    changes = {"substitution": {"ip": {"line": "long_distance", "speed": 0.2}}, "contract": {"offer": 1.0}}
    scenario = tiny_scenario(city={"customers": 300}, burn_in=0, attention={"base": -1.0}, **changes)
    city = draw_city(scenario)
    market = run_market(scenario, city, offering(city, "A", 900.0), seed=2, months=9)
    state, terms = market.city.state, plan_table(scenario.contract)
    price = charged_price(posted_tariff(scenario).price[0], state.ip_share, scenario.substitution, list(scenario.lines))
    month, brought, on_plan = plan_month(state, price, terms), market.brought, state.plan > 0
    paid = yuan(brought.retained + brought.won_back + brought.shortfall)
    np.testing.assert_allclose(month.paid[on_plan], paid[on_plan], rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(month.used[on_plan], state.recent_usage[2][on_plan], rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(month.paid, month.commitment + month.over_cap, rtol=1e-9)
    assert min(month.over_cap.max(), month.unused.max()) > 0
    assert not any(part[~on_plan].any() for part in month)
