"""The validation as a page of the documentation and as a table, each replaced whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.sheets import csv_bytes
from sim.errors import KeystayError

if TYPE_CHECKING:
    from experiments.validation import Validation

PAGE = "validation.md"
TABLE = "validation.csv"
HEAD = """\
# Validation

What the shipped market shows, beside what others published. This page is written by `keystay validate-model` and by
nobody's hand: it holds what was measured, met or not. *Assumed* settings were chosen with these regularities in view,
on cities other than those measured here. A regularity counts as met only where the whole 95 % interval lies inside the
expected range. The interval is over cities, each with customers and
futures of its own; it says nothing about settings that are *assumed*. That of an allocation problem which others
published is from our value to our certified bound instead: its optimum is proven to lie there. `skipped` means that
what it takes isn't there, such as published data below `KEYSTAY_DATA`; `reported`, that there is nothing to hold the
figure against.
"""
FOOT = """\
Tests of the project hold further closed forms: waits by rank against Cobham's law, awareness under steady letters,
equal accounts that share equally, and the bound of the relaxation above the best plan, that above what few variables
find.

The same figures stand in `validation.csv`, one row a regularity. Marks such as D13 are explained on the page about
[the model](model.md#the-domain-s-systems).
"""


def write_validation(done: Validation, folder: Path) -> list[Path]:
    """Write page and table into a folder and return their places; an older page is replaced in one step."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in ((PAGE, page(done).encode()), (TABLE, csv_bytes(rounded(done.table)))):
            replace_file(folder / name, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeystayError(f"{folder}: can't be written ({reason}); name another folder with --out") from None
    return [folder / PAGE, folder / TABLE]


def replace_file(place: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that nobody ever sees half of it."""
    number, name = tempfile.mkstemp(prefix=f".{place.name}-", dir=place.parent)
    staged = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        staged.chmod(0o644)
        staged.replace(place)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise


def page(done: Validation) -> str:
    """Return the page; it holds no date and nothing of the machine it was made on."""
    counts = done.table["verdict"].value_counts()
    told = ", ".join(f"{counts[name]} {name}" for name in ("met", "not met", "skipped", "reported") if name in counts)
    entries = (f"{row['name']}\n: {row['how']}" for row in done.table.to_dict("records") if row["how"])
    return "\n".join(
        [
            HEAD,
            f"**{told}.** {sizes_told(done)}\n",
            markdown(shown_table(done.table)),
            "\n## How each is measured\n",
            "\n\n".join(entries),
            "",
            FOOT,
        ]
    )


def sizes_told(done: Validation) -> str:
    """Return in words how much was simulated, and what was set differently."""
    n = done.sizes
    told = (
        f"Measured in {n.cities} cities of {n.customers:,} customers with {n.futures} futures each; allocation in "
        f"{n.planned_cities} cities of {n.planned_customers:,} with {n.planned_futures} futures; {n.buildings} "
        f"buildings of 100 tenants, {n.copies} times over; published knapsacks left "
        f"at a certified gap of {100 * n.gap:g} % where it is reached."
    )
    if not done.overrides:
        return told
    changed = ", ".join(f"`{setting}`" for setting in done.overrides)
    return f"{told} These settings differ from the shipped scenario: {changed}."


def shown_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as people read it."""
    records: list[dict[Any, Any]] = table.to_dict("records")
    return pd.DataFrame(
        {
            "regularity": [row["name"] for row in records],
            "observed": [number(row["observed"], row["unit"]) for row in records],
            "95 % interval": [interval(row) for row in records],
            "expected": [expected(row) for row in records],
            "unit": ["" if row["unit"] == "share" else row["unit"] for row in records],
            "source": [row["source"] for row in records],
            "verdict": [row["verdict"] for row in records],
        }
    )


def screen_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as a screen has room for it: the unit behind the name, sources on the page only."""
    shown = shown_table(table)
    named = [f"{name}, {unit}" if unit else name for name, unit in zip(shown["regularity"], shown["unit"], strict=True)]
    return shown.assign(regularity=named).drop(columns=["unit", "source"])


def markdown(table: pd.DataFrame) -> str:
    """Return a table in Markdown; verdicts that aren't met stand out."""
    rows = [list(map(str, row)) for row in table.itertuples(index=False)]
    lines = [list(map(str, table)), ["---"] * table.shape[1], *rows]
    cells = (["**not met**" if cell == "not met" else cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def number(value: float, unit: str) -> str:
    """Return a figure in its unit, without a needless sign.

    >>> number(0.1034, "share"), number(-2.73, "elasticity"), number(-101427.2, "yuan a year")
    ('10.3 %', '-2.73', '-101,427')
    """
    if not np.isfinite(value):
        return "–"
    if unit == "share":
        text = f"{100 * value:.1f} %" if abs(value) >= 0.01 or value == 0 else f"{100 * value:.2f} %"
    elif unit.startswith("yuan"):
        text = f"{value:,.0f}"
    elif unit == "value":
        text = f"{value:,.1f}"
    elif unit.startswith("probability"):
        text = f"{value:.4f}"
    else:
        text = f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.4f}"
    return text if text.strip("-0., %") else text.removeprefix("-")


def interval(row: dict[Any, Any]) -> str:
    """Return the interval, nothing where chance has no part."""
    if not np.isfinite([row["low"], row["high"]]).all() or row["low"] == row["high"]:
        return ""
    return f"{number(row['low'], row['unit'])} to {number(row['high'], row['unit'])}"


def expected(row: dict[Any, Any]) -> str:
    """Return the expected range in words."""
    low, high = row["expected_low"], row["expected_high"]
    if np.isfinite(low) and np.isfinite(high):
        if high - low < 0.011 and row["unit"] == "yuan a month":
            return number((low + high) / 2, row["unit"])
        return f"{bound(low, row)} to {bound(high, row)}" if high > low else bound(low, row)
    if np.isfinite(low):
        return f"above {bound(low, row)}"
    return f"below {bound(high, row)}" if np.isfinite(high) else ""


def bound(value: float, row: dict[Any, Any]) -> str:
    """Return an end of a range as short as it can be told.

    >>> bound(0.75, {"unit": "share"}), bound(-3.1, {"unit": "elasticity"}), bound(1e-6, {"unit": "share"})
    ('75 %', '-3.1', '1e-06')
    """
    if row["unit"] == "share" and not 0 < abs(value) < 1e-4:
        return f"{100 * value:g} %"
    return f"{value:g}"


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with figures of six digits, so that the last bits of a machine don't show."""
    figures = table.select_dtypes("number").columns
    return table.assign(**{name: [float(f"{value:.6g}") for value in table[name]] for name in figures})
