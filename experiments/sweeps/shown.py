"""Sweeps as tables for the screen and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments import console
from experiments.answer import words
from experiments.shown import records
from experiments.sweeps.folder import DONE, Swept
from experiments.sweeps.listing import Status
from experiments.sweeps.preview import SweepPreview
from experiments.sweeps.progress import duration
from experiments.sweeps.verifying import Rerun

if TYPE_CHECKING:
    from rich.table import Table

SHOWN_MEASURES = 3


def means_table(swept: Swept) -> pd.DataFrame:
    """Return means over cells and replications, one row a scenario and policy: runs, then measures."""
    measures = swept.manifest["measures"]
    done = swept.runs[swept.runs["status"] == DONE]
    grouped = done.groupby(["scenario", "policy"], sort=False)
    table: pd.DataFrame = grouped[measures].mean()
    table.insert(0, "runs", grouped.size())
    return table.reset_index()


def sweep_tables(swept: Swept) -> list[Table]:
    """Return what a sweep found, by scenario and policy, and what failed."""
    measures = swept.manifest["measures"][:SHOWN_MEASURES]
    means = means_table(swept)
    rows = means[["scenario", "policy", "runs"]].assign(**{name: means[name].map(_number) for name in measures})
    rows["policy"] = rows["policy"].map(words)
    rows.columns = [name.replace("_", " ") for name in rows.columns]
    title = f"{swept.manifest['name']}: means over {len(swept.cells)} cells"
    failed = swept.runs[swept.runs["status"] != DONE]
    tables = [console.table(title, rows, texts=2)]
    if len(failed):
        kinds = failed.groupby("error", as_index=False).agg(runs=("run", "size"), example=("run", "first"))
        tables.append(console.table(f"{len(failed)} runs failed", kinds[["error", "example", "runs"]], texts=2))
    return tables


def sweep_json(swept: Swept) -> dict[str, Any]:
    """Return a sweep as JSON takes it: facts about it, and means."""
    facts = ("id", "name", "title", "model", "policies", "measures", "replications", "over", "design", "decided")
    done = int((swept.runs["status"] == DONE).sum())
    return {
        **{name: swept.manifest.get(name) for name in facts},
        "cells": len(swept.cells),
        "done": done,
        "failed": len(swept.runs) - done,
        "means": records(means_table(swept)),
        "folder": swept.folder.as_posix(),
    }


def preview_tables(shown: SweepPreview) -> list[Table]:
    """Return what would be swept."""
    cells = f"{shown.scenarios} x {shown.points:,} = {shown.cells:,} cells"
    most = f" to {shown.runs_at_most:,}" if shown.runs_at_most > shown.runs else ""
    facts = {
        "sweep": f"{shown.sweep}, {shown.id}",
        "scenarios x points": cells,
        "policies x futures": f"{shown.policies} x {shown.replications} in each cell",
        "runs": f"{shown.runs:,}{most}",
        "rough time": f"{duration(shown.seconds)} on two processors",
        "folder": shown.folder,
    }
    return [console.facts("What would be swept", facts)]


def status_tables(found: Status) -> list[Table]:
    """Return how far a sweep is, and what failed."""
    facts = {
        "done": found.done,
        "failed": found.failed,
        "left": found.left,
        "shards": found.shards,
        "lived": f"{duration(found.living)} of processors' time",
        "last": found.last,
    }
    tables = [console.facts(f"{found.name} in {found.folder}", facts)]
    if len(found.failures):
        tables.append(console.table("What failed", found.failures[["error", "example", "runs"]], texts=2))
    return tables


def status_json(found: Status) -> dict[str, Any]:
    """Return how far a sweep is as JSON takes it."""
    return {**found._asdict(), "folder": found.folder.as_posix(), "failures": records(found.failures)}


def rerun_tables(found: Rerun) -> list[Table]:
    """Return a run as it is written beside how it came out now."""
    rows = [
        (name, _told(found.facts[name]), _told(value))
        for name, value in found.now.items()
        if name not in ("again", "traceback")
    ]
    frame = pd.DataFrame(rows, columns=["", "written", "now"])
    facts = [f"{name} {found.facts[name]}" for name in ("scenario", "cell", "policy", "replication")]
    tables = [console.table(f"Run {found.facts['run']}: {', '.join(facts)}", frame)]
    if found.now["traceback"]:
        calls = pd.DataFrame({"from the outermost call inwards": found.now["traceback"].splitlines()})
        tables.append(console.table("Where it failed", calls))
    return tables


def rerun_json(found: Rerun) -> dict[str, Any]:
    """Return a run as it is written, and how it came out now, as JSON takes it."""
    return {"alike": found.alike, "written": plain_facts(found.facts), "now": plain_facts(found.now)}


def plain_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts of a run with plain values; what is not there is none."""
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _told(value: Any) -> str:
    plain = _plain(value)
    return "" if plain is None else _number(plain) if isinstance(plain, float) else str(plain)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
