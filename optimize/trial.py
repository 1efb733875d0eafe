"""What a trial teaches: uplifts by cell with their errors, shrunk ones, and a policy with its corrected value."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from optimize.trial_check import Halved, dealt, halved
from optimize.trial_policy import Chosen, Value, believed_value, choose, cross_fitted, total
from optimize.trial_settings import TrialSettings
from optimize.trial_shrink import Posterior, shrunk
from optimize.trial_table import Sums, TrialTable, sums_of
from optimize.trial_uplift import Measured, measured, overall
from sim.errors import InputError, did_you_mean

Floats = NDArray[np.float64]
EVERYBODY = "everybody"


class Learnt(NamedTuple):
    """A trial and what it teaches; values are in units of the outcome, for as many people as the trial has."""

    trial: TrialTable
    sums: Sums
    measured: Measured
    posterior: Posterior
    chosen: Chosen
    naive: float
    """Best treatments by their measured uplifts, at these uplifts: too high, as the luckiest are chosen."""
    corrected: Value
    """The chosen policy at the shrunk uplifts."""
    cross_fitted: Value
    """Each part of the people by what all others teach: right whatever the truth is, and noisier."""
    check: Halved | None
    """Random halvings, where any are asked for."""


def learn(trial: TrialTable, settings: TrialSettings, progress: Callable[[int], None] | None = None) -> Learnt:
    """Return what a trial teaches; `progress` is told of each halving."""
    sums, cost = sums_of(trial), costs_of(trial, settings)
    found = measured(sums, settings.own_variance)
    posterior, most = shrunk(found), settings.most * trial.arm.size
    chosen = choose(posterior.uplift - cost, sums.size, most)
    parts = sums_of(trial, dealt(trial, settings.parts, settings.seed), settings.parts)
    check = None
    if settings.halvings:
        check = halved(trial, settings.halvings, settings.seed, settings.own_variance, cost, settings.most, progress)
    return Learnt(
        trial=trial,
        sums=sums,
        measured=found,
        posterior=posterior,
        chosen=chosen,
        naive=float(total(choose(found.uplift - cost, sums.size, most), found.uplift - cost)),
        corrected=believed_value(chosen, posterior, cost),
        cross_fitted=cross_fitted(parts, settings.own_variance, cost, settings.most),
        check=check,
    )


def costs_of(trial: TrialTable, settings: TrialSettings) -> Floats:
    """Return what each treatment costs a person, in units of the outcome, shape (treatments,)."""
    check_names(trial, settings.cost, "cost")
    return np.array([settings.cost.get(name, 0.0) for name in trial.treatments])


def check_names(trial: TrialTable, given: object, key: str) -> None:
    """Raise an InputError where settings speak of a treatment that the trial doesn't have."""
    assert isinstance(given, dict)
    unknown = [name for name in given if name not in trial.treatments]
    if unknown:
        hint = did_you_mean(unknown[0], trial.treatments)
        raise InputError([f"trial.{key}.{name}: the trial has no such treatment; {hint}" for name in unknown])


def uplift_table(learnt: Learnt, level: float = 0.95) -> pd.DataFrame:
    """Return one row a cell and treatment, and one a treatment for everybody, in units of the outcome a person.

    Columns: cell, treatment, treated and control (people), uplift, error, low, high as measured; shrunk, shrunk_error,
    shrunk_low, shrunk_high after shrinkage, which everybody's row has not.
    """
    trial, everybody = learnt.trial, overall(learnt.sums)
    reach = float(stats.norm.ppf(0.5 + level / 2))
    cells, treatments = len(trial.cells), len(trial.treatments)
    count = learnt.sums.people
    rows = [
        _rows([EVERYBODY], trial.treatments, count.sum(axis=0, keepdims=True), everybody, None, reach),
    ]
    believed = (learnt.posterior.uplift, learnt.posterior.error)
    if cells > 1 or treatments > 1:
        rows.append(_rows(trial.cell_names, trial.treatments, count, learnt.measured, believed, reach))
    return pd.concat(rows, ignore_index=True)


def _rows(
    names: object,
    treatments: tuple[str, ...],
    count: Floats,
    found: Measured,
    believed: tuple[Floats, Floats] | None,
    reach: float,
) -> pd.DataFrame:
    assert isinstance(names, list | tuple)
    uplift, error = found.uplift.ravel(), found.error.ravel()
    shrunk_to, doubt = (np.full(uplift.size, np.nan),) * 2 if believed is None else (part.ravel() for part in believed)
    return pd.DataFrame(
        {
            "cell": np.repeat(np.array(names, dtype=object), len(treatments)),
            "treatment": list(treatments) * len(names),
            "treated": count[:, 1:].ravel().astype(np.int64),
            "control": np.repeat(count[:, 0], len(treatments)).astype(np.int64),
            "uplift": uplift,
            "error": error,
            "low": uplift - reach * error,
            "high": uplift + reach * error,
            "shrunk": shrunk_to,
            "shrunk_error": doubt,
            "shrunk_low": shrunk_to - reach * doubt,
            "shrunk_high": shrunk_to + reach * doubt,
        }
    )


def policy_table(learnt: Learnt) -> pd.DataFrame:
    """Return who should get what: columns cell, people, treatment, treated; cells that bring most a person first."""
    trial, chosen = learnt.trial, learnt.chosen
    cell = np.arange(chosen.arm.size)
    gain = np.where(chosen.arm > 0, learnt.posterior.uplift[cell, chosen.arm - 1], 0.0)
    table = pd.DataFrame(
        {
            "cell": list(trial.cell_names),
            "people": learnt.sums.size.astype(np.int64),
            "treatment": [trial.arms[arm] for arm in chosen.arm],
            "treated": chosen.people.astype(np.int64),
            "uplift": gain,
        }
    )
    return table.sort_values("uplift", ascending=False, kind="stable", ignore_index=True)


def values_table(learnt: Learnt, level: float = 0.95) -> pd.DataFrame:
    """Return what the policy is worth by each estimate: columns estimate, value, low, high."""
    reach = float(stats.norm.ppf(0.5 + level / 2))
    rows = [("naive", learnt.naive, np.nan, np.nan)]
    for name, value in (("corrected", learnt.corrected), ("cross_fitted", learnt.cross_fitted)):
        mean, half = float(value.mean), reach * float(value.error)
        rows.append((name, mean, mean - half, mean + half))
    return pd.DataFrame(rows, columns=["estimate", "value", "low", "high"])


def in_words(learnt: Learnt) -> list[str]:
    """Return what a reader has to know of a trial, a sentence each."""
    corrected, fitted, check = learnt.corrected, learnt.cross_fitted, learnt.check
    first = (
        f"Of {learnt.trial.arm.size:,} people {learnt.chosen.people.sum():,.0f} should be treated; that is expected to "
        f"bring {_short(corrected.mean)} (standard error {_short(corrected.error)}); taken at face value, the best of "
        f"each cell would promise {_short(learnt.naive)}."
    )
    second = (
        "By parts of the people, each judged by what the others teach, it brings "
        f"{_short(fitted.mean)} (standard error {_short(fitted.error)})."
    )
    told = [first, second]
    if check is not None:
        told.append(
            f"Over {check.naive.size} random halvings the other half gave {_short(check.naive_held_out.mean())} where "
            f"the best at face value promised {_short(check.naive.mean())}, and "
            f"{_short(check.corrected_held_out.mean())} where the corrected policy promised "
            f"{_short(check.corrected.mean())}."
        )
    return told


def _short(number: object) -> str:
    """Return a number with four digits at least."""
    value = float(str(number))
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
