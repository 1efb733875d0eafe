"""The book: what the carrier knows, which is less than what is true."""

from __future__ import annotations

import numpy as np
import pytest

from sim.book import book_table
from sim.city import found
from sim.names import CLASSES, OWN
from sim.rates import posted_tariff
from sim.segment import SegmentSettings, value_class
from sim.testing import tiny_scenario


@pytest.fixture(scope="module")
def start():
    return found(tiny_scenario(city={"customers": 4000}))


def test_spend_with_us_is_true_and_nothing_where_the_line_is_not_ours(start):
    state = start.city.state
    np.testing.assert_array_equal(start.book.ours, state.carrier == OWN)
    np.testing.assert_allclose(start.book.spend, np.where(start.book.ours, state.demand, 0), rtol=1e-6)


def test_rival_spend_that_is_not_known_is_never_shown(start):
    book = start.book
    assert np.isnan(book.rival_spend[book.ours]).all()
    np.testing.assert_array_equal(np.isnan(book.rival_spend), book.rival == -1)
    assert (book.rival[~np.isnan(book.rival_spend)] > 0).all()


def test_settlement_data_show_as_many_customers_as_asked_for(start):
    book = start.book
    elsewhere = ~book.ours.all(axis=0)
    shown = (~np.isnan(book.rival_spend)).any(axis=0)[elsewhere]
    assert abs(shown.mean() - 0.4) < 4 * np.sqrt(0.4 * 0.6 / shown.size)


def test_rival_spend_shown_is_noisy_but_not_biased(start):
    book, state = start.book, start.city.state
    price = posted_tariff(tiny_scenario()).price
    truth = state.demand * price[state.carrier, np.arange(len(price[0]))[:, None]]
    shown = ~np.isnan(book.rival_spend)
    ratio = book.rival_spend[shown] / truth[shown]
    assert np.log(ratio).std() == pytest.approx(0.3, abs=0.03)
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / np.sqrt(ratio.size)


def test_growth_is_observed_with_an_error(start):
    error = start.book.growth - start.city.customers.growth
    assert error.std() == pytest.approx(0.08 / 12, rel=0.1)


def test_terms_with_rivals_are_unknown(start):
    book = start.book
    np.testing.assert_array_equal(book.months_left == -1, ~book.ours)


def test_the_book_holds_no_taste_and_no_rival_goodwill(start):
    secret = {"price_sensitivity", "rapport_weight", "switching_cost", "level_weight", "satisfaction", "expectation"}
    assert not secret & set(start.book._fields)
    assert start.book.goodwill.shape == (3, 4000)


def test_the_book_is_a_copy_of_what_may_change(start):
    for name in ("tenure", "discount", "recent_usage", "plan", "plan_x", "plan_age"):
        assert not np.shares_memory(getattr(start.book, name), getattr(start.city.state, name))


def test_complete_knowledge_is_the_truth():
    scenario = tiny_scenario(book={"rival_known": 1.0, "rival_noise": 0.0, "growth_noise": 0.0})
    start = found(scenario)
    np.testing.assert_array_equal(start.book.growth, start.city.customers.growth)
    np.testing.assert_array_equal(np.isnan(start.book.rival_spend), start.book.ours)


def test_value_classes_rank_customers_by_spend_with_us(start):
    classes, spend = start.book.value_class, start.book.own_spend
    for better, worse in zip(range(3), range(1, 4), strict=True):
        assert spend[classes == better].min() >= spend[classes == worse].max()
    assert (spend[classes == CLASSES.index("X")] == 0).all()


def test_value_classes_are_as_large_as_asked_for(start):
    ours = start.book.own_spend > 0
    shares = np.bincount(start.book.value_class[ours], minlength=4)[:4] / ours.sum()
    np.testing.assert_allclose(shares, [0.05, 0.15, 0.30, 0.50], atol=2 / ours.sum())


def test_a_city_without_customers_of_ours_has_only_class_x():
    assert value_class(np.zeros(5), SegmentSettings()).tolist() == [CLASSES.index("X")] * 5


def test_the_table_of_the_book_says_words_for_indices(start):
    table = book_table(start.book, ("local_voice", "long_distance", "data", "mobile"), ("own", "netcom", "unicom"))
    assert len(table) == 4000
    assert set(table["class"].dropna()) <= set(CLASSES)
    assert set(table["rival.data"].dropna()) == {"netcom", "unicom"}
    assert table["rival.data"].isna().sum() == np.isnan(start.book.rival_spend[2]).sum()
