"""The checks for plug-ins find what they are made for."""

from __future__ import annotations

import numpy as np
import pytest

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
