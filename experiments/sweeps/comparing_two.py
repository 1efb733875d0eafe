"""Two sweeps beside each other: what was asked differently, then what came out differently, run by run in pairs."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.answer import words
from experiments.compare import check_customers, check_horizons
from experiments.sweeps.comparing import counted, over_scenarios, places, scenario_weights
from experiments.sweeps.comparing_one import is_sampled, usual_measure
from experiments.sweeps.crossed import family
from experiments.sweeps.folder import Swept
from experiments.sweeps.lived import Floats, Lived, lived
from experiments.sweeps.worded import amount_told, listed, named
from sim.composing.compose import tree_difference
from sim.errors import InputError

SCHEMA, MODEL, SCENARIOS = "schema", "model", "scenarios"
SEED = ("comparison", "seed")


class ComparedSweeps(NamedTuple):
    """The second sweep against the first."""

    measure: str
    inputs: pd.DataFrame
    """Settings that differ: scenario, setting, first, second."""
    outcomes: pd.DataFrame
    """Second minus first: scenario, policy, mean, low, high, error, relative, cells, replications.

    The intervals of all rows hold together.
    """
    level: float
    sentences: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Return what was found for a notebook."""
        told = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        return told + self.inputs.to_html(index=False) + self.outcomes.to_html(index=False)


