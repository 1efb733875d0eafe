"""What results there are below a folder, how far a sweep is, and one run of it with all that is known."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from experiments.store import MANIFEST
from experiments.sweeps.folder import DONE, FAILED, RUNS, SHARDS, Swept, ledger_of, read_sweep
from experiments.sweeps.recorded import agenda_of
from sim.errors import InputError, did_you_mean


class Status(NamedTuple):
    """How far a sweep is."""

    folder: Path
    name: str
    done: int
    failed: int
    left: int
    """By what is known now: with precision there may be more."""
    shards: int
    living: float
    """Processor seconds of preparing cells and living runs, all calls together."""
    last: str
    """The last event and when it was."""
    failures: pd.DataFrame
    """One row a kind of error: error, runs, example."""


def results_table(root: Path) -> pd.DataFrame:
    """Return one row a result below a folder, newest last: folder, kind, name, created, version, what it says."""
    if not root.is_dir():
        raise InputError(f"{root}: no such folder; name the one that --results or --out gave to a run")
    rows = sorted(_described(root), key=lambda row: (str(row[3]), str(row[0])))
    return pd.DataFrame(rows, columns=["folder", "kind", "name", "created", "keystay", "says"])


def _described(root: Path) -> Iterator[tuple[str, str, str, str, str, str]]:
    for above, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != SHARDS)
        if MANIFEST not in names:
            continue
        folder = Path(above)
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            created, version = manifest.get("created", ""), manifest.get("versions", {}).get("keystay", "")
        except (OSError, ValueError, AttributeError):
            yield (folder.as_posix(), "unreadable", "", "", "", f"{MANIFEST} can't be read")
            continue
        folders[:] = []
        if manifest.get("kind") == "sweep":
            says = f"{manifest.get('cells')} cells, {len(manifest.get('policies', []))} policies, " + (
                "complete" if (folder / RUNS).exists() else "not complete"
            )
            yield (folder.as_posix(), "sweep", manifest.get("name", ""), created, version, says)
        else:
            says = str(manifest.get("answer", ""))
            yield (folder.as_posix(), "run", str(manifest.get("experiment", "")), created, version, says)


def status_of(folder: Path) -> Status:
    """Return how far the sweep of a folder is, whether or not it is being lived now."""
    swept = read_sweep(folder)
    runs, events = swept.runs, ledger_of(folder)
    left = sum(1 for _ in agenda_of(swept.manifest, swept.cells, runs).wanted())
    last = f"{events[-1]['event']} at {events[-1]['at']}" if events else "nothing yet"
    failed = runs[runs["status"] == FAILED]
    failures = failed.groupby("error", as_index=False).agg(runs=("run", "size"), example=("run", "first"))
    return Status(
        folder=folder,
        name=swept.manifest["name"],
        done=int((runs["status"] == DONE).sum()),
        failed=len(failed),
        left=left,
        shards=len(list((folder / SHARDS).glob("*.parquet"))),
        living=sum(float(event.get("living", 0)) for event in events),
        last=last,
        failures=failures.sort_values("runs", ascending=False, ignore_index=True),
    )


def run_facts(swept: Swept, run: str) -> dict[str, Any]:
    """Return all that is known of one run, by column; an id that isn't there raises `InputError`."""
    found = swept.runs[swept.runs["run"].str.startswith(run)]
    if len(found) != 1 or not run:
        some = swept.runs["run"].head(1000)
        hint = f"{len(found)} runs begin so; give more of it" if len(found) else did_you_mean(run, list(some))
        raise InputError(f"{swept.folder}: no run '{run}'; " + (hint if len(hint) < 200 else "see runs.parquet"))
    return {str(name): value for name, value in found.iloc[0].items()}
