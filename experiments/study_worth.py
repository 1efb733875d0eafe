"""The study of worth: plans beside rules of thumb on fresh futures, in several scenarios, with every failure told."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import pandas as pd

from experiments.answer import caveats
from experiments.executor import executor
from experiments.experiment import Experiment, folder_of, load, name_of
from experiments.run import Progress
from experiments.study_tables import (
    Lived,
    beside_table,
    claims_table,
    greedy_table,
    leads_table,
    lived,
    rules_among,
    verdicts_table,
)
from experiments.study_weight import Weight, choose_weight
from optimize.contenders import LETTERS, MONTHLY, PLAN, ROBUST, ROLLING, Contenders, contenders
from optimize.decision import FROM_TRUTH
from optimize.worth import World, try_out
from sim.city import found
from sim.composing.compose import Composed
from sim.errors import InputError

SCENARIOS = ("shenzhen", "price_war", "iranian_churn")
UNSURE = "risk"
"""The scenario whose outlooks the robust plan is made for."""
QUICK = ("city.customers=80", "burn_in=3", "months=6", "period=6")
PAIRS = (
    (FROM_TRUTH, PLAN),
    (ROLLING, PLAN),
    (LETTERS, PLAN),
    (MONTHLY, PLAN),
    (MONTHLY, LETTERS),
    (ROBUST, PLAN),
)
"""Whose lead over whom is told beside the table of leads over doing nothing."""


class Sizes(NamedTuple):
    """How much is simulated."""

    futures: int = 100
    slow_futures: int = 12
    """Of policies that decide again within a future."""
    weight_cities: tuple[int, ...] = (101, 102)
    """Seeds of the cities on which the weight is chosen; those of the study are none of them."""
    weight_futures: int = 15
    largest_slow: int = 5_000
    """Customers up to which policies that decide again are tried, and plans that take estimates of their own."""


class ScenarioWorth(NamedTuple):
    """One scenario's part of the study."""

    name: str
    title: str
    customers: int
    months: int
    seed: int
    claimed: bool
    """Whether its figures are held against the claims; not where the response to treatments is all assumed."""
    caveats: tuple[str, ...]
    rules: tuple[str, ...]
    leads: pd.DataFrame
    """Of every policy over doing nothing and over the best rule (`experiments.study_tables.leads_table`)."""
    claims: pd.DataFrame
    verdicts: pd.DataFrame
    greedy: pd.DataFrame
    beside: pd.DataFrame
    left_out: dict[str, str]
    """Policies that could not be made, and why."""
    revenue: float
    """Retained revenue of doing nothing, mean, yuan."""


class WorthStudy(NamedTuple):
    """What plans are worth, scenario by scenario."""

    scenarios: tuple[ScenarioWorth, ...]
    weight: Weight
    skipped: dict[str, str]
    """Scenarios that could not be studied, and why."""
    overrides: tuple[str, ...]
    sizes: Sizes


def worth_of(
    scenarios: Sequence[str] = SCENARIOS,
    overrides: Sequence[str] = (),
    *,
    quick: bool = False,
    futures: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> WorthStudy:
    """Return what plans are worth beside rules of thumb; nothing is written, and workers don't change it."""
    tell = progress or (lambda *_: None)
    sizes = Sizes(8, 2, (101,), 4) if quick else Sizes()
    sizes = sizes if futures is None else sizes._replace(futures=futures, slow_futures=min(futures, sizes.slow_futures))
    given = [*(QUICK if quick else ()), *overrides]
    experiments, skipped = {}, {}
    for name in scenarios:
        experiments[name] = load(name, given)
    synthetic = [name for name, one in experiments.items() if one.settings.customers is None]
    with executor(workers) as pool:
        small = [name for name in synthetic if experiments[name].settings.city.customers <= sizes.largest_slow]
        weight = choose_weight(small or synthetic, sizes.weight_cities, sizes.weight_futures, given, pool, tell)
        done = []
        for name, experiment in experiments.items():
            try:
                done.append(scenario_worth(experiment, weight.chosen, sizes, given, pool, tell))
            except InputError as error:
                if experiment.settings.customers is None:
                    raise
                skipped[name] = str(error)
    return WorthStudy(tuple(done), weight, skipped, tuple(overrides), sizes)


def scenario_worth(
    experiment: Composed[Experiment],
    weight: float,
    sizes: Sizes,
    overrides: Sequence[str] = (),
    pool: Executor | None = None,
    progress: Progress | None = None,
) -> ScenarioWorth:
    """Return one scenario's part; the weight of a plan for both measures is given."""
    tell, settings = progress or (lambda *_: None), experiment.settings
    name, told = name_of(experiment), tuple(caveats(settings))
    objective = settings.objective.model_copy(update={"retained_weight": weight})
    settings = settings.model_copy(update={"objective": objective})
    tell(f"{name}: founding the city", 0, 0)
    start = found(settings, folder_of(experiment))
    small = start.book.key.size <= sizes.largest_slow
    unsure = load(UNSURE, overrides).settings if small and settings.customers is None else None
    made = contenders(
        settings,
        start,
        settings.comparison.against,
        unsure=unsure,
        slow=small,
        more=small,
        tell=lambda stage: tell(f"{name}: {stage}", 0, 0),
    )
    seen = _live(settings, start.city, made, sizes, pool, name, tell)
    rules = rules_among(made)
    claims = claims_table(seen, rules)
    return ScenarioWorth(
        name=name,
        title=settings.title,
        customers=start.book.key.size,
        months=settings.months,
        seed=settings.seed,
        claimed=not told,
        caveats=told,
        rules=tuple(rules),
        leads=leads_table(seen, made),
        claims=claims,
        verdicts=verdicts_table(claims),
        greedy=greedy_table(seen),
        beside=beside_table(seen, PAIRS),
        left_out=made.left_out,
        revenue=seen.mean("nothing", "retained_revenue") if "nothing" in seen.values else float("nan"),
    )


def _live(
    settings: Experiment,
    city: object,
    made: Contenders,
    sizes: Sizes,
    pool: Executor | None,
    name: str,
    tell: Progress,
) -> Lived:
    """Live policies through futures; those that decide again live through the first ones only."""
    trials = []
    for slow, futures in ((False, sizes.futures), (True, sizes.slow_futures)):
        policies = {each: one.policy for each, one in made.made.items() if one.slow == slow}
        if not policies:
            continue
        worlds: dict[str, World] = {
            each: one.world for each, one in made.made.items() if one.world and one.slow == slow
        }
        stage = f"{name}: {'policies that decide again' if slow else 'policies'} on fresh futures"
        steps = iter(range(1, futures + 1))
        tell(stage, 0, futures)
        trials.append(
            try_out(
                settings,
                city,  # type: ignore[arg-type]
                policies,
                futures,
                settings.comparison.seed,
                pool,
                lambda _, stage=stage, steps=steps, futures=futures: tell(stage, next(steps), futures),  # type: ignore[misc]
                worlds,
            )
        )
    return lived(*trials)
