"""Worth: a plan and its rivals simulated on the same fresh keyed draws, compared in pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from optimize.decision import Decision
from optimize.policy import Policy, check_policies, live_under
from sim import draws
from sim.founding import todays_practice
from sim.history import MEASURES, account_retained, yearly_loss
from sim.programme import Programme
from sim.state import City

Floats = NDArray[np.float64]


class Trial(NamedTuple):
    """All policies on one future."""

    replication: int
    seed: int
    measures: Floats
    """Yuan over the horizon, shape (policies, measures)."""
    by_account: Floats
    """Retained revenue, yuan, shape (policies, customers)."""
    told: tuple[Any, ...]
    """What the planner of each policy told of its decisions; nothing of a fixed programme."""


class Trials(NamedTuple):
    """All policies on several futures; replications are in order, whoever ran them."""

    policies: tuple[str, ...]
    measures: tuple[str, ...]
    values: Floats
    """Shape (replications, policies, measures)."""
    seeds: tuple[int, ...]
    by_account: Floats
    """Mean retained revenue over replications, yuan, shape (policies, customers)."""
    told: tuple[tuple[Any, ...], ...] = ()
    """What planners told, replications x policies (`optimize.policy.Replanning`)."""


class Difference(NamedTuple):
    """A paired difference with its interval."""

    mean: float
    low: float
    high: float
    error: float
    """Standard error of the mean."""


COLUMNS = (*MEASURES, "yearly_loss")


def replication_seed(seed: int, replication: int) -> int:
    """Return the seed of one fresh future; it depends on what it is for, never on which worker runs it."""
    return int(draws.stream(seed, "replication", replication) >> np.uint64(1))


class World(NamedTuple):
    """The market that a policy is tried out in, where it isn't that of all others: capacity hired, managers changed."""

    decision: Decision
    city: City


def live(
    worlds: tuple[World, ...], policies: tuple[Policy, ...], after: Programme, seed: int, replication: int
) -> Trial:
    """Run every policy on one future, each in its world: the policy for the planning period, then the continuation."""
    future = replication_seed(seed, replication)
    measured, accounts, told = [], [], []
    for (decision, city), policy in zip(worlds, policies, strict=True):
        history, decided = live_under(policy, after, decision, city, decision.period, future)
        measured.append([measure(history) for measure in (*MEASURES.values(), yearly_loss)])
        accounts.append(account_retained(history))
        told.append(decided)
    return Trial(replication, future, np.array(measured), np.array(accounts), tuple(told))


def try_out(
    decision: Decision,
    city: City,
    policies: Mapping[str, Policy],
    replications: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
    worlds: Mapping[str, World] | None = None,
) -> Trials:
    """Simulate policies on the same fresh futures; results don't depend on the executor.

    A policy is a programme, or a `Replanning`: a fresh planner for each future, which sees that future's book at its
    dates and nothing else. `worlds` has the policies that come with a market of their own.
    """
    check_policies(policies, city.customers.key.size)
    own = np.where(city.state.carrier == 0, city.state.demand, 0).sum(axis=0)
    after = todays_practice(decision, own, city.customers.decision)
    own = {} if worlds is None else worlds
    places = tuple(quiet(own.get(name, World(decision, city))) for name in policies)
    task = partial(live, places, tuple(policies.values()), after, seed)
    mapped: Iterable[Trial] = (executor.map if executor else map)(task, range(replications))
    trials, total = [], None
    for trial in mapped:
        total = trial.by_account if total is None else total + trial.by_account
        trials.append(trial._replace(by_account=trial.by_account[:0]))  # kept for the mean only: it is large
        if progress:
            progress(1)
    return Trials(
        policies=tuple(policies),
        measures=COLUMNS,
        values=np.array([trial.measures for trial in trials]),
        seeds=tuple(trial.seed for trial in trials),
        by_account=np.asarray(total) / len(trials),
        told=tuple(trial.told for trial in trials),
    )


def quiet(world: World) -> World:
    """Return a world in which months by group aren't recorded."""
    return world._replace(decision=world.decision.model_copy(update={"recording": {"groups": False}}))


def paired_difference(better: Floats, other: Floats, level: float = 0.95) -> Difference:
    """Return the mean paired difference and its t interval; both of shape (replications,).

    >>> paired_difference(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0])).mean
    1.0
    """
    gained = better - other
    mean = float(gained.mean())
    if gained.size < 2:
        return Difference(mean, float("-inf"), float("inf"), float("inf"))
    error = float(gained.std(ddof=1) / np.sqrt(gained.size))
    half = float(stats.t.ppf(0.5 + level / 2, gained.size - 1)) * error
    return Difference(mean, mean - half, mean + half, error)


def trials_table(trials: Trials) -> pd.DataFrame:
    """Return one row a policy and replication: policy, replication, seed and the measures."""
    replications = len(trials.seeds)
    index = pd.MultiIndex.from_product([range(replications), trials.policies], names=["replication", "policy"])
    table = pd.DataFrame(trials.values.reshape(-1, len(trials.measures)), index=index, columns=list(trials.measures))
    table = table.reset_index()
    table.insert(2, "seed", np.repeat(np.array(trials.seeds, dtype=np.int64), len(trials.policies)))
    return table


def comparison_table(trials: Trials, policy: str = "plan") -> pd.DataFrame:
    """Return the paired difference of a policy to every other, one row a rival and measure, with 95 % intervals.

    For retained revenue, `largest_account_share` is how much of the mean difference the one account with the largest
    absolute difference makes.
    """
    ours = trials.policies.index(policy)
    rows = []
    for other, name in enumerate(trials.policies):
        if other == ours:
            continue
        gained = trials.by_account[ours] - trials.by_account[other]
        for column, measure in enumerate(trials.measures):
            found = paired_difference(trials.values[:, ours, column], trials.values[:, other, column])
            total = gained.sum()
            share = gained[np.abs(gained).argmax()] / total if measure == "retained_revenue" and total else np.nan
            base = float(trials.values[:, other, column].mean())
            rows.append(
                (policy, name, measure, *found, found.mean / base if base else np.nan, len(trials.seeds), share)
            )
    columns = ["policy", "against", "measure", *Difference._fields, "relative", "replications", "largest_account_share"]
    return pd.DataFrame(rows, columns=columns)
