"""A randomised trial as a table: who got which treatment, what came of it, and each one's cell of covariates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError, did_you_mean

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
LEAST = 2
"""People that each arm must have: fewer tell nothing of how outcomes vary."""


class TrialTable(NamedTuple):
    """One row a person; arm 0 is the control."""

    arms: tuple[str, ...]
    covariates: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    """What each covariate can be."""
    cells: Whole
    """Level of each covariate in each cell that occurs, shape (cells, covariates)."""
    arm: Whole
    """Shape (people,), as the next three."""
    cell: Whole
    outcome: Floats
    ids: NDArray[np.str_] | None = None
    """Whose account a person is, where the table says."""

    @property
    def treatments(self) -> tuple[str, ...]:
        """Return what was tried beside the control."""
        return self.arms[1:]

    @property
    def cell_names(self) -> tuple[str, ...]:
        """Return what each cell is called; a trial without covariates has one cell, everybody."""
        if not self.covariates:
            return ("everybody",)
        named = [
            [f"{name} {self.levels[position][level]}" for level in self.cells[:, position]]
            for position, name in enumerate(self.covariates)
        ]
        return tuple(", ".join(parts) for parts in zip(*named, strict=True))


class Sums(NamedTuple):
    """All that the estimates need of a trial, shape (..., cells, arms)."""

    people: Floats
    total: Floats
    square: Floats

    @property
    def size(self) -> Floats:
        """Return how many people each cell has, shape (..., cells)."""
        return np.asarray(self.people.sum(axis=-1))

    def less(self, part: Sums) -> Sums:
        """Return the sums without those of a part."""
        return Sums(*(whole - some for whole, some in zip(self, part, strict=True)))


def tabulate(
    treatment: Sequence[str] | NDArray[np.str_],
    outcome: Sequence[float] | Floats,
    covariates: Mapping[str, Sequence[str] | NDArray[np.str_]],
    control: str,
    ids: Sequence[str] | NDArray[np.str_] | None = None,
) -> TrialTable:
    """Return a trial from its columns, treatments in the order of their names.

    Raises InputError where nobody had the control, an arm has fewer than two people, or nothing was tried.

    >>> trial = tabulate(["no", "yes", "no", "yes"], [0.0, 1.0, 0.0, 2.0], {"new": ["y", "y", "n", "n"]}, "no")
    >>> trial.arms, trial.cell_names
    (('no', 'yes'), ('new n', 'new y'))
    """
    codes, found = pd.factorize(np.asarray(treatment, dtype=object), sort=True)
    names = [str(name) for name in found]
    if control not in names:
        raise InputError(f"nobody had the treatment '{control}', which is to be the control; {_hint(control, names)}")
    arms = (control, *(name for name in names if name != control))
    if len(arms) < 2:
        raise InputError(f"everybody had '{control}'; a trial needs another treatment to compare with the control")
    place = np.array([arms.index(name) for name in names])
    arm = np.asarray(place[codes], dtype=np.int64)
    few = [name for name, count in zip(arms, np.bincount(arm), strict=True) if count < LEAST]
    if few:
        raise InputError(f"the treatment '{few[0]}' has fewer than {LEAST} people; leave its rows out, or add to them")
    factors = [pd.factorize(np.asarray(values, dtype=object), sort=True) for values in covariates.values()]
    levels = tuple(tuple(str(level) for level in found) for _, found in factors)
    flat = np.zeros(arm.size, dtype=np.int64)
    for each, found in factors:
        flat = flat * len(found) + each
    there, cell = np.unique(flat, return_inverse=True)
    return TrialTable(
        arms=arms,
        covariates=tuple(covariates),
        levels=levels,
        cells=_unravelled(there, levels),
        arm=arm,
        cell=np.asarray(cell, dtype=np.int64),
        outcome=np.asarray(outcome, dtype=float),
        ids=None if ids is None else np.asarray(ids, dtype=np.str_),
    )


def cell_of(trial: TrialTable, covariates: Mapping[str, NDArray[np.str_]], people: int) -> Whole:
    """Return the cell of others by their covariates, shape (people,); -1 where the trial had nobody like them."""
    flat, known = np.zeros(people, dtype=np.int64), np.ones(people, dtype=bool)
    table = np.zeros(len(trial.cells), dtype=np.int64)
    for position, name in enumerate(trial.covariates):
        levels = pd.Index(trial.levels[position])
        code = levels.get_indexer(pd.Index(covariates[name]))
        known &= code >= 0
        flat = flat * len(levels) + np.maximum(code, 0)
        table = table * len(levels) + trial.cells[:, position]
    at = np.minimum(np.searchsorted(table, flat), table.size - 1)
    return np.where(known & (table[at] == flat), at, -1)


def sums_of(trial: TrialTable, group: Whole | None = None, groups: int = 1) -> Sums:
    """Return the sums, shape (cells, arms), or by a group of people too, shape (groups, cells, arms)."""
    arms, cells = len(trial.arms), len(trial.cells)
    place = trial.cell * arms + trial.arm
    if group is not None:
        place = place + group * (cells * arms)
    shape = (cells, arms) if group is None else (groups, cells, arms)
    size = int(np.prod(shape))

    def summed(weights: Floats | None) -> Floats:
        return np.bincount(place, weights=weights, minlength=size).astype(float).reshape(shape)

    return Sums(summed(None), summed(trial.outcome), summed(trial.outcome**2))


def binned(values: Floats, edges: Sequence[float]) -> NDArray[np.str_]:
    """Return the name of each number's bin.

    >>> binned(np.array([1.0, 2.0, 9.0]), [2.0, 5.0]).tolist()
    ['below 2', '2 to 5', 'from 5']
    """
    inner = [f"{left:g} to {right:g}" for left, right in pairwise(edges)]
    names = np.array([f"below {edges[0]:g}", *inner, f"from {edges[-1]:g}"])
    return np.asarray(names[np.searchsorted(np.asarray(edges), values, side="right")])


def _unravelled(flat: Whole, levels: tuple[tuple[str, ...], ...]) -> Whole:
    shape = tuple(len(each) for each in levels)
    return np.stack(np.unravel_index(flat, shape), axis=-1) if shape else np.zeros((1, 0), dtype=np.int64)


def _hint(name: str, names: list[str]) -> str:
    hint = did_you_mean(name, names)
    return hint if len(names) <= 12 or hint.startswith("did") else f"there are {len(names)}, such as '{names[0]}'"
