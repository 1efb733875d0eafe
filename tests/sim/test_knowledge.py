"""Sources of knowledge about rival spend: whom they show, and how far they err."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.city import draw_city
from sim.exchange import Alone
from sim.knowledge import (
    CALL,
    HEARSAY,
    SETTLEMENT,
    TRUTH,
    VISIT,
    BookSettings,
    analysed,
    covered,
    error_spread,
    found_out,
    reveal,
    shown_spend,
)
from sim.meeting import Meeting, Shared
from sim.names import OWN, SOURCES
from sim.rates import posted_tariff
from sim.shards import part_of
from sim.testing import tiny_scenario

unhurried = settings(deadline=None)
MANY = 4000
SCENARIO = tiny_scenario(city={"customers": MANY})
PRICE = posted_tariff(SCENARIO).price


@pytest.fixture(scope="module")
def city():
    return draw_city(SCENARIO)


def log_errors(city, source, ago=0, **book):
    """Return log(shown / true) on every line at a rival, were all known from one source."""
    state = city.state.copied()
    state.revealed[:], state.revealed_ago[:], state.tenure[:] = source, ago, 100
    shown = shown_spend(city.customers, state, SCENARIO.seed, PRICE, BookSettings(**book)).spend
    truth = state.demand * PRICE[state.carrier, np.arange(len(PRICE[0]))[:, None]]
    return np.log(shown / truth)[state.carrier != OWN]


@pytest.mark.parametrize(
    ("source", "spread"), [(HEARSAY, 0.3), (SETTLEMENT, 0.2), (CALL, 0.15), (VISIT, 0.1), (TRUTH, 0.0)]
)
def test_each_source_errs_as_much_as_its_setting_says(city, source, spread):
    errors = log_errors(city, source)
    assert errors.std() == pytest.approx(spread, rel=0.05, abs=1e-6)
    assert abs(np.exp(errors).mean() - 1) <= 4 * np.exp(errors).std() / np.sqrt(errors.size) + 1e-6


def test_a_better_source_refines_what_was_known_and_does_not_draw_anew(city):
    for poorer, better in ((HEARSAY, SETTLEMENT), (SETTLEMENT, CALL), (CALL, VISIT)):
        before, after = (log_errors(city, source) for source in (poorer, better))
        spreads = [float(error_spread(np.int8(s), np.int64(0), BookSettings())) for s in (poorer, better)]
        luck = [(e + s**2 / 2) / s for e, s in zip((before, after), spreads, strict=True)]
        np.testing.assert_allclose(luck[0], luck[1], atol=1e-4)


def test_knowledge_ages_with_the_root_of_the_months_since(city):
    settings = {"visit_noise": 0.1, "ageing": 0.05}
    assert log_errors(city, VISIT, 36, **settings).std() == pytest.approx(np.hypot(0.1, 0.3), rel=0.05)


@unhurried
@given(
    st.lists(st.floats(0, 5), min_size=4, max_size=4),
    st.floats(0, 1),
    st.integers(HEARSAY, VISIT),
    st.integers(0, 600),
)
def test_no_source_errs_more_than_a_poorer_one_and_none_gets_better_with_age(noises, ageing, source, ago):
    hearsay, settlement, call, visit = noises
    book = BookSettings(
        rival_noise=hearsay, settlement={"noise": settlement}, call_noise=call, visit_noise=visit, ageing=ageing
    )

    def spread(kind, months):
        return float(error_spread(np.int8(kind), np.int64(months), book))

    assert spread(source + 1, ago) <= spread(source, ago) <= spread(source, ago + 1)


def test_a_line_that_changed_hands_after_it_was_revealed_is_not_known(city):
    state = city.state.copied()
    state.revealed[:], state.revealed_ago[:] = VISIT, 5
    state.tenure[:2], state.tenure[2:] = 4, 5
    shown = shown_spend(city.customers, state, SCENARIO.seed, PRICE, SCENARIO.book)
    elsewhere = state.carrier != OWN
    assert (shown.rival[:2] == -1).all()
    assert np.isnan(shown.spend[:2]).all()
    np.testing.assert_array_equal(shown.rival[2:], np.where(elsewhere, state.carrier, -1)[2:])


def test_the_records_of_the_largest_customers_are_analysed(city):
    spend = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    chosen = analysed(city.customers, city.state, PRICE[OWN], 0.1, Alone())
    assert chosen.sum() == MANY // 10
    assert spend[chosen].min() >= spend[~chosen].max()
    assert analysed(city.customers, city.state, PRICE[OWN], 1.0, Alone()).all()


def test_the_same_records_are_analysed_whichever_part_of_the_city_asks(city):
    whole = analysed(city.customers, city.state, PRICE[OWN], 0.3, Alone())
    third = np.arange(MANY) % 3 == 0
    parts, meeting = [np.flatnonzero(third), np.flatnonzero(~third)], Meeting(2)

    def ask(number):
        part = part_of(city, parts[number])
        return analysed(part.customers, part.state, PRICE[OWN], 0.3, Shared(meeting, number))

    with ThreadPoolExecutor(2) as pool:
        for mine, found in zip(parts, pool.map(ask, range(2)), strict=True):
            np.testing.assert_array_equal(found, whole[mine])


def test_settlement_records_cover_the_share_asked_for():
    keys = np.arange(MANY, dtype=np.uint64)
    share = covered(3, keys, BookSettings().settlement).mean()
    assert abs(share - 0.8) < 4 * np.sqrt(0.8 * 0.2 / MANY)


def test_several_contacts_in_a_month_find_out_as_often_as_any_of_them_would():
    keys, key = np.arange(MANY, dtype=np.uint64), np.uint64(5)
    for contacts, chance in ((1, 0.3), (3, 0.3), (2, 1.0), (0, 1.0), (4, 0.0)):
        expected = 1 - (1 - chance) ** contacts
        found = found_out(key, keys, np.full(MANY, contacts, dtype=np.int16), chance).mean()
        assert abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / MANY)


def test_a_poorer_source_confirms_what_a_better_one_found(city):
    state = city.state.copied()
    state.revealed[:2], state.revealed_ago[:2] = VISIT, 9
    reveal(state, np.arange(MANY) == 0, CALL)
    assert [SOURCES[source] for source in state.revealed[:2]] == ["visit", "visit"]
    assert state.revealed_ago[:2].tolist() == [0, 9]
