"""A sweep's folder: what was asked, shards of runs as they come, a ledger of events, and the tidy table at the end.

Shards are the truth: each is written under a temporary name and renamed, so that one is there whole or not at all.
They may come in any order, from several processes or machines, and may hold the same run twice.
"""

from __future__ import annotations

import datetime
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.store import MANIFEST, identity, parquet_bytes, told_unwritable
from sim.errors import InputError, KeystayError

SCHEMA = 1
"""Of the folder; a reader of another one refuses it."""
KIND = "sweep"
QUESTION, CELLS, RUNS, SHARDS, LEDGER = "sweep.yaml", "cells.parquet", "runs.parquet", "runs", "ledger.jsonl"
DONE, FAILED = "done", "failed"
FACTS = ("run", "cell", "policy", "replication", "seed", "status")
"""Columns of a shard before its measures."""
WHY = ("error", "again", "traceback")
"""Columns after them, empty texts where a run is done: what went wrong, the command that lives it again, and where."""


class Swept(NamedTuple):
    """A sweep read back from its folder; `runs` has those that are there so far."""

    folder: Path
    manifest: dict[str, Any]
    cells: pd.DataFrame
    """One row a cell: cell, scenario, id, then what each uncertain setting is there."""
    runs: pd.DataFrame
    """One row a run: run, scenario, cell, uncertain settings, policy, replication, seed, status, measures, error,
    again, traceback; sorted by cell, replication and policy, in the order in which policies were asked for."""

    @property
    def missing(self) -> int:
        """How many of the runs that there will be at least aren't there yet."""
        least: int = len(self.cells) * len(self.manifest["policies"]) * self.manifest["replications"]
        return max(0, least - len(self.runs))

    def _repr_html_(self) -> str:
        """Return how far it is and the policies' means for a notebook."""
        from html import escape

        done = self.runs[self.runs["status"] == DONE]
        means = done.groupby(["scenario", "policy"], sort=False)[self.manifest["measures"][:2]].mean()
        told = f"{self.manifest['name']}: {len(done)} runs done, {len(self.runs) - len(done)} failed, in {self.folder}"
        return f"<p>{escape(told)}</p>{means.round(0).to_html()}"


