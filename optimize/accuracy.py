"""Accuracy: what the response expects of a plan, against what the market then does on fresh futures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.family import FAMILIES as TREATED
from optimize.family import families_of
from optimize.plan import Plan
from optimize.policy import live_under
from optimize.refine import expected_around
from optimize.response import Response
from optimize.worth import World, replication_seed
from sim.book import Book
from sim.founding import todays_practice
from sim.history import Account, History, yuan
from sim.names import CLASSES, OWN
from sim.programme import Programme, nothing
from sim.state import City

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Information = Literal["oracle", "crm"]
FAMILIES = (*TREATED, "nothing")
MEASURES = ("retained", "won_back", "own_revenue", "contribution")
QUANTITIES = ("nothing", "plan", "uplift")
"""What is predicted: the outcome of doing nothing, that of the plan, and their difference."""
ERRORS = 2.0
"""Standard errors within which chance may account for a difference."""
BARS: dict[tuple[str, str], float] = {
    ("oracle", "nothing"): 0.005,
    ("oracle", "plan"): 0.005,
    ("oracle", "uplift"): 0.05,
    ("crm", "uplift"): 0.10,
}
"""Relative errors allowed of retained revenue in the whole city, by the book and the quantity."""


class Judged(NamedTuple):
    """Plans by the book that they were made from, and their groups of accounts."""

    plans: dict[str, Plan]
    labels: dict[str, Whole]
    """By plan: the group of each account in each way of grouping, shape (ways, customers)."""
    around: dict[str, Response]
    """By plan: what is expected around the plan itself, with waits for visits and news of discounts."""
    groups: tuple[tuple[str, str], ...]
    """Way and name of each group, all ways behind each other."""


class Lived(NamedTuple):
    """What groups of accounts brought in each future."""

    judged: Judged
    sums: dict[str, Floats]
    """By plan: yuan, shape (futures, nothing and plan, measures, groups)."""


def judged(plans: Mapping[str, tuple[Plan, Book]]) -> Judged:
    """Return plans, each with the book it was made from, and their accounts grouped.

    Groups are all accounts, those with treatments of a family, and value classes.
    """
    groups = [("all", "all"), *(("family", name) for name in FAMILIES), *(("class", name) for name in CLASSES)]
    labels = {}
    for name, (plan, book) in plans.items():
        everybody = np.zeros(book.key.size, dtype=np.int64)
        classes = 1 + len(FAMILIES) + book.value_class.astype(np.int64)
        labels[name] = np.stack([everybody, 1 + families_of(plan), classes])
    around = {name: expected_around(book, plan) for name, (plan, book) in plans.items()}
    return Judged({name: plan for name, (plan, _) in plans.items()}, labels, around, tuple(groups))


def idle_programme(response: Response) -> Programme:
    """Return the programme that leaves everybody alone but for the service that goes by value class."""
    return nothing(response.tier.size)._replace(tier=response.tier)


def brought(history: History) -> Floats:
    """Return what each account brought over the horizon, yuan, shape (measures, customers)."""
    account: Account = history.account
    own = account.retained + account.won_back + account.shortfall + account.breakage
    left = own - account.programme_cost - account.cost_to_serve
    return yuan(np.stack([account.retained, account.won_back, own, left]))


def expected(response: Response, treatment: Whole) -> Floats:
    """Return what accounts are expected to bring with these treatments, yuan, shape (measures, customers)."""
    account = np.arange(treatment.size)
    return np.stack([getattr(response, name)[treatment, account] for name in MEASURES])


class Places(NamedTuple):
    """What living through a future takes, and no more: it is sent to each process."""

    worlds: tuple[World, ...]
    """Of doing nothing and of each plan, as the next one."""
    programmes: tuple[Programme, ...]
    after: Programme
    period: int
    labels: tuple[Whole, ...]
    """By plan."""
    groups: int
    seed: int


def places_of(decision: Decision, city: City, todo: Judged, seed: int) -> Places:
    """Return where doing nothing and each plan are lived; months by group aren't recorded."""
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    plans = list(todo.plans.values())
    worlds = [World(decision, city), *(World(plan.market, plan.city(city)) for plan in plans)]
    quiet = {"recording": {"groups": False}}
    return Places(
        worlds=tuple(world._replace(decision=world.decision.model_copy(update=quiet)) for world in worlds),
        programmes=(idle_programme(plans[0].response), *(plan.programme for plan in plans)),
        after=todays_practice(decision, own, city.customers.decision),
        period=decision.period,
        labels=tuple(todo.labels[name] for name in todo.plans),
        groups=len(todo.groups),
        seed=seed,
    )


