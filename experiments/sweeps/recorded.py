"""A sweep as its folder tells it: enough to know what is missing, without the scenarios that it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from experiments.sweeps.agenda import Agenda, Sweep
from experiments.sweeps.model import Cell
from experiments.sweeps.question import Precision
from sim.errors import KeystayError


class Recorded(NamedTuple):
    """A model of which only the name of its version and of its measures are known."""

    measures: tuple[str, ...]
    version: str

    def prepare(self, cell: Cell) -> Any:
        """Raise an error: nothing can be lived."""
        raise KeystayError("only what is written of this sweep is known here; sweep its file again to live more of it")

    def seed(self, cell: Cell, replication: int) -> int:
        """Raise an error: futures aren't known."""
        raise KeystayError("futures aren't known here")

    def live(self, prepared: Any, policy: str, replication: int) -> Sequence[float]:
        """Raise an error: nothing can be lived."""
        raise KeystayError("nothing can be lived")


def recorded_sweep(manifest: Mapping[str, Any], cells: pd.DataFrame) -> Sweep:
    """Return the sweep that a folder was made for, but for its model and for values of what is uncertain."""
    made = zip(cells["cell"], cells["scenario"], cells["id"], strict=True)
    precision = manifest["precision"]
    return Sweep(
        name=manifest["name"],
        model=Recorded(tuple(manifest["measures"]), manifest["model"]),
        cells=tuple(Cell(int(number), scenario, (), content) for number, scenario, content in made),
        policies=tuple(manifest["policies"]),
        replications=manifest["replications"],
        precision=Precision.model_validate(precision) if precision else None,
    )


def agenda_of(manifest: Mapping[str, Any], cells: pd.DataFrame, runs: pd.DataFrame) -> Agenda:
    """Return what is there of a sweep, from its tidy table."""
    agenda = Agenda(recorded_sweep(manifest, cells))
    facts = runs[["run", "cell", "policy", "replication", "seed", "status", *manifest["measures"]]]
    agenda.add(facts.itertuples(index=False, name=None))
    return agenda
