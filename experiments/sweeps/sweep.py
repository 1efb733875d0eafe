"""The sweep: found its folder or find it again, live what is missing there, and write the tidy table."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from experiments.record import portable, versions
from experiments.store import check_root, identity
from experiments.sweeps.agenda import Agenda, Sweep
from experiments.sweeps.cells import cells_table
from experiments.sweeps.folder import (
    DONE,
    FAILED,
    SHARDS,
    Swept,
    found_folder,
    note_event,
    read_manifest,
    read_shards,
    read_sweep,
    write_table,
)
from experiments.sweeps.living import Living, Tell, lived_in
from experiments.sweeps.unlike import told_differences
from sim.errors import InputError


def sweep(
    asked: Sweep,
    folder: Path,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Tell | None = None,
    max_failures: int | None = None,
    part: tuple[int, int] = (1, 1),
    retry: bool = False,
    command: Sequence[str] = (),
) -> Swept:
    """Live what a folder lacks of a sweep, and return all that is there.

    `executor` is any of `concurrent.futures`; without it there are `workers` processes. `part` (i, n) lives the i-th
    of n parts only. With `retry`, runs that failed are lived again. Tables don't depend on any of these.
    Raises `InputError` where the folder holds another sweep, `SweepStoppedError` where it ends before all is there;
    what was written is kept, and the same call continues.
    """
    _check_part(part)
    living = begun(asked, Agenda(asked, part), folder, progress, max_failures, workers, command, retry)
    with lived_in(living, executor, workers) as (pool, ahead):
        living.live(pool, ahead)
    return ended(living)


def begun(
    asked: Sweep,
    agenda: Agenda,
    folder: Path,
    progress: Tell | None,
    max_failures: int | None,
    workers: int,
    command: Sequence[str],
    retry: bool = False,
) -> Living:
    """Return a sweep as it stands in its folder, which is made if there is none."""
    check_root(folder)
    manifest = _founded(asked, folder, command)
    living = Living(asked, agenda, folder, progress or (lambda _: None), max_failures, workers)
    living.count(_rows(folder, manifest, retry))
    note_event(folder, "begun", there=living.done + living.failed, part=list(agenda.part), workers=workers)
    return living


def ended(living: Living) -> Swept:
    """Write the tidy table if nothing is missing, and return what is there."""
    asked, folder = living.sweep, living.folder
    complete = living.agenda.is_complete()
    if complete:
        write_table(folder, manifest_of(asked), cells_table(asked.cells))
    note_event(folder, "ended", done=living.done, failed=living.failed, complete=complete)
    return read_sweep(folder)


def sweep_id(asked: Sweep) -> str:
    """Return what stands for all that the tables of a sweep depend on."""
    precision = asked.precision.model_dump_json() if asked.precision else ""
    cells = (cell.id for cell in asked.cells)
    return identity(*cells, *asked.policies, str(asked.replications), precision, *asked.model.measures)


def manifest_of(asked: Sweep, command: Sequence[str] = ()) -> dict[str, Any]:
    """Return what is to be known about a sweep, for its folder."""
    return {
        "id": sweep_id(asked),
        "name": asked.name,
        "model": asked.model.version,
        "policies": list(asked.policies),
        "measures": list(asked.model.measures),
        "replications": asked.replications,
        "precision": asked.precision.model_dump(mode="json") if asked.precision else None,
        "cells": len(asked.cells),
        **asked.facts,
        "versions": versions(),
        "command": portable(command),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _founded(asked: Sweep, folder: Path, command: Sequence[str]) -> dict[str, Any]:
    """Return the folder's manifest, which is made if there is none; that of another sweep is refused."""
    there, mine = read_manifest(folder), manifest_of(asked, command)
    if there is None:
        _check_free(folder)
        found_folder(folder, mine, asked.question, cells_table(asked.cells))
        return mine
    if there["id"] != mine["id"]:
        told = (
            f"{folder}: holds another sweep, and two are never mixed; name another folder with --out, or move it away"
        )
        raise InputError([f"{told}. What differs (there, here):", *told_differences(there, mine)])
    return there


def _check_free(folder: Path) -> None:
    """Refuse a folder with other files; one that was being made for a sweep will do."""
    if not folder.is_dir() or (folder / SHARDS).is_dir():
        return
    if any(not place.name.startswith(".") for place in folder.iterdir()):
        raise InputError(f"{folder}: holds other files; name a new folder with --out")


def _rows(folder: Path, manifest: dict[str, Any], retry: bool) -> list[tuple[Any, ...]]:
    frame = read_shards(folder, manifest["measures"]).to_pandas()
    kept = frame[frame["status"] == DONE] if retry else frame[frame["status"].isin([DONE, FAILED])]
    return list(kept.itertuples(index=False, name=None))


def _check_part(part: tuple[int, int]) -> None:
    number, of = part
    if not 1 <= number <= of:
        raise InputError(f"part {number}/{of}: give it as i/n with i from 1 to n, such as 2/4")
