"""Ablation over all switches: what each mechanism moves first, that off is strength nought, and which way it pulls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from sim.city import found
from sim.composing.layering import merge
from sim.conformance import every_lever
from sim.founding import todays_practice
from sim.history import History, lost_lines, own_revenue, retained_revenue, won_lines
from sim.market import run_market, simulate
from sim.mechanism import Mechanisms, mechanisms
from sim.names import OWN, STEPS
from sim.programme import Programme, nothing
from sim.quantities import Settings
from sim.scenario import Scenario
from sim.shape import Shape
from sim.state import City, State
from sim.testing import offering, tiny_scenario

LIVELY: dict[str, Any] = {
    "talk": {"rate": 0.2},
    "experience": {"incidents": 0.3},
    "bond": {"integration": 0.2},
    "attention": {"base": -2.0},
    "campaigns": {"spring": {"reach": 0.6}, "theirs": {"carrier": "netcom", "month": 1}},
    "hall": {"need": 0.6},
    "visit": {"hours": 1500.0},
    "city": {"customers": 200},
    "contract": {"offer": 2.0, "early": 3.0, "early_below": 1.0, "installation": 5000.0, "moving": 3.0},
    "points": {"least": 500.0},
    "substitution": {
        "flows": {"mobile_for_fixed": {"origin": "local_voice", "destination": "mobile"}},
        "ip": {"line": "long_distance"},
    },
}
SWITCHES = mechanisms()
QUEUE = ("resolved", "waiting", "resolving", "desk_backlog")
RECORDS = {
    "loyalty": ("stages", "stages_by_group"),
    "bonds": ("steps",),
    "events": ("events", "invited"),
    "desk": QUEUE,
    "tiers": QUEUE,
    "preemption": ("call_outs",),
}
"""What of a history counts a mechanism's own record."""


BUSY = {"visit": {"hours": 300.0}}
"""Hours so short that what takes or saves some of them is seen."""


def lively(name: str, **changes: Any) -> Scenario:
    world = merge(LIVELY, BUSY if name in ("preemption", "journeys") else {}, Shape(Scenario))
    return tiny_scenario(**merge(world, changes, Shape(Scenario)))


def off(name: str) -> dict[str, Any]:
    return {"mechanisms": {name: False}}


def weak(name: str) -> Scenario:
    """Return the lively world with a mechanism at strength nought."""
    return applied(lively(name), SWITCHES[name].nil)


def applied(settings: Any, changes: Mapping[str, Any]) -> Any:
    """Return settings with changes laid over them; what isn't settings is replaced whole."""
    update = {}
    for name, change in changes.items():
        there = getattr(settings, name)
        nested = isinstance(there, Settings) and isinstance(change, Mapping)
        update[name] = applied(there, change) if nested else change
    return settings.model_copy(update=update)


def differing(one: State, other: State) -> set[str]:
    return {name for name in State._fields if not np.array_equal(getattr(one, name), getattr(other, name))}


def test_every_switch_declares_what_it_moves_and_its_strength_nought() -> None:
    assert set(SWITCHES) == set(Mechanisms.model_fields) - {"freeze_stocks", "reasons"}
    for mechanism in SWITCHES.values():
        assert set(mechanism.moves) <= set(State._fields)
        assert mechanism.moves
        assert mechanism.nil


@pytest.mark.parametrize("name", SWITCHES)
def test_in_its_first_month_only_the_arrays_that_a_mechanism_declares_differ(name: str) -> None:
    without = lively(name, **off(name))
    city = found(without).city
    lived = run_market(without, city, every_lever(city), seed=3, months=4).city
    turn = every_lever(lived)
    months = [run_market(each, lived, turn, seed=4, months=1).city.state for each in (without, lively(name))]
    moved = differing(*months)
    assert moved, "nothing happens"
    assert moved <= set(SWITCHES[name].moves)


@pytest.mark.parametrize("name", SWITCHES)
def test_off_is_strength_nought_bit_for_bit(name: str) -> None:
    city = found(weak(name)).city
    either = lively(name, **off(name)), weak(name)
    lives = [run_market(scenario, city, every_lever(city), seed=3, months=12) for scenario in either]
    assert differing(lives[0].city.state, lives[1].city.state) <= set(SWITCHES[name].record)
    assert_same(lives[0].record, lives[1].record, RECORDS.get(name, ()))


def assert_same(a: History, b: History, but: tuple[str, ...]) -> None:
    for field in set(History._fields) - {"account", *but}:
        np.testing.assert_array_equal(getattr(a, field), getattr(b, field), err_msg=field)
    for field, one, other in zip(a.account._fields, a.account, b.account, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=field)


class Pull(NamedTuple):
    """Which way a mechanism pulls a measure, and in what world it shows."""

    measure: Callable[[History], float]
    sign: int
    world: dict[str, Any]
    programme: Callable[[Scenario, City], Programme]


def today(scenario: Scenario, city: City) -> Programme:
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    return todays_practice(scenario, own, city.customers.decision)


