"""The checks for plug-ins find what they are made for."""

from __future__ import annotations

import numpy as np
import pytest

from sim import draws
from sim.city import draw_city
from sim.conformance import check_process, every_lever, same_history
from sim.market import simulate
from sim.process import process_kinds
from sim.quantities import Settings
from sim.rivals import Static
from sim.testing import check_rival_policy, cloned, tiny_scenario, worked_example


class Spoiler(Static):
    def move(self, month, carrier, posted, seen):
        posted.price[carrier] *= 0.9
        return posted


class Meddler(Static):
    def move(self, month, carrier, posted, seen):
        return posted._replace(quality=posted.quality * 0.9)


class Giver(Static):
    def move(self, month, carrier, posted, seen):
        price = posted.price.copy()
        price[carrier] = 0
        return posted._replace(price=price)


class Lost(Static):
    def move(self, month, carrier, posted, seen):
        price = posted.price.copy()
        price[carrier] = np.nan
        return posted._replace(price=price)


class Shouter(Static):
    def move(self, month, carrier, posted, seen):
        contact = posted.contact.copy()
        contact[carrier] = 2.0
        return posted._replace(contact=contact)


class Cutter(Static):
    def move(self, month, carrier, posted, seen):
        return posted._replace(price=posted.price[:1])


class Moody(Static):
    def move(self, month, carrier, posted, seen):
        price = posted.price.copy()
        price[carrier] *= 1 + np.random.default_rng().random()
        return posted._replace(price=price)


class Plain:
    def move(self, month, carrier, posted, seen):
        return posted


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Spoiler, "changes the tariff it is given"),
        (Meddler, "moves the quality of another carrier"),
        (Giver, "price must be above 0"),
        (Lost, "price must be finite"),
        (Shouter, "contact must be finite and from 0 to 1"),
        (Cutter, "price has shape"),
        (Moody, "answers differently when asked again"),
        (Plain, "is no settings class"),
    ],
)
def test_a_policy_that_breaks_a_rule_is_told_which(policy, said):
    with pytest.raises(AssertionError, match=said):
        check_rival_policy(policy())


class Idler(Settings):
    def run(self, market, clock):
        while True:
            yield clock.timeout(1)


class Forger(Idler):
    def run(self, market, clock):
        market.city.customers.growth[:] += 0.01
        yield clock.timeout(1)


class Gambler(Idler):
    def run(self, market, clock):
        while True:
            market.city.state.satisfaction[0] *= np.float32(np.random.default_rng().uniform(0.5, 1))
            yield clock.timeout(1)


class Counter(Idler):
    def run(self, market, clock):
        while True:
            market.charge(np.arange(market.city.customers.key.size, dtype=float))
            yield clock.timeout(1)


class Dreamer(Idler):
    def run(self, market, clock):
        yield clock.timeout(1)
        market.city.state.goodwill[0] = np.nan


class Stray:
    def run(self, market, clock):
        yield clock.timeout(1)


@pytest.mark.parametrize(
    ("process", "said"),
    [
        (Forger, "changes who the customers are"),
        (Gambler, "another life when run again"),
        (Counter, "depends on the order of customers"),
        (Dreamer, "goodwill must be finite"),
        (Stray, "is no settings class"),
    ],
)
def test_a_process_that_breaks_a_rule_is_told_which(process, said, monkeypatch):
    monkeypatch.setitem(process_kinds._parts, "tried", process)
    with pytest.raises(AssertionError, match=said):
        check_process(process(), tiny_scenario())


class Drawer(Idler):
    def run(self, market, clock):
        while True:
            draws.uniform(draws.stream(market.seed, "attention", market.month), market.city.customers.key)
            yield clock.timeout(1)


def test_a_process_that_only_draws_and_discards_passes_and_changes_nothing(monkeypatch):
    monkeypatch.setitem(process_kinds._parts, "drawer", Drawer)
    scenario = tiny_scenario()
    check_process(Drawer(), scenario)
    city = draw_city(scenario)
    drawn = scenario.model_copy(update={"processes": {"idle": Drawer()}})
    histories = [simulate(either, city, every_lever(city), seed=2) for either in (scenario, drawn)]
    assert same_history(*histories)


def test_changes_are_laid_over_the_tiny_market():
    changed = tiny_scenario(own={"price": {"data": 0.9}})
    assert (changed.own.price["data"], changed.own.price["mobile"]) == (0.9, 1.0)


def test_the_tiny_market_has_four_lines_three_carriers_and_no_file():
    scenario = tiny_scenario()
    assert (len(scenario.lines), len(scenario.carriers), scenario.customers) == (4, 3, None)


def test_the_worked_example_spends_what_it_is_said_to():
    city = worked_example(1.0, (2.0, 3.0)).city
    assert (city.state.demand[:, 0].tolist(), city.state.carrier[:, 0].tolist()) == ([1, 2, 3], [0, 1, 2])


def test_clones_share_all_but_their_luck():
    city = worked_example().city
    three = cloned(city, 3)
    assert three.customers.key.tolist() == [0, 1, 2]
    assert (three.state.demand == city.state.demand).all()
    assert np.unique(three.ids).size == 3
