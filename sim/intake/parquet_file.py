"""Reads a Parquet file into text and numbers; its rows are called records and count from 1."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.errors import InputError
from sim.intake.cells import numeric
from sim.intake.sheet import Sheet


def read_parquet(data: bytes, name: str) -> Sheet:
    """Return the cells of a Parquet file; NaN is an empty cell; raises InputError when it isn't one."""
    try:
        table = pq.ParquetFile(pa.BufferReader(data)).read()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name}: isn't a Parquet file that can be read ({str(error).splitlines()[0]})") from None
    plain = [_plain(column) for column in table.columns]
    strange = {
        position: f"holds {column.type}; store numbers or text"
        for position, column in enumerate(table.columns)
        if plain[position] is None
    }
    columns = tuple(
        _spelled_out(column) if plain[position] is None else plain[position]
        for position, column in enumerate(table.columns)
    )
    rows = np.arange(1, table.num_rows + 1, dtype=np.int64)
    return Sheet(name, tuple(table.column_names), columns, rows, counted="record", unreadable=strange)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return a column as text or numbers, or nothing when it holds neither."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(pc.cast(column, kind.value_type))
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    if numeric(kind):
        return column
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind)
    return pc.cast(column, pa.string()) if text or pa.types.is_null(kind) else None


def _spelled_out(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return cells that hold neither text nor numbers as some text, so that rows can still be compared."""
    try:
        return pc.cast(column, pa.string())  # dates and times
    except pa.ArrowException:
        pass
    cells = [None if cell is None else str(cell) for cell in column.to_pylist()]
    return pa.chunked_array([pa.array(cells, pa.string())])
