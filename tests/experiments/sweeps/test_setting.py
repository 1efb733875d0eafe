"""Other values of settings are checked as those of a file are, however they are put in."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.experiment import load
from experiments.sweeps.setting import setting_at, with_values
from sim.composing.compose import dump_yaml, laid_over
from sim.errors import InputError

SHENZHEN = load("shenzhen").settings


@pytest.mark.parametrize(
    ("path", "value", "change"),
    [
        ("visit.offer", 0.5, {"visit": {"offer": 0.5}}),
        ("city.customers", 70, {"city": {"customers": 70}}),
        ("rivals.netcom.price_index", 0.9, {"rivals": {"netcom": {"price_index": 0.9}}}),
        ("own.price.data", 1.1, {"own": {"price": {"data": 1.1}}}),
        ("rivals.netcom.policy", "price_war", {"rivals": {"netcom": {"policy": "price_war"}}}),
        (
            "rivals.netcom.policy",
            {"name": "price_war", "drop": 0.3},
            {"rivals": {"netcom": {"policy": {"name": "price_war", "drop": 0.3}}}},
        ),
    ],
)
def test_a_value_put_in_is_what_a_file_would_say(path: str, value: Any, change: dict[str, Any]) -> None:
    assert dump_yaml(with_values(SHENZHEN, [(path, value)])) == dump_yaml(laid_over(SHENZHEN, change, {}))


def test_several_values_hold_together() -> None:
    found = with_values(SHENZHEN, [("visit.offer", 0.5), ("visit.journey", 0.25), ("months", 12)])
    assert (found.visit.offer, found.visit.journey, found.months) == (0.5, 0.25, 12)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("visit.offer", -1.0, "here: visit.offer: -1 is below the least allowed 0"),
        ("visit.ofer", 1.0, "did you mean 'offer'"),
        ("city.customers", 0.5, "city.customers: 0.5 is not a whole number"),
        ("loyalty.full", 0.1, "here: loyalty.full: .*threshold"),
    ],
)
def test_a_value_that_is_not_allowed_is_told(path: str, value: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        with_values(SHENZHEN, [(path, value)], "here")


def test_a_setting_tells_its_bounds_and_what_it_is() -> None:
    setting = setting_at(SHENZHEN, "own.price.data")
    assert (setting.keys, setting.value) == (("own", "price", "data"), SHENZHEN.own.price["data"])
    assert setting.measure is not None
    assert not setting.is_whole
    assert setting_at(SHENZHEN, "city.customers").is_whole
