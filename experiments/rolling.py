"""A plan made again every quarter beside the one plan for the year: what it brings more, and where that comes from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.answer import HEADLINE, NOTHING, caveats, words
from experiments.executor import executor
from experiments.experiment import PLAN, Experiment
from experiments.money import money_for
from experiments.run import Progress, optimise
from experiments.sheets import csv_bytes
from experiments.store import write_new
from optimize.policy import Policy
from optimize.replan import REASONS
from optimize.rolling import Replan, check_rolling, rolling_policy
from optimize.worth import Trials, World, comparison_table, paired_difference, trials_table, try_out
from sim.composing.compose import Composed
from sim.errors import InputError
from sim.founding import Start
from sim.programme import nothing

ROLLING = "rolling"
WITHOUT_NEWS = "rolling_without_news"
"""Planned again with what was known of rivals, and thought of offers, at the start."""
FIGURES = ("discount_left", "discount_planned", "channel_left", "channel_planned", "hours_left", "hours_planned")


class Rolled(NamedTuple):
    """What planning again is worth, tried out on fresh futures."""

    start: Start
    trials: Trials
    comparison: pd.DataFrame
    """The rolling plan against the one plan and against doing nothing, all measures, paired."""
    sources: pd.DataFrame
    """Where the difference to the one plan comes from, by measure."""
    dates: pd.DataFrame
    """What each plan within the period changed and had left, means over futures."""
    answer: str


def roll(experiment: Composed[Experiment], *, workers: int = 1, progress: Progress | None = None) -> Rolled:
    """Return what planning again is worth in a scenario; nothing is written."""
    settings, tell = experiment.settings, progress or (lambda *_: None)
    check_rolling(settings)
    if settings.rolling.every >= min(settings.period, settings.months):
        raise InputError(
            f"rolling.every: {settings.rolling.every} months are not within the planning period of "
            f"{min(settings.period, settings.months)}; give fewer, or a longer period"
        )
    with executor(workers) as pool:
        made = optimise(experiment, progress=progress)
        policies: dict[str, Policy] = {ROLLING: rolling_policy(settings, made.start.book, made.plan)}
        if settings.book.information == "crm":
            policies[WITHOUT_NEWS] = rolling_policy(settings, made.start.book, made.plan, learns=False)
        policies[PLAN] = made.plan.programme
        world = World(made.plan.market, made.plan.city(made.start.city))
        worlds = dict.fromkeys(policies, world)
        policies[NOTHING] = nothing(made.start.book.key.size)
        count, done = settings.comparison.replications, 0

        def advance(steps: int) -> None:
            nonlocal done
            done += steps
            tell("living through futures, planning again in each", done, count)

        tell("living through futures, planning again in each", 0, count)
        seed = settings.comparison.seed
        trials = try_out(settings, made.start.city, policies, count, seed, pool, advance, worlds)
    comparison = comparison_table(trials, ROLLING)
    comparison = comparison[comparison["against"].isin([PLAN, NOTHING])].reset_index(drop=True)
    return Rolled(
        start=made.start,
        trials=trials,
        comparison=comparison,
        sources=sources_table(trials),
        dates=dates_table(trials),
        answer=" ".join(sentences(settings, trials, comparison)),
    )


def sources_table(trials: Trials) -> pd.DataFrame:
    """Return the paired steps from the one plan to the rolling plan, one row a step and measure, 95 % intervals."""
    named = dict(zip(trials.policies, range(len(trials.policies)), strict=True))
    steps = [("planning again, all told", ROLLING, PLAN)]
    if WITHOUT_NEWS in named:
        steps = [
            ("hours and budgets used anew", WITHOUT_NEWS, PLAN),
            ("what was learnt of customers", ROLLING, WITHOUT_NEWS),
            *steps,
        ]
    rows = []
    for source, better, other in steps:
        for column, measure in enumerate(trials.measures):
            values = trials.values[:, :, column]
            rows.append((source, measure, *paired_difference(values[:, named[better]], values[:, named[other]])))
    return pd.DataFrame(rows, columns=["source", "measure", "mean", "low", "high", "error"])


def dates_table(trials: Trials) -> pd.DataFrame:
    """Return one row a date: accounts treated and changed, by reason, and what was left and planned, means."""
    own = trials.policies.index(ROLLING)
    futures: list[list[Replan]] = [told[own] for told in trials.told]
    rows = []
    for plans in zip(*futures, strict=True):
        made = [plan for plan in plans if not plan.refused]
        changed = np.array([plan.changed for plan in plans], dtype=float)
        figures = {name: _mean([getattr(plan, name) for plan in made]) for name in ("treated", *FIGURES)}
        by_reason = dict(zip(REASONS, changed.mean(axis=0), strict=True))
        rows.append(
            {
                "month": plans[0].month,
                "treated": figures.pop("treated"),
                "changed": changed.sum(axis=1).mean(),
                **by_reason,
                **figures,
                "no_plan": len(plans) - len(made),
            }
        )
    return pd.DataFrame(rows)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def sentences(settings: Experiment, trials: Trials, comparison: pd.DataFrame) -> list[str]:
    """Return the answer: what planning again brings more than the one plan, with interval, and what it costs."""
    measure = HEADLINE[settings.objective.maximise]
    found = comparison[comparison["against"] == PLAN].set_index("measure")
    rows = [row for _, row in found.loc[list(dict.fromkeys((measure, "contribution")))].iterrows()]
    told = [_gain(row, words(str(row.name))) for row in rows]
    first = (
        f"Over {settings.months} months, planning again every {settings.rolling.every} months of the first "
        f"{min(settings.period, settings.months)} brings {' and '.join(told)} than the one plan, within the same "
        f"budgets ({len(trials.seeds)} fresh futures)."
    )
    unsure = [words(str(row.name)) for row in rows if row["low"] <= 0 <= row["high"]]
    second = [f"On {' and '.join(unsure)} that is not shown to differ from nothing."] if unsure else []
    truth = ["Both plans saw the truth, which no carrier does."] if settings.book.information == "oracle" else []
    return [first, *second, *truth, *caveats(settings)]


def _gain(row: pd.Series, measure: str) -> str:
    money = money_for(row["mean"], row["low"], row["high"])
    more = "more" if row["mean"] >= 0 else "less"
    low, high = (row["low"], row["high"]) if row["mean"] >= 0 else (-row["high"], -row["low"])
    interval = f"95 % interval {money.interval(low, high)} {money.scale}".strip()
    return f"{money.full(abs(row['mean']))} {more} {measure} ({interval})"


def write_rolled(done: Rolled, folder: Path) -> None:
    """Write into a folder that has none: rolling.csv, sources.csv, dates.csv, futures.csv and answer.txt."""
    files = {
        "rolling.csv": csv_bytes(done.comparison),
        "sources.csv": csv_bytes(done.sources),
        "dates.csv": csv_bytes(done.dates),
        "futures.csv": csv_bytes(trials_table(done.trials)),
        "answer.txt": (done.answer + "\n").encode(),
    }
    write_new(folder, files, "name another folder with --out, or move it away")
