"""Policies of a sweep beside each other, by scenario and over all of them, in pairs on the same futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.chances import Chances, chances
from experiments.sweeps.comparing_words import told
from experiments.sweeps.crossed import Crossed, beside, crossed, family, weighted
from experiments.sweeps.lived import Lived, lived
from experiments.sweeps.worded import IN_ALL, IN_MEAN, LESS_IS_BETTER, PLAN
from sim.errors import InputError, did_you_mean

Floats = NDArray[np.float64]


class Comparison(NamedTuple):
    """Policies compared on one measure."""

    measure: str
    policy: str
    """The one that all others are compared with."""
    sampled: bool
    """Whether intervals are for all settings that the design could have drawn, or for its very cells."""
    level: float
    """With which all intervals hold together."""
    differences: pd.DataFrame
    """scenario, policy, against, mean, low, high, error, relative, cells, replications; the mean of scenarios last."""
    best: pd.DataFrame
    """scenario, policy, mean, probability of being best (bootstrap); then in the mean, and in all scenarios at once."""
    left_out: pd.DataFrame
    """scenario, pairs of cell and replication compared, and left out as not all policies lived through them."""
    sentences: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Return what was found for a notebook."""
        words = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        return words + self.differences.to_html(index=False) + self.best.to_html(index=False)


def compare_policies(
    runs: pd.DataFrame,
    cells: pd.DataFrame,
    measure: str = "retained_revenue",
    against: str | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    sampled: bool = False,
    level: float = 0.95,
) -> Comparison:
    """Return how policies compare on a measure: the plan less each other one, or each one less `against`.

    Scenarios count alike, or by `weights`. With `sampled`, cells are a random sample of the settings that vary. All
    intervals of the comparison hold together with probability `level`. Raises `InputError` for a name that isn't there.
    """
    found = lived(runs, cells, measure)
    pivot = _pivot(found, against)
    shares = scenario_weights(found.scenarios, weights)
    less = measure in LESS_IS_BETTER
    differences = _differences(found, pivot, shares, sampled, level, turned=against is not None)
    often = chances(-found.values if less else found.values, shares, sampled=sampled)
    best = _best_table(found, shares, often)
    left_out = pd.DataFrame({"scenario": found.scenarios, "compared": found.kept, "left_out": found.left_out})
    sentences = told(found, differences, best, pivot=pivot, sampled=sampled, level=level, equal=weights is None)
    return Comparison(measure, pivot, sampled, level, differences, best, left_out, tuple(sentences))


def _pivot(found: Lived, against: str | None) -> str:
    if len(found.policies) < 2:
        raise InputError(f"policies: only {', '.join(found.policies)} in the sweep; comparing needs at least two")
    if against is None:
        return PLAN if PLAN in found.policies else found.policies[0]
    if against not in found.policies:
        hint = did_you_mean(against, found.policies)
        raise InputError(f"policy '{against}': the sweep has none of that name; {hint}")
    return against


def scenario_weights(scenarios: Sequence[str], weights: Mapping[str, float] | None) -> Floats:
    """Return the share of each scenario in the mean over them; one that isn't named in `weights` has none."""
    if weights is None:
        return np.full(len(scenarios), 1 / len(scenarios))
    for name, weight in weights.items():
        if name not in scenarios:
            raise InputError(f"weights: no scenario '{name}' in the sweep; {did_you_mean(name, scenarios)}")
        if not (np.isfinite(weight) and weight >= 0):
            raise InputError(f"weights: {name} has {weight}; a weight is a number of 0 or more")
    given = np.array([float(weights.get(name, 0.0)) for name in scenarios])
    if not given.sum():
        raise InputError("weights: all are 0; give at least one scenario more than that")
    return np.asarray(given / given.sum())


def over_scenarios(found: Lived, weights: Floats) -> Crossed:
    """Return the means of all columns in each scenario, then those over scenarios where there are several."""
    parts = [crossed(values) for values in found.values]
    return beside([*parts, weighted(parts, weights)] if len(parts) > 1 else parts)


def places(found: Lived) -> tuple[str, ...]:
    """Return the scenarios, then the name of their mean where there are several."""
    return (*found.scenarios, IN_MEAN) if len(found.scenarios) > 1 else found.scenarios


def counted(found: Lived) -> dict[str, list[int]]:
    """Return cells and replications behind each place."""
    there = ~np.isnan(found.values[..., 0])
    cells, replications = there.any(axis=2).sum(axis=1).tolist(), there.any(axis=1).sum(axis=1).tolist()
    several = len(cells) > 1
    return {
        "cells": [*cells, *([sum(cells)] if several else [])],
        "replications": [*replications, *([min(replications)] if several else [])],
    }


def _differences(
    found: Lived, pivot: str, weights: Floats, sampled: bool, level: float, *, turned: bool
) -> pd.DataFrame:
    """Return the paired differences with intervals that hold together; `turned`, the pivot is what is subtracted."""
    at, count, where = found.policies.index(pivot), len(found.policies), places(found)
    others = [place for place in range(count) if place != at]
    lead = np.zeros((count, len(others)))
    lead[at], lead[others, range(len(others))] = 1.0, -1.0
    means = over_scenarios(found, weights)
    pairs = means.contrasts(np.asarray(np.kron(np.eye(len(where)), -lead if turned else lead), dtype=np.float64))
    known = family(pairs, sampled=sampled, level=level)
    names = [found.policies[other] for other in others] * len(where)
    first, second = (names, [pivot] * len(names)) if turned else ([pivot] * len(names), names)
    columns = {"scenario": np.repeat(where, len(others)), "policy": first, "against": second}
    table = pd.DataFrame({**columns, **{name: getattr(known, name) for name in ("mean", "low", "high", "error")}})
    base = means.mean.reshape(len(where), count)[np.repeat(range(len(where)), len(others)), _rows(found, second)]
    table["relative"] = np.divide(known.mean, np.abs(base), out=np.full(base.shape, np.nan), where=base != 0)
    return table.assign(**{name: np.repeat(counts, len(others)) for name, counts in counted(found).items()})


def _rows(found: Lived, policies: Sequence[str]) -> list[int]:
    return [found.policies.index(name) for name in policies]


def _best_table(found: Lived, weights: Floats, often: Chances) -> pd.DataFrame:
    """Return means and chances of being best: in each scenario, in their mean, and in all at once."""
    where, count = places(found), len(found.policies)
    means = list(over_scenarios(found, weights).mean)
    shares = list(often.in_scenario.ravel())
    if len(found.scenarios) > 1:
        where, means = (*where, IN_ALL), [*means, *[np.nan] * count]
        shares += [*often.in_mean, *often.in_all]
    columns = {"scenario": np.repeat(where, count), "policy": list(found.policies) * len(where)}
    return pd.DataFrame({**columns, "mean": means, "probability_best": shares})
