"""A city lived in two parts, each by managers of its own, is the city lived in one piece."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from sim.city import found
from sim.exchange import Gathered
from sim.history import COSTS
from sim.market import Market
from sim.programme import Programme, nothing
from sim.state import Customers, State
from sim.testing import tiny_scenario


class Table:
    """Where the parts lay down what they have and take up what all have."""

    def __init__(self, parts):
        self.barrier, self.laid = Barrier(parts), [None] * parts

    def all(self, part, what):
        self.laid[part] = what
        self.barrier.wait()
        everything = list(self.laid)
        self.barrier.wait()
        return everything


class Seat:
    """The exchange of one part."""

    def __init__(self, table, part):
        self.table, self.part = table, part

    def total(self, counted):
        return sum(self.table.all(self.part, counted))

    def gather(self, rows):
        parts = self.table.all(self.part, rows)
        whole = np.concatenate(parts)
        order = np.lexsort(whole.T[::-1])
        place = np.empty(len(whole), dtype=np.int64)
        place[order] = np.arange(len(whole))
        before = sum(len(part) for part in parts[: self.part])
        return Gathered(whole[order], place[before : before + len(rows)])


def part_of(city, mine):
    """Return the part of a city with these customers; indices of managers, buildings and centres stay the city's."""
    return city._replace(
        customers=Customers(*(np.ascontiguousarray(array[..., mine]) for array in city.customers)),
        state=State(*(np.ascontiguousarray(array[..., mine]) for array in city.state)),
        ids=city.ids[mine],
    )


@pytest.fixture(scope="module")
def lives():
    """The whole city's market, the parts' markets, and which customers are in which part."""
    scenario = tiny_scenario(
        city={"customers": 240, "per_centre": 120.0},
        channel={"seat_minutes": 3.0, "mail_capacity": 0.2},
        hall={"need": 0.5},
        online={"capacity": 0.05},
        agent={"capacity": 0.2},
        event={"venue": 8, "attendance": 0.6, "centres_per_team": 4.0},
        campaigns={"ours": {"months": 4}, "theirs": {"carrier": "unicom", "month": 3}},
        talk={"rate": 0.1},
    )
    city = found(scenario).city
    account, turn = np.arange(240), nothing(240)
    turn.visits[:], turn.mail[:], turn.calls[:] = account % 5, account % 7, account % 12
    turn.agents[:], turn.events[:], turn.discount[:] = account % 9, 4, np.where(account % 10 == 0, 0.1, 0)
    whole = Market(scenario, city, {0: turn}, seed=4, months=12)
    whole.run()
    east = city.customers.manager < city.managers // 2
    table, markets = Table(2), []
    for part, mine in enumerate((east, ~east)):
        own = Programme(*(array[mine] for array in turn))
        market = Market(scenario, part_of(city, mine), {0: own}, seed=4, months=12)
        market.exchange = Seat(table, part)
        markets.append(market)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Market.run, markets))
    return whole, markets, (east, ~east)


def test_some_centre_has_customers_in_both_parts(lives):
    whole, _, (east, west) = lives
    centre = whole.city.customers.centre
    assert set(centre[east]) & set(centre[west])


def test_every_account_lives_the_same_life_in_a_part(lives):
    whole, markets, places = lives
    for market, mine in zip(markets, places, strict=True):
        for name, array in whole.record.account._asdict().items():
            np.testing.assert_array_equal(getattr(market.record.account, name), array[mine], err_msg=name)
        for name, array in whole.city.state._asdict().items():
            np.testing.assert_array_equal(getattr(market.city.state, name), array[..., mine], err_msg=name)


def test_the_parts_add_up_to_the_city(lives):
    whole, markets, _ = lives
    counts = ("letters", "calls", "calls_missed", "hall_handled", "turned_away", "agent_contacts", "agent_wins")
    for name in (*COSTS, *counts, "online_handled", "invited", "attended", "revenue"):
        parts = sum(getattr(market.record, name) for market in markets)
        np.testing.assert_array_equal(parts, getattr(whole.record, name), err_msg=name)
        assert parts.sum() > 0 or name == "care", name


def test_both_parts_remember_the_same_events(lives):
    whole, markets, _ = lives
    assert len(whole.held) > 3
    for market in markets:
        assert market.held == whole.held
