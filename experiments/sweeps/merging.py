"""Parts of a sweep that were lived on several machines, brought together in one folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.store import MANIFEST, check_root, told_unwritable
from experiments.sweeps.folder import (
    CELLS,
    QUESTION,
    SHARDS,
    Swept,
    note_event,
    read_manifest,
    read_sweep,
    write_table,
    write_whole,
)
from experiments.sweeps.recorded import agenda_of
from experiments.sweeps.unlike import told_differences
from sim.errors import InputError


def merge(folders: Sequence[Path], out: Path) -> Swept:
    """Bring the shards of several folders of the same sweep together in `out`, and return what is there then.

    `out` may be one of them. Runs that several have are kept once. The tidy table is written when no run is missing.
    """
    if not folders:
        raise InputError("nothing to merge; name the folders of a sweep's parts")
    check_root(out)
    _check_alike([*folders, *([out] if read_manifest(out) else [])])
    with told_unwritable(out):
        (out / SHARDS).mkdir(parents=True, exist_ok=True)
    for folder in folders:
        if folder.resolve() != out.resolve():
            _bring(folder, out)
    for name in (QUESTION, CELLS, MANIFEST):
        if not (out / name).exists():
            write_whole(out / name, (folders[0] / name).read_bytes())
    note_event(out, "merged", folders=len(folders))
    merged = read_sweep(out)
    if agenda_of(merged.manifest, merged.cells, merged.runs).is_complete():
        write_table(out, merged.manifest, pd.read_parquet(out / CELLS))
        merged = read_sweep(out)
    return merged


def _check_alike(folders: Sequence[Path]) -> None:
    """Refuse folders that are no parts of one sweep."""
    given = [(folder, read_manifest(folder)) for folder in folders]
    first = given[0][1]
    for folder, manifest in given:
        if manifest is None or first is None:
            raise InputError(f"{folder}: no sweep; give folders that keystay sweep --shard has written")
        if manifest["id"] != first["id"]:
            told = f"{folder}: another sweep than {folders[0]}, and two are never mixed. What differs (there, here):"
            raise InputError([told, *told_differences(manifest, first)])


def _bring(folder: Path, out: Path) -> None:
    with told_unwritable(out):
        for shard in sorted((folder / SHARDS).glob("*.parquet")):
            place = out / SHARDS / shard.name
            if not place.exists():
                staged = place.with_name(f".part-{shard.name}")
                shutil.copyfile(shard, staged)
                staged.replace(place)
