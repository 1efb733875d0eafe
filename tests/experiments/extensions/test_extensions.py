"""The shipped extensions: each is loaded by name from a scenario, and does what it says."""

from __future__ import annotations

import numpy as np
import pytest

from experiments import load
from sim import found, simulate, simulate_sharded
from sim.conformance import check_process
from sim.history import History, programme_cost
from sim.process import process_kinds
from sim.programme import nothing
from sim.registry import load_extensions
from sim.rivals import policies
from sim.testing import check_rival_policy, tiny_scenario

SMALL = ["city.customers=300", "months=12", "burn_in=6"]
SHIPPED = ["season", "complaint_call", "undercut_when_losing"]


def lived(*settings: str) -> History:
    scenario = load("shenzhen", [*SMALL, *settings]).settings
    city = found(scenario).city
    return simulate(scenario, city, nothing(city.customers.key.size), seed=4)


@pytest.fixture(scope="module")
def usual() -> History:
    return lived()


def test_a_policy_of_ones_own_passes_the_conformance_check() -> None:
    load_extensions(["experiments.extensions.undercut_when_losing"])
    check_rival_policy(policies["undercut_when_losing"]())


def test_a_rival_that_undercuts_when_losing_does_so_in_the_market(usual: History) -> None:
    war = lived(
        "extensions=[experiments.extensions.undercut_when_losing]",
        "rivals.netcom.policy={name: undercut_when_losing, drop: 0.3, memory: 1}",
    )
    assert not np.array_equal(war.revenue[:, 1], usual.revenue[:, 1])


@pytest.mark.parametrize("name", ["season", "complaint_call"])
def test_a_behaviour_and_a_lever_of_ones_own_pass_the_conformance_check(name: str) -> None:
    load_extensions([f"experiments.extensions.{name}"])
    check_process(process_kinds[name](), tiny_scenario())


def test_fewer_look_around_in_a_quiet_season_and_only_then(usual: History) -> None:
    quiet = lived(
        "extensions=[experiments.extensions.season]", "processes={spring: {name: season, months: [3], calm: 3}}"
    )
    np.testing.assert_array_equal(quiet.looked[:3], usual.looked[:3])
    assert quiet.looked[3].sum() < 0.5 * usual.looked[3].sum()
    assert quiet.looked[4].sum() > 0.5 * usual.looked[4].sum()


def test_a_season_that_calms_nobody_changes_nothing_bit_for_bit(usual: History) -> None:
    idle = lived("extensions=[experiments.extensions.season]", "processes={spring: {name: season, calm: 0}}")
    np.testing.assert_array_equal(idle.revenue, usual.revenue)


def test_calls_after_complaints_are_paid_for_and_satisfy(usual: History) -> None:
    called = lived("extensions=[experiments.extensions.complaint_call]", "processes={amends: complaint_call}")
    made_up_for = usual.complaints[:-1].sum()
    assert programme_cost(called) - programme_cost(usual) == pytest.approx(20 * made_up_for, rel=0.2)
    assert called.satisfaction[1:, 0].sum() > usual.satisfaction[1:, 0].sum()


def test_the_shipped_extensions_live_in_shards_as_in_one_city() -> None:
    scenario = load(
        "shenzhen",
        [
            *SMALL,
            "visit.accounts_per_manager=30",
            f"extensions=[{', '.join(f'experiments.extensions.{name}' for name in SHIPPED)}]",
            "processes={spring: {name: season, months: [3], calm: 3}, amends: complaint_call}",
            "rivals.netcom.policy={name: undercut_when_losing, drop: 0.3, memory: 1}",
        ],
    ).settings
    city = found(scenario).city
    idle = nothing(city.customers.key.size)
    one, apart = simulate(scenario, city, idle, seed=4), simulate_sharded(scenario, city, idle, seed=4, shards=3)
    for name in set(History._fields) - {"account"}:
        np.testing.assert_array_equal(getattr(apart, name), getattr(one, name), err_msg=name)
    for mine, whole in zip(apart.account, one.account, strict=True):
        np.testing.assert_array_equal(mine, whole)