def compare_sweeps(
    first: Swept,
    second: Swept,
    measure: str | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> ComparedSweeps:
    """Return how the second sweep differs from the first, paired by scenario, point, policy and replication.

    Raises `InputError` where the two can't be paired. What only one of them has is left out and told.
    """
    check_comparable_sweeps(first.manifest, second.manifest, (str(first.folder), str(second.folder)))
    inputs = _inputs(first.manifest, second.manifest)
    measure = measure or usual_measure(first)
    before, after = (_lived(one, other, measure) for one, other in ((first, second), (second, first)))
    pairs, base = _paired(before, after)
    outcomes = _outcomes(pairs, base, weights, is_sampled(first.manifest), level)
    sentences = [*_told(outcomes, measure, len(inputs)), *_left_out(first, second, before, after, pairs)]
    return ComparedSweeps(measure, inputs, outcomes, level, tuple(sentences))


def check_comparable_sweeps(
    first: Mapping[str, Any], second: Mapping[str, Any], names: tuple[str, str] = ("the first", "the second")
) -> None:
    """Raise an error that says why the runs of two sweeps, given by their manifests, can't be paired."""
    _check_same(first, second, SCHEMA, names, "read both with the version that wrote them, or run one of them again")
    _check_same(first, second, MODEL, names, "run one of them again with the other's version of the model")
    ours, theirs = first.get(SCENARIOS) or {}, second.get(SCENARIOS) or {}
    common = [name for name in ours if name in theirs]
    if not common:
        kinds = [listed(sorted(one)) or "none" for one in (ours, theirs)]
        told = f"{names[0]} has {kinds[0]}, {names[1]} has {kinds[1]}"
        raise InputError(f"no scenario is in both: {told}; give scenarios that are to be compared the same name")
    for name in common:
        where = [f"scenario {name} of {one}" for one in names]
        one, other = ours[name], theirs[name]
        check_horizons((where[0], one.get("months")), (where[1], other.get("months")))
        seeds = [(tree.get(SEED[0]) or {}).get(SEED[1]) for tree in (one, other)]
        if seeds[0] != seeds[1]:
            raise InputError(
                f"the futures differ: {'.'.join(SEED)} is {seeds[0]} in {where[0]} and {seeds[1]} in {where[1]}; "
                "run one of them again with the other's"
            )
        files = [{"inputs": (manifest.get("inputs") or {}).get(name)} for manifest in (first, second)]
        check_customers(tree_difference(one, other), *files)


def _check_same(first: Mapping[str, Any], second: Mapping[str, Any], key: str, names: tuple[str, str], do: str) -> None:
    one, other = first.get(key), second.get(key)
    if one != other:
        raise InputError(f"the {key}s differ: {_short(one)} in {names[0]} and {_short(other)} in {names[1]}; {do}")


def _short(value: Any) -> str:
    return ", ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, Mapping) else str(value)


def _inputs(first: Mapping[str, Any], second: Mapping[str, Any]) -> pd.DataFrame:
    """Return the settings in which the scenarios that both have differ."""
    ours, theirs = first[SCENARIOS], second[SCENARIOS]
    rows = [
        (name, path, one, other)
        for name in ours
        if name in theirs
        for path, one, other in tree_difference(ours[name], theirs[name])
    ]
    return pd.DataFrame(rows, columns=["scenario", "setting", "first", "second"], dtype=object)


def _lived(one: Swept, other: Swept, measure: str) -> Lived:
    """Return a measure of what one sweep lived, of scenarios and policies that the other has as well."""
    policies = [name for name in one.runs["policy"].unique() if name in set(other.runs["policy"])]
    if not policies:
        raise InputError(f"no policy is in both {one.folder} and {other.folder}; sweep at least one in both")
    cells = one.cells[one.cells["scenario"].isin(other.cells["scenario"])]
    runs = one.runs[one.runs["policy"].isin(policies) & one.runs["scenario"].isin(cells["scenario"])]
    return lived(runs, cells, measure)


def _paired(before: Lived, after: Lived) -> tuple[Lived, Floats]:
    """Return second minus first where both were lived, and the first's values there."""
    points = tuple(point for point in before.points if point in after.points)
    numbers = tuple(number for number in before.replications if number in after.replications)
    if not points or not numbers:
        lacking = "point of the design" if not points else "replication"
        raise InputError(
            f"no {lacking} is in both sweeps; run one of them again with the other's design and replications"
        )
    base, there = (
        one.values[
            np.ix_(
                [one.scenarios.index(name) for name in before.scenarios],
                [one.points.index(point) for point in points],
                [one.replications.index(number) for number in numbers],
                [one.policies.index(name) for name in before.policies],
            )
        ]
        for one in (before, after)
    )
    gained = there - base
    empty = np.isnan(gained).all(axis=(1, 2, 3))
    if empty.any():
        name = before.scenarios[int(empty.argmax())]
        raise InputError(f"scenario {name}: no run that both sweeps lived through; run the shorter one on")
    pairs = before._replace(points=points, replications=numbers, values=gained)
    return pairs, np.where(np.isnan(gained), np.nan, base)


def _outcomes(
    pairs: Lived, base: Floats, weights: Mapping[str, float] | None, sampled: bool, level: float
) -> pd.DataFrame:
    shares, where, count = scenario_weights(pairs.scenarios, weights), places(pairs), len(pairs.policies)
    known = family(over_scenarios(pairs, shares), sampled=sampled, level=level)
    was = over_scenarios(pairs._replace(values=base), shares).mean
    table = pd.DataFrame({"scenario": np.repeat(where, count), "policy": list(pairs.policies) * len(where)})
    table = table.assign(**{name: getattr(known, name) for name in ("mean", "low", "high", "error")})
    table["relative"] = np.divide(known.mean, np.abs(was), out=np.full(was.shape, np.nan), where=was != 0)
    return table.assign(**{name: np.repeat(counts, count) for name, counts in counted(pairs).items()})


def _told(outcomes: pd.DataFrame, measure: str, differing: int) -> list[str]:
    """Tell what changed of each policy in the last place, which is the mean of scenarios where there are several."""
    rows = outcomes[outcomes["scenario"] == outcomes["scenario"].iloc[-1]]
    parts = [f"{named(row['policy'])} {amount_told(row, measure)}" for _, row in rows.iterrows()]
    asked = f"Settings asked differently: {differing}" if differing else "Nothing was asked differently"
    return [f"{asked}.", f"Second minus first on {words(measure)}, {rows['scenario'].iloc[0]}: {listed(parts)}."]


def _left_out(first: Swept, second: Swept, before: Lived, after: Lived, pairs: Lived) -> list[str]:
    """Tell what only one of the sweeps has."""
    told = []
    for one, other, name in ((first, second, "first"), (second, first, "second")):
        for what in ("scenario", "policy"):
            alone = [str(value) for value in one.runs[what].unique() if value not in set(other.runs[what])]
            told += [f"Only the {name} has {what} {listed(alone)}."] if alone else []
    lost = [int((one.kept + one.left_out).sum() - pairs.kept.sum()) for one in (before, after)]
    if any(lost):
        told.append(
            f"Pairs of cell and future left out, as the other sweep or a policy lacks them: {lost[0]} of the first, "
            f"{lost[1]} of the second."
        )
    return told