def discounts(_: Scenario, city: City) -> Programme:
    turn = nothing(city.customers.key.size)
    turn.discount[::7] = 0.1
    return turn


def everybody(channel: str) -> Callable[[Scenario, City], Programme]:
    """Return a programme that gives this channel to all of a city, once a month."""

    def turn(_: Scenario, city: City) -> Programme:
        given = nothing(city.customers.key.size)
        getattr(given, channel)[:] = 12
        return given

    return turn


def offers(_: Scenario, city: City) -> Programme:
    return offering(city, "B", 0.0)


def accepted(history: History) -> float:
    return float(history.plans_accepted.sum())


def fees(history: History) -> float:
    return float(history.breakage.sum())


def complained(history: History) -> float:
    return float(history.complaints.sum())


def shown(history: History) -> float:
    """Return customers whose rival spend has been revealed, at the end."""
    return float(history.revealed[-1])


def visited(history: History) -> float:
    return float(history.visits_made.sum())


def satisfied(history: History) -> float:
    """Return mean satisfaction with us in the last month."""
    return float(history.satisfaction[-1, OWN])


def lost(history: History) -> float:
    return float(lost_lines(history).sum())


def won(history: History) -> float:
    return float(won_lines(history).sum())


def bundled(history: History) -> float:
    """Return customers with all lines with us at the end."""
    return float(history.steps[-1, STEPS.index("bundle") :].sum())


def changed(history: History) -> float:
    return lost(history) + won(history)


PULLS = {
    "attention": Pull(changed, 1, {}, today),
    "bundle": Pull(bundled, 1, {}, today),
    "loyalty": Pull(lost, -1, {}, today),
    "bonds": Pull(lost, -1, {}, today),
    "information": Pull(retained_revenue, 1, {"experience": {"candour": 1.0, "information_weight": 0.5}}, today),
    "contracts": Pull(changed, -1, {"attention": {"contract_ended": 0.0}}, today),
    "early_leaving": Pull(fees, 1, {"contract": {"early": 0.0}}, today),
    "waived_fees": Pull(accepted, 1, {"contract": {"installation": 5000.0, "moving": 5.0}}, offers),
    "points": Pull(lost, -1, {"points": {"weight": 10.0, "worth": 0.05}}, today),
    "substitution": Pull(
        own_revenue, -1, {"substitution": {"ip": {"line": "long_distance", "saving": 0.6, "most": 1.0}}}, today
    ),
    "revealing": Pull(shown, 1, {}, today),
    "incidents": Pull(lost, 1, {}, today),
    "luck": Pull(lost, 1, {"experience": {"noise": 0.3}}, today),
    "talk": Pull(own_revenue, -1, {}, discounts),
    "industry_talk": Pull(own_revenue, -1, {"talk": {"industry_rate": 0.05}}, discounts),
    "visits": Pull(won, 1, {}, today),
    "desk": Pull(satisfied, -1, {"desk": {"slowness": 3.0, "servers": 0.1}, "experience": {"incidents": 0.3}}, today),
    "tiers": Pull(complained, -1, {"service": {"faults": (0.5, 0.5, 0.5)}}, today),
    "preemption": Pull(visited, -1, {"service": {"call_out": (5.0, 5.0, 5.0)}}, today),
    "managers": Pull(
        lost,
        -1,
        {"manager": {"training": 60.0, "training_gain": 3.0}, "visit": {"hours": 1000.0}},
        everybody("visits"),
    ),
    "journeys": Pull(visited, 1, {"visit": {"hours": 240.0, "journey": 1.5}}, everybody("visits")),
    "halls": Pull(satisfied, 1, {"hall": {"lift": 0.1, "need": 0.8}}, today),
    "agents": Pull(won, 1, {"agent": {"gain": 1.0}}, everybody("agents")),
    "events": Pull(won, 1, {"event": {"gain": 2.0}}, everybody("events")),
    "campaigns": Pull(won, 1, {"campaigns": {"all_year": {"months": 12, "reach": 1.0, "gain": 1.0}}}, today),
    "growth": Pull(own_revenue, 1, {"city": {"growth": 0.1}}, today),
}
"""The headline measure of each mechanism, and the direction that its description implies."""


def test_every_mechanism_pulls_somewhere() -> None:
    assert set(PULLS) == set(SWITCHES)


@pytest.mark.parametrize("name", PULLS)
def test_a_mechanism_pulls_its_headline_measure_the_way_it_should(name: str) -> None:
    pull = PULLS[name]
    with_it = tiny_scenario(**merge({"city": {"customers": 1000}}, pull.world, Shape(Scenario)))
    without = with_it.model_copy(update={"mechanisms": with_it.mechanisms.model_copy(update={name: False})})
    city = found(with_it).city
    turn = pull.programme(with_it, city)
    gained = [
        pull.measure(simulate(with_it, city, turn, seed=seed)) - pull.measure(simulate(without, city, turn, seed=seed))
        for seed in range(8)
    ]
    error = np.std(gained, ddof=1) / np.sqrt(len(gained))
    assert pull.sign * np.mean(gained) > 3 * error
