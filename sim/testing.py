"""Known-answer worlds, and the checks that a plug-in must pass; for tests of Keystay and of parts written for it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.city import draw_city
from sim.composing.compose import compose
from sim.composing.layering import merge
from sim.mechanism import Mechanisms
from sim.names import LEVELS, OWN, PLANS
from sim.programme import Programme, nothing
from sim.quantities import Settings
from sim.rates import posted_tariff
from sim.rivals import RivalPolicy, Seen
from sim.scenario import Scenario
from sim.shape import Shape
from sim.state import City, Customers, State

LINES = ("local_voice", "long_distance", "data", "mobile")
MONTHS = range(0, 37, 3)
"""Months in which a rival policy is tried."""


def _by_line(*numbers: float) -> dict[str, float]:
    return dict(zip(LINES, numbers, strict=True))


def only(*mechanisms: str) -> dict[str, bool]:
    """Return the switches of a market in which nothing happens but these mechanisms.

    >>> sorted(name for name, on in only("attention", "freeze_stocks").items() if on)
    ['attention', 'freeze_stocks']
    """
    unknown = set(mechanisms) - set(Mechanisms.model_fields)
    assert not unknown, f"unknown mechanisms: {', '.join(sorted(unknown))}"
    return {name: name in mechanisms for name in Mechanisms.model_fields}


def tiny_tree(**changes: Any) -> dict[str, Any]:
    """Return the settings of `tiny_scenario` as a tree, to compose other settings from, such as those of a decision."""
    tree: dict[str, Any] = {
        "title": "Tiny city",
        "seed": 7,
        "months": 12,
        "burn_in": 6,
        "city": {"customers": 60, "tenants": 8.0, "per_centre": 30.0},
        "visit": {"accounts_per_manager": 20, "hours": 120.0},
        "lines": {line: {"share": share} for line, share in _by_line(4, 5, 4, 3).items()},
        "own": {"price": _by_line(1, 1, 1, 1), "quality": _by_line(0.9, 0.9, 0.9, 0.75), "service": 0.5, "image": 0.6},
        "rivals": {
            "netcom": {"price": _by_line(0.95, 0.78, 0.92, 0.98), "quality": _by_line(0.5, 0.5, 0.8, 0.3)},
            "unicom": {"price": _by_line(0.97, 0.76, 0.84, 0.95), "quality": _by_line(0.4, 0.45, 0.5, 0.65)},
        },
    }
    merged: dict[str, Any] = merge(tree, changes, Shape(Scenario))
    return merged


def tiny_scenario(**changes: Any) -> Scenario:
    """Return a market small enough to follow by hand: 60 customers, 4 lines, 3 carriers, 3 managers, 12 months.

    Changes are laid over it as a scenario file is over its base.

    >>> tiny_scenario(city={"customers": 5}, mechanisms={"talk": False}).city.customers
    5
    """
    return compose(Scenario, tiny_tree(**changes)).settings


class World(NamedTuple):
    """A scenario and a city to run it in."""

    scenario: Scenario
    city: City


def worked_example(own: float = 3000.0, rivals: tuple[float, float] = (5000.0, 3000.0), **changes: Any) -> World:
    """Return the customer of worked example 1 of the domain digest (D10): what it spends with us and with two rivals.

    Everybody charges list prices, nobody looks around or leaves a plan early and any offer is accepted, so that bills
    follow from the plan's terms alone. The spends are in yuan/month, on one line each.
    """
    lines = LINES[:3]
    listed = dict.fromkeys(lines, 1.0)
    everyone = {"price": listed, "quality": dict.fromkeys(lines, 0.5)}
    tree: dict[str, Any] = {
        "title": "Worked example",
        "lines": {line: {} for line in lines},
        "own": everyone,
        "rivals": {"netcom": everyone, "unicom": everyone},
        "burn_in": 0,
        "months": 6,
        "city": {"customers": 1, "in_building": 1.0},
        "contract": {"offer": 20.0},
        "mechanisms": only("visits"),
    }
    scenario = compose(Scenario, merge(tree, changes, Shape(Scenario))).settings
    city = draw_city(scenario)
    city.state.carrier[:, 0] = (0, 1, 2)
    city.state.demand[:, 0] = (own, *rivals)
    city.state.recent_usage[:] = own
    city.state.months_left[:] = 0
    return World(scenario, city)


def offering(city: City, plan: str, x: float) -> Programme:
    """Return the programme that visits every customer's top level once a month and offers a plan with this X."""
    programme = nothing(city.customers.key.size)
    programme.visits[:] = 12
    programme.level[:] = LEVELS.index("top")
    programme.offer[:] = PLANS.index(plan)
    programme.offer_x[:] = x
    return programme


