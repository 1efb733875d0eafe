"""One measure of a sweep's runs as an array, on the futures that all policies lived through.

The unit is the pair of a cell and a replication: where one policy's run failed or is missing, the runs of all others
there are left out too, so that policies are compared on the same luck and the same settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError, did_you_mean

Floats = NDArray[np.float64]
OF_CELLS = ("cell", "scenario", "id")
"""Columns of the table of cells before its uncertain settings."""
OF_RUNS = ("run", "scenario", "cell", "policy", "replication", "seed", "status", "error", "again", "traceback")
"""Columns of the table of runs that are neither an uncertain setting nor a measure."""
DONE = "done"


class Lived(NamedTuple):
    """A measure by scenario, point of the design, replication and policy."""

    measure: str
    scenarios: tuple[str, ...]
    policies: tuple[str, ...]
    points: tuple[str, ...]
    """Settings of each point in words; scenarios share a point where the settings that vary are the same."""
    replications: tuple[int, ...]
    values: Floats
    """Shape (scenarios, points, replications, policies); nan for all policies where one lacks it."""
    left_out: NDArray[np.int64]
    """Pairs of cell and replication that some policy lived through and not all did, shape (scenarios,)."""

    @property
    def kept(self) -> NDArray[np.int64]:
        """Pairs of cell and replication that policies are compared on, shape (scenarios,)."""
        return np.asarray((~np.isnan(self.values[..., 0])).sum(axis=(1, 2)), dtype=np.int64)


def measures_of(runs: pd.DataFrame, cells: pd.DataFrame) -> tuple[str, ...]:
    """Return the measures that a table of runs holds."""
    known = {*OF_RUNS, *cells.columns}
    return tuple(str(name) for name in runs.columns if name not in known)


def lived(runs: pd.DataFrame, cells: pd.DataFrame, measure: str) -> Lived:
    """Return one measure of runs as an array; raises `InputError` where a scenario has nothing to compare."""
    measures = measures_of(runs, cells)
    if measure not in measures:
        raise InputError(f"measure '{measure}': the sweep has none of that name; {did_you_mean(measure, measures)}")
    scenarios, policies = _in_order(cells["scenario"]), _in_order(runs["policy"])
    placed = cells.assign(point=_points(cells)).set_index(["scenario", "cell"])["point"]
    points, replications = _in_order(placed), tuple(sorted(int(number) for number in runs["replication"].unique()))
    point = placed.reindex(pd.MultiIndex.from_frame(runs[["scenario", "cell"]]))
    if point.isna().any():
        unknown = runs["cell"].iloc[int(point.isna().to_numpy().argmax())]
        raise InputError(f"runs are of a cell {unknown} that isn't among the cells; read both from the same sweep")
    columns = ((scenarios, runs["scenario"]), (points, point), (replications, runs["replication"]))
    at = tuple(pd.Index(known).get_indexer(pd.Index(given)) for known, given in (*columns, (policies, runs["policy"])))
    values = np.full((len(scenarios), len(points), len(replications), len(policies)), np.nan)
    begun = np.zeros(values.shape[:3], dtype=np.bool_)
    values[at] = runs[measure].where(runs["status"] == DONE).to_numpy(dtype=float)
    begun[at[:3]] = True
    whole = np.isfinite(values).all(axis=3)
    values[~whole] = np.nan
    found = Lived(measure, scenarios, policies, points, replications, values, (begun & ~whole).sum(axis=(1, 2)))
    _check(found, runs)
    return found


def _in_order(names: pd.Series) -> tuple[str, ...]:
    return tuple(str(name) for name in names.unique())


def _points(cells: pd.DataFrame) -> list[str]:
    """Return each cell's point: its settings in words, told apart by a number where a scenario has them twice."""
    varied = [name for name in cells.columns if name not in OF_CELLS]
    columns = [[f"{name}={plainly(value)}" for value in cells[name]] for name in varied]
    texts = [", ".join(parts) for parts in zip(*columns, strict=True)] if columns else [""] * len(cells)
    again = pd.DataFrame({"scenario": cells["scenario"].to_numpy(), "text": texts})
    numbers = again.groupby(["scenario", "text"]).cumcount()
    return [f"{text} ({number + 1})" if number else text for text, number in zip(texts, numbers, strict=True)]


def plainly(value: object) -> str:
    """Return a value in words that are the same whatever type a file gave it back in.

    >>> plainly(1), plainly(1.0), plainly(np.float64(0.1)), plainly("poach")
    ('1.0', '1.0', '0.1', 'poach')
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return str(value.tolist() if isinstance(value, np.ndarray) else value)
    return repr(float(value))


def _check(found: Lived, runs: pd.DataFrame) -> None:
    """Raise an error if a scenario has no pair of cell and replication that all policies lived through."""
    empty = [name for name, count in zip(found.scenarios, found.kept, strict=True) if not count]
    if empty:
        here = runs[(runs["scenario"] == empty[0]) & (runs["status"] == DONE)]
        without = [name for name in found.policies if name not in set(here["policy"])]
        why = f"{_listed(without)} has no run there" if without else "each future lacks a policy"
        raise InputError(f"scenario {empty[0]}: no future that all policies lived through, as {why}; run the sweep on")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
