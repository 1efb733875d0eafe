"""What a randomised trial teaches, and how it changes a scenario's plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.experiment import Experiment, folder_of
from experiments.run import Progress, optimise
from experiments.sheets import csv_bytes
from experiments.store import write_new
from experiments.trial_file import read_trial
from optimize.plan import make_plan
from optimize.response import estimate
from optimize.trial import Learnt, in_words, learn, policy_table, uplift_table, values_table
from optimize.trial_settings import Covariate, TrialSettings
from sim.composing.compose import Composed
from sim.errors import InputError

TABLES = (".csv", ".parquet", ".xlsx", ".xls")


class Lesson(NamedTuple):
    """What a trial teaches, and what of a plan changes by it."""

    learnt: Learnt
    uplifts: pd.DataFrame
    policy: pd.DataFrame
    values: pd.DataFrame
    words: tuple[str, ...]
    """What a reader has to know, a sentence each."""
    changes: pd.DataFrame | None = None
    """With a scenario: what is done at how many accounts by the model and by the trial."""


def is_table(source: str) -> bool:
    """Return whether a source is a trial's table, and not a scenario.

    >>> is_table("trial.CSV"), is_table("shenzhen")
    (True, False)
    """
    return Path(source).suffix.lower() in TABLES


def table_settings(
    path: str,
    treatment: str | None,
    control: str | None,
    outcome: str | None,
    by: Sequence[str] = (),
    most: float = 1.0,
    seed: int = 1,
) -> TrialSettings:
    """Return the settings of a trial whose columns are given one by one; `by` has headings, `age:30,50` with edges."""
    needed = {"--treatment": treatment, "--control": control, "--outcome": outcome}
    missing = [name for name, given in needed.items() if given is None]
    if missing:
        raise InputError(f"{path}: a table needs {', '.join(missing)} too: headings of columns, and the control's word")
    if not 0 <= most <= 1:
        raise InputError(f"--most: {most:g} must be from 0 to 1, the share of people who may be treated")
    assert treatment is not None
    assert control is not None
    assert outcome is not None
    return TrialSettings(
        path=path,
        treatment=treatment,
        control=control,
        outcome=outcome,
        covariates=dict(_covariate(given) for given in by),
        most=float(most),
        seed=seed,
    )


def learn_from_table(settings: TrialSettings, *, folder: Path = Path(), progress: Progress | None = None) -> Lesson:
    """Return what the table of a trial teaches; nothing is written."""
    tell = progress or (lambda *_: None)
    tell("reading the trial", 0, 0)
    trial = read_trial(settings, folder).table
    done = 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        tell("halving at random", done, settings.halvings)

    return lesson(learn(trial, settings, advance))


def learn_for_scenario(experiment: Composed[Experiment], *, progress: Progress | None = None) -> Lesson:
    """Return what the trial of a scenario teaches and how the plan changes by it; nothing is written or tried out."""
    settings = experiment.settings
    if settings.trial is None:
        raise InputError(
            "trial: the scenario has no trial; give trial.path, treatment, control and outcome, or name a table"
        )
    folder = folder_of(experiment, "trial.path") or Path()
    done = learn_from_table(settings.trial, folder=folder, progress=progress)
    made = optimise(experiment, progress=progress)
    (progress or (lambda *_: None))("planning by the model alone", 0, 0)
    model = make_plan(settings, made.start.book, estimate(settings, made.start.book))
    names = np.array([treatment.name for treatment in made.response.treatments])
    by_trial, by_model = (names[plan.allocation.treatment] for plan in (made.plan, model))
    counts = pd.DataFrame({"model": pd.Series(by_model).value_counts(), "trial": pd.Series(by_trial).value_counts()})
    changes = counts.fillna(0).astype(int).rename_axis("treatment").reset_index()
    changes = changes.sort_values(["trial", "treatment"], ascending=[False, True], ignore_index=True)
    differ = int((by_trial != by_model).sum())
    told = [f"The plan changes at {differ:,} of {len(by_model):,} accounts.", *made.start.notes]
    return done._replace(changes=changes, words=(*done.words, *told))


def lesson(learnt: Learnt) -> Lesson:
    """Return what a trial teaches, as tables and words."""
    return Lesson(learnt, uplift_table(learnt), policy_table(learnt), values_table(learnt), tuple(in_words(learnt)))


def write_lesson(done: Lesson, folder: Path) -> None:
    """Write what a trial teaches into a folder that has none: uplifts.csv, policy.csv, values.csv and changes.csv."""
    tables = {"uplifts": done.uplifts, "policy": done.policy, "values": done.values, "changes": done.changes}
    files = {f"{name}.csv": csv_bytes(table) for name, table in tables.items() if table is not None}
    write_new(folder, files, "name another folder with --out, or move it away")


def _covariate(given: str) -> tuple[str, Covariate]:
    column, colon, edges = given.rpartition(":")
    if not colon:
        return given, Covariate(column=given)
    try:
        numbers = tuple(float(edge) for edge in edges.split(","))
    except ValueError:
        raise InputError(
            f"--by: '{given}': write a heading, or a heading and where to cut it, as in age:30,50"
        ) from None
    if any(right <= left for left, right in pairwise(numbers)):
        raise InputError(f"--by: '{given}': the edges must rise")
    return column, Covariate(column=column, edges=numbers)
