"""What a reader of a customer file should know: what was left out, unknown, repeated or taken for something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.intake.columns import CustomerColumn
from sim.intake.frame import Filling
from sim.intake.mapping import CustomerFile
from sim.intake.sheet import Rows, Sheet, listed, repeats, spaced


def notes_on(spec: CustomerFile, columns: Mapping[str, CustomerColumn], filling: Filling, blank: Rows) -> list[str]:
    """Return a sentence on everything about a file that isn't plain from the table."""
    sheet = filling.sheet
    notes = [*_blank(blank, sheet), *_not_given(spec, columns), *_other_capitals(spec, filling), *_empty(spec, filling)]
    unused = unused_columns(sheet, filling.positions)
    if unused:
        notes.append(f"Columns of the file that nothing uses: {', '.join(unused)}.")
    if spec.columns["id"].row:
        notes += _repeated(sheet)
    return [*notes, *_idle(filling)]


def unused_columns(sheet: Sheet, positions: Mapping[str, int]) -> list[str]:
    """Return the labels of the file's columns that no column of ours is taken from."""
    used = set(positions.values())
    return [sheet.label(position) for position in range(len(sheet.headings)) if position not in used]


def _blank(blank: Rows, sheet: Sheet) -> Iterator[str]:
    if len(blank):
        yield f"{_count(len(blank), f'blank {sheet.counted}')} left out ({listed(blank, sheet.counted)})."


def _not_given(spec: CustomerFile, columns: Mapping[str, CustomerColumn]) -> Iterator[str]:
    absent = [name for name in columns if name not in spec.columns]
    unserved = [name for name in absent if name.startswith("spend.")]
    unknown = [name for name in absent if name not in unserved]
    if unserved:
        yield f"Not given, so taken as lines that we don't serve, spend 0: {', '.join(unserved)}."
    if unknown:
        yield f"Not given, so unknown (or none) for every customer: {', '.join(unknown)}."


def _other_capitals(spec: CustomerFile, filling: Filling) -> Iterator[str]:
    for name, position in filling.positions.items():
        asked, found = spec.columns[name].column or "", filling.sheet.headings[position]
        if spaced(asked) != spaced(found):
            yield f"Column '{found}' taken for '{asked}' ({name}): only the capitals differ."


def _empty(spec: CustomerFile, filling: Filling) -> Iterator[str]:
    for name, count in filling.empty.items():
        missing = spec.columns[name].missing
        if count:
            meaning = "unknown (or none)" if missing is None else f"'{missing}', as the scenario says"
            yield f"{_count(count, 'empty cell')} of {name} taken as {meaning}."


def _repeated(sheet: Sheet) -> Iterator[str]:
    rows = sheet.rows[repeats(sheet.columns)]
    if len(rows):
        yield (
            f"{_count(len(rows), sheet.counted)} repeating an earlier one in every cell, kept as customers "
            f"({listed(rows, sheet.counted)})."
        )


def _idle(filling: Filling) -> Iterator[str]:
    spends = [series for name, series in filling.series.items() if name.startswith("spend.")]
    rows = filling.sheet.rows[np.sum(spends, axis=0) == 0]
    if len(rows):
        yield f"{_count(len(rows), 'customer')} spending nothing with us ({listed(rows, filling.sheet.counted)})."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
