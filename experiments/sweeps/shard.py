"""A shard: some runs lived one after the other in one process, and written together."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from experiments.sweeps.folder import DONE, FAILED, write_shard
from experiments.sweeps.model import Cell, Model, Run

PLACE = "FOLDER"
"""What rows call the folder that they are in, which may be moved."""
MOST_RUNS = 100
MOST_SECONDS = 30.0
"""After which a shard is written, whatever it was to hold."""


class Task(NamedTuple):
    """What one process is to live and write."""

    model: Model
    cells: Mapping[int, Cell]
    runs: tuple[Run, ...]
    folder: Path
    seconds: float = MOST_SECONDS


class Shard(NamedTuple):
    """What came of a task."""

    name: str
    rows: tuple[tuple[Any, ...], ...]
    """As they were written; empty texts instead of tracebacks."""
    left: tuple[Run, ...]
    """Runs for which there was no time."""
    living: float
    """Seconds for preparing cells and living runs."""
    first: float
    """Of these, seconds of each cell's first run, which has it prepared."""
    cells: int
    """How many cells there were."""
    seconds: float
    """Seconds in all."""


def live_shard(task: Task) -> Shard:
    """Live runs until they, or the seconds, are at an end, and write what there is."""
    begun, living, first, cell = time.perf_counter(), 0.0, 0.0, -1
    rows: list[tuple[Any, ...]] = []
    for run in task.runs:
        started = time.perf_counter()
        if rows and started - begun > task.seconds:
            break
        rows.append(row_of(task.model, task.cells[run.cell], run))
        took = time.perf_counter() - started
        living, first = living + took, first + (took if run.cell != cell else 0.0)
        cell = run.cell
    name = write_shard(task.folder, task.model.measures, rows)
    untraced = tuple((*row[:-1], "") for row in rows)
    cells = len({row[1] for row in rows})
    return Shard(name, untraced, task.runs[len(rows) :], living, first, cells, time.perf_counter() - begun)


def row_of(model: Model, cell: Cell, run: Run) -> tuple[Any, ...]:
    """Return a run as a shard's row: one that fails has no measures but an error, how to see it again, a traceback."""
    facts = (run.id, run.cell, run.policy, run.replication, model.seed(cell, run.replication))
    try:
        measured = model.live(prepared_cell(model, cell), run.policy, run.replication)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  a sweep goes on: whatever fails is told in its row
        nothing = [None] * len(model.measures)
        told = " ".join(f"{type(error).__name__}: {error}".split())
        return (*facts, FAILED, *nothing, told, f"keystay rerun {PLACE} {run.id}", traceback_of(error))
    return (*facts, DONE, *(float(value) for value in measured), "", "", "")


_LAST: dict[tuple[type, str], Any] = {}
"""The cell that this process prepared last, by the kind of model and its content."""


def prepared_cell(model: Model, cell: Cell) -> Any:
    """Return what the runs of a cell share, prepared once while they follow each other."""
    key = (type(model), cell.id)
    if key not in _LAST:
        _LAST.clear()
        _LAST[key] = model.prepare(cell)
    return _LAST[key]


def forget() -> None:
    """Let go of the cell prepared last."""
    _LAST.clear()


def traceback_of(error: BaseException) -> str:
    """Return where an error came from, a line a call, without places of a machine."""
    calls = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"{_short(call.filename)}:{call.lineno} {call.name}" for call in calls)


def _short(place: str) -> str:
    return "/".join(Path(place).parts[-3:])
