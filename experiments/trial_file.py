"""Reads a user's trial from CSV, Parquet or Excel; tells all that doesn't fit at once, with row and column."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.trial_settings import TrialSettings
from optimize.trial_table import TrialTable, binned, tabulate
from sim.errors import InputError
from sim.intake.columns import CustomerColumn, Kind
from sim.intake.frame import fill
from sim.intake.mapping import ColumnMap, CustomerFile
from sim.intake.sheet import Sheet, position_of, without_blank_rows
from sim.intake.source import find_file, open_sheet

EMPTY = "empty"
"""What an empty cell of a covariate is called; its people are a cell of their own."""
MOST_LEVELS = 100
"""Different values of a covariate, from which on it is taken for a number that wasn't cut."""


class TrialFile(NamedTuple):
    """A trial and where it came from."""

    table: TrialTable
    name: str
    sha256: str


def read_trial(settings: TrialSettings, folder: Path) -> TrialFile:
    """Return the trial of a file; `folder` is what a relative path starts from.

    Raises InputError with a line for each problem of the header and the rows, or of the trial as a whole.
    """
    how = {name: getattr(settings, name) for name in ("path", "sheet", "encoding", "delimiter")}
    file = CustomerFile.model_validate({**how, "columns": {}})
    path = find_file(settings.path, folder)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{settings.path}: can't be read ({error.strerror})") from None
    sheet, _ = without_blank_rows(open_sheet(data, path.name, file))
    columns, headings = _columns(settings)
    positions = _positions(headings, sheet)
    given = {name: ColumnMap.model_validate({"column": heading}) for name, heading in headings.items()}
    filling = fill(sheet, columns, given, positions)
    if problems := filling.faults.problems():
        raise InputError(problems)
    if not len(sheet.rows):
        raise InputError(f"{sheet.name}: holds no people")
    frame, covariates = filling.frame, _covariates(settings, filling.frame, sheet)
    ids = frame["id"].to_numpy(dtype=np.str_) if settings.id is not None else None
    treatment, outcome = frame["treatment"].to_numpy(dtype=np.str_), frame["outcome"].to_numpy(dtype=float)
    try:
        table = tabulate(treatment, outcome, covariates, settings.control, ids)
    except InputError as error:
        raise InputError([f"{sheet.name}: column '{settings.treatment}': {text}" for text in error.problems]) from None
    return TrialFile(table, path.name, hashlib.sha256(data).hexdigest())


def _covariates(settings: TrialSettings, frame: pd.DataFrame, sheet: Sheet) -> dict[str, NDArray[np.str_]]:
    found = {}
    for name, covariate in settings.covariates.items():
        values = frame[f"covariate.{name}"]
        if covariate.edges:
            found[name] = binned(values.to_numpy(dtype=float), covariate.edges)
        else:
            found[name] = values.fillna(EMPTY).to_numpy(dtype=np.str_)
            _check_levels(sheet, covariate.column, name, found[name])
    return found


def _columns(settings: TrialSettings) -> tuple[dict[str, CustomerColumn], dict[str, str]]:
    """Return the columns that are needed, and the file's heading of each."""
    columns = {
        "id": CustomerColumn("id", "text", "", "names the account", required=settings.id is not None),
        "treatment": CustomerColumn("treatment", "text", "", "what the person got", required=True),
        "outcome": CustomerColumn("outcome", "number", "", "what came of it", required=True),
    }
    headings = {"treatment": settings.treatment, "outcome": settings.outcome}
    headings |= {} if settings.id is None else {"id": settings.id}
    for name, covariate in settings.covariates.items():
        key = f"covariate.{name}"
        kind: Kind = "number" if covariate.edges else "text"
        columns[key] = CustomerColumn(key, kind, "", "tells people apart", required=bool(covariate.edges))
        headings[key] = covariate.column
    return columns, headings


def _positions(headings: Mapping[str, str], sheet: Sheet) -> dict[str, int]:
    positions, problems = {}, []
    for name, heading in headings.items():
        found = position_of(heading, sheet.headings)
        if isinstance(found, int) and found in sheet.unreadable:
            found = sheet.unreadable[found]
        if isinstance(found, int):
            positions[name] = found
        else:
            problems.append(f"{sheet.name}: column '{heading}' (for {name}) {found}")
    if problems:
        raise InputError(problems)
    return positions


def _check_levels(sheet: Sheet, heading: str, name: str, values: NDArray[Any]) -> None:
    found = len(np.unique(values))
    if found > MOST_LEVELS:
        raise InputError(
            f"{sheet.name}: column '{heading}' (covariate {name}) has {found:,} different values, more than "
            f"{MOST_LEVELS}; cut a number by edges, such as {{column: {heading}, edges: [100, 500]}}, or leave it out"
        )
