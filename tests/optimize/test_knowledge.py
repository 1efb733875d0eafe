"""What the optimiser makes of knowledge: an oracle's truth, and offers whose visit will find rival spend."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.knowledge import account_knowledge, offer_x_expected
from optimize.response import estimate
from optimize.type_draws import account_types
from optimize.worth import try_out
from sim.city import found
from sim.composing.compose import compose
from sim.names import PLANS
from sim.programme import nothing
from sim.testing import tiny_tree

SHORT = {"treatments": {"visits": [0, 12], "audiences": ["decider"], "mail": [0], "calls": [0], "offers": ["B"]}}


def decision(**changes):
    return compose(Decision, tiny_tree(**{**SHORT, "city": {"customers": 400}, "burn_in": 24, **changes})).settings


ORACLE, CRM = decision(book={"information": "oracle"}), decision()


@pytest.fixture(scope="module")
def oracle():
    return found(ORACLE)


@pytest.fixture(scope="module")
def crm():
    return found(CRM)


def test_an_oracle_draws_no_tastes(oracle):
    types, who = account_types(ORACLE, oracle.book), oracle.city.customers
    assert types.weight.shape == (1, 400)
    np.testing.assert_array_equal(types.price_sensitivity[0], who.price_sensitivity)
    np.testing.assert_array_equal(types.law[0].argmax(axis=0), oracle.city.state.carrier)
    assert set(types.law.ravel()) == {0, 1}
    assert (estimate(ORACLE, oracle.book).effective_draws == 1).all()


def test_an_oracle_knows_satisfaction_expectation_and_who_decides(oracle):
    known = account_knowledge(ORACLE, oracle.book, account_types(ORACLE, oracle.book))
    state = oracle.city.state
    np.testing.assert_array_equal(known.satisfaction, state.satisfaction)
    np.testing.assert_array_equal(known.expectation, state.expectation)
    np.testing.assert_array_equal(known.level_weight, oracle.city.customers.level_weight)


def test_a_rivals_contract_that_is_known_delays_the_winning_back(oracle):
    elsewhere = ~oracle.book.ours
    tied, free = (
        oracle.book._replace(months_left=np.where(elsewhere, left, oracle.book.months_left).astype(np.int16))
        for left in (30, 0)
    )
    alone = ORACLE.model_copy(update={"treatments": ORACLE.treatments.model_copy(update={"offers": ()})})
    bound, loose = (estimate(alone, book).won_back.sum(axis=1) for book in (tied, free))
    assert (bound < 0.8 * loose).all()


def test_an_oracle_foresees_accounts_better_than_the_carriers_own_book(oracle, crm):
    trials = try_out(CRM, crm.city, {"nothing": nothing(400)}, 40, seed=5)
    lived = trials.by_account[0]
    missed = [
        np.abs(estimate(ask, book).retained[0] - lived).sum() for ask, book in ((ORACLE, oracle.book), (CRM, crm.book))
    ]
    assert missed[0] < 0.6 * missed[1]


def test_an_offer_is_expected_to_be_raised_where_its_visit_may_find_rival_spend(crm):
    book = crm.book
    proposed = np.stack([np.zeros(400), book.recent_usage.mean(axis=0)])
    unseen = (~book.ours & np.isnan(book.rival_spend)).any(axis=0)
    expected = offer_x_expected(CRM, book, proposed)
    offered = proposed[1] > 0
    np.testing.assert_array_equal(expected[0], 0)
    np.testing.assert_array_equal(expected[1, ~unseen], proposed[1, ~unseen])
    assert unseen.any()
    assert (expected[1, unseen & offered] > proposed[1, unseen & offered]).all()
    sure = offer_x_expected(decision(book={"visit_reveals": 1.0}), book, proposed)
    np.testing.assert_allclose(expected[1], (proposed[1] + sure[1]) / 2)


@pytest.mark.parametrize("changes", [{"mechanisms": {"revealing": False}}, {"book": {"visit_reveals": 0.0}}])
def test_without_revealing_an_offer_is_expected_as_proposed(crm, changes):
    proposed = crm.book.recent_usage.mean(axis=0)[None]
    np.testing.assert_array_equal(offer_x_expected(decision(**changes), crm.book, proposed), proposed)


def test_a_plan_proposes_what_the_book_shows_and_leaves_the_raise_to_the_seller(crm):
    response = estimate(CRM, crm.book)
    offers = np.array([t.offer == PLANS.index("B") for t in response.treatments])
    shown = np.nan_to_num(crm.book.rival_spend).sum(axis=0)
    x = crm.book.recent_usage.mean(axis=0) + CRM.contract.rival_share * shown
    np.testing.assert_allclose(response.choices.offer_x[offers], np.tile(x, (offers.sum(), 1)), rtol=1e-6)
