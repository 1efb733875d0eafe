"""Reading a ledger back: which customers and months a total is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from sim.errors import InputError, did_you_mean
from sim.history import COSTS, yuan

if TYPE_CHECKING:
    import pyarrow.parquet as pq

SUMS = {
    "programme_cost": COSTS,
    "own_revenue": ("retained", "won_back", "shortfall"),
}
"""Measures that are sums of columns; a column is a measure too, and so is the beginning of its name up to a point."""


def trace(ledger: Path, measure: str, by: Literal["month", "customer"] = "month") -> pd.Series[int]:
    """Return the sum of a ledger's rows for a measure by month or by customer, whole 1/10,000 yuan.

    A measure is a column of the ledger, `programme_cost`, `own_revenue`, or `revenue.` and a carrier.
    """
    total: pd.Series[int] = pd.Series(dtype="int64")
    for rows in _groups(ledger, measure, [by]):
        added = rows.groupby(by, observed=True, sort=False)["amount"].sum()
        total = pd.concat([total, added]).groupby(level=0, sort=False).sum()
    return total.sort_index().rename(measure).rename_axis(by)


def rows_of(ledger: Path, measure: str, month: int) -> pd.DataFrame:
    """Return the customers that a month's total is made of, yuan, those with most of it first."""
    found = [rows[rows["month"] == month] for rows in _groups(ledger, measure, ["month", "customer"])]
    rows = pd.concat(found, ignore_index=True)
    rows = rows[rows["amount"] != 0].sort_values("amount", ascending=False, kind="stable", ignore_index=True)
    return pd.DataFrame({"customer": rows["customer"], "yuan": yuan(rows["amount"].to_numpy())})


def _groups(ledger: Path, measure: str, keys: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Yield the keys and the amount of a measure, one month at a time, so that memory stays small."""
    import pyarrow.parquet as pq

    if not ledger.is_file():
        raise InputError(f"{ledger}: no such file; write one with keystay simulate --ledger")
    with pq.ParquetFile(ledger) as file:
        columns = _columns(file, measure)
        for number in range(file.num_row_groups):
            rows: Any = file.read_row_group(number, columns=[*keys, *columns]).to_pandas()
            yield pd.DataFrame({**{key: rows[key] for key in keys}, "amount": rows[list(columns)].sum(axis=1)})


def _columns(file: pq.ParquetFile, measure: str) -> tuple[str, ...]:
    names: list[str] = [name for name in file.schema_arrow.names if name not in ("month", "customer")]
    found = SUMS.get(measure) or tuple(name for name in names if name == measure or name.startswith(f"{measure}."))
    if not found:
        raise InputError(f"unknown measure; {did_you_mean(measure, [*names, *SUMS])}")
    return found
