"""Allocation under outlooks as values: the problem, and the choice that answers it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.problem import Problem
from optimize.risk import guarded

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Uncertain(NamedTuple):
    """An allocation problem whose options bring something else in each outlook, within limits that hold in all."""

    problem: Problem
    """With every limit; what its options bring as planned counts for nothing here."""
    worth: Floats
    """Yuan, shape (outlooks, options, accounts)."""
    less: Floats
    """Taken off what a choice is worth in an outlook before outlooks are weighed, yuan, shape (outlooks,)."""
    cap: Floats
    """Largest weight of each outlook (`optimize.risk.caps`), shape (outlooks,)."""
    nothing: Floats
    """Worth of doing nothing, less what is taken off, yuan, shape (outlooks,)."""


class Hedged(NamedTuple):
    """A choice that guards against outlooks, and how far from the best it can be."""

    option: Whole
    """Of each account, shape (accounts,)."""
    worth: Floats
    """In each outlook, yuan, shape (outlooks,)."""
    value: float
    """Guarded worth: of the outlooks' worth less what is taken off, at the darkest weights, yuan."""
    bound: float
    """No choice within the limits has a larger guarded worth, yuan."""
    nothing: float
    """Guarded worth of doing nothing, yuan."""
    weight: Floats
    """Of the outlooks, at which the bound was found; nan where it is an integer programme's, shape (outlooks,)."""
    status: str
    """'optimal' (within the gap asked for), 'gap missed' or 'node limit'."""
    method: str
    passes: int
    """Allocations made."""

    @property
    def gap(self) -> float:
        """Return the certified gap: (bound - value) / (bound - nothing)."""
        short = self.bound - self.value
        return short / max(abs(self.bound - self.nothing), abs(self.value - self.nothing)) if short > 0 else 0.0


def worth_of(given: Uncertain, option: Whole) -> Floats:
    """Return what a choice is worth in each outlook, yuan, shape (outlooks,)."""
    return np.asarray(given.worth[:, option, np.arange(option.size)].sum(axis=1))


def guarded_worth(given: Uncertain, option: Whole) -> float:
    """Return what a choice is worth under the attitude to risk, yuan."""
    return guarded(worth_of(given, option) - given.less, given.cap)


def usual_options(problem: Problem) -> Whole:
    """Return the first option allowed of each account, which what others bring is counted from."""
    return np.asarray(problem.allowed.argmax(axis=0))
