"""Two results beside each other: what was asked differently, then what came out differently, in pairs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from experiments.store import Saved, read_result
from optimize.worth import COLUMNS, paired_difference
from optimize.worth import Difference as Paired
from sim.composing.compose import Difference, difference
from sim.errors import InputError


class Compared(NamedTuple):
    """The second result against the first."""

    inputs: list[Difference]
    """Settings that differ."""
    outcomes: pd.DataFrame
    """Second minus first by policy and measure, paired on the same futures, with 95 % intervals."""


def compare_results(a: Path, b: Path) -> Compared:
    """Return how result `b` differs from result `a`, which must have the same customers, futures and horizon."""
    first, second = read_result(a), read_result(b)
    inputs = difference(first.settings, second.settings)
    check_comparable(first, second, inputs)
    return Compared(inputs, outcome_table(first.trials, second.trials))


def check_comparable(first: Saved, second: Saved, inputs: list[Difference]) -> None:
    """Raise an error that says why two results can't be paired."""
    one, two = first.settings, second.settings
    check_horizons((str(first.folder), one.months), (str(second.folder), two.months))
    if _seeds(first) != _seeds(second):
        raise InputError(
            f"the futures differ: {first.folder} has {len(_seeds(first))} of comparison.seed {one.comparison.seed}, "
            f"{second.folder} has {len(_seeds(second))} of {two.comparison.seed}; run one of them again with the "
            "other's comparison.replications and comparison.seed"
        )
    check_customers(inputs, first.manifest, second.manifest)


def check_horizons(first: tuple[str, Any], second: tuple[str, Any]) -> None:
    """Raise an error unless two runs, each with its name, live through the same months."""
    if first[1] != second[1]:
        raise InputError(
            f"the horizons differ: months is {first[1]} in {first[0]} and {second[1]} in {second[0]}; "
            "run one of them again with the other's months"
        )


def check_customers(inputs: list[Difference], first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    """Raise an error unless settings and the files named in two manifests give the same customers."""
    if _inputs(first) != _inputs(second):
        raise InputError("the customers differ: the results come from different customer files; compare within one")
    place = next((path for path, *_ in inputs if _of_customers(path)), None)
    if place:
        raise InputError(f"the customers differ: {place} isn't the same; run one of them again with the other's")


def outcome_table(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the paired difference of every policy that both have, one row a policy and measure."""
    rows = []
    for policy in [name for name in first["policy"].unique() if name in set(second["policy"])]:
        before, after = (_measures(trials, policy) for trials in (first, second))
        for measure in COLUMNS:
            base = before[measure].to_numpy(dtype=float)
            found = paired_difference(after[measure].to_numpy(dtype=float), base)
            relative = found.mean / base.mean() if base.mean() else float("nan")
            rows.append((policy, measure, *found, relative, len(base)))
    return pd.DataFrame(rows, columns=["policy", "measure", *Paired._fields, "relative", "replications"])


def _measures(trials: pd.DataFrame, policy: str) -> pd.DataFrame:
    return trials[trials["policy"] == policy].sort_values("replication", ignore_index=True)


def _seeds(saved: Saved) -> list[int]:
    table = saved.trials.drop_duplicates("replication").sort_values("replication")
    return [int(seed) for seed in table["seed"]]


def _inputs(manifest: Mapping[str, Any]) -> Any:
    return sorted((manifest.get("inputs") or {}).values())


def _of_customers(path: str) -> bool:
    """Whether a setting says who the customers are."""
    return path.split(".", maxsplit=1)[0] in {"seed", "city", "lines", "customers"}
