"""The model's response, corrected by a trial: each family of treatments by one factor, as pilots reckon with it.

The true uplift of a family is x times what the response expects, x ~ N(1, doubt^2) (`pilot.doubt`). With u the uplifts
measured in a cell, C the covariance of their errors and e what the response expects there of the accounts of the book,
all cells together say x = sum(e' C^-1 u) / sum(e' C^-1 e), with the variance 1 / sum(e' C^-1 e).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.pilot_arm import family_of
from optimize.pilot_settings import Family
from optimize.response import Response
from optimize.trial_uplift import Measured

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
REVENUE = ("retained", "won_back", "shortfall", "breakage", "lines_lost")


class Factor(NamedTuple):
    """What a trial says of a family's uplift, as a multiple of what the response expects."""

    family: Family
    measured: float
    error: float
    """Standard error of what was measured."""
    believed: float
    """Drawn towards 1 as far as it is noise."""


def expected_by_cell(response: Response, rows: list[int], cell: Whole, cells: int, unit: Floats) -> Floats:
    """Return the uplift expected of these rows of the menu by cell, shape (cells, rows), NaN where the book has nobody.

    `unit` is what a unit of the trial's outcome is worth at each account, yuan, nil for accounts that don't count,
    shape (customers,).
    """
    known = (cell >= 0) & (unit > 0)
    people = np.bincount(cell[known], minlength=cells).astype(float)
    found = []
    for row in rows:
        gain = (response.retained[row] - response.retained[0])[known] / unit[known]
        total = np.bincount(cell[known], weights=gain, minlength=cells)
        found.append(np.divide(total, people, out=np.full(cells, np.nan), where=people > 0))
    return np.stack(found, axis=-1)


def factors(
    decision: Decision, response: Response, found: Measured, rows: dict[int, int], expected: Floats
) -> list[Factor]:
    """Return what a trial says of each family tried; `rows` are rows of the menu by treatment of the trial.

    `expected` has a column for each of `rows`, in their order; `found` is what was measured in the same cells.
    """
    told, treatments = [], list(rows)
    of = [family_of(response.treatments[row]) for row in rows.values()]
    for family in dict.fromkeys(of):
        assert family is not None
        columns = [column for column, each in enumerate(of) if each == family]
        tried = [treatments[column] for column in columns]
        there = ~np.isnan(expected[:, columns]).any(axis=-1)
        e, u = expected[there][:, columns], found.uplift[there][:, tried]
        weighed = np.linalg.solve(found.noise[there][:, tried][:, :, tried], e[..., None])[..., 0]
        information, doubt = float((weighed * e).sum()), decision.pilot.doubt_of(family)
        measured = float((weighed * u).sum()) / information if information > 0 else 1.0
        trust = doubt**2 * information / (1 + doubt**2 * information)
        error = 1 / np.sqrt(information) if information > 0 else np.inf
        told.append(Factor(family, measured, float(error), 1 + trust * (measured - 1)))
    return told


def corrected(response: Response, told: list[Factor]) -> Response:
    """Return the response with the uplift of each family times what is believed of it; what treatments take stays."""
    by_family = {factor.family: factor.believed for factor in told}
    times = np.array([by_family.get(family_of(t), 1.0) for t in response.treatments])[:, None]  # type: ignore[arg-type]
    changed = {}
    for name in REVENUE:
        table: Floats = getattr(response, name)
        changed[name] = np.maximum(table[0] + times * (table - table[0]), 0.0)
    gross = response.contribution + response.cost
    changed["contribution"] = gross[0] + times * (gross - gross[0]) - response.cost
    return response._replace(**changed)


def in_words(told: list[Factor]) -> str:
    """Return what a trial says of the model, in a sentence without its end.

    >>> print(in_words([Factor("calls", 0.4, 0.5, 0.7)]))
    the trial says that calls bring 0.40 times what the model expects (standard error 0.50); the plan reckons with
    0.70
    """
    return "; ".join(
        f"the trial says that {factor.family} bring {factor.measured:.2f} times what the model expects (standard error "
        f"{factor.error:.2f}); the plan reckons with {factor.believed:.2f}"
        for factor in told
    )
