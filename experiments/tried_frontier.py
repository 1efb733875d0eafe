"""The frontier proven: plans with more and less of everything, simulated on the same fresh futures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.run import Progress, with_response
from optimize.marginal import FACTORS
from optimize.means import with_means
from optimize.plan import make_plan
from optimize.worth import COLUMNS, World, paired_difference, try_out
from sim.city import found
from sim.composing.compose import Composed
from sim.errors import InfeasibleError
from sim.programme import nothing, service_tiers

IDLE = "nothing"
MEASURES = ("retained_revenue", "contribution", "programme_cost")


def try_frontier(
    experiment: Composed[Experiment],
    factors: tuple[float, ...] = FACTORS,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return what plans with more and less of everything brought over doing nothing, a row a factor and measure.

    Columns: factor, measure, mean, low, high (95 %, paired), more and its ends (over the plan with today's hours and
    budgets), replications. Where no plan keeps the limits that are at least, a factor has no row.
    """
    settings, tell = experiment.settings, progress or (lambda *_: None)
    with executor(workers) as pool:
        tell("founding the city", 0, 0)
        start = found(settings, folder_of(experiment))
        start, response, _ = with_response(experiment, start, tell)
        tier = service_tiers(start.book.value_class, settings.practice)
        policies, worlds = {IDLE: nothing(len(start.book.ids))._replace(tier=tier)}, {}
        for at, factor in enumerate(factors):
            tell("planning with more and less", at, len(factors))
            means = with_means(settings, factor)
            try:
                plan = make_plan(means, start.book, response)
            except InfeasibleError:
                continue
            policies[name_of(factor)] = plan.programme
            worlds[name_of(factor)] = World(plan.market, plan.city(start.city))
        count, done = settings.comparison.replications, 0

        def advance(steps: int) -> None:
            nonlocal done
            done += steps
            tell("trying out on fresh futures", done, count)

        trials = try_out(settings, start.city, policies, count, settings.comparison.seed, pool, advance, worlds)
    values = {name: trials.values[:, at] for at, name in enumerate(trials.policies)}
    return frontier_rows(values, factors)


def name_of(factor: float) -> str:
    """Return what a plan with so many times everything is called.

    >>> name_of(1.25)
    'plan x1.25'
    """
    return f"plan x{factor:g}"


def frontier_rows(values: dict[str, np.ndarray], factors: tuple[float, ...]) -> pd.DataFrame:
    """Return paired differences, from what each policy came to, shape (replications, measures)."""
    rows = []
    for factor in factors:
        if name_of(factor) not in values:
            continue
        for measure in MEASURES:
            at = COLUMNS.index(measure)
            lived = values[name_of(factor)][:, at]
            gained = paired_difference(lived, values[IDLE][:, at])
            more = paired_difference(lived, values[name_of(1.0)][:, at]) if name_of(1.0) in values else None
            beside = tuple(more[:3]) if more else (np.nan,) * 3
            rows.append((factor, measure, *gained[:3], *beside, len(lived)))
    columns = ["factor", "measure", "mean", "low", "high", "more", "more_low", "more_high", "replications"]
    return pd.DataFrame(rows, columns=columns)
