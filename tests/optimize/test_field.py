"""The timetable: the market's own weeks where nothing interferes, within managers' hours, and nothing dropped."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.decision import Decision
from optimize.field import schedule, timetable
from optimize.plan import make_plan
from sim.city import found
from sim.composing.compose import compose
from sim.history import HOUR_UNIT, hours
from sim.kernels.behaviour import MONEY_UNIT
from sim.manager import visiting_hours
from sim.market import simulate
from sim.names import PLANS
from sim.programme import nothing
from sim.testing import tiny_tree

MENU = {"visits": [0, 2, 12], "mail": [0, 4], "calls": [0, 4], "unit_discounts": [0.1]}
QUIET = {"incidents": False}
"""Without complaints, nobody calls a manager out."""


def decision(**changes) -> Decision:
    """Return the tiny market for a year's plan: nothing interferes, no bonus moves effort and no offer is accepted."""
    tree = tiny_tree(
        period=12,
        treatments=MENU,
        response={"draws": 2},
        mechanisms=QUIET,
        manager={"bonus_share": 0.0},
        contract={"offer": -20.0},
    )
    return compose(Decision, {**tree, **changes}).settings


@cache
def founded():
    """Return the tiny city and its book, for all examples of a property too."""
    return found(decision())


@pytest.fixture(scope="module")
def quiet():
    return decision()


@pytest.fixture(scope="module")
def start():
    return founded()


def busy(book, visits=12):
    """Return a programme that visits everybody and offers plan A where nobody is on a plan."""
    programme = nothing(book.key.size)
    programme.visits[:] = visits
    programme.offer[:] = PLANS.index("A")
    programme.offer_x[:] = 3000
    programme.level[:] = np.arange(book.key.size) % 3
    return programme


def weekly_hours(chosen, managers):
    return np.full(managers, visiting_hours(chosen.visit.hours, chosen.manager) / 48)


class PaidHours:
    """A ledger that keeps what each customer's visits cost, by month."""

    def __init__(self):
        self.cost = []

    def post(self, month, columns):
        self.cost.append(columns["visit_cost"].copy())


def by_month(planned, amount=None):
    return np.bincount(planned.visits.week // 4, weights=amount, minlength=planned.weeks // 4)


@pytest.mark.parametrize("yearly", [120.0, 40.0, 600.0])
def test_planned_visits_are_those_that_the_market_makes_where_nothing_interferes(start, yearly):
    chosen = decision(visit={"accounts_per_manager": 20, "hours": yearly})
    book, programme = start.book, busy(start.book)
    planned = schedule(chosen, book, programme, weekly_hours(chosen, start.city.managers))
    lived = simulate(chosen, start.city, programme, seed=5, months=12)
    np.testing.assert_array_equal(by_month(planned), lived.visits_made)
    np.testing.assert_allclose(by_month(planned, planned.visits.hours), hours(lived.visit_hours), atol=1 / HOUR_UNIT)
    assert planned.left_over.sum() == lived.backlog[-1]


def test_each_customers_hours_of_each_month_are_the_markets(quiet, start):
    programme, ledger = busy(start.book), PaidHours()
    planned = schedule(quiet, start.book, programme, weekly_hours(quiet, start.city.managers))
    simulate(quiet, start.city, programme, seed=5, months=12, ledger=ledger)
    spent = np.zeros((12, start.book.key.size))
    np.add.at(spent, (planned.visits.week // 4, planned.visits.customer), planned.visits.hours)
    np.testing.assert_allclose(spent * quiet.visit.hour_cost, np.array(ledger.cost) / MONEY_UNIT, atol=1e-3)


def test_a_plan_is_laid_out_within_the_hours_that_its_optimiser_reckoned_with(quiet, start):
    plan = make_plan(quiet, start.book)
    planned = timetable(quiet, start.book, plan)
    lived = simulate(quiet, start.city, plan.programme, seed=5, months=12)
    np.testing.assert_array_equal(by_month(planned), lived.visits_made)
    np.testing.assert_allclose(planned.weekly * planned.weeks, plan.limits.hours)


def test_hours_that_complaints_are_expected_to_take_are_left_free(start):
    complaining = decision(mechanisms={}, experience={"incidents": 0.5})
    plan = make_plan(complaining, start.book)
    assert (timetable(complaining, start.book, plan).weekly < weekly_hours(complaining, start.city.managers)).any()


@settings(max_examples=40)
@given(st.floats(0, 40), st.integers(0, 48), st.floats(0.25, 3))
def test_no_manager_has_spent_more_by_any_week_than_there_was_and_no_visit_is_lost(yearly, visits, banked):
    chosen = decision(visit={"accounts_per_manager": 20, "banked": banked})
    start = founded()
    weekly = np.full(start.city.managers, yearly / 10)
    planned = schedule(chosen, start.book, busy(start.book, visits), weekly)
    made = planned.visits
    spent = np.zeros((start.city.managers, planned.weeks))
    np.add.at(spent, (start.book.manager[made.customer], made.week), made.hours)
    assert (spent.cumsum(axis=1) <= weekly[:, None] * np.arange(1, planned.weeks + 1) + 1e-6).all()
    assert (spent <= weekly[:, None] * (4 * banked + 1) + 1e-6).all()
    np.testing.assert_array_equal(
        np.bincount(made.customer, minlength=start.book.key.size) + planned.left_over, planned.due
    )


def test_an_offer_is_made_at_the_first_visit_and_again_when_it_may_have_been_declined(quiet, start):
    planned = schedule(quiet, start.book, busy(start.book), np.full(start.city.managers, 1000.0))
    made = planned.visits
    for customer in range(start.book.key.size):
        mine = made.customer == customer
        assert made.offer[mine & (made.offer > 0)].tolist() == [1, 2]
        assert made.week[mine & (made.offer == 1)] == made.week[mine].min()
        assert made.week[mine & (made.offer == 2)] >= 4 * quiet.visit.offer_every


def test_who_is_on_a_plan_is_offered_none(quiet, start):
    on_plan = start.book._replace(plan=np.ones_like(start.book.plan))
    planned = schedule(quiet, on_plan, busy(start.book), np.full(start.city.managers, 1000.0))
    assert not planned.visits.offer.any()
    assert not planned.offers_left.any()


def test_an_offer_whose_visit_does_not_fit_is_told(quiet, start):
    planned = schedule(quiet, start.book, busy(start.book), np.zeros(start.city.managers))
    assert planned.offers_left.all()
    np.testing.assert_array_equal(planned.left_over, planned.due)


def test_a_market_without_visits_makes_none_of_those_planned(start):
    without = decision(mechanisms={"visits": False})
    planned = schedule(without, start.book, busy(start.book), np.full(start.city.managers, 1000.0))
    assert planned.visits.customer.size == 0
    assert (planned.left_over == 12).all()


def test_only_the_first_visit_to_a_building_in_a_week_pays_for_the_journey(quiet, start):
    everybody = start.book._replace(
        building=np.zeros_like(start.book.building), manager=np.zeros_like(start.book.manager)
    )
    programme = busy(start.book, 48)
    programme.offer[:] = 0
    programme.level[:] = 2
    made = schedule(quiet, everybody, programme, np.full(start.city.managers, 1000.0)).visits
    visit = quiet.visit
    first = np.flatnonzero(np.diff(made.week, prepend=-1))
    further = np.setdiff1d(np.arange(made.week.size), first)
    np.testing.assert_allclose(made.hours[first], visit.in_building)
    np.testing.assert_allclose(made.hours[further], visit.in_building - visit.journey + visit.corridor)
