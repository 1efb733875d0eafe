"""Where the points of a design are among the cells of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.uncertainty import Uncertainty, ends, whole

Floats = NDArray[np.float64]


def places(cells: pd.DataFrame, points: Floats, over: Mapping[str, Uncertainty]) -> NDArray[np.int64]:
    """Return the row of one scenario's cells at which each point of a design is, -1 where it is at none.

    Cells are known by the values of their settings, so that points a design repeats may be one cell or several. What
    takes whole numbers only was made whole, and what is neither number nor word is there as text.
    """
    there = [_told(cells[path], cells[path].tolist(), over[path]) for path in over]
    asked = [_told(cells[path], over[path].at(points[:, at]), over[path]) for at, path in enumerate(over)]
    row: dict[tuple[str, ...], int] = {}
    for at, key in enumerate(zip(*there, strict=True)):
        row.setdefault(key, at)
    return np.array([row.get(key, -1) for key in zip(*asked, strict=True)], dtype=np.int64)


def _told(column: pd.Series, values: list[Any], unknown: Uncertainty) -> list[str]:
    """Return values as they can be compared, whatever way they went through a file."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return [str(value) for value in values]
    if pd.api.types.is_integer_dtype(column):
        values = [whole(value, *ends(unknown)) if isinstance(value, float) else value for value in values]
    return [f"{float(value):.12g}" for value in values]
