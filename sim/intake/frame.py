"""A sheet's cells become the table of our columns; every cell and row that breaks a rule becomes a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sim.intake.cells import Judged, Mask, Refusal, always, constant, judge, text_series, word_text
from sim.intake.columns import CustomerColumn
from sim.intake.faults import Faults
from sim.intake.mapping import ColumnMap
from sim.intake.sheet import Sheet, shortened

EMPTY_RULE = "is empty; fill it in, or say what an empty cell means here (missing: ...)"


@dataclass
class Filling:
    """The table while it is filled: a series for each column, its faults, and how many cells of a column were empty."""

    sheet: Sheet
    positions: Mapping[str, int]
    faults: Faults
    series: dict[str, pd.Series[Any]] = field(default_factory=dict)
    refused: dict[str, Mask] = field(default_factory=dict)
    empty: dict[str, int] = field(default_factory=dict)

    @property
    def frame(self) -> pd.DataFrame:
        """The columns filled so far, a row a customer."""
        return pd.DataFrame(self.series, copy=False)


def fill(
    sheet: Sheet, columns: Mapping[str, CustomerColumn], given: Mapping[str, ColumnMap], positions: Mapping[str, int]
) -> Filling:
    """Return every column, from the cells at its position, from its constant, or unknown where nothing is given."""
    filling = Filling(sheet, positions, Faults(sheet.name, sheet.counted))
    ragged = list(sheet.ragged.items())
    filling.faults.add("the row as a whole", [row for row, _ in ragged], lambda place: ragged[place][1])
    for name, column in columns.items():
        filling.series[name] = _series(filling, column, given.get(name))
    _check_ids(filling)
    filled = {name for name, how in given.items() if how.column is None or name in positions}
    if {"plan", "plan_x"} <= filled:
        _check_plans(filling)
    return filling


def _series(filling: Filling, column: CustomerColumn, given: ColumnMap | None) -> pd.Series[Any]:
    count = len(filling.sheet.rows)
    if given is not None and column.name in filling.positions:
        return _from_cells(filling, column, given)
    if given is not None and given.row:
        return _numbered(filling.sheet)
    if given is not None and given.value is not None:
        return judge(column, _repeated(word_text(given.value), count)).values
    if column.name.startswith("spend."):
        return pd.Series(np.zeros(count))
    return judge(column, _repeated(None, count)).values


def _repeated(text: str | None, count: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(text, pa.string()), count)])


def _numbered(sheet: Sheet) -> pd.Series[Any]:
    numbers = pc.cast(pa.array(sheet.rows), pa.string())
    named = pc.binary_join_element_wise(sheet.counted, numbers, " ")
    return text_series(pa.chunked_array([named]))


def _from_cells(filling: Filling, column: CustomerColumn, given: ColumnMap) -> pd.Series[Any]:
    cells, unread = _without_unread(filling, column)
    judged = judge(column, cells, given.scale, given.words)
    empty = judged.empty & ~unread
    refusals = list(judged.refusals)
    if column.required and given.missing is None and empty.any():
        refusals.append(Refusal(empty, always(EMPTY_RULE)))
    for refusal in refusals:
        _add(filling, column.name, refusal)
    filling.refused[column.name] = np.logical_or.reduce([unread, *(refusal.where for refusal in refusals)])
    filling.empty[column.name] = int(empty.sum())
    return judged.values if given.missing is None else _with_missing(column, judged, empty, given.missing)


def _without_unread(filling: Filling, column: CustomerColumn) -> tuple[pa.ChunkedArray, Mask]:
    """Return a column's cells, null where the file's reader refused one, and which those are."""
    sheet, position = filling.sheet, filling.positions[column.name]
    cells, rules = sheet.columns[position], sheet.refused.get(position, {})
    unread: Mask = np.isin(sheet.rows, list(rules))
    for rule in sorted(set(rules.values())):
        where = np.isin(sheet.rows, [row for row, broken in rules.items() if broken == rule])
        _add(filling, column.name, Refusal(where, always(rule)))
    if rules:
        cells = pc.if_else(pa.array(unread), pa.scalar(None, cells.type), cells)
    return cells, unread


def _with_missing(column: CustomerColumn, judged: Judged, empty: Mask, missing: str | float) -> pd.Series[Any]:
    filled = judged.values.copy()
    filled[empty] = constant(column, missing).values.iloc[0]
    return filled


def _add(filling: Filling, name: str, refusal: Refusal) -> None:
    _tell(filling, name, refusal.where, lambda text, _: refusal.rule(text))


def _tell(filling: Filling, name: str, where: Mask, rule: Callable[[str, int], str]) -> None:
    """Add a fault for each of these cells, worded by a rule that gets the cell's text and its place in the table."""
    sheet, position = filling.sheet, filling.positions[name]
    records = np.flatnonzero(where)

    def say(place: int) -> str:
        record = int(records[place])
        text = sheet.text(position, record)
        return f"'{shortened(text)}' {rule(text.strip(), record)}" if text else rule(text, record)

    filling.faults.add(f"column {sheet.label(position)} ({name})", sheet.rows[records], say)


def _check_ids(filling: Filling) -> None:
    ids, sheet = filling.series["id"], filling.sheet
    again = np.asarray(ids.duplicated() & ids.notna(), dtype=bool)
    if "id" not in filling.positions or not again.any():
        return
    same = pd.factorize(ids)[0]
    firsts = dict(zip(*np.unique(same, return_index=True), strict=True))

    def rule(_: str, record: int) -> str:
        first = sheet.rows[firsts[same[record]]]
        return f"is the id of {sheet.counted} {first} too; every customer needs its own"

    _tell(filling, "id", again, rule)


def _check_plans(filling: Filling) -> None:
    on_plan, amount = filling.series["plan"].notna(), filling.series["plan_x"]
    nobody = np.zeros(len(amount), dtype=bool)
    judged = ~(filling.refused.get("plan", nobody) | filling.refused.get("plan_x", nobody))
    blamed = "plan_x" if "plan_x" in filling.positions else "plan"
    for where, rule in (
        (on_plan & ~(amount > 0), "must be above 0 where plan is given"),
        (~on_plan & amount.notna(), "has no plan beside it; name the plan or leave plan_x empty"),
    ):
        wrong = np.asarray(where, dtype=bool) & judged
        if wrong.any() and blamed in filling.positions:
            _add(filling, blamed, Refusal(wrong, always(rule if blamed == "plan_x" else f"plan_x {rule}")))
