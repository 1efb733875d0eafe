"""Contracts: bills, care and the worked examples of the domain digest, to the yuan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract import ContractSettings, care_money, plan_bill, plan_table, split_bill
from sim.history import yuan
from sim.kernels.behaviour import MONEY_UNIT, bill_on_plan, care
from sim.market import run_market, simulate
from sim.names import PLANS
from sim.programme import nothing
from sim.rates import rates
from sim.testing import offering, tiny_scenario, worked_example

unhurried = settings(deadline=None)
money = st.floats(0, 1e7)
PAY_A, CAP_A = plan_table(ContractSettings())[PLANS.index("A")]


def bill_a(usage, x):
    return float(plan_bill(np.array(usage), np.array(PAY_A * x), np.array(CAP_A * x)))


def offered(own, rivals, x, plan="A", **changes):
    """Return the first month's takings (retained, won back, shortfall, discount, care) after an accepted offer."""
    scenario, city = worked_example(own, rivals, **changes)
    history = simulate(scenario, city, offering(city, plan, x), seed=1, months=1)
    names = ("retained", "won_back", "shortfall", "discount", "care")
    return {name: float(yuan(getattr(history, name)[0])) for name in names}


# D10: 3000 with us, 5000 and 3000 with rivals; X = 8000 on plan A.


def test_worked_example_1_by_the_formulas():
    bill = bill_a(11_000.0, 8000.0)
    assert (bill, CAP_A * 8000.0, 11_000 - bill) == (pytest.approx(8800), 12_000, pytest.approx(2200))
    split = split_bill(np.array(bill), np.array(3000.0), np.array(8000.0))
    assert [float(part) for part in split] == pytest.approx([3000, 5800, 0])


def test_worked_example_1_in_the_simulated_market():
    assert offered(3000.0, (5000.0, 3000.0), 8000.0) == pytest.approx(
        {"retained": 3000, "won_back": 5800, "shortfall": 0, "discount": 2200, "care": 0}
    )


def test_in_worked_example_1_both_rivals_drop_to_nothing():
    scenario, city = worked_example()
    history = simulate(scenario, city, offering(city, "A", 8000.0), seed=1)
    assert yuan(history.revenue[:, 1:].sum()) == 0
    np.testing.assert_allclose(yuan(history.revenue[:, 0].sum(axis=1)), 8800)


@pytest.mark.parametrize("x", [7334.0, 8000.0, 9000.0, 9999.0])
def test_any_x_from_7334_to_9999_covers_the_use_and_saves_the_customer_money(x):
    got = offered(3000.0, (5000.0, 3000.0), x)
    bill = got["retained"] + got["won_back"] + got["shortfall"]
    assert bill == pytest.approx(1.1 * x, abs=1e-2)
    assert bill < 11_000


def test_a_smaller_x_does_not_cover_the_use():
    got = offered(3000.0, (5000.0, 3000.0), 7333.0)
    assert sum(got[part] for part in ("retained", "won_back")) == pytest.approx(1.1 * 7333 + 0.5, abs=1e-2)


def test_a_larger_x_saves_the_customer_nothing():
    got = offered(3000.0, (5000.0, 3000.0), 10_000.0)
    assert sum(got[part] for part in ("retained", "won_back", "shortfall")) == pytest.approx(11_000)


# D11: 3200 with us, about 6000 elsewhere; X = 8000 on plan A.


def test_worked_example_2_by_the_formulas():
    bill = bill_a(9200.0, 8000.0)
    assert (bill - 3200, 9200 - bill) == (pytest.approx(5600), pytest.approx(400))


def test_worked_example_2_in_the_simulated_market():
    got = offered(3200.0, (4000.0, 2000.0), 8000.0)
    assert got["retained"] + got["won_back"] + got["shortfall"] - 3200 == pytest.approx(5600)
    assert got["discount"] == pytest.approx(400)


