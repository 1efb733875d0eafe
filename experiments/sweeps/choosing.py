"""The best policy of a sweep, chosen with a promised probability, and no more runs lived than that takes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.agenda import Agenda, Sweep
from experiments.sweeps.folder import Swept
from experiments.sweeps.living import Living, Tell, lived_in
from experiments.sweeps.model import run_of
from experiments.sweeps.sampling import Floats, Selected
from experiments.sweeps.selection import select_best
from experiments.sweeps.sweep import begun, ended
from sim.errors import InputError, did_you_mean

FIRST = 40
"""Replications of every policy before any goes out: with fewer the promise isn't kept where luck is skewed
(docs/comparing.md)."""
AT_ONCE = 10


class Chosen(NamedTuple):
    """What was chosen among a sweep's policies, and the runs that it rests on."""

    selected: Selected
    measure: str
    swept: Swept

    def _repr_html_(self) -> str:
        """Return the choice for a notebook."""
        return self.selected._repr_html_()


def choose(
    asked: Sweep,
    folder: Path,
    *,
    ahead_by: float,
    measure: str | None = None,
    confidence: float = 0.95,
    first: int = FIRST,
    most: int = 1000,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Tell | None = None,
    command: Sequence[str] = (),
) -> Chosen:
    """Return the policy with the largest expected measure, by its mean over all cells, scenarios weighing the same.

    It is right with `confidence` where the best leads by `ahead_by` or more (`experiments.sweeps.selection`). Runs are
    kept in `folder`, and the same call again continues.
    """
    named = measure or asked.model.measures[0]
    if named not in asked.model.measures:
        raise InputError(f"measure '{named}': none of this sweep's; {did_you_mean(named, asked.model.measures)}")
    sweep = asked._replace(replications=first, precision=None)
    living = begun(sweep, Agenda(sweep, measure=named), folder, progress, 0, workers, command)
    with lived_in(living, executor, workers) as (pool, ahead):

        def sample(policies: tuple[str, ...], replications: NDArray[np.int64]) -> Floats:
            _live(living, pool, ahead, policies, replications)
            return _means(living, policies, replications)

        selected = select_best(
            sample,
            sweep.policies,
            ahead_by=ahead_by,
            confidence=confidence,
            first=first,
            most=most,
            at_once=AT_ONCE,
        )
    return Chosen(selected, named, ended(living))


def _live(
    living: Living, pool: Executor, ahead: int, policies: tuple[str, ...], replications: NDArray[np.int64]
) -> None:
    """Live what is missing of some policies' replications in every cell."""
    runs = [
        run_of(cell, policy, int(number))
        for cell in living.sweep.cells
        for number in replications
        for policy in policies
        if (policy, int(number)) not in living.agenda.seen[cell.number]
    ]
    if runs:
        living.live_these(pool, ahead, runs)


def _means(living: Living, policies: tuple[str, ...], replications: NDArray[np.int64]) -> Floats:
    """Return means over cells, shape (policies, replications); every scenario weighs the same."""
    cells = living.sweep.cells
    scenarios = [cell.scenario for cell in cells]
    weights = np.array([1 / scenarios.count(cell.scenario) for cell in cells])
    seen = living.agenda.seen
    values = np.array(
        [[[seen[cell.number][policy, int(n)] for n in replications] for policy in policies] for cell in cells]
    )
    return np.asarray(np.tensordot(weights / weights.sum(), values, axes=1))
