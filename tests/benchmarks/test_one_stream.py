"""The market on one shared stream: the same market, whose luck hangs on all that was drawn before."""

from __future__ import annotations

import numpy as np
import pytest
from one_stream import CONTACTS, OneStream, draws_due, draws_of_contacts, draws_of_faults

from sim.city import found
from sim.history import account_retained, retained_revenue
from sim.market import Market, simulate
from sim.programme import nothing
from sim.testing import World, only, tiny_scenario

LUCKLESS = {
    "mechanisms": dict.fromkeys(("attention", "incidents", "luck", "talk", "halls", "early_leaving", "points"), False)
}


def tiny_world(**changes) -> World:
    scenario = tiny_scenario(**changes)
    return World(scenario, found(scenario).city)


def visited(world: World, customers: slice):
    programme = nothing(world.city.customers.key.size)
    programme.visits[customers] = 12
    programme.calls[customers] = 4
    return programme


def in_one_stream(world: World, programme, seed: int = 5) -> OneStream:
    market = OneStream(world.scenario, world.city, {0: programme}, seed, world.scenario.months)
    market.run()
    return market


def histories_equal(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


def test_the_same_policy_on_the_same_stream_lives_the_same_life(world):
    programme = visited(world, slice(None))
    first, again = (in_one_stream(world, programme).record for _ in range(2))
    assert first.looked.sum() > 0
    assert histories_equal(first[:-1], again[:-1])
    assert histories_equal(first.account, again.account)


def test_another_stream_brings_another_life(world):
    programme = nothing(60)
    lives = [account_retained(in_one_stream(world, programme, seed).record) for seed in (1, 2)]
    assert not np.array_equal(*lives)


def test_where_nothing_is_left_to_luck_one_stream_changes_nothing():
    world = tiny_world(**LUCKLESS)
    programme = visited(world, slice(0, 40))
    keyed = simulate(world.scenario, world.city, programme, seed=5)
    stream = in_one_stream(world, programme).record
    assert keyed.visits_made.sum() > 0
    assert histories_equal(keyed[1:-1], stream[1:-1])
    assert histories_equal(keyed.account, stream.account)


def test_what_lasts_of_a_customer_stays_its_own(world):
    programme = nothing(60)
    stream = in_one_stream(world, programme)
    keyed = Market(world.scenario, world.city, {0: programme}, 5, 12)
    assert all(np.array_equal(stream.phase(purpose), keyed.phase(purpose)) for purpose in CONTACTS)
    assert np.array_equal(stream.skill, keyed.skill)
    assert np.array_equal(stream.city.customers.key, keyed.city.customers.key)


def test_no_two_customers_nor_months_draw_from_the_same_place(world):
    places = []

    class Watched(OneStream):
        def _take_places(self, due) -> None:
            super()._take_places(due)
            places.append(self.placed.key[due > 0])

    Watched(world.scenario, world.city, {0: visited(world, slice(None))}, 5, 12).run()
    everywhere = np.concatenate(places)
    assert everywhere.size > 12 * 60
    assert (np.diff(everywhere.astype(np.int64)) > 0).all()


def test_a_visit_to_one_customer_changes_the_luck_of_others_on_one_stream_only():
    world = tiny_world(mechanisms=only("attention", "visits", "luck", "incidents"))
    idle, one = nothing(60), visited(world, slice(0, 1))
    keyed = [account_retained(simulate(world.scenario, world.city, p, seed=5)) for p in (idle, one)]
    stream = [account_retained(in_one_stream(world, p).record) for p in (idle, one)]
    assert np.array_equal(keyed[0][1:], keyed[1][1:])
    assert not np.array_equal(stream[0][1:], stream[1][1:])


def test_a_city_retains_as_much_on_one_stream_as_on_keyed_draws(world):
    programme, futures = nothing(60), range(60)
    keyed = np.array([retained_revenue(simulate(world.scenario, world.city, programme, seed=s)) for s in futures])
    stream = np.array([retained_revenue(in_one_stream(world, programme, seed=s).record) for s in futures])
    spread = [np.abs(values - values.mean()) for values in (keyed, stream)]
    for one, other in ((keyed, stream), spread):
        error = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / len(futures))
        assert abs(one.mean() - other.mean()) <= 4 * error


def test_a_close_takes_a_draw_more_for_a_plan_and_two_for_each_further_carrier(world):
    state = world.city.copied().state
    state.carrier[:] = 0
    state.plan[:] = 0
    state.carrier[1, 1] = 2
    state.plan[2] = 1
    assert draws_due(state, callers=2)[:3].tolist() == [7, 9, 8]


def test_only_who_has_a_line_of_ours_takes_a_draw_for_our_faults(world):
    state = world.city.copied().state
    state.carrier[:, :2] = 1
    state.carrier[3, 1] = 0
    assert draws_of_faults(state)[:2].tolist() == [0, 1]


def test_a_visit_takes_a_draw_and_a_complaint_two_but_none_of_a_month_in_which_nobody_is_reached(world):
    market = OneStream(world.scenario, world.city, {0: nothing(60)}, 5, 12)
    market.visited[3] = market.faults[4] = 1
    assert draws_of_contacts(market)[2:5].tolist() == [0, 1, 2]
    market.idle = True
    assert draws_of_contacts(market)[2:5].tolist() == [0, 0, 2]
