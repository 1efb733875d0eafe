"""Influence: who hears whom, how often accounts praise us, and what losing one does to the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimize.decision import Decision
from optimize.influence import influence, pulls, swayed, told, voices
from optimize.loss_trial import brought, hearers, loss_trials, without
from sim.city import found
from sim.composing.compose import compose
from sim.founding import todays_practice
from sim.market import simulate
from sim.names import OWN
from sim.programme import Programme
from sim.testing import cloned, tiny_tree

AMPLE = {"accounts_per_manager": 6, "hours": 3000.0}
"""So that nobody gets more visits because somebody else has gone."""


def decision(**changes):
    return compose(Decision, tiny_tree(**changes)).settings


def house(**changes):
    """Return the decision for one building of 6 tenants, all alike in what they desire, who hear advocates."""
    given = {
        "city": {"customers": 6, "tenants": 6.0, "in_building": 1.0, "per_centre": 6.0},
        "talk": {"advocacy": 0.6, "industry_rate": 0.0, "industry_image": 0.0},
        "experience": {"desire_spread": 0.0},
        "visit": AMPLE,
        "months": 24,
        "burn_in": 24,
        "book": {"information": "oracle"},
    }
    return decision(**{**given, **changes})


def todays_influence(chosen, book):
    return influence(chosen, book)


def practice_of(chosen, city, copies):
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    practice = todays_practice(chosen, own, city.customers.decision)
    return Programme(*(np.tile(lever, copies) for lever in practice))


@st.composite
def circles(draw):
    size = draw(st.integers(1, 9))
    group = draw(st.lists(st.integers(-1, 2), min_size=size, max_size=size))
    weight = draw(st.lists(st.sampled_from([1.0, 3.0]), min_size=size, max_size=size))
    flags = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    pull = draw(st.lists(st.integers(-50, 50), min_size=size, max_size=size))
    return np.array(group), np.array(weight), np.array(flags), np.array([pull], dtype=float)


@given(circles())
def test_what_is_said_counts_among_all_voices_that_each_other_member_hears(case):
    group, weight, _, pull = case
    expected = np.zeros_like(pull)
    for n in range(group.size):
        for j in range(group.size):
            if n != j and group[n] == group[j] >= 0:
                others = sum(weight[k] for k in range(group.size) if k != j and group[k] == group[j])
                expected[0, n] += weight[n] / others * pull[0, j]
    np.testing.assert_allclose(swayed(group, weight, pull, 1.0), expected, atol=1e-9)


@given(circles())
def test_news_reaches_each_listening_member_that_no_other_teller_reached(case):
    group, _, flags, pull = case
    tells, listens = flags == 1, flags >= 2
    expected = np.zeros_like(pull)
    for n in range(group.size):
        tellers = sum(tells[k] for k in range(group.size) if k != n and group[k] == group[n])
        for j in range(group.size):
            if n != j and group[n] == group[j] >= 0 and listens[j]:
                expected[0, n] += 0.75**tellers * pull[0, j]
    np.testing.assert_allclose(told(group, tells, listens, pull, 0.25, 1.0), expected, atol=1e-9)


def test_image_brings_revenue_and_news_of_discounts_takes_it(tiny_decision):
    book = found(tiny_decision).book
    pull = pulls(tiny_decision, book)
    assert (pull.image >= 0).all()
    assert (pull.news <= 1e-9).all()
    held = book.ours.any(axis=0)
    assert (pull.image[0, held] > 0).all()
    assert (pull.news[0, held] < 0).all()


def test_nobody_has_influence_where_nobody_talks():
    chosen = decision(mechanisms={"talk": False})
    told_by = todays_influence(chosen, found(chosen).book)
    assert not told_by.total.any()
    assert not told_by.leak.any()


def test_without_loyalty_nobody_praises_and_without_faults_nobody_complains():
    chosen = decision(mechanisms={"loyalty": False, "incidents": False})
    told_by = todays_influence(chosen, found(chosen).book)
    assert not told_by.praise.any()
    assert not told_by.blame.any()


def test_a_discount_is_news_now_and_only_what_it_would_be_where_there_is_none():
    chosen = decision(talk={"industry_rate": 0.0})
    book = found(chosen).book
    assert not todays_influence(chosen, book).news.any()
    inside = int(np.flatnonzero((book.building >= 0) & book.ours.any(axis=0))[0])
    discount = book.discount.copy()
    discount[:, inside] = 0.1
    given_one = todays_influence(chosen, book._replace(discount=discount))
    assert (given_one.news[:, inside] < 0).all()
    assert np.count_nonzero(given_one.news[0]) == 1


def test_accounts_praise_us_as_often_as_the_market_has_advocates():
    chosen = decision(city={"customers": 400}, months=12, burn_in=24, visit=AMPLE)
    start = found(chosen)
    expected = voices(chosen, start.book).praises
    city = cloned(start.city, 20)
    lived = simulate(chosen, city, practice_of(chosen, start.city, 20), seed=3)
    assert expected.mean() == pytest.approx(lived.stages[:, -1].mean() / city.customers.key.size, abs=0.02)


def test_the_neighbours_of_a_lost_advocate_bring_less_by_what_was_predicted():
    chosen = house()
    start, copies = found(chosen), 12_000
    predicted = todays_influence(chosen, start.book).total[0]
    advocate = int(predicted.argmax())
    city = cloned(start.city, copies)
    accounts = advocate + 6 * np.arange(copies)
    practice = practice_of(chosen, start.city, copies)
    kept, lost = (
        brought(simulate(chosen, there, practice, seed=5).account)[0] for there in (city, without(city, accounts))
    )
    others = hearers(city, accounts, industries=False)
    gained = ((kept - lost) * others).reshape(copies, 6).sum(axis=1)
    error = gained.std() / np.sqrt(copies)
    assert gained.mean() > 5 * error
    assert abs(gained.mean() - predicted[advocate]) < 3 * error


def test_a_lost_account_stays_away_and_the_city_is_left_as_it_was():
    chosen = house()
    city = found(chosen).city
    before = city.state.carrier.copy()
    lost = without(city, np.array([2]))
    np.testing.assert_array_equal(city.state.carrier, before)
    brings = brought(simulate(chosen, lost, practice_of(chosen, city, 1), seed=1).account)
    assert brings[0, 2] == 0.0


def test_where_nobody_talks_or_queues_the_others_do_not_notice_a_loss():
    off = {"talk": False, "desk": False, "preemption": False}
    chosen = house(mechanisms=off)
    trials = loss_trials(chosen, found(chosen).city, np.array([1]), 3, seed=4)
    assert trials.others.sum() == 5
    assert not trials.values[:, 0].any()


def test_those_who_hear_an_account_share_its_building_or_its_industry_and_centre(tiny_decision):
    city = found(tiny_decision).city
    who = city.customers
    near, wide = (hearers(city, np.array([0]), industries=wide) for wide in (False, True))
    inside = (who.building == who.building[0]) & (who.building >= 0)
    alike = (who.centre == who.centre[0]) & (who.industry == who.industry[0])
    others = np.arange(who.key.size) != 0
    np.testing.assert_array_equal(near, inside & others)
    np.testing.assert_array_equal(wide, (inside | alike) & others)
