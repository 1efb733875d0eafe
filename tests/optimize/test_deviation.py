"""Deviations of single accounts: who is looked at, that copies are like the account, and that nothing disturbs them."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.deviation import choose, copied, predicted, realise
from optimize.plan import make_plan
from optimize.response import estimate
from sim.city import found
from sim.composing.compose import compose
from sim.names import CLASSES
from sim.oracle import true_book
from sim.rates import posted_tariff
from sim.testing import tiny_tree

ACCOUNTS, COPIES = 24, 5


@pytest.fixture(scope="module")
def world():
    settings = compose(Decision, tiny_tree(city={"customers": 120})).settings
    start = found(settings)
    book = true_book(start.book, start.city, settings)
    plan = make_plan(settings, book)
    chosen = choose(plan, book, ACCOUNTS, 3)
    return settings, start.city, book, plan, chosen, copied(settings, start.city, plan, book, chosen, COPIES)


def test_accounts_are_drawn_evenly_from_the_classes_that_spend(world):
    _, _, book, _, chosen, _ = world
    there = np.bincount(book.value_class, minlength=len(CLASSES))[:4]
    drawn = np.bincount(book.value_class[chosen.account], minlength=len(CLASSES))
    assert drawn[CLASSES.index("X")] == 0
    assert drawn[:4].max() - drawn[:4][drawn[:4] < there].min() <= 1
    assert np.unique(chosen.account).size == ACCOUNTS


def test_every_deviation_is_allowed_and_does_something(world):
    _, _, _, plan, chosen, _ = world
    assert plan.response.choices.allowed[chosen.treatment, chosen.account].all()
    assert (chosen.treatment > 0).all()


def test_planned_deviations_are_the_plan_s_and_lot_chooses_the_others(world):
    _, _, _, plan, chosen, _ = world
    own = plan.allocation.treatment[chosen.account]
    assert (chosen.treatment[chosen.planned] == own[chosen.planned]).all()
    assert chosen.planned.any()
    assert not chosen.planned.all()


def test_more_accounts_than_there_are_gives_those_there_are(world):
    _, _, book, plan, _, _ = world
    assert choose(plan, book, 10_000, 3).account.size == (book.own_spend > 0).sum()


def test_a_copy_has_the_account_s_class_service_and_state(world):
    settings, city, book, plan, chosen, copies = world
    np.testing.assert_array_equal(copies.book.value_class, np.tile(book.value_class[chosen.account], COPIES))
    np.testing.assert_array_equal(copies.tier, np.tile(plan.response.tier[chosen.account], COPIES))
    np.testing.assert_array_equal(copies.city.state.demand, np.tile(city.state.demand[:, chosen.account], COPIES))
    assert np.unique(copies.city.customers.key).size == ACCOUNTS * COPIES
    np.testing.assert_array_equal(posted_tariff(copies.decision).price, posted_tariff(settings).price)


def test_the_prediction_for_a_copy_with_the_account_s_own_weeks_is_the_account_s_own(world):
    settings, _, book, _, chosen, copies = world
    key = np.tile(book.key[chosen.account], COPIES)
    quiet = copies.decision.model_copy(
        update={"mechanisms": copies.decision.mechanisms.model_copy(update={"halls": False})}
    )
    guess = predicted(chosen, copies._replace(book=copies.book._replace(key=key), decision=quiet))
    here = settings.model_copy(update={"mechanisms": quiet.mechanisms})
    response = estimate(here, book)
    own = response.retained[chosen.treatment, chosen.account] - response.retained[0, chosen.account]
    np.testing.assert_allclose(guess, own, rtol=1e-6, atol=1e-6)


def test_no_copy_disturbs_another(world):
    _, _, _, _, chosen, copies = world
    both = realise(copies, 2, 9)
    first = chosen.account.size // 2
    half = copies.programme.visits.copy().reshape(COPIES, ACCOUNTS)
    half[:, first:] = 0
    columns = {"visits": half.ravel()}
    only = realise(copies._replace(programme=copies.programme._replace(**columns)), 2, 9)
    np.testing.assert_allclose(only.mean[:first], both.mean[:first])


def test_standard_errors_are_those_of_all_copies_in_all_futures(world):
    copies = world[-1]
    found = realise(copies, 3, 9)
    assert found.replications == 3 * COPIES
    once = [realise(copies, 1, 9), realise(copies, 3, 9)]
    np.testing.assert_array_equal(once[1].mean, found.mean)
    assert (found.error >= 0).all()
    assert found.error.sum() > 0