def cloned(city: City, copies: int) -> City:
    """Return a city in which a city stands several times over, each copy with places, managers and luck of its own.

    Shares over many copies of one customer are that customer's probabilities, which closed forms know.
    """
    who = Customers(**{name: _repeated(array, copies) for name, array in city.customers._asdict().items()})
    copy = np.repeat(np.arange(copies, dtype=np.int32), city.customers.key.size)
    centre = who.centre + copy * np.int32(city.centres)
    if centre.max(initial=0) > np.iinfo(who.centre.dtype).max:
        raise ValueError(f"{copies} copies of {city.centres} service centres are more than can be numbered")
    return city._replace(
        customers=who._replace(
            key=np.arange(copy.size, dtype=np.uint64),
            manager=who.manager + copy * np.int32(city.managers),
            centre=centre.astype(who.centre.dtype),
            building=np.where(who.building >= 0, who.building + copy * np.int32(city.buildings), who.building),
        ),
        state=State(**{name: _repeated(array, copies) for name, array in city.state._asdict().items()}),
        ids=np.array([f"{name} {n}" for n in range(copies) for name in city.ids]),
        buildings=city.buildings * copies,
        managers=city.managers * copies,
        centres=city.centres * copies,
    )


def _repeated(array: NDArray[Any], copies: int) -> NDArray[Any]:
    return np.ascontiguousarray(np.tile(array, copies))


def check_rival_policy(policy: RivalPolicy) -> None:
    """Raise an AssertionError that says what is wrong if a rival policy breaks what the market relies on.

    It must be frozen settings, leave what it is given as it is, answer the same twice, move only its own carrier, and
    keep prices finite and above 0 and qualities and contacts between 0 and 1.
    """
    name = type(policy).__name__
    if not isinstance(policy, Settings):
        raise AssertionError(f"{name} is no settings class: derive it from sim.quantities.Settings")  # noqa: TRY004 - a failed check
    posted = posted_tariff(tiny_scenario())
    before = Tariff(*(array.copy() for array in posted))
    for carrier in range(OWN + 1, len(posted.price)):
        for month in MONTHS:
            place = f"{name}, month {month}, carrier {carrier}"
            seen = _lived(posted, month)
            answer = policy.move(month, carrier, posted, seen)
            again = policy.move(month, carrier, posted, seen)
            if not _same(before, posted):
                raise AssertionError(f"{place}: it changes the tariff it is given; copy the array before changing it")
            if not _same(answer, again):
                raise AssertionError(f"{place}: it answers differently when asked again; ask sim.draws for luck")
            _check_answer(place, carrier, posted, answer)


def _lived(posted: Tariff, months: int) -> Seen:
    """Return what is seen after months in which the own carrier cut its prices by a tenth."""
    price = np.repeat(posted.price[None], months, axis=0)
    price[:, OWN] *= 0.9
    return Seen(price, np.full((months, len(posted.price)), 100))


def _same(a: Tariff, b: Tariff) -> bool:
    return all(np.array_equal(one, other, equal_nan=True) for one, other in zip(a, b, strict=True))


def _check_answer(place: str, carrier: int, posted: Tariff, answer: Tariff) -> None:
    others = np.arange(len(posted.price)) != carrier
    for field, was, now in zip(Tariff._fields, posted, answer, strict=True):
        if now.shape != was.shape:
            raise AssertionError(f"{place}: {field} has shape {now.shape} instead of {was.shape}")
        if not np.array_equal(now[others], was[others]):
            raise AssertionError(f"{place}: it moves the {field} of another carrier")
        highest = np.inf if field == "price" else 1.0
        if not (np.isfinite(now).all() and (now >= 0).all() and (now <= highest).all()):
            raise AssertionError(f"{place}: {field} must be finite and from 0 to {highest}, not {now[carrier]}")
    if (answer.price <= 0).any():
        raise AssertionError(f"{place}: price must be above 0, not {answer.price[carrier]}")
