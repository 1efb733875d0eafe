"""What a process of one's own must keep to, whatever it does: checked in a tiny market with every lever pulled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.city import draw_city
from sim.history import History
from sim.market import Market, run_market
from sim.names import PLANS
from sim.process import Process
from sim.programme import Programme, nothing
from sim.quantities import Settings
from sim.scenario import Scenario
from sim.state import City, Customers, State

SEED, MONTHS = 5, 8


def check_process(process: Process, scenario: Scenario) -> None:
    """Raise an AssertionError that says what is wrong if a process (a behaviour, a lever) breaks a rule of the market.

    It must be frozen settings with a method `run`, live the same life twice, leave the city that it is given and who
    its customers are as they were, treat a customer alike whoever stands beside it (order, blocks, threads), and leave
    a state that a market can be in. `scenario` is the market that it is tried in.
    """
    name = type(process).__name__
    if not isinstance(process, Settings):
        raise AssertionError(f"{name} is no settings class: derive it from sim.quantities.Settings")  # noqa: TRY004 - a failed check
    tried = scenario.model_copy(update={"processes": {"tried": process}})
    city = draw_city(tried)
    turn = every_lever(city)
    who = [array.copy() for array in city.customers]
    market = run_market(tried, city, turn, seed=SEED, months=MONTHS)
    if not _equal(who, city.customers):
        raise AssertionError(f"{name} changes who the customers are; change market.city.state or market.rates instead")
    if not same_history(market.record, run_market(tried, city, turn, seed=SEED, months=MONTHS).record):
        raise AssertionError(f"{name} lives another life when run again: keep no state in it, ask sim.draws for luck")
    _check_state(name, market)
    blocks = run_market(tried, city, turn, seed=SEED, months=MONTHS, threads=3, block=7)
    if not same_history(market.record, blocks.record):
        raise AssertionError(f"{name} lives another life in other blocks of customers")
    order = np.arange(city.customers.key.size)[::-1]
    turned = run_market(tried, reordered(city, order), _reordered(turn, order), seed=SEED, months=MONTHS).record
    for field, array, was in zip(turned.account._fields, turned.account, market.record.account, strict=True):
        if not np.array_equal(array, was[order]):
            told = f"{name}: {field} depends on the order of customers; key draws by market.city.customers.key"
            raise AssertionError(told)


def every_lever(city: City) -> Programme:
    """Return a programme with every lever on somebody."""
    account = city.customers.key.astype(np.int64)
    turn = nothing(account.size)
    turn.visits[:] = np.array([0, 12, 24])[account % 3]
    turn.level[:] = account % 3
    turn.offer[:] = np.where(account % 3 == 1, PLANS.index("A"), 0)
    turn.offer_x[:] = city.state.demand.sum(axis=0) * np.where(account % 2, 0.8, 1.2)
    turn.discount[:] = np.where(account % 6 == 0, 0.1, 0)
    turn.mail[:] = account % 5
    turn.calls[:] = account % 4
    turn.tier[:] = account // 2 % 3
    turn.agents[:] = np.where(account % 5 == 0, 12, 0)
    turn.events[:] = 12
    return turn


def reordered(city: City, order: NDArray[np.integer]) -> City:
    """Return the city with its customers in another order, or those of them whose places are given."""
    return city._replace(
        customers=Customers(*_taken(city.customers, order)),
        state=State(*_taken(city.state, order)),
        ids=city.ids[order],
    )


def same_history(one: History, other: History) -> bool:
    """Return whether two histories are equal bit for bit."""
    fields = [name for name in History._fields if name != "account"]
    whole = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in fields)
    return whole and _equal(one.account, other.account)


def _reordered(turn: Programme, order: NDArray[np.integer]) -> Programme:
    return Programme(*_taken(turn, order))


def _taken(arrays: Iterable[NDArray[Any]], order: NDArray[np.integer]) -> list[NDArray[Any]]:
    return [np.ascontiguousarray(array[..., order]) for array in arrays]


def _equal(one: Iterable[NDArray[Any]], other: Iterable[NDArray[Any]]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _check_state(name: str, market: Market) -> None:
    state, carriers = market.city.state, len(market.posted.price)
    if not ((state.carrier >= 0) & (state.carrier < carriers)).all():
        raise AssertionError(f"{name}: carrier must be from 0 to {carriers - 1}")
    bounds = {"demand": np.inf, "satisfaction": 1.0, "expectation": 1.0, "goodwill": np.inf, "adstock": np.inf}
    for field, highest in {**bounds, "discount": 1.0, "plan_x": np.inf}.items():
        array = getattr(state, field)
        if not (np.isfinite(array).all() and (array >= 0).all() and (array <= highest).all()):
            raise AssertionError(f"{name}: {field} must be finite and from 0 to {highest}")
