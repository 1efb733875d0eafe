"""Calendars: quarters that ask for the same contacts as the year, and visits put before a date."""

from __future__ import annotations

from functools import partial

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optimize.calendar import QUARTER, Calendar, by_quarter, timed
from optimize.policy import Replanning, live_under
from sim.city import draw_city
from sim.market import simulate
from sim.names import PLANS
from sim.programme import nothing
from sim.testing import tiny_scenario
from sim.visit import contact_phase, due_in_month


def programme(visits, size=None):
    given_ = np.asarray(visits, dtype=np.int16)
    return nothing(given_.size if size is None else size)._replace(visits=given_)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(0, 99), st.integers(1, 24))
def test_each_quarter_asks_for_the_visits_that_fall_into_it(visits, first, months):
    key = np.arange(first, first + len(visits), dtype=np.uint64)
    year = programme(visits)
    quarters = by_quarter(year, key, months, 6)
    phase = contact_phase(key, "visit")
    for number, quarter in enumerate(quarters):
        of_year = sum(due_in_month(year.visits, phase, QUARTER * number + m) for m in range(QUARTER))
        of_quarter = sum(due_in_month(quarter.visits, phase, m) for m in range(QUARTER))
        np.testing.assert_array_equal(of_quarter, of_year)


def test_the_market_makes_as_many_visits_in_each_quarter_and_as_many_take_a_plan():
    scenario = tiny_scenario(visit={"hours": 5000.0}, city={"customers": 60})
    city = draw_city(scenario)
    year = programme(np.arange(60) % 5)._replace(
        offer=np.full(60, PLANS.index("B"), dtype=np.int8), offer_x=np.full(60, 500.0, dtype=np.float32)
    )
    quarters = by_quarter(year, city.customers.key, 12, scenario.visit.offer_every)
    whole = simulate(scenario, city, year, seed=3)
    policy = Replanning(make=partial(Calendar, quarters), every=QUARTER, first=quarters[0])
    parts = live_under(policy, nothing(60), scenario, city, 12, 3).history
    for name in ("visits_due", "visits_made"):
        made = (getattr(history, name).reshape(-1, QUARTER).sum(axis=1) for history in (parts, whole))
        np.testing.assert_array_equal(*made)
    assert parts.plans_accepted.sum() > 0
    assert abs(parts.plans_accepted.sum() - whole.plans_accepted.sum()) <= 0.4 * whole.plans_accepted.sum()


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 5)), min_size=1, max_size=8))
def test_a_timed_account_is_visited_in_its_quarter_and_as_often_as_before(accounts):
    visits, whom, when = (np.array(column) for column in zip(*accounts, strict=True))
    key = np.arange(visits.size, dtype=np.uint64)
    before = by_quarter(programme(visits), key, 12, 6)
    after = timed(before, whom, when)
    then = np.clip(when, 0, 3)
    old, new = (np.array([quarter.visits for quarter in quarters]) for quarters in (before, after))
    np.testing.assert_array_equal(old.sum(axis=0), new.sum(axis=0))
    np.testing.assert_array_equal(old[:, ~whom], new[:, ~whom])
    visited = whom & (old.sum(axis=0) > 0)
    assert (new[then, np.arange(visits.size)][visited] > 0).all()


def test_an_offer_goes_with_the_visit_that_is_moved():
    quarters = tuple(programme([4 * v])._replace(offer=np.array([v], dtype=np.int8)) for v in (0, 1, 0, 0))
    moved = timed(quarters, np.array([True]), np.array([3]))
    assert [int(one.visits[0]) for one in moved] == [0, 0, 0, 4]
    assert [int(one.offer[0]) for one in moved] == [0, 0, 0, 1]
