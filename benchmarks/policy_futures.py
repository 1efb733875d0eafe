"""The default city's plan, the plans with 10 % less and the rules of thumb, each with the futures that it lives."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from one_stream import OneStream

from experiments.experiment import Experiment
from optimize.plan import Plan, make_plan, programme_of, thumb_choice
from optimize.policy import live_under
from optimize.response import estimate
from optimize.worth import World, replication_seed
from sim.city import Start, todays_practice
from sim.history import account_retained
from sim.names import OWN
from sim.programme import Programme

LESS = 0.9
LESS_OF = "10 % less of"
"""How names of plans with less begin."""


class Life(NamedTuple):
    """A policy, the market that it is lived in, and what follows after the period."""

    world: World
    policy: Programme
    after: Programme


class Lived(NamedTuple):
    """What policies retained in futures."""

    by_account: NDArray[np.float32]
    """Yuan over the horizon, shape (replications, policies, customers)."""
    retained: NDArray[np.float64]
    """Of all accounts, shape (replications, policies)."""
    begun: NDArray[np.int64]
    """Draws taken from one stream before each month, shape (replications, policies, months); of keyed draws none."""


def budgets_cut(asked: Experiment) -> Experiment:
    """Return the same decision with 10 % less of every budget."""
    budgets = asked.budgets
    given = {name: getattr(budgets, name) for name in type(budgets).model_fields}
    less = {name: LESS * most for name, most in given.items() if isinstance(most, int | float)}
    return asked.model_copy(update={"budgets": budgets.model_copy(update=less)})


def everything_cut(asked: Experiment) -> Experiment:
    """Return the same decision with 10 % less of every budget, of managers' hours and of seats."""
    visit = asked.visit.model_copy(update={"hours": LESS * asked.visit.hours})
    channel = asked.channel.model_copy(update={"seat_minutes": LESS * asked.channel.seat_minutes})
    return budgets_cut(asked).model_copy(update={"visit": visit, "channel": channel})


def lives(asked: Experiment, start: Start) -> dict[str, Life]:
    """Return the plan, then the plans with less, then rules of thumb, by name."""
    asked = asked.model_copy(update={"recording": {"groups": False}})
    state = start.city.state
    own = np.where(state.carrier == OWN, state.demand, 0).sum(axis=0)
    after = todays_practice(asked, own, start.city.customers.decision)
    response = estimate(asked, start.book)

    def life(plan: Plan, market: Experiment | None = None) -> Life:
        return Life(World(plan.market if market is None else market, plan.city(start.city)), plan.programme, after)

    less = make_plan(everything_cut(asked), start.book)
    found = {
        "plan": life(make_plan(asked, start.book, response)),
        f"{LESS_OF} budgets": life(make_plan(budgets_cut(asked), start.book)),
        f"{LESS_OF} budgets and planned hours": life(less, asked),
        f"{LESS_OF} budgets and hours worked": life(less),
    }
    for name, rule in asked.comparison.against.items():
        programme = programme_of(response, thumb_choice(asked, start.book, response, rule))
        found[name.replace("_", " ")] = Life(World(asked, start.city), programme, after)
    return found


def live_keyed(every: tuple[Life, ...], seed: int, replication: int) -> tuple[Any, Any]:
    """Return what each policy retains by account in one future, on keyed draws."""
    future = replication_seed(seed, replication)
    retained = []
    for (decision, city), policy, after in every:
        retained.append(account_retained(live_under(policy, after, decision, city, decision.period, future).history))
    return retained, [[] for _ in every]


def live_in_one_stream(every: tuple[Life, ...], seed: int, replication: int) -> tuple[Any, Any]:
    """Return what each policy retains by account in one future, on one stream, and where months begin in it."""
    future, retained, begun = replication_seed(seed, replication), [], []
    for (decision, city), policy, after in every:
        schedule = {0: policy, decision.period: after} if decision.period < decision.months else {0: policy}
        market = OneStream(decision, city, schedule, future, decision.months)
        retained.append(account_retained(market.run()))
        begun.append(market.month_places)
    return retained, begun


def lived(every: Mapping[str, Life], how: Any, seed: int, replications: int, executor: Executor | None = None) -> Lived:
    """Let all policies live so many futures."""
    task = partial(how, tuple(every.values()), seed)
    done = list((executor.map if executor else map)(task, range(replications)))
    accounts = np.array([retained for retained, _ in done])
    return Lived(accounts.astype(np.float32), accounts.sum(axis=2), np.array([begun for _, begun in done]))
