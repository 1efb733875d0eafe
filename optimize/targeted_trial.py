"""Trials of targeted programmes: beside nothing, today's practice and the free plan; and reasons beside those lived."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.baselines import TodaysPractice
from optimize.decision import Decision
from optimize.leaving import Leaving
from optimize.plan import Plan, make_plan, programme_of, thumb_choice
from optimize.policy import Policy
from optimize.response import Response
from optimize.targeted import Causes, as_policy, narrowed, served_better, targeted_choice
from optimize.worth import Trials, World, comparison_table, replication_seed, try_out
from sim.founding import Start, todays_practice
from sim.market import simulate
from sim.names import OWN
from sim.programme import Programme, nothing
from sim.state import City

Floats = NDArray[np.float64]
BY_REASON, PLAN_BY_REASON = "by_reason", "plan_by_reason"
TODAY, TODAY_WITH_OFFERS = "todays_practice", "todays_practice_with_offers"


class Targeted(NamedTuple):
    """The programme made from reasons, and the plans beside it."""

    treatment: NDArray[np.int64]
    """Index into the response's treatments, shape (customers,)."""
    programme: Programme
    """Of the rule, as if contacts were spread over the year."""
    policies: dict[str, Policy]
    worlds: dict[str, World]


def targeted(decision: Decision, start: Start, response: Response, leaving: Leaving, found: Causes) -> Targeted:
    """Return the rule by reason, the plan that only uses remedies, the free plan, today's practice and nothing.

    All have the same menu, hours and budgets; a higher service tier comes on top and costs what the market charges.
    """
    book = start.book
    chosen = targeted_choice(decision, book, response, leaving, found)
    programme = served_better(programme_of(response, chosen), found, decision.targeted)
    plans: dict[str, Plan] = {
        PLAN_BY_REASON: make_plan(decision, book, narrowed(decision, book, response, found)),
        "plan": make_plan(decision, book, response),
    }
    policies: dict[str, Policy] = {BY_REASON: as_policy(decision, book, programme, found)}
    policies |= {name: plan.programme for name, plan in plans.items()}
    for name, offers in ((TODAY, False), (TODAY_WITH_OFFERS, True)):
        policies[name] = programme_of(response, thumb_choice(decision, book, response, TodaysPractice(offers=offers)))
    policies["nothing"] = nothing(book.key.size)
    worlds = {name: World(plan.market, plan.city(start.city)) for name, plan in plans.items()}
    return Targeted(chosen, programme, policies, worlds)


def targeted_trials(
    decision: Decision,
    city: City,
    made: Targeted,
    replications: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trials:
    """Simulate all policies on the same fresh futures."""
    return try_out(decision, city, made.policies, replications, seed, executor, progress, made.worlds)


def targeted_worth(trials: Trials) -> pd.DataFrame:
    """Return paired differences of the rule and of the plan by reason to all others, with 95 % intervals."""
    return pd.concat([comparison_table(trials, name) for name in (BY_REASON, PLAN_BY_REASON)], ignore_index=True)


def lived_causes(
    decision: Decision, city: City, months: int, replications: int, seed: int, executor: Executor | None = None
) -> tuple[Floats, Floats]:
    """Return lines that left under today's practice, (replications, reasons) and (replications, triggers)."""
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    practice = todays_practice(decision, own, city.customers.decision)
    quiet = decision.model_copy(update={"recording": {"groups": False}})
    task = partial(_live, quiet, city, practice, months, seed)
    mapped: Iterable[tuple[Floats, Floats]] = (executor.map if executor else map)(task, range(replications))
    reasons, triggers = zip(*mapped, strict=True)
    return np.array(reasons), np.array(triggers)


def _live(
    decision: Decision, city: City, practice: Programme, months: int, seed: int, number: int
) -> tuple[Floats, Floats]:
    history = simulate(decision, city, practice, seed=replication_seed(seed, number), months=months)
    return history.reasons.sum(axis=(0, 1)).astype(float), history.triggers.sum(axis=0).astype(float)
