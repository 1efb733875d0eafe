"""What every cell brought, for analyses that need the whole design: nothing missing, nothing dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import InputError, did_you_mean

NAMED = 5
"""Cells or runs that a message names; the others are counted."""
PLACE = "FOLDER"
"""What messages call the sweep's folder where nobody said which it is."""


class IncompleteError(InputError):
    """A design of which runs are missing; the command that began the sweep completes it."""


class FailedRunsError(InputError):
    """A design of which runs failed; they are lived again one by one."""


def outcomes(
    cells: pd.DataFrame,
    runs: pd.DataFrame,
    measure: str,
    policy: str,
    against: str | None = None,
    replications: int | None = None,
    folder: str = PLACE,
) -> pd.DataFrame:
    """Return what a policy brought in every cell on each future, or how much more than another on the same future.

    One row a cell in the design's order, one column a replication; NaN where a cell wasn't asked for one, which is only
    accepted without `replications`, the number that every cell is to have. Cells of equal content share their runs.

    Raises `IncompleteError` where cells lack runs, `FailedRunsError` where runs failed.
    """
    policies = [policy] if against is None else [policy, against]
    _known(measure, runs.columns, "measure")
    for name in policies if len(runs) else ():
        _known(name, runs["policy"].unique(), "policy")
    done, failed = _wanted(cells, runs, policies)
    _none_failed(failed, folder)
    values = [_by_future(cells, done[done["policy"] == name], measure) for name in policies]
    brought = values[0] if against is None else values[0] - values[1]
    _none_missing(brought, policies, replications)
    return brought


def _wanted(cells: pd.DataFrame, runs: pd.DataFrame, policies: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the runs of these cells that are done, and those that failed, each with the content of its cell."""
    content = dict(zip(cells["cell"], cells["id"], strict=True))
    ours = runs[runs["policy"].isin(policies) & runs["cell"].isin(list(content))]
    ours = ours.assign(content=ours["cell"].map(content))
    done = ours[ours["status"] == "done"].drop_duplicates(["content", "policy", "replication"])
    failed = ours[(ours["status"] == "failed") & ~ours["run"].isin(done["run"])]
    return done, failed


def _by_future(cells: pd.DataFrame, done: pd.DataFrame, measure: str) -> pd.DataFrame:
    odd = done[~np.isfinite(done[measure].astype(float))]
    if len(odd):
        shown = ", ".join(f"cell {row.cell}, replication {row.replication}" for row in odd.head(NAMED).itertuples())
        raise InputError(
            f"{measure} is no number in {len(odd)} runs ({shown}); leave the measure out or mend the model"
        )
    wide = done.pivot(index="content", columns="replication", values=measure).astype(float)
    return wide.reindex(cells["id"]).set_index(pd.Index(cells["cell"], name="cell"))


def _known(name: str, names: Any, kind: str) -> None:
    if name not in list(names):
        raise InputError(f"{kind} '{name}': not in this sweep; {did_you_mean(name, map(str, names))}")


def _none_failed(failed: pd.DataFrame, folder: str) -> None:
    if not len(failed):
        return
    shown = [
        f"run {row.run} (cell {row.cell}, {row.policy}, replication {row.replication}: {row.error}): "
        f"mend what the error says, then keystay rerun {folder} {row.run}"
        for row in failed.head(NAMED).itertuples()
    ]
    more = f"and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
    raise FailedRunsError([f"{_count(len(failed), 'run')} of this design failed:", *shown, *filter(None, [more])])


def _none_missing(brought: pd.DataFrame, policies: Sequence[str], replications: int | None) -> None:
    if replications is None:
        lacking = brought.isna().all(axis=1)
    else:
        lacking = brought.reindex(columns=range(replications)).isna().any(axis=1)
    if not lacking.any() and len(brought.columns):
        return
    names = [str(cell) for cell in brought.index[lacking]]
    shown = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    raise IncompleteError(
        f"{len(names)} of {len(brought)} cells lack runs of {' or '.join(policies)} (cells {shown}); what part of a "
        "design tells would be wrong, so nothing is told. The same keystay sweep command lives what is missing"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