def write_whole(place: Path, content: bytes) -> None:
    """Write a file under a temporary name, and rename it once all of it is on the disk."""
    with told_unwritable(place.parent):
        number, name = tempfile.mkstemp(prefix=".part-", dir=place.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def found_folder(folder: Path, manifest: Mapping[str, Any], question: str, cells: pd.DataFrame) -> None:
    """Make a sweep's folder; its manifest is written last, so that a folder that has one is whole."""
    with told_unwritable(folder):
        (folder / SHARDS).mkdir(parents=True, exist_ok=True)
    write_whole(folder / QUESTION, question.encode())
    write_whole(folder / CELLS, parquet_bytes(cells))
    text = json.dumps({"schema": SCHEMA, "kind": KIND, **manifest}, indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(folder / MANIFEST, (text + "\n").encode())


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return a sweep's manifest, none where the folder has no sweep; one of another schema is refused."""
    try:
        manifest: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / MANIFEST}: can't be read ({' '.join(str(error).split())})") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise InputError(f"{folder}: holds another kind of result; name another folder")
    if manifest.get("schema") != SCHEMA:
        raise InputError(
            f"{folder}: is of schema {manifest.get('schema')}, and this version of keystay reads {SCHEMA}; read it "
            f"with keystay {manifest.get('versions', {}).get('keystay', 'of its time')}, or sweep again"
        )
    told: dict[str, Any] = manifest
    return told


def is_sweep(folder: Path) -> bool:
    """Return whether a folder holds a sweep, of whatever schema; nothing is said of what can't be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("kind") == KIND


def shard_schema(measures: Sequence[str]) -> pa.Schema:
    """Return the columns of a shard."""
    kinds = (pa.string(), pa.int64(), pa.string(), pa.int64(), pa.int64(), pa.string())
    return pa.schema(
        [
            *zip(FACTS, kinds, strict=True),
            *((measure, pa.float64()) for measure in measures),
            *((name, pa.string()) for name in WHY),
        ]
    )


def write_shard(folder: Path, measures: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write runs as one shard and return its name, which stands for the runs in it."""
    schema = shard_schema(measures)
    columns = list(zip(*rows, strict=True))
    table = pa.table([pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)], schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    name = f"{identity(*(str(row[0]) for row in rows))}.parquet"
    write_whole(folder / SHARDS / name, sink.getvalue().to_pybytes())
    return name


def read_shards(folder: Path, measures: Sequence[str]) -> pa.Table:
    """Return the runs of all shards, each run once; a shard that can't be read is set aside, its runs are missing."""
    tables = [shard_schema(measures).empty_table()]
    for place in sorted((folder / SHARDS).glob("*.parquet")):
        try:
            tables.append(pq.read_table(place).cast(tables[0].schema))
        except (pa.ArrowInvalid, OSError, ValueError):
            place.rename(place.with_suffix(".unreadable"))
    return _once(pa.concat_tables(tables))


def _once(table: pa.Table) -> pa.Table:
    """Return each run once: one that is done rather than one that failed."""
    frame = table.select(["run", "status"]).to_pandas()
    order = np.lexsort((frame["status"] == FAILED, frame["run"]))
    ids = frame["run"].to_numpy()[order]
    first = np.ones(len(ids), dtype=bool)
    first[1:] = ids[1:] != ids[:-1]
    kept = table.take(pa.array(order[first]))
    _check_alike(table, frame, order, first)
    return kept


def _check_alike(table: pa.Table, frame: pd.DataFrame, order: Any, first: Any) -> None:
    """Raise an error where the same run came to different numbers."""
    done = order[(frame["status"] == DONE).to_numpy()[order]]
    if first.all() or len(done) < 2:
        return
    numbers = table.take(pa.array(done)).drop_columns(list(WHY)).to_pandas()
    unlike = numbers.drop_duplicates()["run"].duplicated()
    if unlike.any():
        run = numbers.drop_duplicates().loc[unlike, "run"].iloc[0]
        raise KeystayError(
            f"run {run} is there twice with different numbers: the model isn't the same in all processes, or draws "
            "what no key says; see keystay verify"
        )


def tidy(cells: pd.DataFrame, policies: Sequence[str], runs: pa.Table) -> pd.DataFrame:
    """Return one row a run with its cell's columns, in an order that doesn't depend on who lived what when."""
    frame = runs.to_pandas()
    paths = [name for name in cells.columns if name not in ("cell", "scenario", "id")]
    place = pd.Series(range(len(policies)), index=list(policies))
    frame = frame.merge(cells[["cell", "scenario", *paths]], on="cell", how="left", validate="many_to_one")
    frame = frame.assign(_place=place.reindex(frame["policy"]).to_numpy())
    frame = frame.sort_values(["cell", "replication", "_place"], ignore_index=True, kind="stable")
    measures = [name for name in runs.column_names if name not in (*FACTS, *WHY)]
    ordered = ["run", "scenario", "cell", *paths, *FACTS[2:], *measures, *WHY]
    table: pd.DataFrame = frame[ordered]
    return table


def read_sweep(folder: Path) -> Swept:
    """Return a sweep from its folder, with the runs that are there by now."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"{folder}: no sweep; give a folder that keystay sweep has written, or see keystay ls")
    cells = pd.read_parquet(folder / CELLS)
    if (folder / RUNS).exists():
        return Swept(folder, manifest, cells, pd.read_parquet(folder / RUNS))
    runs = tidy(cells, manifest["policies"], read_shards(folder, manifest["measures"]))
    return Swept(folder, manifest, cells, runs)


def write_table(folder: Path, manifest: Mapping[str, Any], cells: pd.DataFrame) -> pd.DataFrame:
    """Write the tidy table of all shards, and return it."""
    table = tidy(cells, manifest["policies"], read_shards(folder, manifest["measures"]))
    write_whole(folder / RUNS, parquet_bytes(table))
    return table


def note_event(folder: Path, event: str, **facts: Any) -> None:
    """Append a line to the ledger: when, what, and facts about it."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": now, "event": event, **facts}, ensure_ascii=False)
    with told_unwritable(folder), (folder / LEDGER).open("a", encoding="utf-8") as ledger:
        ledger.write(line + "\n")


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    """Return the events of a sweep; a line that was cut off by a crash is left out."""
    if not (folder / LEDGER).exists():
        return []
    return list(_read_lines((folder / LEDGER).read_text(encoding="utf-8").splitlines()))


def _read_lines(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            continue