def live_plans(places: Places, number: int) -> list[Floats]:
    """Return what groups brought in one future, by plan: yuan, shape (nothing and plan, measures, groups)."""
    future = replication_seed(places.seed, number)
    idle, *planned = (
        brought(live_under(programme, places.after, market, city, places.period, future).history)
        for (market, city), programme in zip(places.worlds, places.programmes, strict=True)
    )
    return [
        np.stack([sums(side, labels, places.groups) for side in (idle, outcome)])
        for labels, outcome in zip(places.labels, planned, strict=True)
    ]


def sums(by_account: Floats, labels: Whole, groups: int) -> Floats:
    """Return sums over groups, shape (measures, groups), of shape (measures, customers)."""
    added = np.zeros((len(by_account), groups))
    for label in labels:
        added += [np.bincount(label, row, groups) for row in by_account]
    return added


def live_through(
    decision: Decision,
    city: City,
    todo: Judged,
    futures: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Lived:
    """Live plans and doing nothing through the same fresh futures; results don't depend on the executor."""
    task = partial(live_plans, places_of(decision, city, todo, seed))
    mapped: Iterable[list[Floats]] = (executor.map if executor else map)(task, range(futures))
    found: list[list[Floats]] = []
    for outcome in mapped:
        found.append(outcome)
        if progress:
            progress(1)
    return Lived(todo, {name: np.array([f[at] for f in found]) for at, name in enumerate(todo.plans)})


def accuracy_table(lived: Lived) -> pd.DataFrame:
    """Return predicted against realised: a row for each plan, group of accounts, measure and quantity.

    Predicted is what is expected around the plan itself; `planned` what was expected while it was made, when nobody
    waited and nobody else had anything. `off` is predicted over realised less 1, `noise` the standard error of that.
    Rows with a `bar` are judged: `off` has to lie within the bar, or within two standard errors if that is more, which
    the verdict tells apart.
    """
    rows = []
    for name, plan in lived.judged.plans.items():
        labels, size = lived.judged.labels[name], len(lived.judged.groups)
        alone = expected(plan.idle, np.zeros_like(plan.allocation.treatment))
        guess, first = (
            _three(np.stack([sums(side, labels, size) for side in (alone, expected(one, plan.allocation.treatment))]))
            for one in (lived.judged.around[name], plan.response)
        )
        real = np.array([_three(one) for one in lived.sums[name]])
        mean, error = real.mean(axis=0), real.std(axis=0, ddof=1) / np.sqrt(len(real))
        members = np.bincount(labels.ravel(), minlength=size)
        for at, (way, group) in enumerate(lived.judged.groups):
            for q, quantity in enumerate(QUANTITIES):
                for m, measure in enumerate(MEASURES):
                    bar = bar_of(name, way, measure, quantity)
                    told = (guess[q, m, at], mean[q, m, at], error[q, m, at])
                    key = (name, way, group, members[at], measure, quantity, first[q, m, at])
                    rows.append((*key, *told, *verdict(*told, bar)))
    names = ["book", "by", "group", "accounts", "measure", "quantity", "planned", "predicted", "realised", "error"]
    return pd.DataFrame(rows, columns=[*names, "off", "noise", "bar", "verdict"])


def _three(two: Floats) -> Floats:
    return np.concatenate([two, two[1:] - two[:1]])


def bar_of(book: str, way: str, measure: str, quantity: str) -> float:
    """Return the relative error allowed, NaN where a row isn't judged."""
    judged_here = way == "all" and measure == "retained"
    return BARS.get((book, quantity), np.nan) if judged_here else np.nan


def verdict(predicted: float, realised: float, error: float, bar: float) -> tuple[float, float, float, str]:
    """Return how far a prediction is off, relative to what was realised, its noise, the bar, and the verdict.

    >>> verdict(103.0, 100.0, 0.5, 0.05)[3], verdict(108.0, 100.0, 0.5, 0.05)[3], verdict(108.0, 100.0, 5.0, 0.05)[3]
    ('met', 'not met', 'within noise')
    """
    if realised == 0:
        return np.nan, np.nan, bar, "" if np.isnan(bar) else "not met" if predicted else "met"
    off, noise = predicted / realised - 1, error / abs(realised)
    if np.isnan(bar):
        return off, noise, bar, ""
    if abs(off) <= bar:
        return off, noise, bar, "met"
    return off, noise, bar, "within noise" if abs(off) <= ERRORS * noise else "not met"
