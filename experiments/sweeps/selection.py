"""Selection of the best alternative with a promised probability, replication by replication.

The procedure is KN of Kim & Nelson (2001), "A fully sequential procedure for indifference-zone selection in
simulation", ACM Transactions on Modeling and Computer Simulation 11(3), 251-273, with their constant c = 1. It works on
the variances of differences, so that common random numbers make it faster and leave its promise whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.sampling import Floats, Sample, Selected, asked, check_alternatives
from sim.errors import InputError

Mask = NDArray[np.bool_]


class Zone(NamedTuple):
    """How far apart alternatives are to be, and when each pair of them has surely been told apart."""

    ahead_by: float
    reach: Floats
    """Replications, shape (alternatives, alternatives)."""


def select_best(
    sample: Sample,
    alternatives: tuple[str, ...],
    *,
    ahead_by: float,
    confidence: float = 0.95,
    first: int = 10,
    most: int = 1000,
    at_once: int = 1,
) -> Selected:
    """Return the alternative with the largest expected value, right with `confidence` where it leads by `ahead_by`.

    All alternatives live through the `first` replications, then those still in through more, `at_once` at a time and
    `most` in all. What is chosen doesn't depend on `at_once`: with more at a time more workers are busy, and a few
    replications too many are lived. Raises `InputError` where a question can't be answered.

    >>> def lengths(names, replications):
    ...     return np.array([[float(len(name))] * len(replications) for name in names])
    >>> chosen = select_best(lengths, ("plan", "nothing"), ahead_by=1.0)
    >>> chosen.best, chosen.decided
    ('nothing', True)
    """
    check_alternatives(alternatives, first, most, at_once)
    check_promise(alternatives, ahead_by, confidence)
    values = asked(sample, alternatives, np.arange(first))
    zone = Zone(ahead_by, reach(values, ahead_by, confidence))
    total, done = values.sum(axis=1), first
    used = np.full(len(alternatives), first)
    still = screened(total / first, first, zone, np.ones(len(alternatives), dtype=np.bool_))
    while not told_apart(still, zone, done) and done < most:
        for column in _more(sample, alternatives, still, done, min(at_once, most - done)).T:
            done += 1
            total, used = total + np.where(still, column, 0.0), used + still
            still = screened(total / used, done, zone, still)
            if told_apart(still, zone, done):
                break
    return _selected(alternatives, total / used, used, still, told_apart(still, zone, done), zone, confidence)


def check_promise(alternatives: tuple[str, ...], ahead_by: float, confidence: float) -> None:
    """Raise an error for a promise that nobody can make, or that needs no replications."""
    if not (np.isfinite(ahead_by) and ahead_by > 0):
        raise InputError(f"ahead_by is {ahead_by}: give a difference above 0 that is worth telling apart")
    if not 1 / len(alternatives) < confidence < 1:
        by_lot = f"more than 1/{len(alternatives)}, which drawing lots would keep, and less than 1"
        raise InputError(f"confidence is {confidence}: it must be {by_lot}")


def reach(values: Floats, ahead_by: float, confidence: float) -> Floats:
    """Return after how many replications no doubt is left of each pair; values of shape (alternatives, first).

    It is h² S² / ahead_by², with S² the variance of a pair's difference in the first replications.
    """
    count, first = values.shape
    eta = 0.5 * ((2 * (1 - confidence) / (count - 1)) ** (-2 / (first - 1)) - 1)
    variance = (values[:, None] - values[None]).var(axis=2, ddof=1)
    return np.asarray(2 * eta * (first - 1) * variance / ahead_by**2)


def screened(mean: Floats, done: int, zone: Zone, still: Mask) -> Mask:
    """Return which alternatives stay in after so many replications: those that none still in is too far ahead of."""
    room = np.maximum(0.0, zone.ahead_by / (2 * done) * (zone.reach - done))
    behind = mean[:, None] < mean[None] - room
    return still & ~(behind & still).any(axis=1)


def told_apart(still: Mask, zone: Zone, done: int) -> bool:
    """Return whether one alternative is left, or those left have lived long enough to be taken as equal."""
    return bool(still.sum() == 1 or zone.reach[np.ix_(still, still)].max() < done)


def _more(sample: Sample, alternatives: tuple[str, ...], still: Mask, done: int, count: int) -> Floats:
    """Return further replications of all alternatives, nought of those that are out."""
    brought = np.zeros((len(alternatives), count))
    names = tuple(name for name, kept in zip(alternatives, still, strict=True) if kept)
    brought[still] = asked(sample, names, np.arange(done, done + count))
    return brought


def _selected(
    alternatives: tuple[str, ...], mean: Floats, used: Floats, still: Mask, decided: bool, zone: Zone, confidence: float
) -> Selected:
    best = alternatives[int(np.where(still, mean, -np.inf).argmax())]
    eliminated = pd.array(np.where(still, 0, used), dtype="Int64")
    eliminated[still] = pd.NA
    table = pd.DataFrame({"alternative": alternatives, "replications": used, "mean": mean, "eliminated": eliminated})
    return Selected(best, decided, table, _guarantee(best, decided, still, zone, confidence))


def _guarantee(best: str, decided: bool, still: Mask, zone: Zone, confidence: float) -> str:
    if not decided:
        left = f"{int(still.sum())} alternatives were still in when the most replications allowed were lived"
        return f"Nothing is promised: {left}; {best} has the largest mean of them. Allow more, or ask for a wider lead."
    return (
        f"With probability {100 * confidence:g} % this is the alternative with the largest expected value, if that one "
        f"leads every other by {zone.ahead_by:g} or more, and what replications bring is normal. "
        "Where the lead is smaller, no probability is promised."
    )
