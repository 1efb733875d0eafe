"""Policies: a programme that stands for the whole period, or a planner that decides again while a future is lived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sim.errors import InputError
from sim.history import History
from sim.market import simulate
from sim.planner import Planner, View
from sim.programme import Programme
from sim.scenario import Scenario
from sim.state import City


class Replanning(NamedTuple):
    """A policy that decides again at dates within the planning period."""

    make: Callable[[], Planner]
    """Called once for each future, so that no future knows of another; has to be picklable to live in processes.

    What the planner keeps in an attribute `told` comes back as the future's `Trial.told`.
    """
    every: int = 3
    """Months from one date to the next, counted from the start."""
    first: Programme | None = None
    """What begins in month 0 of every future; without it the planner is asked then too."""


Policy = Programme | Replanning


class Lived(NamedTuple):
    """A future that a policy has lived through."""

    history: History
    told: Any
    """What its planner tells of its decisions; nothing of a programme."""


def live_under(
    policy: Policy, after: Programme, scenario: Scenario, city: City, period: int, seed: int, **recording: Any
) -> Lived:
    """Live through one future: the policy for `period` months, then `after`; no planner is asked any more.

    `recording` goes to `sim.market.simulate`: groups, or a ledger.
    """
    schedule = {period: after} if period < scenario.months else {}
    if isinstance(policy, Programme):
        return Lived(simulate(scenario, city, {0: policy, **schedule}, seed=seed, **recording), None)
    if policy.first is not None:
        schedule[0] = policy.first
    planner = policy.make()
    asked = _within(planner, period)
    history = simulate(scenario, city, schedule, seed=seed, planner=asked, every=policy.every, **recording)
    return Lived(history, getattr(planner, "told", None))


def _within(planner: Planner, period: int) -> Planner:
    def ask(view: View, month: int) -> Programme | None:
        return planner(view, month) if month < period else None

    return ask


def check_policies(policies: Mapping[str, Policy], customers: int) -> None:
    """Raise InputError where a policy is for another city, or is a planner that was made already."""
    for name, policy in policies.items():
        if not isinstance(policy, Programme | Replanning):
            raise InputError(
                f"policy {name}: {type(policy).__name__} is neither a Programme nor a Replanning; wrap what makes a "
                "planner for each future in optimize.policy.Replanning"
            )
        programme = policy if isinstance(policy, Programme) else policy.first
        if programme is not None and programme.visits.size != customers:
            raise InputError(f"policy {name}: its programme is for {programme.visits.size} customers, not {customers}")
