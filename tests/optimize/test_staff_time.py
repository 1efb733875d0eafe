"""Hours that managers have for visits, and hours that a visit is expected to take."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.baselines import Nothing
from optimize.decision import Decision
from optimize.plan import book_limits, programme_of, thumb_choice
from optimize.response import estimate, expected_visit_hours
from optimize.staff_time import expected_call_out_hours, expected_hours
from sim.city import found
from sim.composing.compose import compose
from sim.market import simulate
from sim.names import CLASSES
from sim.programme import service_tiers
from sim.testing import tiny_tree
from sim.visit import visit_hours

MENU = {"visits": [0, 4], "audiences": ["decider"], "mail": [0], "calls": [0], "offers": []}


def decision(**changes) -> Decision:
    return compose(Decision, tiny_tree(treatments=MENU, city={"customers": 400}, **changes)).settings


def switched(chosen: Decision, **switches: bool) -> Decision:
    return chosen.model_copy(update={"mechanisms": chosen.mechanisms.model_copy(update=switches)})


@pytest.fixture(scope="module")
def case():
    chosen = decision(experience={"incidents": 0.5})
    return chosen, found(chosen)


@pytest.fixture(scope="module")
def response(case):
    return estimate(case[0], case[1].book)


def test_training_leaves_fewer_hours(case):
    chosen, start = case
    hours = np.full(start.city.managers, 60.0)
    left = expected_hours(switched(chosen, preemption=False), start.book, hours, 6)
    np.testing.assert_allclose(left, 60.0 - chosen.manager.training / 2)
    untouched = expected_hours(switched(chosen, preemption=False, managers=False), start.book, hours, 6)
    np.testing.assert_array_equal(untouched, hours)


def test_call_outs_take_the_hours_in_a_budget_that_they_take_in_the_market(case, response):
    chosen, start = case
    nobody_leaves = switched(chosen, attention=False)
    programme = programme_of(response, thumb_choice(chosen, start.book, response, Nothing()))
    wanted = 12 * expected_call_out_hours(chosen, start.book).sum()
    hours = [
        simulate(nobody_leaves, start.city, programme, seed=seed, months=12).call_outs.sum()
        * chosen.service.call_out[2]
        for seed in range(40)
    ]
    assert abs(np.mean(hours) - wanted) < 4 * np.std(hours, ddof=1) / np.sqrt(40)
    alone = switched(chosen, managers=False)
    left = expected_hours(alone, start.book, np.full(start.city.managers, 60.0), 12)
    assert (60.0 * start.city.managers - left.sum()) == pytest.approx(wanted)


def test_without_faults_nobody_is_called_out(case):
    chosen, start = case
    assert not expected_call_out_hours(switched(chosen, incidents=False), start.book).any()


def test_the_plans_limits_are_the_expected_hours(case, response):
    chosen, start = case
    bounds = book_limits(chosen, start.book, response)
    whole = np.full(start.city.managers, chosen.visit.hours * chosen.period / 12)
    np.testing.assert_array_equal(bounds.hours, expected_hours(chosen, start.book, whole, chosen.period))


def test_visits_are_expected_to_take_less_only_inside_buildings_that_are_visited(case):
    chosen, start = case
    level = np.zeros(start.book.key.size, dtype=np.int8)
    alone = visit_hours(start.book.building, level, chosen.visit)
    hours = expected_visit_hours(chosen, start.book, level)
    inside = start.book.building >= 0
    np.testing.assert_array_equal(hours[~inside], alone[~inside])
    saved = (alone - hours)[inside]
    assert (saved >= 0).all()
    assert 0 < saved.max() < chosen.visit.journey - chosen.visit.corridor
    np.testing.assert_array_equal(expected_visit_hours(switched(chosen, journeys=False), start.book, level), alone)


def test_every_policy_gives_each_class_the_tier_of_todays_practice(case, response):
    chosen, start = case
    wanted = service_tiers(start.book.value_class, chosen.practice)
    assert sorted(np.unique(wanted)) == [0, 1, 2]
    for treatment in (0, 1):
        everybody = np.full(start.book.key.size, treatment)
        np.testing.assert_array_equal(programme_of(response, everybody).tier, wanted)
    assert (wanted[start.book.value_class == CLASSES.index("A")] == 2).all()


def test_a_slower_desk_and_worse_tiers_bring_less(case, response):
    chosen, start = case
    slow = chosen.model_copy(update={"desk": chosen.desk.model_copy(update={"slowness": 5.0})})
    assert estimate(slow, start.book).retained[0].sum() < response.retained[0].sum()
    faulty = chosen.model_copy(update={"service": chosen.service.model_copy(update={"faults": (1.0, 2.0, 4.0)})})
    better = np.isin(start.book.value_class, (0, 1))
    worse = estimate(faulty, start.book).retained[0]
    assert (worse[better] < response.retained[0][better]).all()
    np.testing.assert_array_equal(worse[~better], response.retained[0][~better])
