"""Closing the loop: plan, live it in imagined cities, estimate anew around it, plan again; the best plan is kept.

What an account's treatment brings depends on what others get: news of discounts travels, and managers' hours are
shared (`optimize.interference`). Each round is tried out in cities drawn from the book (`optimize.imagined`), never in
the market that judges the plan afterwards; what a family of treatments brought there corrects the next estimate. The
loop ends once a round improves the best plan so far by no more than its interval, or the rounds are over.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.decision import Decision, ObjectiveSettings
from optimize.family import CORRECTED, FAMILIES, corrected, families_of, learnt_factors
from optimize.field import timetable
from optimize.imagined import Imagination
from optimize.interference import Around
from optimize.lateness import lateness
from optimize.objective import worth
from optimize.plan import Plan, make_plan, programme_of
from optimize.response import Response, estimate
from optimize.worth import Difference, paired_difference, replication_seed
from sim.book import Book
from sim.errors import InputError
from sim.founding import todays_practice
from sim.history import MEASURES, Account
from sim.kernels.behaviour import MONEY_UNIT
from sim.market import simulate
from sim.programme import Programme
from sim.state import City

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Round(NamedTuple):
    """One plan of the loop."""

    plan: Plan
    expected: float
    """Uplift of the objective over doing nothing expected around the plan itself, with waits and news, yuan."""
    lived: Difference
    """The same in the imagined cities."""
    gain: Difference
    """What it brought there over the best plan before it; of the first plan, over doing nothing."""
    factors: dict[str, float]
    """By what each family's effect was corrected in the estimate that the plan was made from."""


class Refined(NamedTuple):
    """All rounds, and which of them was best in the imagined cities."""

    rounds: tuple[Round, ...]
    best: int

    @property
    def plan(self) -> Plan:
        """Return the best plan, not the last."""
        return self.rounds[self.best].plan


class Lived(NamedTuple):
    """Policies in imagined cities."""

    objective: Floats
    """Yuan, shape (cities, policies)."""
    by_family: Floats
    """What each family's accounts brought over doing nothing, own revenue in yuan, shape (cities, families)."""


def expected_around(book: Book, plan: Plan) -> Response:
    """Return what treatments bring around a plan: others' news and the waits for visits that the plan itself makes."""
    moved = plan.book(book)
    late = lateness(plan.market, moved, plan.programme, timetable(plan.market, moved, plan))
    return estimate(plan.market, moved, plan.beside, Around(plan.allocation.treatment, late))


def expected_uplift(decision: Decision, book: Book, plan: Plan) -> float:
    """Return the uplift of the objective over doing nothing that is expected with waits and news, yuan."""
    return uplift_of(plan, expected_around(book, plan), decision.objective)


def uplift_of(plan: Plan, response: Response, objective: ObjectiveSettings) -> float:
    """Return what a plan's treatments bring over doing nothing by a response, yuan of the objective."""
    value = worth(response, objective)
    return float((value[plan.allocation.treatment, np.arange(value.shape[1])] - value[0]).sum())


