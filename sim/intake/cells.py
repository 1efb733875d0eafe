"""Cells of a file become values of a column: numbers, words of a list, text; what doesn't fit is told with its rule."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sim.errors import did_you_mean
from sim.intake.columns import CustomerColumn

Mask: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.float64]
Rule: TypeAlias = Callable[[str], str]

LONG_NUMBER = 1e15  # from here on a spreadsheet's number has lost digits
LONG_NUMBER_RULE = "is a number of more than 15 digits, which loses its last ones; store it as text"
SPREADSHEET_ERRORS = ("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
SPREADSHEET_ERROR_RULE = "is an error of the spreadsheet; mend the cell or empty it"
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
REMEDIES: tuple[tuple[str, str], ...] = (
    (r"[+-]?\d{1,3}([,，]\d{3})+(\.\d+)?", "has thousands separators; write {digits}"),
    (r"[+-]?\d+([\s'’]+\d+)+(\.\d+)?", "has blanks between its digits; write {digits}"),
    (r"[+-]?[\d.]*\d,\d+", "has a decimal comma; write a point"),
    (r".*[０-９．，－＋].*", "has full-width characters; write {narrow}"),
    (r"[+-]?(nan|inf|infinity|null|none|n/?a|-+|—+|无|未知|不详)", "is no number; leave the cell empty where unknown"),
    (r"[+-]?[\d.,]+\s*[%％]", "has a percent sign; write it without, and say scale: 0.01"),
    (r"[¥￥$€]\s*[\d.,]+|[\d.,]+\s*(元|yuan|rmb|cny)", "names a currency; write the bare number, in yuan"),
    (r"\d{1,4}[-/.年]\d{1,2}([-/.月]\d{1,4}日?)?([ T].*)?", "is a date where a number is expected"),
)


@dataclass(frozen=True)
class Refusal:
    """The cells that break one rule, shape (rows,), and the rule in words for one such cell's text."""

    where: Mask
    rule: Rule


@dataclass(frozen=True)
class Judged:
    """The values of one column, unknown where a cell is empty or refused, with which are empty and what is refused."""

    values: pd.Series[Any]
    empty: Mask
    refusals: tuple[Refusal, ...]


def judge(
    column: CustomerColumn, cells: pa.ChunkedArray, scale: float = 1.0, words: Mapping[Any, Any] | None = None
) -> Judged:
    """Return what a file's cells mean in a column of ours, and which of them may not stand there.

    `scale` multiplies the file's numbers; `words` translates the file's words into ours, unscaled, '' meaning empty.
    """
    known, meaning = _translated(cells, words or {})
    if column.is_number:
        return _judged_numbers(column, cells, scale, known, meaning)
    texts = trimmed(cells) if meaning is None else pc.if_else(pa.array(known), meaning, trimmed(cells))
    return _judged_texts(column, cells, _without_empty(texts))


def constant(column: CustomerColumn, value: str | float) -> Judged:
    """Return what a value written in a scenario means in a column, as a column of one cell."""
    return judge(column, pa.chunked_array([[word_text(value)]], pa.string()))


def word_text(value: str | float) -> str:
    """Return a word of a scenario as a file would hold it.

    >>> word_text(1.0), word_text(" group ")
    ('1', 'group')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def trimmed(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return cells as text without outer white space, null where nothing is left."""
    texts = cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string())
    return _without_empty(pc.utf8_trim_whitespace(texts))


def numeric(kind: pa.DataType) -> bool:
    """Whether cells of this type are stored as numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def text_series(texts: pa.ChunkedArray) -> pd.Series[Any]:
    """Return texts as a series of pandas' string dtype, NA where null."""
    return pd.Series(pd.arrays.ArrowStringArray(texts))


def mask(flags: pa.ChunkedArray) -> Mask:
    """Return flags as an array, shape (rows,), false where they are null."""
    return np.asarray(pc.fill_null(flags, False), dtype=bool)


def always(told: str) -> Rule:
    """Return a rule that tells the same of every cell."""
    return lambda _: told


def number_rule(column: CustomerColumn) -> Rule:
    """Return what to tell about text that is no number, with the remedy where one is known."""

    def rule(text: str) -> str:
        narrow = unicodedata.normalize("NFKC", text)
        digits = re.sub(r"[\s,'’]", "", narrow)
        for pattern, remedy in REMEDIES:
            if re.fullmatch(pattern, text, re.IGNORECASE):
                return remedy.format(digits=digits, narrow=narrow)
        return f"must be {column.rule}"

    return rule


