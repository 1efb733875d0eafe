"""Talk over a sparse graph: who hears of whom, what news of a discount does, and what moves our image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.city import draw_city
from sim.exchange import Alone
from sim.history import History
from sim.market import run_market, simulate
from sim.names import INDUSTRIES, OWN
from sim.programme import nothing
from sim.state import City, Customers, State, empty_state
from sim.talk import (
    ADVOCATES,
    COMPLAINS,
    ON_PLAN,
    TELLS,
    VOICE,
    Circle,
    TalkSettings,
    circle,
    circles,
    heard,
    hearing_probability,
    image,
    largest_discount,
    said,
    silence,
)
from sim.testing import cloned, tiny_scenario

unhurried = settings(deadline=None)
BOTH = (True, True)


def same(one: History, other: History) -> bool:
    parts = zip(one._replace(account=()), other._replace(account=()), strict=True)
    accounts = zip(one.account, other.account, strict=True)
    return all(np.array_equal(a, b) for a, b in [*parts, *accounts])


# The graph.


@st.composite
def groups(draw):
    """Draw the group of up to 12 customers in 3 groups, -1 for none, and two rows of what they say."""
    size = draw(st.integers(1, 12))
    group = draw(st.lists(st.integers(-1, 2), min_size=size, max_size=size))
    rows = draw(st.lists(st.lists(st.integers(0, 100), min_size=size, max_size=size), min_size=2, max_size=2))
    return np.array(group, dtype=np.int32), np.array(rows, dtype=np.int8)


@unhurried
@given(groups())
def test_what_a_customer_hears_is_the_graph_of_pairs_times_what_is_said(world):
    group, told = world
    incidence = (group[:, None] == np.arange(3)).astype(int)
    pairs = incidence @ incidence.T * (1 - np.eye(group.size, dtype=int))
    np.testing.assert_array_equal(heard(Circle(group, 3, False), told, Alone()).others, told @ pairs)


@unhurried
@given(groups())
def test_the_largest_discount_is_that_of_the_group(world):
    group, told = world
    discount = (told[0] / 128).astype(np.float32)
    wanted = [max([*discount[group == number], 0]) for number in range(3)]
    for spans in (False, True):
        assert largest_discount(Circle(group, 3, spans), discount, Alone()).tolist() == [*wanted, 0]


CITY = draw_city(tiny_scenario(burn_in=0, city={"customers": 4000, "per_centre": 400.0}))


def around(**numbers):
    return circles(CITY.customers, CITY.buildings, CITY.centres, TalkSettings(**numbers), BOTH, 1)


def test_everybody_takes_part_where_the_graph_is_full():
    building, industry = around()
    np.testing.assert_array_equal(building.group, CITY.customers.building)
    assert (industry.group >= 0).all()


def test_an_industry_s_circle_is_one_industry_of_one_service_centre():
    group, who = around().industry.group, CITY.customers
    places = np.unique(np.stack([group, who.centre, who.industry]), axis=1)
    assert places.shape[1] == np.unique(group).size == CITY.centres * len(INDUSTRIES)


@pytest.mark.parametrize("density", [0.0, 0.2, 0.7])
def test_the_density_is_the_share_who_take_part(density):
    for made, of in zip(around(density=density), around(), strict=True):
        inside = of.group >= 0
        error = np.sqrt(density * (1 - density) / inside.sum())
        assert (made.group[inside] >= 0).mean() == pytest.approx(density, abs=4 * error)
        assert (made.group[~inside] == -1).all()


def test_a_denser_graph_holds_the_thinner_one():
    for thin, dense in zip(around(density=0.3), around(density=0.6), strict=True):
        assert (dense.group[thin.group >= 0] >= 0).all()


def test_the_graph_takes_at_most_12_bytes_a_customer():
    assert sum(made.group.nbytes for made in around(density=0.5)) <= 12 * CITY.customers.key.size


# What is said.


def three_customers() -> State:
    state = empty_state(2, 2, 3)
    state.demand[:] = [[100, 100, 40_000], [0, 100, 40_000]]
    state.stage[:] = [4, 3, 4]
    state.carrier[:] = [[0, 1, 0], [1, 1, 0]]
    return state


def test_big_names_praise_and_complain_with_more_weight():
    told = said(three_customers(), np.array([0, 1, 1], dtype=np.int8), True, TalkSettings(big_name_voice=7))
    assert told[VOICE].tolist() == [1, 1, 7]
    assert told[COMPLAINS].tolist() == [0, 1, 7]
    assert told[ADVOCATES].tolist() == [1, 0, 7]


def test_discounts_and_plans_are_told_by_heads():
    state = three_customers()
    state.discount[1, 2], state.plan[0] = 0.1, 2
    told = said(state, np.zeros(3, dtype=np.int8), True, TalkSettings())
    assert (told[TELLS].tolist(), told[ON_PLAN].tolist()) == ([0, 0, 1], [1, 0, 0])


# Hearing.


@unhurried
@given(st.floats(0, 1), st.integers(0, 50))
def test_hearing_is_the_chance_that_not_all_are_silent(rate, tellers):
    told = hearing_probability(rate, np.array([tellers]))[0]
    np.testing.assert_allclose(told, 1 - (1 - rate) ** tellers, atol=1e-9)


def test_nobody_hears_where_nobody_tells():
    assert hearing_probability(1.0, np.array([0])).tolist() == [0.0]


def test_more_tellers_are_heard_sooner():
    assert (np.diff(hearing_probability(0.05, np.arange(10))) > 0).all()


def test_neighbours_and_the_industry_are_heard_independently():
    rows = np.zeros((2, 5, 3), dtype=np.int32)
    rows[0, TELLS], rows[1, TELLS], rows[0, ON_PLAN] = (0, 2, 2), (0, 1, 4), (1, 0, 1)
    numbers = TalkSettings(rate=0.5, industry_rate=0.2, plan_leak=0.1)
    silent = silence(numbers, rows[0], rows[1], np.array([2, 0]))
    np.testing.assert_allclose(silent, [0.25 * 0.9 * 0.8**4, 0.9])


def test_image_is_the_balance_of_voices_in_both_circles():
    near, far = np.zeros((2, 5, 1), dtype=np.int32)
    near[[ADVOCATES, COMPLAINS, VOICE], 0] = 3, 1, 6
    far[[ADVOCATES, COMPLAINS, VOICE], 0] = 0, 5, 10
    numbers = TalkSettings(advocacy=0.4, complaint=0.2, industry_image=0.5)
    np.testing.assert_allclose(image(numbers, near, far), [(0.4 * 3 - 0.2) / 6 - 0.5 * 0.2 * 5 / 10])


# In the market.

STILL = {"mechanisms": dict.fromkeys(("attention", "growth", "incidents", "luck"), False), "burn_in": 0}


def scattered(**talk) -> tuple:
    """Return 60 customers of one industry and centre, none in a building, all ours, one of whom gets a tenth off."""
    scenario = tiny_scenario(**STILL, city={"in_building": 0.0, "per_centre": 1000.0}, talk=talk)
    city = draw_city(scenario)
    city.customers.industry[:] = 3
    city.state.carrier[:] = OWN
    turn = nothing(60)
    turn.discount[0] = 0.1
    return scenario, city, turn


def switched(scenario, **switches):
    return scenario.model_copy(update={"mechanisms": scenario.mechanisms.model_copy(update=switches)})


def test_news_of_a_discount_travels_through_an_industry():
    assert simulate(*scattered(industry_rate=1.0, granted=1.0), seed=1).discounted.tolist() == [60] * 12


def test_another_industry_or_centre_hears_nothing_of_it():
    scenario, city, turn = scattered(industry_rate=1.0, granted=1.0)
    city.customers.industry[:30] = 4
    city.customers.centre[20:] = 1
    moved = city._replace(centres=2)
    assert simulate(scenario, moved, turn, seed=1).discounted[-1] == 20


@pytest.mark.parametrize("switch", ["talk", "industry_talk"])
def test_with_the_switch_off_no_news_travels_through_an_industry(switch):
    scenario, city, turn = scattered(industry_rate=1.0, granted=1.0)
    assert simulate(switched(scenario, **{switch: False}), city, turn, seed=1).discounted.tolist() == [1] * 12


def test_news_travels_more_slowly_through_a_thin_graph():
    spread = [
        simulate(*scattered(industry_rate=0.02, granted=1.0, density=density), seed=1).discounted.sum()
        for density in (0.0, 0.5, 1.0)
    ]
    assert spread[0] == 12 < spread[1] < spread[2]


def test_who_hears_and_is_not_given_it_resents_it():
    scenario, city, turn = scattered(industry_rate=1.0, granted=0.0)
    market = run_market(scenario, city, turn, seed=1, months=1)
    assert market.city.state.news.tolist() == [0] + [1] * 59
    assert market.record.discounted[-1] == 1


def test_who_asks_gets_the_largest_discount_it_could_have_heard_of():
    scenario, city, turn = scattered(industry_rate=1.0, granted=1.0)
    turn.discount[1] = 0.2
    given_away = run_market(scenario, city, turn, seed=1, months=1).city.state.discount
    assert np.unique(given_away[:, 1:]).tolist() == [np.float32(0.2)]
    assert np.unique(given_away[:, 0]).tolist() == [np.float32(0.1)]


def test_a_discount_that_was_asked_for_ends_after_its_months():
    scenario, city, turn = scattered(industry_rate=1.0, granted=1.0, granted_months=3)
    discounted = simulate(scenario, city, {0: turn, 1: nothing(60)}, seed=1, months=6).discounted
    assert discounted.tolist() == [60, 59, 59, 0, 0, 0]


def test_nobody_is_given_what_no_programme_grants_any_more():
    scenario, city, turn = scattered(industry_rate=0.01, granted=1.0)
    market = run_market(scenario, city, {0: turn, 4: nothing(60)}, seed=1, months=9)
    discounted = market.record.discounted
    assert 1 < discounted[3] < 60
    assert discounted[4:].max() < discounted[3]
    assert market.city.state.news.sum() > 0


def test_a_discount_of_the_programme_outlives_one_that_was_asked_for():
    scenario, city, turn = scattered(industry_rate=1.0, granted=1.0, granted_months=3)
    everybody = turn._replace(discount=np.full(60, 0.05, dtype=np.float32))
    state = run_market(scenario, city, {0: turn, 2: everybody, 3: everybody}, seed=1, months=7).city.state
    assert np.unique(state.discount[:, 5]).tolist() == [np.float32(0.05)]


LIVELY = {"city": {"customers": 200}, "experience": {"incidents": 0.3}, "talk": {"rate": 0.2}}
LIVELY |= {"loyalty": {"threshold": 0.4, "full": 0.6, "advocacy": 0.3}}


@pytest.fixture(scope="module")
def lively():
    scenario = tiny_scenario(**LIVELY, burn_in=0)
    turn = nothing(200)
    turn.discount[:20] = 0.1
    return scenario, draw_city(scenario), turn


def changed(scenario, **numbers):
    return scenario.model_copy(update={"talk": scenario.talk.model_copy(update=numbers)})


def test_talk_in_industries_that_is_off_is_of_strength_nought(lively):
    scenario, city, turn = lively
    off = simulate(switched(scenario, industry_talk=False), city, turn, seed=2)
    assert same(simulate(changed(scenario, industry_rate=0.0, industry_image=0.0), city, turn, seed=2), off)
    assert not same(simulate(scenario, city, turn, seed=2), off)


def test_a_graph_without_members_is_no_talk(lively):
    scenario, city, turn = lively
    empty = simulate(changed(scenario, density=0.0), city, turn, seed=2)
    assert same(empty, simulate(switched(scenario, talk=False), city, turn, seed=2))


def test_big_names_move_our_image(lively):
    scenario, city, turn = lively
    plain = run_market(changed(scenario, big_name_voice=1), city, turn, seed=2, months=3).city.state.image_news
    loud = run_market(changed(scenario, big_name_voice=50), city, turn, seed=2, months=3).city.state.image_news
    assert not np.array_equal(plain, loud)
    none_big = changed(scenario, big_name_voice=50, big_name_above=1e9)
    quiet = run_market(none_big, city, turn, seed=2, months=3).city.state.image_news
    np.testing.assert_array_equal(plain, quiet)


def test_copies_of_a_city_hear_nothing_of_each_other():
    city: City = CITY
    who: Customers = cloned(city, 2).customers
    made = circles(who, 2 * city.buildings, 2 * city.centres, TalkSettings(), BOTH, 1)
    size = city.customers.key.size
    for talks in made:
        first, second = talks.group[:size], talks.group[size:]
        assert not np.isin(first[first >= 0], second).any()


def test_a_circle_is_empty_of_who_takes_no_part():
    made = circle(np.array([2, 0, -1]), 3, False, np.array([False, True, True]))
    assert made.group.tolist() == [-1, 0, -1]