def refine(
    decision: Decision,
    book: Book,
    like: City,
    *,
    response: Response | None = None,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Refined:
    """Return the rounds of the loop (`Decision.refine` says how many, in how many cities); the book is all it sees.

    `like` gives the number of buildings, managers and centres. `response` is what the first plan is made from. Cities
    and futures depend on `seed` and on nothing else, so that all rounds meet the same ones. Raises InputError where
    several rounds are asked for and a trial of one's own speaks for the response: later rounds go by the model.
    """
    settings = decision.refine
    if settings.rounds > 1 and decision.trial is not None:
        raise InputError(
            "refine.rounds: plans made again are estimated by the model, not by a trial; leave one of the two out"
        )
    imagined = Imagination(decision, book, like)
    plan = make_plan(decision, book, response)
    idle = programme_of(plan.response, np.zeros(book.key.size, dtype=np.int64))
    factors = dict.fromkeys(FAMILIES, 1.0)
    rounds: list[Round] = []
    values: list[Floats] = []
    best = 0
    for number in range(max(settings.rounds, 1)):
        around = expected_around(book, plan)
        lived = live_in_cities(decision, imagined, plan, idle, settings.replications, seed, executor, progress)
        nothing, brought = lived.objective[:, 0], lived.objective[:, 1]
        expected = uplift_of(plan, around, decision.objective)
        gain = paired_difference(brought, nothing if not rounds else values[best])
        rounds.append(Round(plan, expected, paired_difference(brought, nothing), gain, factors))
        values.append(brought)
        if number and gain.mean > 0:
            best = number
        if number and gain.mean <= gain.high - gain.mean:
            break
        if number + 1 < settings.rounds:
            factors = learnt_factors(plan, around, lived.by_family)
            late = np.zeros(book.key.size)
            again = estimate(decision, book, around=Around(plan.allocation.treatment, late))
            plan = make_plan(decision, book, corrected(again, factors))
    return Refined(tuple(rounds), best)


def live_in_cities(
    decision: Decision,
    imagined: Imagination,
    plan: Plan,
    idle: Programme,
    cities: int,
    seed: int,
    executor: Executor | None,
    progress: Callable[[int], None] | None,
) -> Lived:
    """Live doing nothing and the plan in as many imagined cities, each with a future of its own."""
    family = families_of(plan)
    task = partial(_live, decision, imagined, plan, idle, seed, family)
    objective, by_family = [], []
    for values, gained in (executor.map if executor else map)(task, range(cities)):
        objective.append(values)
        by_family.append(gained)
        if progress:
            progress(1)
    return Lived(np.array(objective), np.array(by_family))


def _live(
    decision: Decision,
    imagined: Imagination,
    plan: Plan,
    idle: Programme,
    seed: int,
    family: Whole,
    number: int,
) -> tuple[list[float], Floats]:
    city = imagined.city(number)
    own = np.where(city.state.carrier == 0, city.state.demand, 0).sum(axis=0)
    after = todays_practice(decision, own, city.customers.decision)
    quiet = {"recording": {"groups": False}}
    values, lived = [], []
    places = ((decision, city, idle), (plan.market, plan.city(city), plan.programme))
    for market, place, programme in places:
        schedule = {0: programme, decision.period: after} if decision.period < decision.months else {0: programme}
        history = simulate(market.model_copy(update=quiet), place, schedule, seed=replication_seed(seed, number))
        measured = {name: measure(history) for name, measure in MEASURES.items()}
        values.append(objective_of(measured, decision.objective))
        account = history.account
        lived.append(sum(account[Account._fields.index(name)] for name in CORRECTED) / MONEY_UNIT)
    gained = np.asarray(lived[1] - lived[0], dtype=np.float64)
    return values, np.asarray(np.bincount(family, gained, len(FAMILIES) + 1)[:-1], dtype=np.float64)


def objective_of(measured: dict[str, Any], objective: ObjectiveSettings) -> float:
    """Return the objective that a history's measures amount to, yuan."""
    match objective.maximise:
        case "retained":
            return float(measured["retained_revenue"])
        case "own_revenue":
            return float(measured["own_revenue"])
        case "contribution":
            return float(measured["contribution"])
        case "blend":
            return float(measured["contribution"] + objective.retained_weight * measured["retained_revenue"])
        case "target_return":
            return float(measured["contribution"] - objective.required_return * measured["programme_cost"])


def rounds_table(refined: Refined) -> pd.DataFrame:
    """Return one row a round: expected and lived uplift, the gain over the best before, and how many accounts moved."""
    rows = []
    before = refined.rounds[0].plan.allocation.treatment
    for number, one in enumerate(refined.rounds):
        moved = int((one.plan.allocation.treatment != before).sum())
        before = one.plan.allocation.treatment
        rows.append(
            (number, one.expected, one.lived.mean, one.lived.low, one.lived.high, one.gain.mean, one.gain.low,
             one.gain.high, moved, *one.factors.values(), number == refined.best)
        )  # fmt: skip
    columns = ["round", "expected", "lived", "low", "high", "gain", "gain_low", "gain_high", "accounts_moved"]
    return pd.DataFrame(rows, columns=[*columns, *(f"factor {name}" for name in FAMILIES), "best"])
