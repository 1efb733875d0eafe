"""The market in blocks and threads: how customers are grouped for the machine changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city
from sim.conformance import every_lever
from sim.history import History
from sim.market import Market, run_market
from sim.testing import tiny_scenario

SCENARIO = tiny_scenario(
    city={"customers": 700},
    months=8,
    burn_in=0,
    visit={"hours": 400.0},
    contract={"offer": 1.0, "reset_months": 3},
    experience={"incidents": 0.3},
    campaigns={"spring": {"months": 4}},
    substitution={
        "flows": {"mobile_for_fixed": {"origin": "local_voice", "destination": "mobile"}},
        "ip": {"line": "long_distance"},
    },
    rivals={"netcom": {"poach": {"visits": 2.0}, "policy": {"name": "follow", "lag": 1}}},
)
"""A market in which every mechanism is on and has something to do."""


def run(threads: int, block: int) -> Market:
    city = draw_city(SCENARIO)
    return run_market(SCENARIO, city, every_lever(city), seed=3, threads=threads, block=block)


def same(one: History, other: History) -> bool:
    parts = zip(one._replace(account=()), other._replace(account=()), strict=True)
    accounts = zip(one.account, other.account, strict=True)
    return all(np.array_equal(a, b) for a, b in [*parts, *accounts])


@pytest.fixture(scope="module")
def usual() -> Market:
    return run(threads=1, block=512)


def test_the_run_has_something_to_compare(usual: Market) -> None:
    assert usual.record.plans_accepted.sum() > 10
    assert usual.record.discounted.sum() > 10
    assert usual.record.flows[:, :, 0, 1:].sum() > 10


@pytest.mark.parametrize("block", [1, 7, 64, 700, 4096])
def test_any_block_size_gives_the_same_history_bit_for_bit(usual: Market, block: int) -> None:
    assert same(run(threads=1, block=block).record, usual.record)


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_any_number_of_threads_gives_the_same_history_bit_for_bit(usual: Market, threads: int) -> None:
    assert same(run(threads=threads, block=64).record, usual.record)


def test_threads_leave_the_same_state_bit_for_bit(usual: Market) -> None:
    state = run(threads=2, block=64).city.state
    assert all(np.array_equal(a, b) for a, b in zip(state, usual.city.state, strict=True))
