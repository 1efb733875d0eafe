"""The book at a later month of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.city import found
from sim.knowledge import HEARSAY, SETTLEMENT, VISIT
from sim.market import Market
from sim.names import OWN
from sim.observing import observe_market
from sim.programme import nothing
from sim.rates import posted_tariff
from sim.testing import tiny_scenario

CUSTOMERS = 400
FILE = """id,voice,data,rival,carrier,complaints
K1,100,0,50,netcom,0
K2,0,30,500,unicom,2
K3,70,0,,,5
K4,0,60,900,netcom,1
"""


def market_of(scenario, city, programme=None, months=18):
    turn = {} if programme is None else {0: programme}
    return Market(scenario, city, turn, seed=8, months=months)


def visiting():
    programme = nothing(CUSTOMERS)
    programme.visits[::2] = 12
    return programme


def same_book(a, b):
    for name in a._fields:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@pytest.mark.parametrize("book", [{}, {"settlement": {"bought": 0.5}}, {"information": "oracle"}])
def test_observing_at_month_0_gives_the_book_of_the_start(book):
    scenario = tiny_scenario(city={"customers": CUSTOMERS}, burn_in=18, book=book)
    start = found(scenario)
    seen = observe_market(market_of(scenario, start.city), start.book)
    for name in set(seen._fields) - {"truth"}:
        np.testing.assert_array_equal(getattr(seen, name), getattr(start.book, name), err_msg=name)
    assert (seen.truth is None) == (start.book.truth is None)


@pytest.mark.parametrize("bought", [0.0, 1.0])
def test_observing_ones_own_customers_at_month_0_gives_the_book_of_the_start(tmp_path: Path, bought: float):
    (tmp_path / "own.csv").write_text(FILE, encoding="utf-8")
    columns = {
        "id": "id",
        "spend.local_voice": "voice",
        "spend.data": "data",
        "rival_spend.mobile": "rival",
        "rival.mobile": "carrier",
        "complaints": "complaints",
    }
    scenario = tiny_scenario(
        customers={"path": "own.csv", "columns": columns}, book={"settlement": {"bought": bought, "coverage": 1.0}}
    )
    start = found(scenario, tmp_path)
    assert start.book.complaints.tolist() == [0, 2, 5, 1]
    assert start.book.source.tolist() == [SETTLEMENT] * 4 if bought else [1, 1, 0, 1]
    same_book(observe_market(market_of(scenario, start.city), start.book), start.book)


@pytest.fixture(scope="module")
def later():
    """A market after a year and a half of visits to every second customer, and the book of its start."""
    scenario = tiny_scenario(
        city={"customers": CUSTOMERS}, visit={"hours": 4000.0}, book={"visit_reveals": 1.0}, attention={"base": -2.5}
    )
    start = found(scenario)
    market = market_of(scenario, start.city, visiting())
    market.run()
    return market, start.book


def errors(market, book, whom):
    state = market.city.state
    truth = state.demand * posted_tariff(market.scenario).price[state.carrier, np.arange(4)[:, None]]
    known = whom & ~np.isnan(book.rival_spend)
    return np.log(book.rival_spend / truth)[known]


def test_a_visited_customers_rival_spend_is_known_with_a_smaller_error(later):
    market, before = later
    book = observe_market(market, before)
    visited = np.arange(CUSTOMERS) % 2 == 0
    assert (book.source[visited] == VISIT).all()
    found_on_visits, heard = errors(market, book, visited), errors(market, book, ~visited)
    spread = np.hypot(0.1, 0.03)
    assert found_on_visits.std() == pytest.approx(spread, rel=4 / np.sqrt(2 * found_on_visits.size))
    assert found_on_visits.std() < 0.6 * heard.std()


def test_a_visit_shows_the_rival_of_a_line_that_hearsay_still_gives_to_another(later):
    market, before = later
    book, state = observe_market(market, before), market.city.state
    shown = book.rival >= 0
    wrong = shown & (book.rival != state.carrier)
    assert wrong[:, 1::2].any()
    assert not wrong[:, ::2].any()


def test_where_nothing_better_was_revealed_hearsay_stays_as_it_was(later):
    market, before = later
    book, state = observe_market(market, before), market.city.state
    heard = (state.revealed == HEARSAY) & (state.carrier != OWN)
    np.testing.assert_array_equal(book.rival_spend[heard], before.rival_spend[heard])
    assert np.isnan(book.rival_spend[state.carrier == OWN]).all()


def test_the_book_at_a_later_month_shows_what_we_serve_then(later):
    market, before = later
    book, state = observe_market(market, before), market.city.state
    np.testing.assert_array_equal(book.ours, state.carrier == OWN)
    np.testing.assert_allclose(book.own_spend, np.where(book.ours, state.demand, 0).sum(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(book.tenure, state.tenure)
    assert not np.shares_memory(book.goodwill, state.visit_record)


def test_complaints_are_those_of_the_last_twelve_months():
    scenario = tiny_scenario(city={"customers": CUSTOMERS}, experience={"incidents": 0.5})
    start = found(scenario)
    programme = nothing(CUSTOMERS)
    for months in (3, 12, 17):
        market = market_of(scenario, start.city, programme, months)
        market.run()
        since = market_of(scenario, start.city, programme, max(months - 12, 0))
        since.run()
        expected = market.city.state.complaints - since.city.state.complaints
        if months < 12:
            expected = expected + start.book.complaints
            upto = start.city.state.complained_in >> (12 - months)
            expected = expected - np.bitwise_count(upto)
        np.testing.assert_array_equal(observe_market(market, start.book).complaints, expected)
