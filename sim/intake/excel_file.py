"""Reads a sheet of an Excel workbook (.xlsx) as text, and tells which cells hold what can't be read."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from typing import IO, Any, TypeAlias
from xml.etree.ElementTree import ParseError

import numpy as np
import pyarrow as pa

from sim.errors import InputError, did_you_mean
from sim.intake.cells import LONG_NUMBER, LONG_NUMBER_RULE
from sim.intake.sheet import Sheet

DATES = (dt.date, dt.time, dt.timedelta)  # a datetime is a date
UNREADABLE = (zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, OSError, EOFError)
FORMULA = re.compile(rb"<(\w{1,40}:)?f[ />]")
DATE_RULE = "is a date; format the cell as a number or as text"
FORMULA_RULE = "is a formula whose result isn't stored; open the file in Excel, recalculate and save it"
Refused: TypeAlias = dict[int, dict[int, str]]


def read_excel(data: bytes, name: str, sheet: str | None = None) -> Sheet:
    """Return the cells of a sheet as text; the header is row 1.

    Raises InputError when the bytes are no workbook, or when it isn't clear which sheet is meant.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and charts, which don't matter here
        try:
            title = _title(_workbook(data), name, sheet)
            values = list(_cells(data, title))
            formulas = _unstored_formulas(data, title, values)
        except UNREADABLE as error:
            old = data.startswith(b"\xd0\xcf\x11\xe0")
            why = "an old .xls, or locked by a password: save it as a plain .xlsx" if old else repr(error)
            raise InputError(f"{name}: isn't an Excel workbook that can be read ({why})") from None
    return _sheet(f"{name}, sheet '{title}'", values, formulas)


def _workbook(data: bytes, formulas: bool = False) -> Any:
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=not formulas)


def _title(workbook: Any, name: str, sheet: str | None) -> str:
    titles = [worksheet.title for worksheet in workbook.worksheets]
    if sheet is None and len(titles) != 1:
        raise InputError(f"{name}: has {len(titles)} sheets; say which: sheet: {' | '.join(titles)}")
    if sheet is not None and sheet not in titles:
        raise InputError(f"{name}: has no sheet '{sheet}'; {did_you_mean(sheet, titles).replace('allowed:', 'it has')}")
    return sheet or titles[0]


def _cells(data: bytes, title: str, formulas: bool = False) -> Iterator[tuple[Any, ...]]:
    worksheet = _workbook(data, formulas)[title]
    worksheet.reset_dimensions()  # what a file says of its own size is often wrong
    rows: Iterator[tuple[Any, ...]] = worksheet.iter_rows(values_only=True)
    return rows


def _unstored_formulas(data: bytes, title: str, values: list[tuple[Any, ...]]) -> dict[tuple[int, int], str]:
    """Return the formulas that have no stored result, by position and row."""
    if not _has_formulas(data):
        return {}
    found = {
        (position, number): str(formula)
        for number, (stored, written) in enumerate(zip(values, _cells(data, title, formulas=True), strict=True), 1)
        for position, (value, formula) in enumerate(zip(stored, written, strict=True))
        if value is None and formula is not None
    }
    return _without_empty_results(data, title, found) if found else {}


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [name for name in parts.namelist() if "worksheets/" in name and name.endswith(".xml")]
        return any(_holds(parts.open(name), FORMULA) for name in sheets)


def _holds(stream: IO[bytes], pattern: re.Pattern[bytes]) -> bool:
    end = b""
    while piece := stream.read(1 << 20):
        if pattern.search(end + piece):
            return True
        end = piece[-64:]
    return False


def _without_empty_results(data: bytes, title: str, found: dict[tuple[int, int], str]) -> dict[Any, str]:
    """Drop the formulas whose stored result is an empty text, which is an empty cell."""
    worksheet = _workbook(data)[title]
    worksheet.reset_dimensions()
    kinds = {
        (position, number): cell.data_type
        for number, row in enumerate(worksheet.iter_rows(), 1)
        for position, cell in enumerate(row)
        if (position, number) in found
    }
    return {place: formula for place, formula in found.items() if kinds[place] != "str"}


def _sheet(name: str, values: list[tuple[Any, ...]], formulas: dict[tuple[int, int], str]) -> Sheet:
    if not values or not any(cell is not None and str(cell).strip() for cell in values[0]):
        raise InputError(f"{name}: row 1 is empty; it must hold the columns' headings")
    refused: Refused = defaultdict(dict)
    columns = [
        _column(list(cells), position, refused) for position, cells in enumerate(zip_longest(*values[1:], values[0]))
    ]
    for (position, row), formula in formulas.items():
        refused[position][row] = FORMULA_RULE
        columns[position][row - 2] = formula
    headings = [_text(cell) or "" for cell in values[0]]
    headings += [""] * (len(columns) - len(headings))
    rows = np.arange(2, len(values) + 1, dtype=np.int64)
    arrays = tuple(pa.chunked_array([pa.array(cells, pa.string())]) for cells in columns)
    return Sheet(name, tuple(headings), arrays, rows, refused=dict(refused))


def _column(cells: list[Any], position: int, refused: Refused) -> list[str | None]:
    cells.pop()  # the heading, which only made the table as wide as its header
    for row, cell in enumerate(cells, 2):
        if isinstance(cell, DATES):
            refused[position][row] = DATE_RULE
        elif isinstance(cell, int | float) and abs(cell) >= LONG_NUMBER:
            refused[position][row] = LONG_NUMBER_RULE
    return [_text(cell) for cell in cells]


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
