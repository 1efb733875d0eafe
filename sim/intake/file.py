"""Reads a user's customers from CSV, Parquet or Excel into one checked table, and tells all that doesn't fit at once.

Nothing is guessed: a file's columns are named in the scenario, a cell that breaks a rule is an error, and what is left
out or taken for something else is in the table's notes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.errors import InputError
from sim.intake.check import mapping_problems, sound_columns
from sim.intake.columns import customer_columns
from sim.intake.frame import fill
from sim.intake.mapping import ColumnMap, CustomerFile
from sim.intake.notes import notes_on, unused_columns
from sim.intake.sheet import Rows, Sheet, position_of, without_blank_rows
from sim.intake.source import find_file, open_sheet

__all__ = ["ColumnMap", "CustomerFile", "CustomerTable", "read_customers"]


@dataclass(frozen=True, eq=False)
class CustomerTable:
    """Customers in our columns, a row each in the file's order, and where they came from.

    `frame` has every column of `customer_columns`: numbers as float64 (unknown: NaN), text as pandas' string dtype
    (unknown: NA), words as categories. `rows` holds the file's row numbers, `notes` a sentence on everything that was
    left out, unknown or taken for something else, `sha256` the digest of the file's bytes.
    """

    frame: pd.DataFrame
    rows: Rows
    notes: tuple[str, ...]
    path: Path
    sha256: str


def read_customers(
    spec: CustomerFile, lines: Sequence[str], rivals: Sequence[str], folder: Path, place: str = "scenario"
) -> CustomerTable:
    """Return the customers of a file, checked cell by cell.

    `folder` is what a relative path starts from, failing that the folder in KEYSTAY_DATA; `place` leads the problems of
    the mapping itself. Raises InputError with a line for each problem: in the mapping, the header, the rows.
    """
    columns = customer_columns(lines, rivals)
    problems = mapping_problems(spec, columns, place)
    try:
        path = find_file(spec.path, folder)
        data = path.read_bytes()
        sheet = open_sheet(data, path.name, spec)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    except OSError as error:
        raise InputError([*problems, f"{spec.path}: can't be read ({error.strerror})"]) from None
    sheet, blank = without_blank_rows(sheet)
    positions, missing = _positions(spec, sheet)
    filling = fill(sheet, columns, sound_columns(spec, columns), positions)
    if problems := [*problems, *missing, *_no_customers(sheet), *filling.faults.problems()]:
        raise InputError(problems)
    notes = tuple(notes_on(spec, columns, filling, blank))
    return CustomerTable(filling.frame, sheet.rows, notes, path, hashlib.sha256(data).hexdigest())


def _positions(spec: CustomerFile, sheet: Sheet) -> tuple[dict[str, int], list[str]]:
    """Return where in the sheet each column of ours stands, and what is wrong with its header."""
    positions: dict[str, int] = {}
    problems: list[str] = []
    for name, given in spec.columns.items():
        found = None if given.column is None else position_of(given.column, sheet.headings)
        if isinstance(found, int) and found in sheet.unreadable:
            found = sheet.unreadable[found]
        if isinstance(found, int):
            positions[name] = found
        elif found is not None:
            problems.append(f"{sheet.name}: column '{given.column}' (for {name}) {found}")
    unused = [] if spec.ignore_other_columns else unused_columns(sheet, positions)
    return positions, problems + [f"{sheet.name}: column {label} isn't used by the scenario" for label in unused]


def _no_customers(sheet: Sheet) -> list[str]:
    return [] if len(sheet.rows) or sheet.ragged else [f"{sheet.name}: holds no customers"]
