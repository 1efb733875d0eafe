"""The census of a synthetic city: a part drawn by itself is what it is in the whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.census import places_by_block, take_census
from sim.city import draw_city, found
from sim.city_part import draw_part, found_part
from sim.errors import InputError
from sim.exchange import ALONE
from sim.founding import practice_of_part, todays_practice
from sim.meeting import Meeting, Shared
from sim.population import draw_places
from sim.scenario import Scenario
from sim.testing import tiny_scenario


@settings(max_examples=60, deadline=None)
@given(
    city=st.fixed_dictionaries(
        {
            "customers": st.integers(1, 300),
            "in_building": st.sampled_from([0.0, 0.3, 1.0]),
            "tenants": st.sampled_from([1.0, 8.0, 100.0]),
            "per_centre": st.sampled_from([1.0, 20.0, 1000.0]),
            "building_spread": st.sampled_from([0.0, 2.0]),
        }
    ),
    seed=st.integers(0, 1000),
    accounts=st.integers(1, 60),
    block=st.integers(1, 400),
)
def test_places_told_block_by_block_are_those_of_the_whole_city(city, seed, accounts, block):
    drawn = tiny_scenario(city=city).city
    whole = draw_places(seed, np.arange(drawn.customers, dtype=np.uint64), drawn, accounts)
    census = take_census(seed, drawn, accounts, block)
    told = [places for _, places in places_by_block(seed, drawn, census, block)]
    for name, array in whole._asdict().items():
        np.testing.assert_array_equal(np.concatenate([getattr(places, name) for places in told]), array, err_msg=name)
    counts = [int(array.max()) + 1 for array in whole]
    assert [census.buildings, census.centres, census.managers] == counts


CITY = {"customers": 400, "tenants": 10.0, "per_centre": 120.0}
VISIT = {"accounts_per_manager": 25}
BOUGHT = {"settlement": {"bought": 0.2, "month": 0}}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return tiny_scenario(city=CITY, visit=VISIT, book=BOUGHT, burn_in=14)


@pytest.mark.parametrize("block", [64, 1000])
def test_parts_drawn_by_themselves_are_the_city_in_pieces(scenario, block):
    whole, parts = draw_city(scenario), [draw_part(scenario, part, 3, block) for part in range(3)]
    who = np.concatenate([part.customers.key for part in parts]).astype(np.int64)
    assert sorted(who) == list(range(400))
    for part in parts:
        mine = part.customers.key.astype(np.int64)
        for record, own in ((whole.customers, part.customers), (whole.state, part.state)):
            for field, array in own._asdict().items():
                np.testing.assert_array_equal(array, getattr(record, field)[..., mine], err_msg=field, strict=True)
        assert part.ids.tolist() == whole.ids[mine].tolist()
        assert part[3:] == whole[3:]


def test_parts_hold_about_as_many_customers_each(scenario):
    sizes = [draw_part(scenario, part, 4).customers.key.size for part in range(4)]
    assert max(sizes) < 1.5 * min(sizes)


def test_parts_founded_in_step_are_at_the_start_where_the_whole_city_is(scenario):
    whole, meeting = found(scenario).city, Meeting(3)

    def live(part):
        exchange = Shared(meeting, part)
        city = found_part(scenario, part, 3, exchange)
        return city, practice_of_part(scenario, city, exchange)

    with ThreadPoolExecutor(3) as pool:
        parts = list(pool.map(live, range(3)))
    own = np.where(whole.state.carrier == 0, whole.state.demand, 0).sum(axis=0)
    practice = todays_practice(scenario, own, whole.customers.decision)
    assert (whole.state.revealed == 2).any()
    for city, turn in parts:
        mine = city.customers.key.astype(np.int64)
        for field, array in city.state._asdict().items():
            np.testing.assert_array_equal(array, getattr(whole.state, field)[..., mine], err_msg=field)
        for field, array in turn._asdict().items():
            np.testing.assert_array_equal(array, getattr(practice, field)[..., mine], err_msg=field)


def test_more_parts_than_account_managers_are_refused(scenario):
    with pytest.raises(InputError, match="shards: 17 are more than the 16 account managers"):
        draw_part(scenario, 0, 17)


def test_one_part_is_the_whole_city(scenario):
    city, whole = found_part(scenario, 0, 1, ALONE), found(scenario).city
    assert all(np.array_equal(a, b) for a, b in zip(city.state, whole.state, strict=True))
