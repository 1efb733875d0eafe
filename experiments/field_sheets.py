"""The workbook of a plan for the field: the director's summary, a sheet a manager, and who isn't visited as planned."""

from __future__ import annotations

import datetime
import io
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.field_dates import written
from experiments.field_names import SHEET, distinct, sheet_name
from experiments.field_words import counted
from experiments.money import money_for
from experiments.sheets import MOST_ROWS, cell, workbook

if TYPE_CHECKING:
    from experiments.field_plan import FieldPlan


class Column(NamedTuple):
    """How a column of a table is shown."""

    name: str
    heading: str
    pattern: str = "@"
    width: float = 10


WEEK_LINE, TRIP_LINE = 1, 4
"""Kinds of border: thin, dotted."""
YUAN, HOURS, WHOLE, DATE, TIME = "#,##0", "0.0", "0", "ddd yyyy-mm-dd", "hh:mm"
VISITS = (
    Column("week", "week", WHOLE, 5),
    Column("date", "day", DATE, 14),
    Column("begins", "begins", TIME, 6.5),
    Column("trip", "trip", WHOLE, 4.5),
    Column("stop", "stop", WHOLE, 4.8),
    Column("id", "account", width=13),
    Column("building", "building", width=13),
    Column("centre", "service centre", WHOLE, 7),
    Column("class", "class", width=5.5),
    Column("spend", "spend with us, yuan a month", YUAN, 9),
    Column("level", "see", width=8.5),
    Column("numbered", "visit", width=8.5),
    Column("hours", "hours", HOURS, 6),
    Column("hours_of_trip", "hours of the trip", HOURS, 7),
    Column("offered", "offer plan", width=9),
    Column("offer_x", "X, yuan a month", YUAN, 8),
    Column("bill_today", "whole bill today, yuan a month", YUAN, 9),
    Column("bill_on_offer", "bill on the plan, yuan a month", YUAN, 9),
    Column("saving", "customer saves, yuan a month", YUAN, 9),
    Column("rivals_known_from", "rivals' bills known from", width=10),
    Column("kept", "expected to keep over nothing, yuan", YUAN, 10.5),
)
HEADING = 56
"""Height of a table's headings, points."""
REASON = Column("reason", "reason", width=50)
MANAGERS = (
    Column("manager", "manager", width=16),
    Column("accounts", "accounts", YUAN, 10),
    Column("accounts_seen", "accounts visited", YUAN, 10),
    Column("visits", "visits", YUAN, 9),
    Column("visits_not_fitting", "visits that don't fit", YUAN, 11),
    Column("offers", "accounts with an offer", YUAN, 11),
    Column("hours", "hours planned", YUAN, 10),
    Column("hours_there_are", "hours there are", YUAN, 10),
    Column("longest_day", "longest day, hours", HOURS, 10),
    Column("expected_retained_uplift", "expected to keep over nothing, yuan", YUAN, 16),
    Column("discount", "discounts, yuan", YUAN, 12),
)
UNVISITED = (
    Column("manager", "manager", width=14),
    Column("id", "account", width=14),
    Column("building", "building", width=14),
    Column("class", "class", width=6),
    Column("spend", "spend with us, yuan a month", YUAN, 13),
    Column("why", "why", width=12),
    Column("visits_planned", "visits planned", WHOLE, 9),
    Column("visits_made", "visits that fit", WHOLE, 9),
    Column("offer_not_made", "offer not made", width=9),
    Column("instead", "done apart from visits", width=32),
    Column("expected_retained_uplift", "expected to keep over nothing, yuan", YUAN, 14),
)


def field_xlsx(done: FieldPlan) -> bytes:
    """Return the workbook; no cell of it is a formula or a link."""
    buffer = io.BytesIO()
    managers = done.managers["manager"].tolist()
    first, last, *sheets = distinct(["summary", "not visited", *map(sheet_name, managers)], SHEET)
    with workbook(buffer, done.title) as book:
        looks = Looks(book)
        _summary_sheet(book.add_worksheet(first), looks, done)
        by_manager = dict(iter(done.visits.groupby("manager", sort=False)))
        for name, (_, totals) in zip(sheets, done.managers.iterrows(), strict=True):
            rows = by_manager.get(totals["manager"], done.visits.head(0))
            _manager_sheet(book.add_worksheet(name), looks, done.start, totals, rows)
        _unvisited_sheet(book.add_worksheet(last), looks, done.unvisited)
    return buffer.getvalue()


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(properties)
        return self.made[key]

    def heading(self, column: Column) -> Any:
        """Return the format of a column's heading, which stands as its cells do."""
        align = {WHOLE: "center", YUAN: "right", HOURS: "right"}.get(column.pattern, "left")
        indent = int(align == "left")
        shade = {"bg_color": "#E6EDF3", "bottom": 1, "text_wrap": True, "valign": "top", "font_size": 10}
        return self(bold=True, align=align, indent=indent, **shade)

    def column(self, column: Column, line: int) -> Any:
        """Return the format of a column's cells below a line of this kind, 0 none."""
        looks: dict[str, Any] = {"num_format": column.pattern, "valign": "top", "font_size": 10}
        if line:
            looks["top"] = line
        if column.pattern in ("@", DATE, TIME):
            looks |= {"align": "left", "indent": 1, "text_wrap": column.name == "reason"}
        elif column.pattern == WHOLE:
            looks["align"] = "center"
        return self(**looks)


