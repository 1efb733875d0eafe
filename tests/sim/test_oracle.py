"""The oracle's book: the truth, in the same city."""

from __future__ import annotations

import numpy as np
import pytest

from sim.book import expected_demand, expected_growth
from sim.city import found
from sim.knowledge import TRUTH
from sim.rates import posted_tariff
from sim.testing import tiny_scenario

ORACLE = tiny_scenario(book={"information": "oracle"})


@pytest.fixture(scope="module")
def start():
    return found(ORACLE)


def test_an_oracle_lives_in_the_same_city(start):
    other = found(tiny_scenario()).city
    for a, b in zip((*start.city.customers, *start.city.state), (*other.customers, *other.state), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_carriers_own_book_is_kept_beside_it_and_what_was_done_is_noted(start):
    own = found(tiny_scenario()).book
    np.testing.assert_array_equal(start.own_book.rival_spend, own.rival_spend)
    assert start.own_book.truth is None
    assert any("book.information is oracle" in note for note in start.notes)


def test_all_that_the_book_holds_is_true(start):
    book, state, who = start.book, start.city.state, start.city.customers
    price = posted_tariff(ORACLE).price
    shares = np.array([line.share for line in ORACLE.lines.values()])
    np.testing.assert_allclose(expected_demand(book, price, shares, 2500.0), state.demand, rtol=1e-5)
    np.testing.assert_array_equal(np.where(book.ours, 0, book.rival), state.carrier)
    np.testing.assert_array_equal(book.months_left, state.months_left)
    np.testing.assert_allclose(expected_growth(book, ORACLE.city, ORACLE.book), who.growth)
    np.testing.assert_array_equal(book.truth.price_sensitivity, who.price_sensitivity)
    assert (book.source == TRUTH).all()


def test_an_oracles_book_is_a_copy_of_what_may_change(start):
    for array, true in (
        (start.book.months_left, start.city.state.months_left),
        (start.book.truth.satisfaction, start.city.state.satisfaction),
        (start.book.truth.expectation, start.city.state.expectation),
    ):
        assert not np.shares_memory(array, true)
