"""Bonds: the steps from product to solution, and what price gaps bonds withstand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.bond import BUNDLE, LINE, PRODUCT, SOLUTION, BondSettings, next_step, plain_step, price_gap_withstood
from sim.city import draw_city
from sim.history import lost_lines
from sim.market import run_market, simulate
from sim.programme import nothing
from sim.testing import tiny_scenario

STEPS = (PRODUCT, LINE, BUNDLE, SOLUTION)


def step_after(step, own_lines, on_plan=False, integrated=False):
    plain = plain_step(np.array([own_lines]), 4, np.array([on_plan]))
    return int(next_step(np.array([step], dtype=np.int8), plain, np.array([integrated]))[0])


def test_holdings_make_products_lines_and_bundles_and_only_integration_makes_a_solution():
    assert [step_after(PRODUCT, lines) for lines in range(5)] == [PRODUCT, PRODUCT, LINE, LINE, BUNDLE]
    assert step_after(LINE, 3, on_plan=True) == BUNDLE
    assert step_after(BUNDLE, 4, integrated=True) == SOLUTION
    assert step_after(LINE, 3, integrated=True) == LINE


def test_a_solution_lasts_as_long_as_the_bundle_that_it_is_built_on():
    assert step_after(SOLUTION, 4) == SOLUTION
    assert step_after(SOLUTION, 3) == LINE


@given(st.sampled_from(STEPS), st.integers(0, 4), st.booleans(), st.booleans())
def test_a_line_more_never_takes_a_customer_a_step_down(step, lines, on_plan, integrated):
    assert step_after(step, min(lines + 1, 4), on_plan, integrated) >= step_after(step, lines, on_plan, integrated)


def test_social_bonds_withstand_small_price_gaps_and_structural_ones_large_ones():
    settings, usual = BondSettings(), 7.3
    assert price_gap_withstood(settings.social, usual) < 0.05 < 0.15 < price_gap_withstood(settings.solution, usual)


def losses(**bond):
    scenario = tiny_scenario(city={"customers": 2000}, bond=bond, attention={"base": -2.0})
    city = draw_city(scenario)
    city.state.step[:] = SOLUTION
    city.state.carrier[:] = 0
    return lost_lines(simulate(scenario, city, nothing(2000), seed=3, months=3))[0]


def test_a_structural_bond_holds_lines():
    none = {"social": 0, "line": 0, "bundle": 0, "solution": 0}
    assert losses(**{**none, "solution": 3}) < losses(**{**none, "solution": 1}) < losses(**none)


def test_visits_to_bundled_customers_integrate_solutions():
    scenario = tiny_scenario(bond={"integration": 1.0}, visit={"hours": 5000.0})
    city = draw_city(scenario)
    programme = nothing(60)
    programme.visits[:30] = 12
    city.state.carrier[:, ::4] = 0
    bundled = (city.state.carrier == 0).all(axis=0)
    after = run_market(scenario, city, programme, seed=3, months=1).city.state
    assert ((after.step == SOLUTION) == (bundled & (np.arange(60) < 30))).all()
    assert (after.step == SOLUTION).any()
