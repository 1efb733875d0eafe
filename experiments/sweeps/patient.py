"""PRIM, the patient rule induction method (Friedman & Fisher 1999), by ema_workbench: boxes peeled step by step.

Only the limits of its boxes are taken from the library; what lies in them is counted here. It is handed floats and text
only: with today's pandas its code for whole numbers fails, and its tables of boxes stay empty.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.box import End
from experiments.sweeps.extra import library

PEEL = 0.1
"""Share of the cases in the box that a step peels off one side: with some hundred cases, less is mostly noise."""


def peeled(points: pd.DataFrame, failed: NDArray[np.bool_], least: float) -> list[tuple[End, ...]]:
    """Return ever smaller boxes with ever more failures in them, down to a share `least` of the cases.

    `points` has floats, and text for words; the first box is everything, without ends.
    """
    columns = [f"x{at}" for at in range(points.shape[1])]  # it drops columns of certain names
    given = points.set_axis(columns, axis=1).reset_index(drop=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries it could use, and of coming changes in pandas
        prim = library("ema_workbench.analysis.prim", "discovery", "scenario discovery")
        box = prim.Prim(
            given,
            failed.astype(int),
            threshold=1e-9,  # of the last box, which isn't the one that is taken
            obj_function=prim.PRIMObjectiveFunctions.ORIGINAL,
            peel_alpha=PEEL,
            paste_alpha=PEEL,
            mass_min=least,
        ).find_box()
    every = box.box_lims[0]
    names = dict(zip(columns, points.columns, strict=True))
    return [_ends(limits, every, names) for limits in box.box_lims]


def _ends(limits: pd.DataFrame, every: pd.DataFrame, names: dict[str, str]) -> tuple[End, ...]:
    """Return the ends at which a box is smaller than everything."""
    found = []
    for column, name in names.items():
        low, high = limits[column]
        first, last = every[column]
        if isinstance(low, set):
            if low != first:
                found.append(End(name, "among", frozenset(map(str, low))))
            continue
        if low > first:
            found.append(End(name, "above", float(low)))
        if high < last:
            found.append(End(name, "below", float(high)))
    return tuple(found)
