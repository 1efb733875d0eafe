"""Interference: what a discount's news costs at others, and what waiting takes off visits."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.interference import Around, with_lateness, with_leaks
from optimize.response import estimate
from sim.city import found
from sim.names import INDUSTRIES


@pytest.fixture(scope="module")
def open_menu(tiny_decision):
    """Discounts for everybody, also in buildings, and no talk in industries."""
    update = {
        "treatments": {"discounts_in_buildings": True, "unit_discounts": (0.1,)},
        "talk": {"industry_rate": 0.0, "rate": 0.1, "granted": 1.0},
    }
    return tiny_decision.model_copy(
        update={name: getattr(tiny_decision, name).model_copy(update=part) for name, part in update.items()}
    )


@pytest.fixture(scope="module")
def book(open_menu):
    return found(open_menu).book


def quiet(decision):
    """Return the decision in which nobody talks."""
    return decision.model_copy(update={"mechanisms": decision.mechanisms.model_copy(update={"talk": False})})


@pytest.fixture(scope="module")
def silent(open_menu, book):
    return estimate(quiet(open_menu), book)


def rows(response):
    return np.array([t.discount > 0 for t in response.treatments])


def test_where_nobody_talks_a_discount_costs_others_nothing(open_menu, book, silent):
    assert with_leaks(quiet(open_menu), book, silent) is silent


def test_only_discounts_in_buildings_are_charged_where_industries_do_not_talk(open_menu, book, silent):
    charged = with_leaks(open_menu, book, silent)
    cost = silent.retained - charged.retained
    discounted = rows(silent)
    assert not cost[~discounted].any()
    assert not cost[:, book.building < 0].any()
    allowed = silent.choices.allowed & discounted[:, None] & (book.building >= 0)
    neighbours = np.bincount(book.building[book.building >= 0])[book.building] > 3
    assert (cost[allowed & neighbours] != 0).all()
    assert cost[allowed & neighbours].sum() > 0


def test_in_a_sure_market_the_leak_is_the_discount_on_what_neighbours_pay(open_menu, book, silent):
    talk = open_menu.talk.model_copy(update={"rate": 1.0, "granted": 1.0, "granted_months": 24})
    sure = open_menu.model_copy(update={"talk": talk, "period": 12, "months": 24})
    response = silent._replace(choices=silent.choices._replace(allowed=silent.choices.allowed & ~rows(silent)[:, None]))
    tier = next(b for b, t in enumerate(response.treatments) if t.discount and not (t.visits or t.mail or t.calls))
    giver = int(np.flatnonzero(book.building >= 0)[0])
    allowed = response.choices.allowed.copy()
    allowed[tier, giver] = True
    response = response._replace(choices=response.choices._replace(allowed=allowed))
    cost = (response.retained - with_leaks(sure, book, response).retained)[tier, giver]
    others = (book.building == book.building[giver]) & book.ours.any(axis=0) & (book.plan == 0)
    others[giver] = False
    assert cost == pytest.approx(0.1 * book.own_spend[others].sum() * 24, rel=1e-5)


def test_news_that_others_spread_already_costs_less_and_who_spreads_it_hears_none(open_menu, book, silent):
    tier = int(np.flatnonzero(rows(silent))[0])
    everybody = Around(np.full(book.key.size, tier), np.zeros(book.key.size))
    alone, crowd = with_leaks(open_menu, book, silent), with_leaks(open_menu, book, silent, everybody)
    inside = rows(silent)[:, None] & silent.choices.allowed & (book.building >= 0)
    assert (crowd.retained[inside] == silent.retained[inside]).all()
    some = np.where(np.arange(book.key.size) % 3 == 0, tier, 0)
    between = with_leaks(open_menu, book, silent, Around(some, np.zeros(book.key.size)))
    heard = inside & (some == 0)
    assert (between.retained[heard] >= alone.retained[heard] - 1e-6).all()


def test_an_industry_of_a_centre_hears_of_a_discount_outside_buildings(open_menu, book, silent):
    talk = open_menu.talk.model_copy(update={"rate": 0.0, "industry_rate": 0.01})
    charged = with_leaks(open_menu.model_copy(update={"talk": talk}), book, silent)
    group = book.centre.astype(np.int64) * len(INDUSTRIES) + book.industry
    alone = np.bincount(group)[group] == 1
    cost = silent.retained - charged.retained
    assert not cost[:, alone].any()
    assert cost[rows(silent)][:, ~alone].any()


def test_visits_that_do_not_wait_bring_what_they_bring_and_those_that_never_come_nothing(open_menu, book, silent):
    at_once = with_lateness(open_menu, silent, np.zeros(book.key.size))
    np.testing.assert_allclose(at_once.retained, silent.retained)
    never = with_lateness(open_menu, silent, np.full(book.key.size, 12.0))
    visited = next(b for b, t in enumerate(silent.treatments) if t.visits and not (t.mail or t.calls or t.discount))
    allowed = silent.choices.allowed[visited]
    np.testing.assert_allclose(never.retained[visited, allowed], silent.retained[0, allowed])
    np.testing.assert_allclose(never.contribution[0], silent.contribution[0])