def _without_empty(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _translated(cells: pa.ChunkedArray, words: Mapping[Any, Any]) -> tuple[Mask, pa.ChunkedArray | None]:
    if not words:
        return np.zeros(len(cells), dtype=bool), None
    theirs = pa.array([word_text(word) for word in words], pa.string())
    ours = pa.array([word_text(word) for word in words.values()], pa.string())
    which = pc.index_in(trimmed(cells), value_set=theirs)
    return mask(pc.is_valid(which)), pc.take(ours, which)


def _judged_numbers(
    column: CustomerColumn, cells: pa.ChunkedArray, scale: float, known: Mask, meaning: pa.ChunkedArray | None
) -> Judged:
    values, garbled, empty = _numbers(cells)
    values = _scaled(values, scale, column.kind == "whole")
    if meaning is not None:
        ours, _, unknown = _numbers(meaning)
        values, garbled, empty = np.where(known, ours, values), garbled & ~known, np.where(known, unknown, empty)
    errors = _spreadsheet_errors(cells) & garbled
    refusals = [
        Refusal(errors, always(SPREADSHEET_ERROR_RULE)),
        Refusal(garbled & ~errors, number_rule(column)),
        Refusal(_broken(column, values) & ~garbled, always(f"must be {column.rule}")),
    ]
    refused = np.logical_or.reduce([refusal.where for refusal in refusals])
    return Judged(pd.Series(np.where(refused, np.nan, values)), empty, _that_happened(refusals))


def _numbers(cells: pa.ChunkedArray) -> tuple[Numbers, Mask, Mask]:
    """Return the numbers (NaN where there is none), which cells hold something else, and which hold nothing."""
    if numeric(cells.type):
        stored = pc.cast(cells, pa.float64(), safe=False)
        values = np.asarray(stored, dtype=np.float64) + 0.0
        return values, np.isinf(values), np.isnan(values)
    texts = trimmed(cells)
    fits = pc.match_substring_regex(texts, NUMBER)
    bare = pc.utf8_ltrim(pc.if_else(fits, texts, pa.scalar(None, pa.string())), characters="+")
    stored = pc.cast(bare, pa.float64())
    values = np.asarray(stored, dtype=np.float64) + 0.0  # makes -0 a plain 0
    return values, mask(pc.invert(fits)) | np.isinf(values), mask(pc.is_null(texts))


def _scaled(values: Numbers, scale: float, whole: bool) -> Numbers:
    """Return values times scale; a whole number that only rounding keeps from being whole becomes whole."""
    if scale == 1:
        return values
    scaled: Numbers = values * scale
    near = np.rint(scaled)
    return np.where(np.isclose(scaled, near, rtol=1e-12, atol=1e-9), near, scaled) if whole else scaled


def _broken(column: CustomerColumn, values: Numbers) -> Mask:
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    broken: Mask = (values < low) | (values > high) | np.isinf(values)
    return broken | (values != np.rint(values)) & ~np.isnan(values) if column.kind == "whole" else broken


def _judged_texts(column: CustomerColumn, cells: pa.ChunkedArray, texts: pa.ChunkedArray) -> Judged:
    errors = _spreadsheet_errors(texts)
    strange = (
        mask(pc.invert(pc.is_in(texts, value_set=_words(column)))) if column.kind == "word" else np.zeros_like(errors)
    )
    empty = mask(pc.is_null(texts))
    refusals = [
        Refusal(errors, always(SPREADSHEET_ERROR_RULE)),
        Refusal(strange & ~errors & ~empty, lambda text: f"isn't allowed; {_hint(column, text)}"),
        Refusal(_rounded(cells), always(LONG_NUMBER_RULE)),
    ]
    refused = np.logical_or.reduce([refusal.where for refusal in refusals])
    kept = pc.if_else(pa.array(refused), pa.scalar(None, pa.string()), texts)
    return Judged(_text_series(column, kept), empty, _that_happened(refusals))


def _hint(column: CustomerColumn, text: str) -> str:
    return did_you_mean(text, column.words) if column.words else "leave it empty: there are no rivals"


def _words(column: CustomerColumn) -> pa.Array:
    return pa.array(list(column.words), pa.string())


def _text_series(column: CustomerColumn, texts: pa.ChunkedArray) -> pd.Series[Any]:
    if column.kind == "text":
        return text_series(texts)
    codes = np.asarray(pc.fill_null(pc.index_in(texts, value_set=_words(column)), -1))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(column.words))))


def _spreadsheet_errors(cells: pa.ChunkedArray) -> Mask:
    if not pa.types.is_string(cells.type):
        return np.zeros(len(cells), dtype=bool)
    return mask(pc.is_in(pc.utf8_trim_whitespace(cells), value_set=pa.array(SPREADSHEET_ERRORS)))


def _rounded(cells: pa.ChunkedArray) -> Mask:
    if not pa.types.is_floating(cells.type):
        return np.zeros(len(cells), dtype=bool)
    return mask(pc.greater_equal(pc.abs(cells), LONG_NUMBER))


def _that_happened(refusals: list[Refusal]) -> tuple[Refusal, ...]:
    return tuple(refusal for refusal in refusals if refusal.where.any())
