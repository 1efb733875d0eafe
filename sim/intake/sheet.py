"""A table as a file holds it, whatever the file's kind: headings, cells, and the numbers of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sim.errors import did_you_mean
from sim.intake.cells import Mask, mask

Rows: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sheet:
    """The cells of a file, a column for each heading, with the row numbers that a user of the file counts by.

    Cells are text or, from Parquet, numbers; null is an empty cell. `refused` tells by column position and row number
    what can't be read in a cell, `unreadable` by position why a whole column can't be, `ragged` by row number what is
    wrong with a row as a whole.
    """

    name: str
    headings: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    rows: Rows
    counted: str = "row"
    refused: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    unreadable: Mapping[int, str] = field(default_factory=dict)
    ragged: Mapping[int, str] = field(default_factory=dict)

    def label(self, position: int) -> str:
        """Return how messages call a column: its heading, or its place where it has none."""
        heading = self.headings[position]
        return f"'{shortened(heading)}'" if heading.strip() else f"{position + 1} (no heading)"

    def text(self, position: int, record: int) -> str:
        """Return the text of one cell."""
        cell: Any = self.columns[position][record].as_py()
        return "" if cell is None else str(cell)


def listed(rows: Iterable[Any], counted: str) -> str:
    """Return row numbers in words, the first few only.

    >>> listed([5, 9], "row"), listed(range(2, 9), "record")
    ('rows 5 and 9', 'records 2, 3, 4 and 4 more')
    """
    numbers = [str(row) for row in rows]
    if len(numbers) == 1:
        return f"{counted} {numbers[0]}"
    shown, rest = numbers[:3], len(numbers) - 3
    last = f"{rest:,} more" if rest > 0 else shown.pop()
    return f"{counted}s {', '.join(shown)} and {last}"


def shortened(text: str, length: int = 60) -> str:
    """Return text on one line, cut where it is longer than a message bears."""
    line = text.replace("\r", " ").replace("\n", " ")
    return line if len(line) <= length else line[: length - 1] + "…"


def without_blank_rows(sheet: Sheet) -> tuple[Sheet, Rows]:
    """Return the sheet without the rows that hold nothing at all, and the numbers of those rows."""
    blank = np.ones(len(sheet.rows), dtype=bool)
    for column in sheet.columns:
        if not blank.any():
            break
        blank &= _is_blank(column)
    if not blank.any():
        return sheet, sheet.rows[:0]
    keep = pa.array(~blank)
    kept = replace(sheet, columns=tuple(column.filter(keep) for column in sheet.columns), rows=sheet.rows[~blank])
    return kept, sheet.rows[blank]


def repeats(columns: Sequence[pa.ChunkedArray]) -> Mask:
    """Return which rows repeat an earlier row in every cell, shape (rows,)."""
    count = len(columns[0])
    group = np.zeros(count, dtype=np.int64)
    for column in columns:
        codes, size = _codes(column)
        group = pd.factorize(group * size + codes)[0].astype(np.int64)
        if group.max(initial=-1) == count - 1:
            break
    return np.asarray(pd.Series(group).duplicated())


def position_of(heading: str, headings: Sequence[str]) -> int | str:
    """Return the position of a heading, or what is wrong with it.

    It is looked for as written, then with runs of white space as one blank, then without regard to capitals.

    >>> position_of("call failure", ["id", "Call  Failure"])
    1
    >>> position_of("Cal", ["id", "Call"])
    "isn't there; did you mean 'Call'?"
    """
    for same in (str, spaced, lambda text: spaced(text).casefold()):
        found = [position for position, given in enumerate(headings) if same(given) == same(heading)]
        if len(found) == 1:
            return found[0]
        if found:
            places = " and ".join(str(position + 1) for position in found)
            return f"stands {len(found)} times in the header (columns {places}); give each a heading of its own"
    return f"isn't there; {did_you_mean(heading, filter(None, headings)).replace('allowed:', 'the file has')}"


def spaced(heading: str) -> str:
    """Return a heading with every run of white space as one blank."""
    return re.sub(r"\s+", " ", heading).strip()


def _is_blank(column: pa.ChunkedArray) -> Mask:
    if pa.types.is_string(column.type):
        return mask(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True))
    return mask(pc.is_null(column, nan_is_null=True))


def _codes(column: pa.ChunkedArray) -> tuple[Rows, int]:
    """Return a number for each cell, equal where the cells are, and how many numbers there may be."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    whole = pa.concat_arrays(encoded.chunks) if isinstance(encoded, pa.ChunkedArray) else encoded
    return np.asarray(whole.indices, dtype=np.int64), len(whole.dictionary)
