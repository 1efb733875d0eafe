"""What is measured on a run."""

from __future__ import annotations

import numpy as np
import pytest

from sim import history as measure
from sim.market import simulate
from sim.programme import nothing
from sim.testing import offering, tiny_scenario


@pytest.fixture(scope="module")
def run(tiny, tiny_start):
    return simulate(tiny, tiny_start.city, offering(tiny_start.city, "B", 500.0), seed=5)


def test_own_revenue_is_retained_plus_won_back_plus_shortfall_plus_breakage(run):
    rest = measure.yuan(run.shortfall.sum()) + measure.breakage_income(run)
    whole = measure.retained_revenue(run) + measure.won_back_revenue(run) + rest
    assert measure.own_revenue(run) == pytest.approx(whole)


def test_contribution_is_revenue_less_programme_and_serving(run):
    costs = measure.programme_cost(run) + measure.yuan(run.cost_to_serve.sum())
    assert measure.contribution(run) == pytest.approx(measure.own_revenue(run) - costs)


def test_retained_revenue_adds_up_over_accounts(run):
    assert measure.account_retained(run).sum() == pytest.approx(measure.retained_revenue(run))


def test_lines_change_by_what_is_won_and_lost(run, tiny_start):
    change = measure.won_lines(run) - measure.lost_lines(run)
    at_start = (tiny_start.city.state.carrier == 0).sum()
    np.testing.assert_array_equal(at_start + np.cumsum(change), measure.own_lines(run))


def test_loss_of_half_a_year_is_extrapolated_to_a_year(tiny, tiny_start):
    half = simulate(tiny, tiny_start.city, nothing(60), seed=5, months=6)
    at_start = (tiny_start.city.state.carrier == 0).sum()
    assert measure.yearly_loss(half) == pytest.approx(1 - (half.kept[-1] / at_start) ** 2)


def test_transitions_count_every_line_every_month(run):
    assert measure.transition_counts(run).sum() == 60 * 4 * 12


def test_a_run_without_lines_of_ours_loses_none(tiny_start):
    scenario = tiny_scenario(mechanisms={"attention": False})
    city = tiny_start.city.copied()
    city.state.carrier[:] = 1
    history = simulate(scenario, city, nothing(60), seed=5)
    assert (measure.yearly_loss(history), measure.own_revenue(history)) == (0.0, 0.0)
