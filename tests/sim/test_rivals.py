"""Rivals: what the built-in policies do, and that they keep to their own rows."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import found
from sim.market import run_market, simulate
from sim.programme import nothing
from sim.rates import posted_tariff
from sim.rivals import Enter, Follow, PriceWar, Static, Steady, foreseen, moved, nothing_seen, policies
from sim.testing import check_rival_policy, tiny_scenario


@pytest.mark.parametrize("name", list(policies))
def test_every_registered_policy_is_a_policy(name):
    check_rival_policy(policies[name]())


@pytest.mark.parametrize("month", [0, 5, 500])
def test_a_static_rival_never_moves(month):
    posted = posted_tariff(tiny_scenario())
    assert Static().move(month, 1, posted, nothing_seen(posted)) is posted


@pytest.mark.parametrize(("month", "at_war"), [(2, False), (3, True), (6, True), (7, False)])
def test_a_price_war_starts_and_ends_in_its_months(month, at_war):
    posted = posted_tariff(tiny_scenario())
    answer = PriceWar(month=3, months=4, drop=0.2).move(month, 2, posted, nothing_seen(posted))
    np.testing.assert_allclose(answer.price[2], posted.price[2] * (0.8 if at_war else 1.0))


def test_a_war_price_does_not_fall_further_from_month_to_month():
    posted = posted_tariff(tiny_scenario())
    war, seen = PriceWar(month=0, drop=0.2), nothing_seen(posted)
    np.testing.assert_array_equal(war.move(1, 1, posted, seen).price, war.move(9, 1, posted, seen).price)


def test_a_rival_at_war_calls_on_at_least_as_many_customers_as_before():
    posted = posted_tariff(tiny_scenario(rivals={"netcom": {"contact": 0.5}}))
    answer = PriceWar(month=0, contact=0.2).move(0, 1, posted, nothing_seen(posted))
    assert answer.contact.tolist() == [0.0, 0.5, posted.contact[2]]


def test_all_rivals_move_each_on_its_own_row():
    war = {"name": "price_war", "month": 0, "drop": 0.5}
    scenario = tiny_scenario(rivals={"netcom": {"policy": war}, "unicom": {"policy": {**war, "drop": 0.1}}})
    posted = posted_tariff(scenario)
    now = moved(list(scenario.rivals.values()), 0, posted, nothing_seen(posted))
    np.testing.assert_allclose(now.price / posted.price, np.repeat([[1.0], [0.5], [0.9]], 4, axis=1))


@pytest.mark.parametrize(("month", "moved"), [(2, False), (3, True), (500, True)])
def test_a_steady_rival_moves_once_and_may_call_on_fewer(month, moved):
    posted = posted_tariff(tiny_scenario())
    answer = Steady(month=3, drop=0.1, contact=0.05).move(month, 1, posted, nothing_seen(posted))
    np.testing.assert_allclose(answer.price[1], posted.price[1] * (0.9 if moved else 1.0))
    assert answer.contact[1] == (0.05 if moved else posted.contact[1])


class Free(Static):
    """A rival that gives its lines away."""

    def move(self, month, carrier, posted, seen):
        price = posted.price.copy()
        price[carrier] = 0
        return posted._replace(price=price)


def test_the_market_refuses_a_price_of_nothing():
    scenario = tiny_scenario()
    rivals = [rival.model_construct(policy=Free()) for rival in scenario.rivals.values()]
    with pytest.raises(ValueError, match="isn't above 0 in month 4"):
        moved(rivals, 4, posted_tariff(scenario), nothing_seen(posted_tariff(scenario)))


class Meddler(Static):
    """A rival that would like everybody to be dear."""

    def move(self, month, carrier, posted, seen):
        return posted._replace(price=posted.price * 2)


def test_a_rival_moves_only_its_own_row_whatever_it_returns():
    scenario = tiny_scenario()
    netcom, unicom = scenario.rivals.values()
    posted = posted_tariff(scenario)
    now = moved([netcom.model_construct(policy=Meddler()), unicom], 0, posted, nothing_seen(posted))
    np.testing.assert_allclose(now.price / posted.price, np.repeat([[1.0], [2.0], [1.0]], 4, axis=1))


def test_a_price_war_costs_us_lines():
    peace = tiny_scenario(city={"customers": 400})
    war = tiny_scenario(
        city={"customers": 400}, rivals={"netcom": {"policy": {"name": "price_war", "month": 0, "drop": 0.4}}}
    )
    city = found(peace).city
    kept = [simulate(scenario, city, nothing(400), seed=3).kept[-1] for scenario in (war, peace)]
    assert kept[0] < 0.95 * kept[1]


def test_a_follower_cuts_as_often_as_the_leader_but_later_and_by_less():
    war = {"name": "price_war", "month": 3, "months": 4, "drop": 0.2}
    follower = {"name": "follow", "lag": 2, "share": 0.5}
    scenario = tiny_scenario(rivals={"netcom": {"policy": war}, "unicom": {"policy": follower}})
    posted = posted_tariff(scenario)
    price = np.stack([month.price for month in foreseen(list(scenario.rivals.values()), posted, 12)]) / posted.price
    np.testing.assert_allclose(price[:, 1, 0], [1, 1, 1, 0.8, 0.8, 0.8, 0.8, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(price[:, 2, 0], [1, 1, 1, 1, 1, 0.9, 0.9, 0.9, 0.9, 1, 1, 1])


def test_what_a_planner_foresees_of_a_follower_is_what_happens():
    war = {"name": "price_war", "month": 2, "drop": 0.2}
    scenario = tiny_scenario(rivals={"netcom": {"policy": war}, "unicom": {"policy": "follow"}}, months=6)
    start = found(scenario)
    market = run_market(scenario, start.city, nothing(start.book.key.size), seed=1)
    planned = foreseen(list(scenario.rivals.values()), posted_tariff(scenario), 6)
    np.testing.assert_array_equal(market.seen.price, np.stack([month.price for month in planned]))
    np.testing.assert_array_equal(market.seen.lines.sum(axis=1), 4 * start.book.key.size)


def test_a_follower_of_nobody_stays_where_it_is():
    posted = posted_tariff(tiny_scenario())
    assert Follow().move(0, 1, posted, nothing_seen(posted)) is posted


@pytest.mark.parametrize(("month", "entered"), [(0, False), (5, False), (6, True), (500, True)])
def test_a_newcomer_sells_below_our_price_from_its_entry_on(month, entered):
    posted = posted_tariff(tiny_scenario())
    answer = Enter(month=6, price=0.7, contact=0.5).move(month, 1, posted, nothing_seen(posted))
    np.testing.assert_allclose(answer.price[1], 0.7 * posted.price[0] if entered else posted.price[1])
    assert answer.contact[1] == (0.5 if entered else posted.contact[1])
    np.testing.assert_array_equal(answer.price[[0, 2]], posted.price[[0, 2]])