# D12: a commitment of 2200 and use of 1200.


def test_worked_example_3_by_the_formulas():
    assert float(care_money(np.array(1200.0), np.array(2200.0), ContractSettings())) == 500


def test_worked_example_3_in_the_simulated_market():
    got = offered(1200.0, (0.0, 0.0), 2000.0)
    assert (got["care"], got["shortfall"]) == (pytest.approx(500), pytest.approx(1000))


def test_the_seller_never_sets_x_below_the_last_three_months():
    scenario, city = worked_example()
    market = run_market(scenario, city, offering(city, "A", 1.0), seed=1, months=1)
    assert market.city.state.plan_x.tolist() == [3000.0]


def test_x_is_set_anew_from_the_usage_of_the_last_three_months_after_six():
    scenario, city = worked_example(contract={"renewal": 20.0, "renegotiation": 20.0})
    market = run_market(scenario, city, offering(city, "A", 8000.0), seed=1, months=7)
    assert (market.record.plans_renewed.tolist(), market.city.state.plan_x.tolist()) == ([0] * 6 + [1], [11_000.0])


def test_who_does_not_want_to_renew_leaves_the_plan_but_not_the_carrier():
    scenario, city = worked_example(contract={"renewal": -20.0})
    history = simulate(scenario, city, {0: offering(city, "A", 8000.0), 1: nothing(1)}, seed=1, months=7)
    assert (history.plans_left.tolist(), history.on_plan.tolist()) == ([0] * 6 + [1], [1] * 6 + [0])
    assert yuan(history.retained[6] + history.won_back[6]) == pytest.approx(11_000)


def test_who_renegotiates_gets_the_concession():
    stubborn = {"renewal": 6.0, "renegotiation": 0.0, "concession": 0.5}
    scenario, city = worked_example(contract=stubborn, value={"price_sensitivity": 50.0})
    market = run_market(scenario, city, offering(city, "A", 8000.0), seed=1, months=7)
    assert (market.record.plans_renegotiated[6], market.city.state.plan_x[0]) == (1, 5500.0)


# Rules.


@unhurried
@given(money, money, money)
def test_the_parts_of_a_bill_sum_to_the_bill(bill, kept, returned):
    split = split_bill(np.array(bill), np.array(kept), np.array(returned))
    np.testing.assert_allclose(split.retained + split.won_back + split.shortfall, bill, rtol=1e-12, atol=1e-6)
    assert min(float(part) for part in split) >= -1e-6
    assert split.retained <= kept
    assert split.won_back <= returned


@unhurried
@given(money, money)
def test_care_is_half_the_shortfall_but_at_least_the_floor(usage, commitment):
    spent = float(care_money(np.array(usage), np.array(commitment), ContractSettings()))
    wanted = 0.0 if usage >= commitment else max(100.0, 0.5 * (commitment - usage))
    assert spent == wanted


@unhurried
@given(money, st.floats(1, 1e6), st.sampled_from([1, 2, 3]))
def test_the_compiled_bill_and_care_are_the_documented_ones(usage, x, plan):
    pay, cap = plan_table(ContractSettings())[plan]
    bill = float(plan_bill(np.array(usage), np.array(pay * x), np.array(cap * x)))
    assert bill_on_plan(usage, x, pay, cap) == pytest.approx(bill)
    spent = float(care_money(np.array(usage), np.array(pay * x), ContractSettings()))
    assert care(usage, pay * x, rates(tiny_scenario())) == pytest.approx(spent)


@unhurried
@given(money, money, st.floats(1, 1e6))
def test_more_usage_never_lowers_the_bill(usage, more, x):
    assert bill_a(usage + more, x) >= bill_a(usage, x)


def test_no_plan_has_no_terms():
    assert plan_table(ContractSettings())[0].tolist() == [0, 0]


def test_money_is_counted_in_units_that_a_yuan_divides_into():
    assert MONEY_UNIT == 10_000
