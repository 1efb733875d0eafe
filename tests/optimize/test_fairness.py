"""Building fairness: a unit discount for all tenants or none, or charged with its leak."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimize.fairness import leak
from optimize.interference import months_given
from optimize.plan import make_plan
from optimize.response import estimate
from sim.city import found
from sim.talk import TalkSettings


@pytest.fixture(scope="module")
def generous(tiny_decision):
    """A menu with discounts in buildings, and so large a discount budget that many are given."""
    update = {
        "treatments": {"discounts_in_buildings": True, "unit_discounts": (0.05, 0.1)},
        "budgets": {"discount": 0.2},
        "rules": {"contribution_floor": False},
    }
    return tiny_decision.model_copy(
        update={name: getattr(tiny_decision, name).model_copy(update=part) for name, part in update.items()}
    )


def under(decision, mode):
    return decision.model_copy(update={"rules": decision.rules.model_copy(update={"building_fairness": mode})})


@pytest.fixture(scope="module")
def book(generous):
    return found(generous).book


@pytest.fixture(scope="module")
def response(generous, book):
    """What treatments bring where news inside buildings is left to the rule."""
    return estimate(under(generous, "all"), book)


def discounts(plan):
    return np.array([plan.response.treatments[b].discount for b in plan.allocation.treatment])


def test_without_the_rule_some_tenants_get_a_discount_that_their_neighbours_do_not(generous, book, response):
    given = discounts(make_plan(generous, book, response))
    inside = book.building >= 0
    assert any(np.unique(given[inside & (book.building == b)]).size > 1 for b in np.unique(book.building[inside]))


def test_under_fairness_all_tenants_who_can_have_a_discount_get_the_same_one(generous, book, response):
    plan = make_plan(under(generous, "all"), book, response)
    given = discounts(plan)
    menu = np.array([t.discount for t in response.treatments])[:, None]
    can = {tier: (response.choices.allowed & (menu == tier)).any(axis=0) for tier in (0.05, 0.1)}
    for building in np.unique(book.building[book.building >= 0]):
        tenants = book.building == building
        tiers = set(given[tenants]) - {0.0}
        assert len(tiers) <= 1
        for tier in tiers:
            assert (given[tenants & can[tier]] == tier).all()


def test_leaks_cost_the_plan_what_they_are_expected_to(generous, book, response):
    fair, free = make_plan(under(generous, "leak"), book, response), make_plan(generous, book, response)
    inside = book.building >= 0
    assert (discounts(fair)[inside] > 0).sum() <= (discounts(free)[inside] > 0).sum()
    assert fair.allocation.value <= free.allocation.value + 1e-6
    assert (fair.used.set_index("key").loc["budgets.discount", "used"]) <= fair.limits.discount + 1e-6


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 24), st.integers(1, 36), st.integers(1, 36))
def test_nobody_is_given_a_discount_for_longer_than_there_is(rate, granted, months, period, horizon):
    talk = TalkSettings(rate=rate, granted=granted, granted_months=months)
    expected = months_given(talk.rate, talk, period, horizon)
    assert 0 <= expected <= horizon + 1e-9


def test_months_given_by_hand():
    """With certainty a neighbour has it from the first month on, twelve months at a time, while it is granted."""
    sure = TalkSettings(rate=1.0, granted=1.0, granted_months=12)
    assert months_given(sure.rate, sure, 12, 24) == pytest.approx(12)
    assert months_given(sure.rate, sure, 13, 24) == pytest.approx(24)
    half = TalkSettings(rate=0.5, granted=1.0, granted_months=1)
    assert months_given(half.rate, half, 2, 24) == pytest.approx(0.5 + 0.5 * 0.5 + 0.5 * 0.5)


def test_a_leak_is_the_neighbours_spend_times_the_discount(generous, book):
    at = leak(0.1, generous.talk, generous, book)
    spend = np.bincount(book.building[book.building >= 0], weights=book.own_spend[book.building >= 0])
    months = months_given(generous.talk.rate, generous.talk, min(generous.period, generous.months), generous.months)
    np.testing.assert_allclose(at, 0.1 * spend * months, rtol=1e-6)
