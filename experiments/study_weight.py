"""The weight of retained revenue in a plan for both measures, chosen on cities and futures of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.experiment import Experiment, folder_of, load
from experiments.run import Progress
from experiments.study_tables import Lived, best_rule, lived
from optimize.decision import ObjectiveSettings
from optimize.plan import make_plan, programme_of, thumb_choice
from optimize.response import estimate
from optimize.worth import paired_difference, try_out
from sim.city import found
from sim.composing.compose import Composed

Floats = NDArray[np.float64]
WEIGHTS = (0.5, 1.0, 1.5, 2.0)
USUAL = float(ObjectiveSettings().retained_weight)
FUTURES_SEED = 7101
MEASURES = ("retained_revenue", "contribution")


class Weight(NamedTuple):
    """The weight that was chosen, and from what."""

    chosen: float
    table: pd.DataFrame
    """One row a weight: leads over the best rule in each measure, the smaller of both, and that beside the usual
    weight's with its 95 % interval, mean over cities and futures, yuan."""
    cities: tuple[str, ...]
    futures: int


def choose_weight(
    scenarios: Sequence[str],
    cities: Sequence[int],
    futures: int,
    overrides: Sequence[str] = (),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Weight:
    """Return the weight for a plan that is to lead in both measures: the usual one unless another is clearly better.

    A weight is better by the smaller of a plan's two leads over the best rule of thumb, and clearly so where the 95 %
    interval of the paired difference lies above nought. `cities` are seeds of cities.
    """
    tell, told, leads = progress or (lambda *_: None), [], []
    asked = [(name, seed) for name in scenarios for seed in cities]
    for done, (name, seed) in enumerate(asked):
        tell("choosing the weight on other cities", done, len(asked))
        leads.append(leads_by_weight(load(name, [*overrides, f"seed={seed}"]), futures, executor))
        told.append(f"{name}, seed {seed}")
    tell("choosing the weight on other cities", len(asked), len(asked))
    return weighed(np.concatenate(leads), tuple(told), futures)


def leads_by_weight(experiment: Composed[Experiment], futures: int, executor: Executor | None) -> Floats:
    """Return leads over the best rule, yuan, shape (futures, weights, measures), in one city."""
    settings = experiment.settings
    start = found(settings, folder_of(experiment))
    book = start.own_book or start.book
    response = estimate(settings, book)
    policies = {
        name: programme_of(response, thumb_choice(settings, book, response, rule))
        for name, rule in settings.comparison.against.items()
    }
    rules = list(policies)
    for weight in WEIGHTS:
        objective = settings.objective.model_copy(update={"maximise": "blend", "retained_weight": weight})
        plan = make_plan(settings.model_copy(update={"objective": objective}), book, response)
        policies[str(weight)] = plan.programme
    seen: Lived = lived(try_out(settings, start.city, policies, futures, FUTURES_SEED, executor))
    best = [best_rule(seen, rules, measure) for measure in MEASURES]
    return np.stack(
        [
            [seen.difference(str(weight), rule, measure) for rule, measure in zip(best, MEASURES, strict=True)]
            for weight in WEIGHTS
        ]
    ).transpose(2, 0, 1)


def weighed(leads: Floats, cities: tuple[str, ...] = (), futures: int = 0) -> Weight:
    """Return the choice from leads over the best rule, yuan, shape (futures of all cities, weights, measures).

    >>> even = np.ones((9, len(WEIGHTS), 2)) + np.arange(9.0)[:, None, None]
    >>> weighed(even).chosen
    1.5
    """
    usual = WEIGHTS.index(USUAL)
    rows, chosen, most = [], USUAL, 0.0
    worst = leads.mean(axis=0).argmin(axis=1)
    smaller = np.stack([leads[:, w, worst[w]] for w in range(len(WEIGHTS))], axis=1)
    for at, weight in enumerate(WEIGHTS):
        beside = paired_difference(smaller[:, at], smaller[:, usual])
        means = leads[:, at].mean(axis=0)
        rows.append((weight, *means, smaller[:, at].mean(), beside.mean, beside.low, beside.high))
        if at != usual and beside.low > 0 and beside.mean > most:
            chosen, most = weight, beside.mean
    columns = ["weight", *MEASURES, "smaller", "mean", "low", "high"]
    return Weight(chosen, pd.DataFrame(rows, columns=columns), cities, futures)
