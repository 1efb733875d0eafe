"""Runs lived again, and held against what is written of them, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.store import identity
from experiments.sweeps.agenda import Sweep
from experiments.sweeps.folder import DONE, Swept, read_sweep
from experiments.sweeps.listing import run_facts
from experiments.sweeps.model import Run
from experiments.sweeps.shard import row_of
from sim import draws
from sim.errors import InputError


class Rerun(NamedTuple):
    """One run, as it is written and as it came out now."""

    facts: dict[str, Any]
    """By column, as it is written."""
    now: dict[str, Any]
    """Seed, status, measures, error, again and traceback as they came out now."""
    alike: bool
    """Whether both are the same to the last bit."""


class Verified(NamedTuple):
    """Runs of a sweep, each lived again."""

    table: pd.DataFrame
    """One row a run: run, scenario, cell, policy, replication, written and now (hashes of what came out), alike."""

    @property
    def alike(self) -> bool:
        """Whether all came out as they are written."""
        return bool(self.table["alike"].all())

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        return str(self.table.to_html(index=False))


def rerun(folder: Path, run: str, asked: Sweep | None = None) -> Rerun:
    """Live one run again, named by its id or the beginning of it; nothing is written.

    `asked` is the sweep itself where the folder can't tell it: a model of one's own.
    """
    swept = read_sweep(folder)
    return _again(_asked(swept, asked), run_facts(swept, run))


def verify(
    folder: Path,
    count: int = 5,
    *,
    seed: int = 1,
    asked: Sweep | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Verified:
    """Live some runs of a sweep again, drawn at random, and tell whether they come out as they are written."""
    swept, tell = read_sweep(folder), progress or (lambda *_: None)
    done = swept.runs[swept.runs["status"] == DONE]
    if not len(done):
        raise InputError(f"{folder}: no run is done yet; sweep it first")
    whole, rows = _asked(swept, asked), []
    drawn = sorted(done["run"], key=lambda run: int(draws.stream(seed, f"verify {run}")))[:count]
    chosen = done[done["run"].isin(drawn)]  # in the sweep's order, so that a cell is prepared once
    for at, run in enumerate(chosen["run"]):
        tell("living runs again", at, len(chosen))
        found = _again(whole, run_facts(swept, run))
        kept = {name: found.facts[name] for name in found.now}
        shown = [found.facts[name] for name in ("run", "scenario", "cell", "policy", "replication")]
        rows.append((*shown, _hash(kept), _hash(found.now), found.alike))
    tell("living runs again", len(chosen), len(chosen))
    columns = ["run", "scenario", "cell", "policy", "replication", "written", "now", "alike"]
    return Verified(pd.DataFrame(rows, columns=columns))


def _again(asked: Sweep, facts: dict[str, Any]) -> Rerun:
    cell = asked.cells[int(facts["cell"])]
    run = Run(str(facts["run"]), cell.number, str(facts["policy"]), int(facts["replication"]))
    row = row_of(asked.model, cell, run)
    names = ["seed", "status", *asked.model.measures, "error", "again", "traceback"]
    now = dict(zip(names, row[4:], strict=True))
    kept = {name: facts[name] for name in names}
    return Rerun(facts, now, _hash(kept) == _hash(now))


def _hash(found: dict[str, Any]) -> str:
    """Return what stands for a run's numbers, to the last bit; a failed one's traceback doesn't count."""
    return identity(*(f"{name}={_plain(value)!r}" for name, value in found.items() if name != "traceback"))


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    return str(value)


def _asked(swept: Swept, asked: Sweep | None) -> Sweep:
    if asked is not None:
        return asked
    from experiments.sweeps.asking import asked_again

    return asked_again(swept)
