"""Rules of thumb: whom each serves first, and that none hands out more than there is."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.baselines import (
    BiggestSpendersFirst,
    EqualSplit,
    HighestRiskFirst,
    TodaysPractice,
    churn_risk,
    field_offer,
    ladder,
    rules,
    uses,
)
from optimize.plan import book_limits, thumb_choice
from optimize.response import estimate
from optimize.treatment import NOTHING, Treatment, menu
from sim.city import found
from sim.names import CLASSES, PLANS

BUDGETS = {"discount": "discount", "channel": "channel", "seat_minutes": "seat_minutes", "total_cost": "cost"}


@pytest.fixture(scope="module")
def book(tiny_decision):
    return found(tiny_decision).book


@pytest.fixture(scope="module")
def response(tiny_decision, book):
    return estimate(tiny_decision, book)


@pytest.mark.parametrize("name", list(rules))
def test_a_rule_of_thumb_never_hands_out_more_than_there_is(tiny_decision, book, response, name):
    with_offers = {"offers": True} if "offers" in rules[name].model_fields else {}
    chosen = thumb_choice(tiny_decision, book, response, rules[name](**with_offers))
    limits, account = book_limits(tiny_decision, book, response), np.arange(chosen.size)
    hours = np.bincount(book.manager, weights=response.hours[chosen, account], minlength=limits.hours.size)
    assert (hours <= limits.hours + 1e-6).all()
    for limit, use in BUDGETS.items():
        assert getattr(uses(response), use)[chosen, account].sum() <= getattr(limits, limit) + 1e-6
    assert response.choices.allowed[chosen, account].all()


def test_nothing_is_done_by_the_rule_that_does_nothing(tiny_decision, book, response):
    assert not thumb_choice(tiny_decision, book, response, rules["nothing"]()).any()


def test_the_biggest_spender_comes_first(tiny_decision, book):
    order = BiggestSpendersFirst().wish(book, menu(tiny_decision.treatments), tiny_decision.practice).order
    assert (np.diff(book.own_spend[order]) <= 0).all()


def test_the_highest_risk_comes_first_and_who_is_not_ours_last(tiny_decision, book):
    order = HighestRiskFirst().wish(book, menu(tiny_decision.treatments), tiny_decision.practice).order
    assert (np.diff(churn_risk(book)[order]) <= 0).all()
    assert (churn_risk(book)[~book.ours.any(axis=0)] == -1).all()


def test_complaints_raise_the_risk(book):
    complained = book._replace(complaints=book.complaints + 1)
    ours = book.ours.any(axis=0) & (book.complaints < 3)
    assert (churn_risk(complained)[ours] > churn_risk(book)[ours]).all()


def test_an_equal_split_is_decided_by_key_alone(tiny_decision, book):
    order = EqualSplit().wish(book, menu(tiny_decision.treatments), tiny_decision.practice).order
    assert (np.diff(book.key[order].astype(int)) > 0).all()


def test_todays_practice_serves_class_by_class(tiny_decision, book):
    wish = TodaysPractice().wish(book, menu(tiny_decision.treatments), tiny_decision.practice)
    assert (np.diff(book.value_class[wish.order]) >= 0).all()
    best = [
        max((t.visits for t in map(menu(tiny_decision.treatments).__getitem__, rungs)), default=0)
        for rungs in wish.ladder
    ]
    by_class = {name: {best[n] for n in np.flatnonzero(book.value_class == c)} for c, name in enumerate(CLASSES)}
    assert by_class["A"] == {12}
    assert by_class["D"] == {0}


def test_practice_leaves_who_is_not_ours_alone(tiny_decision, book, response):
    chosen = thumb_choice(tiny_decision, book, response, TodaysPractice())
    assert not chosen[book.value_class == CLASSES.index("X")].any()


def test_a_ladder_leads_from_visits_with_an_offer_down_to_a_letter():
    offer, four = Treatment(4, "decider", 1, 0.0, 0, 0), Treatment(4, "decider", 0, 0.0, 0, 0)
    working, letter = Treatment(4, "working", 0, 0.0, 0, 0), Treatment(0, "decider", 0, 0.0, 2, 0)
    cut, call = Treatment(0, "decider", 0, 0.1, 0, 0), Treatment(0, "decider", 0, 0.0, 0, 1)
    treatments = (NOTHING, letter, cut, working, four, call, offer)
    assert ladder(treatments, (4,), offer=1, channel=True) == [6, 4, 1, 5]
    assert ladder(treatments, (4,), offer=0, channel=False) == [4]


def test_field_practice_offers_a_where_rivals_are_seen_and_c_to_who_complained(book):
    rival = np.nan_to_num(book.rival_spend).sum(axis=0)
    offer = field_offer(book)
    seen = rival > 0.2 * (book.own_spend + rival)
    assert (offer[seen] == PLANS.index("A")).all()
    hurt = ~seen & (book.complaints > 0) & (book.own_spend > 0)
    assert (offer[hurt] == PLANS.index("C")).all()
    assert not offer[~seen & ~hurt].any()
