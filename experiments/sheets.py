"""Tables as spreadsheets: Excel and CSV in which no cell of a customer's can become a formula or a link."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

UNSAFE = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for the beginning of a formula."""
MOST_ROWS = 1_048_575
"""An Excel sheet holds no more beside its header."""
CREATED = datetime.datetime(2004, 1, 1, tzinfo=datetime.UTC).replace(tzinfo=None)
"""The same in every file, so that equal tables give equal bytes; the manifest tells when they were made."""
SHARES = {"discount", "relative", "largest_account_share"}
WIDEST = 60


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as CSV that Excel reads as UTF-8, with texts that could be formulas behind an apostrophe."""
    safe = table.rename(columns=lambda name: harmless(str(name)))
    texts = [column for column in safe if is_text(safe[column])]
    for column in texts:
        safe[column] = safe[column].map(harmless, na_action="ignore")
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def harmless(text: Any) -> Any:
    """Return a text that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("C0001"), harmless(-3.0)
    ("'=1+1", 'C0001', -3.0)
    """
    return f"'{text}" if isinstance(text, str) and text.startswith(UNSAFE) else text


def is_text(column: pd.Series[Any]) -> bool:
    """Return whether a column may hold text."""
    return not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_object_dtype(column)


def xlsx_bytes(sentences: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return a workbook with the answer on its first sheet and a sheet for each table."""
    buffer = io.BytesIO()
    with workbook(buffer, "Keystay plan") as book:
        _answer_sheet(book, sentences)
        for name, table in tables.items():
            _table_sheet(book, name, table)
    return buffer.getvalue()


def workbook(buffer: io.BytesIO, title: str) -> Any:
    """Return a new workbook, to be closed, in which no text becomes a formula or a link."""
    import xlsxwriter

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": CREATED, "title": title})
    return book


def _answer_sheet(book: Any, sentences: Sequence[str]) -> None:
    sheet = book.add_worksheet("answer")
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    first = book.add_format({"text_wrap": True, "valign": "top", "bold": True})
    sheet.set_column(0, 0, 100)
    for row, sentence in enumerate(sentences):
        sheet.write_string(row, 0, sentence, wrapped if row else first)


def _table_sheet(book: Any, name: str, table: pd.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    header = book.add_format({"bold": True, "bg_color": "#E6EDF3", "bottom": 1, "text_wrap": True, "valign": "top"})
    shown = table.head(MOST_ROWS)
    for position, column in enumerate(shown):
        values = shown[column]
        pattern = number_format(str(column), values)
        sheet.set_column(
            position, position, column_width(str(column), values), book.add_format({"num_format": pattern})
        )
        sheet.write_string(0, position, str(column), header)
        sheet.write_column(1, position, [cell(value) for value in values.tolist()])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(shown), 1), max(shown.shape[1] - 1, 0))


def number_format(column: str, values: pd.Series[Any]) -> str:
    """Return how Excel shows a column: shares in per cent, whole numbers plain, money without fractions.

    >>> number_format("discount", pd.Series([0.05])), number_format("spend", pd.Series([1200.5]))
    ('0.0%', '#,##0')
    """
    if is_text(values):
        return "@"
    if column in SHARES:
        return "0.0%"
    if pd.api.types.is_integer_dtype(values):
        return "0"
    return "#,##0" if values.abs().max() >= 100 else "#,##0.00"


def cell(value: Any) -> Any:
    """Return what is written: nothing for what is unknown or without end."""
    if isinstance(value, float) and value - value != 0:
        return None
    return None if value is None or value is pd.NA else value


def column_width(column: str, values: pd.Series[Any]) -> int:
    """Return the width that a column of a sheet needs, characters."""
    longest = int(values.astype(str).str.len().max()) if is_text(values) and len(values) else 12
    return min(max(longest, min(len(column), 14)) + 2, WIDEST)
