"""Reads a CSV file as text, cell by cell, and tells which rows are ragged."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from sim.errors import InputError
from sim.intake.sheet import Sheet

BOM = b"\xef\xbb\xbf"


def read_csv(data: bytes, name: str, delimiter: str = ",", encoding: str | None = None) -> Sheet:
    """Return the cells of a CSV file as text; the header is row 1, and a quoted line break doesn't start a row.

    Raises InputError when the bytes aren't text in the encoding, or hold no header.
    """
    data = _utf8(data, name, encoding)
    headings = _headings(data, name, delimiter)
    ragged: dict[int, str] = {}
    table = _table(data, name, delimiter, len(headings), ragged)
    rows = np.arange(2, 2 + table.num_rows + len(ragged), dtype=np.int64)
    rows = rows[~np.isin(rows, list(ragged))]
    return Sheet(name, headings, tuple(table.columns), rows, ragged=ragged)


def _utf8(data: bytes, name: str, encoding: str | None) -> bytes:
    if encoding is None:
        _refuse_binary(data, name)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: {_decoding_problem(data, error, encoding)}") from None
    except LookupError:
        raise InputError(f"{name}: encoding: {encoding!r} is unknown; say utf-8, gb18030 or utf-16") from None
    data = data if encoding is None else text.encode()
    data = data.removeprefix(BOM)
    return data if data.endswith((b"\n", b"\r")) else data + b"\n"


def _refuse_binary(data: bytes, name: str) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name}: is UTF-16, not UTF-8; say encoding: utf-16")
    if data.startswith((b"PK\x03\x04", b"PAR1")) or b"\0" in data:
        raise InputError(
            f"{name}: isn't text, so it isn't CSV; an Excel file ends in .xlsx, a Parquet file in .parquet"
        )


def _decoding_problem(data: bytes, error: UnicodeDecodeError, encoding: str | None) -> str:
    row = data.count(b"\n", 0, error.start) + 1
    if encoding is None:
        return f"row {row}: isn't UTF-8; a file that a Chinese Excel saved as CSV needs encoding: gb18030"
    return f"row {row}: isn't {encoding}; say the encoding that the file was saved in"


def _headings(data: bytes, name: str, delimiter: str) -> tuple[str, ...]:
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    try:
        headings = next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error as error:
        raise InputError(f"{name}: row 1, the header, can't be read: {error}") from None
    if not any(heading.strip() for heading in headings):
        raise InputError(f"{name}: row 1 is empty; it must hold the columns' headings")
    for other in ";\t|,":
        if len(headings) == 1 and other in headings[0]:
            raise InputError(f"{name}: the header has {other!r} between its cells; say delimiter: {other!r}")
    return tuple(headings)


def _table(data: bytes, name: str, delimiter: str, width: int, ragged: dict[int, str]) -> pa.Table:
    names = [str(position) for position in range(width)]

    def note_ragged(row: Any) -> str:
        ragged[row.number] = _ragged_problem(row)
        return "skip"

    try:
        return pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(column_names=names, skip_rows_after_names=1, use_threads=False),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note_ragged,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid as error:
        hint = "a row is longer than a megabyte; is a quotation mark not closed?"
        raise InputError(f"{name}: {hint if 'straddl' in str(error) else error}") from None


def _ragged_problem(row: Any) -> str:
    hint = "; is a quotation mark not closed?" if "\n" in row.text else ""
    cells = "1 cell" if row.actual_columns == 1 else f"{row.actual_columns} cells"
    return f"{cells} where the header has {row.expected_columns}{hint}"
