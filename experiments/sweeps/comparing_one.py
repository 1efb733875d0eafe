"""A finished sweep compared within itself: what was asked differently of its scenarios, then how policies came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from experiments.sweeps.comparing import Comparison, compare_policies
from experiments.sweeps.folder import Swept
from experiments.sweeps.lived import measures_of
from experiments.sweeps.worded import listed
from sim.composing.compose import ABSENT
from sim.shape import KeyPath, dotted

USUAL = "retained_revenue"
SAMPLED = frozenset({"latin_hypercube", "sobol"})
"""Designs whose points are drawn at random from all that could be; points of any other are what they are."""


class ComparedScenarios(NamedTuple):
    """The scenarios of a sweep and its policies in them."""

    inputs: pd.DataFrame
    """Settings in which scenarios differ: setting, then a column a scenario."""
    comparison: Comparison

    def _repr_html_(self) -> str:
        """Return both for a notebook."""
        return self.inputs.to_html(index=False) + self.comparison._repr_html_()


def compare_sweep(
    swept: Swept,
    measure: str | None = None,
    against: str | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> ComparedScenarios:
    """Return how the scenarios of a sweep differ and how its policies compare in them, as `compare_policies` does.

    The measure is retained revenue where the sweep has it, else the sweep's first.
    """
    inputs = scenario_differences(swept.manifest.get("scenarios") or {})
    found = compare_policies(
        swept.runs,
        swept.cells,
        measure or usual_measure(swept),
        against,
        weights=weights,
        sampled=is_sampled(swept.manifest),
        level=level,
    )
    return ComparedScenarios(inputs, found._replace(sentences=(*found.sentences, *_horizons(inputs))))


def usual_measure(swept: Swept) -> str:
    """Return the measure that is compared when none is named."""
    measures = measures_of(swept.runs, swept.cells)
    return USUAL if USUAL in measures or not measures else measures[0]


def is_sampled(manifest: Mapping[str, Any]) -> bool:
    """Return whether the points of a sweep's design are a random sample.

    >>> is_sampled({"design": {"name": "sobol", "points": 64}}), is_sampled({"design": "grid"}), is_sampled({})
    (True, False, False)
    """
    design = manifest.get("design")
    return (design.get("name") if isinstance(design, Mapping) else design) in SAMPLED


def scenario_differences(scenarios: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the settings in which scenarios differ, one row a setting and one column a scenario.

    >>> scenario_differences({"base": {"months": 24, "x": 1}, "war": {"months": 24, "x": 2}}).to_dict("records")
    [{'setting': 'x', 'base': 1, 'war': 2}]
    """
    trees = {name: dict(_leaves(tree)) for name, tree in scenarios.items()}
    paths = dict.fromkeys(path for tree in trees.values() for path in tree)
    rows = [(path, [tree.get(path, ABSENT) for tree in trees.values()]) for path in paths]
    differing = [[path, *values] for path, values in rows if any(value != values[0] for value in values)]
    return pd.DataFrame(differing, columns=["setting", *trees], dtype=object)


def _leaves(tree: Mapping[Any, Any], above: KeyPath = ()) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of all that isn't a mapping with entries."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield dotted((*above, key)), value


def _horizons(inputs: pd.DataFrame) -> list[str]:
    """Tell that the mean over scenarios adds up different numbers of months."""
    rows = inputs[inputs["setting"] == "months"]
    if rows.empty:
        return []
    months = sorted({str(value) for value in rows.iloc[0, 1:]})
    return [f"Scenarios have different horizons, {listed(months)} months: their mean adds up what isn't alike."]
