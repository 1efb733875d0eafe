"""Declined offers: how likely each type would have taken them, and what is believed of who didn't."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.refusals import acceptance, given_refusals
from optimize.type_draws import account_types
from sim.city import found
from sim.composing.compose import compose
from sim.market import run_market
from sim.oracle import true_book
from sim.programme import nothing
from sim.testing import tiny_tree

CUSTOMERS = 600


@pytest.fixture(scope="module")
def decision():
    off = {"revealing": False, "substitution": False, "desk": False, "managers": False, "preemption": False}
    return compose(
        Decision,
        tiny_tree(
            city={"customers": CUSTOMERS, "tenants": 8.0, "per_centre": 30.0},
            visit={"accounts_per_manager": 20, "hours": 4000.0},
            response={"draws": 4},
            mechanisms=off,
        ),
    ).settings


@pytest.fixture(scope="module")
def start(decision):
    return found(decision)


@pytest.mark.parametrize("plan", [1, 3])
def test_offers_are_taken_as_often_as_in_the_market(decision, start, plan):
    """Every customer is visited in the first month and made an offer; the truth is known. Within three errors."""
    offers = nothing(CUSTOMERS)
    offers.visits[:], offers.level[:], offers.offer[:] = 12, 2, plan
    free = start.city.state.plan == 0
    took = np.zeros((8, CUSTOMERS), dtype=bool)
    for future in range(8):
        market = run_market(decision, start.city, offers, seed=future, months=1)
        took[future] = market.city.state.plan == plan
    goodwill = start.city.state.goodwill[0] * decision.visit.goodwill_kept
    goodwill[2] += decision.visit.skill
    book = true_book(start.book, start.city, decision)._replace(goodwill=goodwill)
    x = np.zeros(CUSTOMERS)
    chance = acceptance(decision, book, account_types(decision, book), np.full(CUSTOMERS, plan), x)[0]
    chance = np.where(start.book.own_spend > 0, chance, 0)[free]
    spread = np.sqrt((chance * (1 - chance)).sum() * 8)
    assert spread > 3
    assert abs(took[:, free].sum() - 8 * chance.sum()) < 3 * spread + 0.02 * 8 * chance.sum()


def test_who_declines_is_less_likely_of_a_type_that_takes_offers(decision, start):
    types = account_types(decision, start.book)
    refused, plan, x = np.zeros(CUSTOMERS, dtype=np.int64), np.full(CUSTOMERS, 1), np.zeros(CUSTOMERS)
    refused[:300] = 2
    chance = acceptance(decision, start.book, types, plan, x)
    after = given_refusals(decision, start.book, types, refused, plan, x)
    mean = ((weight * chance).sum(axis=0) for weight in (types.weight, after.weight))
    before, then = mean
    assert (then[:300] <= before[:300] + 1e-12).all()
    assert then[:300].mean() < before[:300].mean() - 1e-3
    np.testing.assert_array_equal(after.weight[:, 300:], types.weight[:, 300:])
    np.testing.assert_allclose(after.weight.sum(axis=0), 1)
    wanted = types.weight[:, 0] * (1 - chance[:, 0]) ** 2
    np.testing.assert_allclose(after.weight[:, 0], wanted / wanted.sum())
