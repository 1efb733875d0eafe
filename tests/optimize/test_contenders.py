"""Contenders: the same book and response for all, parts that are menus of their own, and refusals that are told."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.experiment import load
from optimize.contenders import BLEND, CONTRIBUTION, GREEDY, PARTS, PLAN, aimed_at, contenders, expected, only
from optimize.decision import FROM_TRUTH
from optimize.plan import make_plan
from optimize.response import estimate
from sim.city import found

TINY = ("city.customers=40", "burn_in=3", "months=6", "period=6")


@pytest.fixture(scope="module")
def settings():
    return load("shenzhen", TINY).settings


@pytest.fixture(scope="module")
def start(settings):
    return found(settings)


@pytest.fixture(scope="module")
def response(settings, start):
    return estimate(settings, start.book)


@pytest.fixture(scope="module")
def made(settings, start):
    return contenders(settings, start, settings.comparison.against, slow=False, more=False)


def test_every_rule_plan_part_and_yardstick_is_there(made, settings):
    wanted = {*settings.comparison.against, PLAN, CONTRIBUTION, BLEND, GREEDY, *PARTS, FROM_TRUTH}
    assert wanted <= set(made.made)
    assert not made.left_out


def test_each_plan_is_expected_to_be_best_at_its_own_goal(made):
    contribution = {name: made.made[name].predicted["contribution"] for name in (PLAN, CONTRIBUTION, BLEND)}
    retained = {name: made.made[name].predicted["retained_revenue"] for name in (PLAN, CONTRIBUTION, BLEND)}
    assert max(contribution, key=contribution.get) == CONTRIBUTION
    assert max(retained, key=retained.get) == PLAN


def test_doing_nothing_is_expected_to_bring_nothing(made):
    assert set(made.made["nothing"].predicted.values()) == {0.0}


def test_all_contenders_give_the_same_service_tiers(made):
    tiers = [one.policy.tier for one in made.made.values()]
    assert all(np.array_equal(tier, tiers[0]) for tier in tiers)


@pytest.mark.parametrize(
    ("part", "menu"),
    [
        ("visits_only", {"offers": (), "unit_discounts": (), "mail": (0,), "calls": (0,)}),
        ("channels_only", {"visits": (0,), "offers": (), "unit_discounts": ()}),
    ],
)
def test_a_part_is_what_its_own_menu_gives(settings, start, response, part, menu):
    narrow = settings.model_copy(update={"treatments": settings.treatments.model_copy(update=menu)})
    by_menu = estimate(narrow, start.book)
    kept = [response.treatments.index(treatment) for treatment in by_menu.treatments]
    some = only(response, part)
    assert not np.delete(some.choices.allowed, kept, axis=0).any()
    np.testing.assert_allclose(response.retained[kept], by_menu.retained, rtol=1e-6)
    assert make_plan(narrow, start.book, by_menu).allocation.value == pytest.approx(
        make_plan(settings, start.book, some).allocation.value, rel=1e-6
    )


def test_discounts_only_leaves_no_visit_without_an_offer(response):
    allowed = only(response, "discounts_only").choices.allowed
    for treatment, some in zip(response.treatments[1:], allowed[1:], strict=True):
        assert not some.any() or treatment.discount or (treatment.offer and treatment.visits == 1)


def test_what_cannot_be_made_is_left_out_with_its_reason(settings, start):
    rules = settings.rules.model_copy(update={"least_visits": {"D": 366}})
    found = contenders(settings.model_copy(update={"rules": rules}), start, {}, slow=False, more=False)
    assert "rules.least_visits" in found.left_out[PLAN]
    assert not found.made


def test_expectation_is_counted_from_doing_nothing(response):
    idle = np.zeros(response.retained.shape[1], dtype=np.int64)
    assert expected(response, idle + 1, response)["retained_revenue"] == pytest.approx(
        float((response.retained[1] - response.retained[0]).sum())
    )


def test_another_goal_keeps_the_weight(settings):
    heavy = settings.model_copy(update={"objective": settings.objective.model_copy(update={"retained_weight": 2.0})})
    assert aimed_at(heavy, "blend").objective.retained_weight == 2.0
