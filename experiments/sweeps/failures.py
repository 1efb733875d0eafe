"""Failures: in which cells of a sweep a policy falls short of what it is to reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.answer import NOTHING, words
from experiments.sweeps.amounts import amounts
from experiments.sweeps.outcomes import PLACE, outcomes
from optimize.worth import paired_difference
from sim.errors import InputError

Floats = NDArray[np.float64]
WORST = 0.25
"""Share of the cells that fail where a policy has nothing to be compared with."""


class Failures(NamedTuple):
    """Which cells fail, and what that means."""

    cells: pd.DataFrame
    """One row a cell in the sweep's order: cell, value, rival that is best there, failed, unsure (the 95 % interval of
    the value holds the threshold)."""
    threshold: float
    meaning: str
    """What failing is, as the end of a sentence about the policy."""
    policy: str

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Whether each cell fails."""
        return self.cells["failed"].to_numpy(dtype=bool)


def failures(
    cells: pd.DataFrame,
    runs: pd.DataFrame,
    measure: str,
    policy: str,
    against: Sequence[str] | None = None,
    *,
    below: float | None = None,
    worst: float | None = None,
    replications: int | None = None,
    folder: str = PLACE,
) -> Failures:
    """Return where a policy fails: where its lead over the best of `against` is below a threshold.

    Without `against` the others are all rules of thumb of the sweep, doing nothing if there are none; the threshold is
    `below`, 0 unless given, or such that the `worst` share of cells fails. A policy without others fails in the worst
    quarter by its measure itself.
    """
    if below is not None and worst is not None:
        raise InputError("below and worst are two ways to say what fails; give one of them")
    if worst is not None and not 0 < worst < 1:
        raise InputError(f"worst: {worst:g} is no share between 0 and 1; give one such as 0.25")
    others = _rivals(runs, policy) if against is None else list(against)
    rivals: list[str | None] = [*others] or [None]
    leads = [outcomes(cells, runs, measure, policy, name, replications, folder) for name in rivals]
    table = _closest(cells, leads, others)
    if below is None and worst is None:
        below, worst = (0.0, None) if others else (None, WORST)
    values = table["value"].to_numpy(dtype=float)
    threshold = float(below or 0.0) if worst is None else _worst(values, worst)
    table["failed"] = values < threshold if worst is None else values <= threshold
    table["unsure"] = (table["low"] < threshold) & (table["high"] > threshold)
    meaning = _meaning(measure, others, threshold, worst)
    return Failures(table.drop(columns=["low", "high"]), threshold, meaning, policy)


def _rivals(runs: pd.DataFrame, policy: str) -> list[str]:
    others = [str(name) for name in runs["policy"].unique() if name != policy]
    rules = [name for name in others if name != NOTHING]
    return rules or others


def _closest(cells: pd.DataFrame, leads: list[pd.DataFrame], others: list[str]) -> pd.DataFrame:
    """Return each cell's lead over the rival that is best there, with its paired interval."""
    means = np.stack([np.nanmean(lead.to_numpy(dtype=float), axis=1) for lead in leads])
    best = means.argmin(axis=0)
    rows = []
    for at, (cell, rival) in enumerate(zip(cells["cell"], best, strict=True)):
        lived = leads[rival].iloc[at].dropna().to_numpy(dtype=float)
        found = paired_difference(lived, np.zeros_like(lived))
        rows.append((cell, found.mean, others[rival] if others else "", found.low, found.high))
    return pd.DataFrame(rows, columns=["cell", "value", "rival", "low", "high"])


def _worst(values: Floats, part: float) -> float:
    """Return the value up to which about a share of the cells lies, equal ones together, but never all; else nan.

    >>> _worst(np.array([1.0, 1.0, 2.0, 3.0]), 0.25), _worst(np.array([1.0, 1.0]), 0.25)
    (1.0, nan)
    """
    cuts = np.unique(values)[:-1]
    shares = [float((values <= cut).mean()) for cut in cuts]
    return float(min(zip(cuts, shares, strict=True), key=lambda one: abs(one[1] - part))[0]) if shares else float("nan")


def _meaning(measure: str, others: list[str], threshold: float, worst: float | None) -> str:
    """Return what failing means.

    >>> _meaning("retained_revenue", ["nothing"], 0.0, None)
    'brings no more retained revenue than doing nothing'
    """
    told = amounts(measure, threshold).full(threshold)
    rival = words(others[0]) if len(others) == 1 else "the best of its rivals there"
    if worst is not None:
        lead = f"lead in {words(measure)} over {rival}" if others else words(measure)
        return f"is in the worst {100 * worst:.0f} % of cells by its {lead} ({told} or less)"
    if not others:
        return f"brings less {words(measure)} than {told}"
    if threshold == 0:
        return f"brings no more {words(measure)} than {rival}"
    return f"leads {rival} by less than {told} of {words(measure)}"
