"""Halls and the online hall: who comes, who finds room, and what it does."""

from __future__ import annotations

import numpy as np
import pytest

from sim import month
from sim.city import draw_city
from sim.history import yuan
from sim.market import Market, simulate
from sim.names import CHANNELS, OWN
from sim.programme import nothing
from sim.testing import tiny_scenario

HALL, ONLINE = CHANNELS.index("hall"), CHANNELS.index("online")


def world(expected, **changes):
    """Return a market of 60 customers in two centres who all expect one channel, with a line of ours each."""
    scenario = tiny_scenario(mechanisms={"incidents": False, "luck": False}, **changes)
    city = draw_city(scenario)
    city.customers.expected_channel[:] = expected
    city.state.carrier[0] = OWN
    return Market(scenario, city, {0: nothing(60)}, seed=5, months=12)


def opened(market):
    """Let a month pass up to the halls' work, and return the lift."""
    for phase in (*month.OPENING, month.halls_serve):
        phase(market)
    return market.outreach.lift


def counts(market):
    record = market.record
    names = ("hall_handled", "hall_diverted", "online_handled", "turned_away")
    return [int(getattr(record, name)[0]) for name in names]


def test_with_room_for_all_everybody_in_need_is_handled_where_expected():
    market = world(HALL, hall={"need": 1.0, "capacity": 1.0})
    assert (opened(market) == np.float32(market.scenario.hall.lift)).all()
    assert counts(market) == [60, 0, 0, 0]


def test_a_hall_serves_no_more_than_it_has_room_for():
    market = world(HALL, hall={"need": 1.0, "capacity": 0.1})
    lift = opened(market)
    room = np.rint(0.1 * np.bincount(market.city.customers.centre))
    np.testing.assert_array_equal(np.bincount(market.city.customers.centre[lift > 0]), room)
    assert (lift < 0).sum() == 60 - room.sum()


def test_who_finds_the_online_hall_full_goes_to_the_hall_of_its_centre():
    market = world(ONLINE, hall={"need": 1.0, "capacity": 0.2}, online={"capacity": 0.5})
    lift = opened(market)
    assert counts(market) == [12, 12, 30, 18]
    unexpected = np.float32(market.scenario.hall.lift * market.scenario.channel.unexpected)
    assert (lift == unexpected).sum() == 12


def test_who_was_diverted_queues_behind_those_who_expected_the_hall():
    market = world(ONLINE, hall={"need": 1.0, "capacity": 0.5}, online={"capacity": 0.0})
    market.city.customers.expected_channel[::2] = HALL
    expects_hall = np.arange(60) % 2 == 0
    market = Market(market.scenario, market.city, {0: nothing(60)}, seed=5, months=1)
    lift = opened(market)
    centre = market.city.customers.centre
    for c in range(market.city.centres):
        here = centre == c
        room, came = round(0.5 * here.sum()), (here & expects_hall).sum()
        assert (lift[here & expects_hall] > 0).sum() == min(room, came)
        assert (lift[here & ~expects_hall] > 0).sum() == max(0, room - came)


@pytest.mark.parametrize("channel", ["visit", "telephone", "agent"])
def test_who_expects_another_channel_stays_away_unless_reached(channel):
    market = world(CHANNELS.index(channel), hall={"need": 1.0, "capacity": 1.0})
    assert not opened(market).any()
    reached = world(CHANNELS.index(channel), hall={"need": 1.0, "capacity": 1.0, "reach": 1.0})
    assert opened(reached).all()


def test_who_has_no_line_with_us_does_not_come():
    market = world(HALL, hall={"need": 1.0, "capacity": 1.0})
    market.city.state.carrier[:, :20] = 1
    lift = opened(market)
    assert not lift[:20].any()
    assert lift[20:].all()


def test_about_as_many_come_as_have_need():
    market = world(HALL, city={"customers": 4000, "per_centre": 1000.0}, hall={"need": 0.2, "capacity": 1.0})
    market = Market(market.scenario, market.city, {0: nothing(4000)}, seed=5, months=1)
    lift = opened(market)
    assert (lift > 0).mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / 4000))


def test_the_handled_are_more_satisfied_and_the_crowded_out_less():
    def felt(capacity):
        scenario = tiny_scenario(
            mechanisms={"incidents": False, "luck": False, "attention": False, "talk": False},
            hall={"need": 1.0, "reach": 1.0, "capacity": capacity},
        )
        return simulate(scenario, draw_city(scenario), nothing(60), seed=2).satisfaction[-1, OWN]

    scenario = tiny_scenario(
        mechanisms={"incidents": False, "luck": False, "attention": False, "talk": False, "halls": False}
    )
    without = simulate(scenario, draw_city(scenario), nothing(60), seed=2).satisfaction[-1, OWN]
    assert felt(0.0) < without < felt(1.0)


def test_halls_cost_their_rent_and_their_handlings():
    scenario = tiny_scenario()
    history = simulate(scenario, draw_city(scenario), nothing(60), seed=2)
    hall, online = scenario.hall, scenario.online
    np.testing.assert_allclose(yuan(history.hall_cost), 60 * hall.fixed + history.hall_handled * hall.cost)
    np.testing.assert_allclose(yuan(history.online_cost), 60 * online.fixed + history.online_handled * online.cost)
    assert history.online_handled.sum() > 0
