"""The menu: what may be done, and to whom it makes sense."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.treatment import NOTHING, TreatmentSettings, choices, menu
from sim.city import found
from sim.names import LEVELS, PLANS
from sim.testing import tiny_scenario

unhurried = settings(deadline=None)


def some(values, **bounds):
    return st.lists(values, max_size=3, **bounds).map(tuple)


menus = st.builds(
    TreatmentSettings,
    visits=some(st.integers(0, 52)),
    audiences=st.sampled_from([("decider",), ("decider", "working"), ("working", "decider")]),
    offers=some(st.sampled_from(["A", "B", "C"]), unique=True),
    offer_visits=st.integers(1, 24),
    unit_discounts=some(st.sampled_from([0.05, 0.1, 0.3]), unique=True),
    mail=some(st.integers(0, 12)),
    mail_visits=st.integers(0, 12),
    calls=some(st.integers(0, 12)),
)


@unhurried
@given(menus)
def test_nothing_comes_first_and_only_once(levers):
    treatments = menu(levers)
    assert treatments[0] == NOTHING
    assert treatments.count(NOTHING) == 1


@unhurried
@given(menus)
def test_no_treatment_is_listed_twice(levers):
    treatments = menu(levers)
    assert len(set(treatments)) == len(treatments)


@unhurried
@given(menus)
def test_the_menu_holds_no_nonsense(levers):
    for t in menu(levers):
        assert not t.offer or (t.visits and t.audience == "decider" and t.visits <= levers.offer_visits)
        assert not (t.calls and t.visits)
        assert not (t.discount and (t.visits or t.mail or t.calls or t.offer))
        assert not (t.offer and t.mail)
        assert t.visits or t.audience == "decider"
        assert not (t.mail and t.visits > levers.mail_visits)


@unhurried
@given(menus)
def test_the_menu_uses_only_the_levers_given(levers):
    for t in menu(levers):
        assert t.visits in (0, *levers.visits)
        assert t.mail in (0, *levers.mail)
        assert t.calls in (0, *levers.calls)
        assert t.discount in (0, *levers.unit_discounts)
        assert t.offer in (0, *(PLANS.index(plan) for plan in levers.offers))


@unhurried
@given(menus)
def test_different_treatments_have_different_names(levers):
    names = [t.name for t in menu(levers)]
    assert len(set(names)) == len(names)


@pytest.fixture(scope="module")
def book():
    return found(tiny_scenario(city={"customers": 300})).book


@pytest.fixture(scope="module")
def offered(book):
    treatments = menu(TreatmentSettings())
    return treatments, choices(book, treatments, TreatmentSettings(), tiny_scenario().city, 0.6)


def test_nothing_is_allowed_for_everybody(offered):
    assert offered[1].allowed[0].all()


def test_plan_a_is_for_who_grows_or_spends_elsewhere(book, offered):
    treatments, chosen = offered
    grows = 12 * np.log1p(book.growth.astype(float)) >= np.log1p(0.1)
    elsewhere = np.nan_to_num(book.rival_spend).sum(axis=0) > 0
    for b, t in enumerate(treatments):
        if t.offer == PLANS.index("A"):
            assert not chosen.allowed[b, ~grows & ~elsewhere].any()
            assert chosen.allowed[b].any()


def test_nobody_on_a_plan_is_offered_one_or_a_discount(book, offered):
    treatments, _ = offered
    planned = book._replace(plan=np.ones_like(book.plan))
    allowed = choices(planned, treatments, TreatmentSettings(), tiny_scenario().city, 0.6).allowed
    assert not allowed[[bool(t.offer or t.discount) for t in treatments]].any()


def test_no_discount_is_given_inside_buildings_unless_it_is_said_to(book, offered):
    treatments, chosen = offered
    discounts = [bool(t.discount) for t in treatments]
    assert not chosen.allowed[discounts][:, book.building >= 0].any()
    bold = TreatmentSettings(discounts_in_buildings=True)
    assert choices(book, treatments, bold, tiny_scenario().city, 0.6).allowed[discounts][:, book.building >= 0].any()


def test_no_discount_is_given_to_who_buys_nothing_from_us(book, offered):
    treatments, chosen = offered
    assert not chosen.allowed[[bool(t.discount) for t in treatments]][:, book.recent_usage.mean(axis=0) == 0].any()


def test_the_working_level_is_an_audience_only_where_it_does_not_decide(offered):
    treatments, chosen = offered
    working = [t.audience == "working" for t in treatments]
    assert (chosen.level[working] == LEVELS.index("working")).all()
    decider = chosen.level[0]
    assert not chosen.allowed[working][:, decider == LEVELS.index("working")].any()


def test_x_is_at_least_what_is_used_with_us_and_more_where_rivals_are_known(book, offered):
    treatments, chosen = offered
    b = next(b for b, t in enumerate(treatments) if t.offer == PLANS.index("B"))
    own, rival = book.recent_usage.mean(axis=0), np.nan_to_num(book.rival_spend).sum(axis=0)
    np.testing.assert_allclose(chosen.offer_x[b], own + 0.6 * rival, rtol=1e-6)