def _summary_sheet(sheet: Any, looks: Looks, done: FieldPlan) -> None:
    """Write the words, then a row a manager and their total."""
    _page(sheet)
    wide = sum(column.width for column in MANAGERS)
    sheet.write_string(0, 0, done.title, looks(bold=True, font_size=14))
    for row, sentence in enumerate(done.words, 1):
        wrapped = looks(text_wrap=True, valign="top", bold=row == 1)
        sheet.merge_range(row, 0, row, len(MANAGERS) - 1, "", wrapped)
        sheet.write_string(row, 0, sentence, wrapped)
        sheet.set_row(row, 15.5 * lines_of(sentence, 0.95 * wide))
    top = len(done.words) + 2
    _table(sheet, looks, top, MANAGERS, done.managers)
    total = done.managers.sum(numeric_only=True)
    bottom = top + 1 + len(done.managers)
    for position, column in enumerate(MANAGERS):
        look = looks(bold=True, top=1, num_format=column.pattern, font_size=10)
        if column.name == "manager":
            sheet.write_string(bottom, position, "all", looks(bold=True, top=1, indent=1, font_size=10))
        elif column.name == "longest_day":
            sheet.write_number(bottom, position, float(done.managers["longest_day"].max()), look)
        else:
            sheet.write_number(bottom, position, float(total[column.name]), look)


def _manager_sheet(sheet: Any, looks: Looks, start: datetime.date, totals: pd.Series[Any], rows: pd.DataFrame) -> None:
    """Write what a manager has to do, in words and then a row a visit, with a line between trips and between weeks."""
    columns = (*VISITS, REASON) if "reason" in rows else VISITS
    _page(sheet)
    sheet.write_string(0, 0, str(totals["manager"]), looks(bold=True, font_size=14))
    sheet.write_string(1, 0, told(totals, start))
    shown = _shown(rows)
    _table(sheet, looks, 3, columns, shown, lines_above(shown))
    sheet.freeze_panes(4, 6)
    sheet.repeat_rows(3)


def lines_above(rows: pd.DataFrame) -> list[int]:
    """Return the line above each visit: one between weeks, a weaker one between trips and days."""
    moved = (rows[["week", "date", "trip"]] != rows[["week", "date", "trip"]].shift()).to_numpy()
    return [int(line) for line in np.select([moved[:, 0], moved.any(axis=1)], [WEEK_LINE, TRIP_LINE], 0)]


def told(totals: pd.Series[Any], start: datetime.date) -> str:
    """Return a manager's plan in a sentence."""
    kept = float(totals["expected_retained_uplift"])
    money, left = money_for(kept), int(totals["visits_not_fitting"])
    more = f" {counted(left, 'visit')} more {'does' if left == 1 else 'do'} not fit." if left else ""
    return (
        f"From {written(start)}: {counted(int(totals['visits']), 'visit')} to "
        f"{counted(int(totals['accounts_seen']), 'account')} of {totals['accounts']:,}, "
        f"{counted(int(totals['offers']), 'offer')}, in {totals['hours']:,.0f} of {totals['hours_there_are']:,.0f} "
        f"hours; the territory is expected to keep {money.full(kept)} more than if nothing were done.{more}"
    )


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return visits as a person reads them: figures of a trip or an account stand once, so that columns add up."""
    again = ["" if number < 2 else " again, if declined" for number in rows["offer_number"]]
    first_of_trip = ~rows.duplicated(["week", "trip"])
    return rows.assign(
        numbered=[f"{one} of {all_}" for one, all_ in zip(rows["visit"], rows["visits"], strict=True)],
        hours_of_trip=rows["trip_hours"].where(first_of_trip),
        offered=[plan + more for plan, more in zip(rows["offer"], again, strict=True)],
        kept=rows["expected_retained_uplift"].where(rows["visit"] == 1),
    )


def _unvisited_sheet(sheet: Any, looks: Looks, table: pd.DataFrame) -> None:
    """Write who isn't visited, or not as often as planned."""
    _page(sheet)
    _table(sheet, looks, 0, UNVISITED, table.head(MOST_ROWS))
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)


def _table(
    sheet: Any,
    looks: Looks,
    top: int,
    columns: Sequence[Column],
    table: pd.DataFrame,
    lines: Sequence[int] | None = None,
) -> None:
    """Write a table below a row of headings; `lines` is the border above each row."""
    sheet.set_row(top, HEADING)
    borders = lines or [0] * len(table)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(top, position, column.heading, looks.heading(column))
        look = {line: looks.column(column, line) for line in set(borders)}
        for row, (value, line) in enumerate(zip(table[column.name].tolist(), borders, strict=True), top + 1):
            _write(sheet, row, position, value, look[line])
    sheet.autofilter(top, 0, top + max(len(table), 1), len(columns) - 1)


def _write(sheet: Any, row: int, position: int, value: Any, look: Any) -> None:
    """Write a value as what it is: a text never becomes anything else."""
    if isinstance(value, datetime.datetime):
        sheet.write_datetime(row, position, value, look)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, position, datetime.datetime.combine(value, datetime.time()), look)
    elif cell(value) is None or value == "":
        sheet.write_blank(row, position, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, position, value, look)
    else:
        sheet.write_number(row, position, value, look)


def _page(sheet: Any) -> None:
    """Let a sheet print on pages across, as wide as one."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.set_footer("&L&A&R&P / &N")


def lines_of(text: str, wide: float) -> int:
    """Return how many lines a text takes that is so many characters wide; those of the Far East count twice.

    >>> lines_of("visit", 3), lines_of("\u8d70\u8bbf", 4)
    (2, 1)
    """
    letters = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return max(1, -(-letters // max(int(wide), 1)))
