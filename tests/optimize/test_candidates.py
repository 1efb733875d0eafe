"""Candidates: books in which one draw of what isn't known is the truth; together they say what the book says."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.candidates import candidates, mean_over, under_todays_practice
from optimize.response import estimate
from sim.city import found
from sim.names import OWN
from sim.oracle import true_book


@pytest.fixture(scope="module")
def start(tiny_decision):
    return found(tiny_decision)


def test_weights_of_candidates_add_up_to_one(tiny_decision, start):
    drawn = list(candidates(tiny_decision, start.book))
    assert len(drawn) == tiny_decision.response.draws
    np.testing.assert_allclose(sum(one.weight for one in drawn), 1.0)


def test_where_rivals_are_known_candidates_say_together_what_the_book_says(tiny_decision, start):
    truth = true_book(start.book, start.city, tiny_decision)
    book = start.book._replace(rival=truth.rival, rival_spend=truth.rival_spend)
    drawn = list(candidates(tiny_decision, book))
    for name in ("retained", "won_back"):
        together = mean_over(drawn, tiny_decision, lambda response, name=name: getattr(response, name)[0])
        np.testing.assert_allclose(together, getattr(estimate(tiny_decision, book), name)[0], rtol=2e-4, atol=0.5)


def test_a_rival_that_is_not_known_is_drawn_and_one_that_is_known_is_kept(tiny_decision, start):
    for one in candidates(tiny_decision, start.book):
        assert (one.book.rival[~start.book.ours] > OWN).all()
        known = start.book.rival > OWN
        np.testing.assert_array_equal(one.book.rival[known], start.book.rival[known])


def test_a_downturn_is_the_markets_and_not_the_customers_own(tiny_decision, start):
    dark = tiny_decision.model_copy(update={"city": tiny_decision.city.model_copy(update={"downturn": 0.3})})
    for usual, one in zip(candidates(tiny_decision, start.book), candidates(dark, start.book), strict=True):
        np.testing.assert_array_equal(one.book.growth, usual.book.growth)


def test_an_oracle_has_itself_for_its_only_candidate(tiny_decision, start):
    book = true_book(start.book, start.city, tiny_decision)
    (one,) = candidates(tiny_decision, book)
    assert one.book is book


def test_todays_practice_from_the_start_is_the_treatment_that_asks_for_the_same(tiny_decision, start):
    same = {"B": {"visits": 2}, "A": {"visits": 12}, "C": {"calls": 4}, "D": {"mail": 4}}
    chosen = tiny_decision.model_copy(update={"period": 12, "months": 12, "practice": {"tiers": same}})
    response, today = estimate(chosen, start.book), estimate(under_todays_practice(chosen), start.book)
    names = {t.name: b for b, t in enumerate(response.treatments)}
    asked = ("12 visits to the decider", "2 visits to the decider", "4 calls", "4 letters")
    for value_class, name in enumerate(asked):
        members = start.book.value_class == value_class
        assert members.any()
        np.testing.assert_allclose(today.retained[0, members], response.retained[names[name], members])
