"""A city in shards: how it is divided among markets that live in step changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import draws
from sim.city import draw_city
from sim.delegate import Delegate
from sim.history import History
from sim.market import Market, run_market, simulate
from sim.meeting import Shared
from sim.names import LEVELS
from sim.process import process_kinds
from sim.programme import Programme, nothing
from sim.quantities import Settings
from sim.shards import divided, joined, live_apart, live_part, neighbourhoods, part_of, simulate_sharded, turns_of
from sim.table import Table
from sim.testing import tiny_scenario

EVERYTHING = {
    "city": {"customers": 500, "tenants": 10.0, "per_centre": 120.0},
    "visit": {"accounts_per_manager": 25, "hours": 200.0},
    "months": 8,
    "burn_in": 0,
    "attention": {"base": -2.0},
    "loyalty": {"threshold": 0.4, "advocacy": 0.5},
    "contract": {"offer": 1.0, "reset_months": 3},
    "experience": {"incidents": 0.3},
    "channel": {"seat_minutes": 3.0},
    "desk": {"servers": 4.0, "slowness": 2.0},
    "hall": {"need": 0.6, "capacity": 0.05},
    "online": {"capacity": 0.02},
    "agent": {"capacity": 0.1, "reach": 1.0},
    "event": {"venue": 20, "centres_per_team": 2},
    "campaigns": {"spring": {"month": 1}, "theirs": {"carrier": "netcom", "month": 2}},
    "points": {"least": 500.0, "redeeming": 0.5},
    "substitution": {
        "flows": {"mobile_for_fixed": {"origin": "local_voice", "destination": "mobile"}},
        "ip": {"line": "long_distance"},
    },
    "book": {"settlement": {"bought": 0.2, "month": 2}},
    "bond": {"integration": 0.3},
    "talk": {
        "rate": 0.1,
        "plan_leak": 0.02,
        "industry_rate": 0.05,
        "industry_image": 0.5,
        "density": 0.8,
        "big_name_above": 5000.0,
        "granted_months": 2,
    },
    "rivals": {
        "netcom": {"poach": {"visits": 2.0, "bonus": 0.3}, "policy": {"name": "follow", "lag": 1}},
        "unicom": {"poach": {"visits": 1.0, "bonus": 0.2}, "policy": {"name": "price_war", "month": 3}},
    },
}
SCENARIO = tiny_scenario(**EVERYTHING)
CITY = draw_city(SCENARIO)


def busy(customers: int) -> Programme:
    """Return a programme with every lever, more calls than the seats can make, and discounts for a few."""
    number = np.arange(customers)
    turn = nothing(customers)
    turn.visits[:] = np.where(number % 3 == 0, 12, 0)
    turn.level[:] = number % len(LEVELS)
    turn.offer[:], turn.offer_x[:] = number % 4, 500.0
    turn.discount[:] = np.where(number % 20 == 0, 0.1 + 0.1 * (number % 40 == 0), 0)
    turn.mail[:], turn.calls[:] = number % 7, np.where(number % 2 == 0, 24, 1)
    turn.agents[:], turn.events[:], turn.tier[:] = np.where(number % 5 == 0, 12, 0), 6, number % 3
    return turn


TURNS = {0: busy(500), 5: busy(500)._replace(discount=np.zeros(500, dtype=np.float32))}


def same(one: History, other: History) -> bool:
    parts = zip(one._replace(account=()), other._replace(account=()), strict=True)
    accounts = zip(one.account, other.account, strict=True)
    return all(np.array_equal(a, b) for a, b in [*parts, *accounts])


def same_state(one: Market, other: Market) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.city.state, other.city.state, strict=True))


@pytest.fixture(scope="module")
def whole() -> Market:
    return run_market(SCENARIO, CITY, TURNS, seed=3)


# What there is to compare.


def test_the_run_has_something_to_compare(whole):
    record = whole.record
    assert record.plans_accepted.sum() > 10
    assert record.calls.sum() < record.calls_due.sum()
    assert record.backlog[-1] > 0
    assert record.discounted.max() > 2 * (TURNS[0].discount > 0).sum()
    assert (np.diff(record.discounted) < 0).any()
    assert (whole.lures.carrier > 0).sum() > 10
    assert record.complaints.sum() > 10
    assert record.desk_backlog.max() > 0
    assert min(record.turned_away.sum(), record.hall_diverted.sum(), record.agent_wins.sum()) > 0
    assert 0 < record.attended.sum() < record.invited.sum()
    assert min(record.call_outs.sum(), record.redeemed.sum(), record.settlement_cost.sum()) > 0


def test_talk_in_industries_reaches_from_shard_to_shard(whole):
    quiet = SCENARIO.model_copy(update={"mechanisms": SCENARIO.mechanisms.model_copy(update={"industry_talk": False})})
    assert not same(simulate(quiet, CITY, TURNS, seed=3), whole.record)
    for mine in divided(CITY, 2):
        circle = whole.circles.industry
        assert np.isin(circle.group[mine], np.delete(circle.group, mine)).any()


# The same history.


@pytest.mark.parametrize("shards", [1, 2, 4, 1000])
def test_any_number_of_shards_gives_the_same_history_bit_for_bit(whole, shards):
    assert same(simulate_sharded(SCENARIO, CITY, TURNS, seed=3, shards=shards), whole.record)


@pytest.mark.parametrize(("threads", "block"), [(2, 16), (3, 1)])
def test_shards_with_threads_and_small_blocks_give_the_same_history_bit_for_bit(whole, threads, block):
    lived = live_apart(SCENARIO, CITY, TURNS, divided(CITY, 4), seed=3, threads=threads, block=block)
    assert same(lived.record, whole.record)


@pytest.mark.parametrize("shards", [2, 4])
def test_a_shard_of_which_nothing_is_asked_keeps_in_step_with_the_others(shards):
    off = dict.fromkeys(("talk", "incidents", "managers", "halls"), False)
    calm = tiny_scenario(city={"customers": 500}, months=10, burn_in=0, mechanisms=off)
    city = draw_city(calm)
    some = nothing(500)
    for lever in (some.visits, some.calls, some.events, some.agents):
        lever[city.customers.manager == 0] = 12
    turns = {0: nothing(500), 2: some, 5: nothing(500)}
    alone = simulate(calm, city, turns, seed=3)
    assert alone.visits_made.sum() > 0
    assert same(simulate_sharded(calm, city, turns, seed=3, shards=shards), alone)


def test_shards_that_meet_over_sockets_give_the_same_history_bit_for_bit(whole):
    parts = divided(CITY, 3)

    def live(part: int) -> History:
        here, turns = part_of(CITY, parts[part]), turns_of(TURNS, parts[part])
        with Delegate(table.invitation, part) as delegate:
            return live_part(SCENARIO, here, turns, Shared(delegate, part), 3, SCENARIO.months).record

    with Table(3) as table, ThreadPoolExecutor(3) as pool:
        records = list(pool.map(live, range(3)))
    assert same(joined(parts, records), whole.record)


def test_shards_leave_the_same_state_bit_for_bit(whole):
    lived = live_apart(SCENARIO, CITY, TURNS, divided(CITY, 3), seed=3)
    assert all(np.array_equal(a, b) for a, b in zip(lived.city.state, whole.city.state, strict=True))


def test_shards_leave_the_city_as_it_was():
    before = CITY.state.copied()
    simulate_sharded(SCENARIO, CITY, TURNS, seed=3, months=2, shards=2)
    assert all(np.array_equal(was, now) for was, now in zip(before, CITY.state, strict=True))


SMALL = tiny_scenario(
    **{**EVERYTHING, "city": {"customers": 80, "tenants": 6.0}, "visit": {"accounts_per_manager": 10}}
)
SMALL_CITY = draw_city(SMALL)


def any_programme(number: int) -> Programme:
    """Return one of many programmes for the small city, each with other levers for each customer."""
    key = SMALL_CITY.customers.key

    def each(name: str, most: int):
        return (draws.uniform(draws.stream(number, name), key) * (most + 1)).astype(int)

    turn = nothing(key.size)
    turn.visits[:], turn.mail[:], turn.calls[:] = each("visits", 52), each("mail", 52), each("calls", 52)
    turn.level[:], turn.offer[:], turn.offer_x[:] = each("level", 2), each("offer", 3), 1000 * each("x", 3)
    turn.discount[:] = each("discount", 3) * np.float32(0.1) * (each("who", 4) == 0)
    return turn


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 3), min_size=20, max_size=20), st.integers(0, 2**32))
def test_any_union_of_territories_gives_the_same_history_for_any_programme(number, shard_of, seed):
    turn = any_programme(number)
    shard = np.array(shard_of)[neighbourhoods(SMALL_CITY)]
    parts = [np.flatnonzero(shard == number) for number in np.unique(shard)]
    lived = live_apart(SMALL, SMALL_CITY, turn, parts, seed=seed, months=4)
    assert same(lived.record, simulate(SMALL, SMALL_CITY, turn, seed=seed, months=4))


# How a city is divided.


@pytest.mark.parametrize("shards", [1, 2, 3, 5, 400])
def test_every_customer_is_in_one_shard_and_no_territory_or_building_in_two(shards):
    parts = divided(CITY, shards)
    assert np.sort(np.concatenate(parts)).tolist() == list(range(500))
    assert len(parts) == min(shards, CITY.managers)
    for place in (CITY.customers.manager, CITY.customers.building):
        inside = [set(place[mine]) - {-1} for mine in parts]
        assert sum(map(len, inside)) == len(set.union(*inside))


def test_shards_are_of_about_the_same_size():
    assert max(map(len, divided(CITY, 4))) < 1.5 * 500 / 4


def test_territories_that_share_a_building_stay_together():
    building = CITY.customers.building.copy()
    first, other = (np.flatnonzero(CITY.customers.manager == manager)[0] for manager in (0, CITY.managers - 1))
    building[other] = building[first] = 0
    tied = CITY._replace(customers=CITY.customers._replace(building=building))
    assert neighbourhoods(tied)[first] == neighbourhoods(tied)[other]
    assert same(
        simulate_sharded(SCENARIO, tied, TURNS, seed=3, months=3), simulate(SCENARIO, tied, TURNS, seed=3, months=3)
    )


def test_a_territory_cut_in_two_is_refused():
    with pytest.raises(ValueError, match="whole territories and buildings"):
        live_apart(SCENARIO, CITY, TURNS, [np.arange(250), np.arange(250, 500)], seed=3)


def test_a_customer_left_out_is_refused():
    with pytest.raises(ValueError, match="each of the 500 customers"):
        live_apart(SCENARIO, CITY, TURNS, divided(CITY, 2)[:1], seed=3)


def test_no_shards_at_all_are_refused():
    with pytest.raises(ValueError, match="1 or more"):
        divided(CITY, 0)


# Parts of a researcher's own.


@process_kinds.register("test_idle_draw")
class IdleDraw(Settings):
    """A process that draws and throws away what it drew."""

    def run(self, market, clock):
        """Draw from a stream of its own and from those of the market."""
        while True:
            for name in ("idle", "attention", "choice", "news"):
                draws.uniform(draws.stream(market.seed, name, market.month), market.city.customers.key)
            yield clock.timeout(1)


@process_kinds.register("test_falls_over")
class FallsOver(Settings):
    """A process that fails in the third month, where customer 0 lives."""

    def run(self, market, clock):
        """Fail."""
        yield clock.timeout(2)
        if (market.city.customers.key == 0).any():
            raise ZeroDivisionError("customer 0")


@process_kinds.register("test_asks_alone")
class AsksAlone(Settings):
    """A process that asks for a total only where customer 0 lives."""

    def run(self, market, clock):
        """Ask."""
        yield clock.timeout(2)
        if (market.city.customers.key == 0).any():
            market.exchange.total(np.zeros(3, dtype=np.int64))


def with_process(name: str):
    return SCENARIO.model_copy(update={"processes": {"own": process_kinds[name]()}})


@pytest.mark.parametrize("shards", [1, 3])
def test_a_draw_that_a_process_throws_away_changes_nothing(whole, shards):
    assert same(simulate_sharded(with_process("test_idle_draw"), CITY, TURNS, seed=3, shards=shards), whole.record)


@pytest.mark.parametrize("shards", [1, 4])
def test_an_error_in_one_shard_ends_all_of_them_with_that_error(shards):
    with pytest.raises(ZeroDivisionError, match="customer 0"):
        simulate_sharded(with_process("test_falls_over"), CITY, TURNS, seed=3, shards=shards)


def test_a_shard_that_asks_for_what_the_others_do_not_is_told_so():
    with pytest.raises(RuntimeError, match="every shard must ask alike"):
        simulate_sharded(with_process("test_asks_alone"), CITY, TURNS, seed=3, shards=4)
