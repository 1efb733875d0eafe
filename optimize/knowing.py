"""What knowing more is worth: the best of several plans, each linear in one unknown number, after that is seen better.

Plan k brings a_k + b_k x, where x is believed to be normal. Who will see x before choosing gets the upper envelope of
these lines, who won't the best line at the mean. A noisy look moves the mean of x, by a normal amount beforehand; a
perfect one by all that is unknown. The expectation over the envelope is a sum of unit-normal loss functions, one at
each corner (Raiffa & Schlaifer 1961, "Applied Statistical Decision Theory"; Frazier, Powell & Dayanik 2009, "The
knowledge-gradient policy for correlated normal beliefs").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
FIRST = (0.0, -0.1, 0.1, -0.3, 0.3, -1.0, 1.0, -3.0, 3.0)
"""Standard deviations from the mean at which plans are made at first: close to it too, where small trials move x."""
SLIGHT = 1e-9
"""Standard deviations by which two x differ at least."""
SAME = 1e-15
"""Share of the largest slope that two slopes differ by at least."""
BEYOND = 35.0
"""Standard deviations beyond which nothing happens."""


class Lines(NamedTuple):
    """What plans bring: `at_mean` when x is at its mean, `slope` for a unit of x more; shape (plans,)."""

    at_mean: Floats
    slope: Floats


Found = tuple[float, float]
"""The line of one plan."""


def loss(z: Floats | float) -> Floats:
    """Return the unit-normal loss: the mean of what a standard normal number is above z.

    >>> round(float(loss(0.0)), 6), round(float(loss(1.0)), 6)
    (0.398942, 0.083315)
    """
    return np.asarray(stats.norm.pdf(z) - np.asarray(z) * stats.norm.sf(z))


def envelope(lines: Lines) -> tuple[Lines, Floats]:
    """Return the lines of the upper envelope by rising slope, and the x, counted from the mean, of its corners.

    >>> kept, corners = envelope(Lines(np.array([0.0, 1.0, -5.0]), np.array([0.0, 1.0, 0.5])))
    >>> kept.slope.tolist(), corners.tolist()
    ([0.0, 1.0], [-1.0])
    """
    level = max(float(np.abs(lines.slope).max(initial=0.0)) * SAME, np.finfo(float).tiny ** 0.5)
    kept: list[int] = []
    corners: list[float] = []
    for line in np.lexsort((lines.at_mean, lines.slope)):
        meets = -np.inf
        while kept:
            rise = lines.slope[line] - lines.slope[kept[-1]]
            drop = lines.at_mean[kept[-1]] - lines.at_mean[line]
            meets = drop / rise if rise > level else np.copysign(np.inf, drop)
            if meets > (corners[-1] if corners else -np.inf):
                break
            kept.pop()
            corners = corners[: max(len(kept) - 1, 0)]
        if np.isposinf(meets):
            continue
        if kept:
            corners.append(float(meets))
        kept.append(int(line))
    return Lines(lines.at_mean[kept], lines.slope[kept]), np.array(corners)


def worth_of_knowing(lines: Lines, spread: Floats | float) -> Floats:
    """Return what is gained on average by choosing after the mean of x has moved, in the lines' units.

    `spread` is the standard deviation of how far it will have moved, shape (...). Nil where it doesn't move, and never
    less where it moves more.
    """
    kept, corners = envelope(lines)
    moved = np.asarray(spread, dtype=float)[..., None]
    far = np.minimum(np.abs(corners), BEYOND * moved) / np.maximum(moved, np.finfo(float).tiny)
    return np.asarray((np.diff(kept.slope) * moved * loss(far)).sum(axis=-1))


def moved_by(doubt: float, error: Floats) -> Floats:
    """Return the standard deviation of how far a measurement with this error will move the mean of what is believed.

    >>> moved_by(3.0, np.array([0.0, 4.0, np.inf])).round(9).tolist()
    [3.0, 1.8, 0.0]
    """
    if doubt == 0:
        return np.zeros_like(error)
    return np.asarray(doubt * (doubt / np.hypot(doubt, error)))


def lines_of(solve: Callable[[float], Found], doubt: float, most: int) -> Lines:
    """Return the plans that are best for some x, as lines; `solve` returns a best plan's line for an x from the mean.

    It is asked at some x around the mean, then at corners of the envelope, the likeliest first, until no corner hides a
    better plan or `most` plans are made: the method of Eisner & Severance (1976), exact where all corners were asked.
    What is left out makes knowing worth less than it is.
    """
    asked = [0.0] if doubt == 0 else [sd * doubt for sd in FIRST[:most]]
    found = [solve(x) for x in asked]
    while len(found) < most and doubt > 0:
        lines = Lines(*(np.array(part) for part in zip(*found, strict=True)))
        kept, corners = envelope(lines)
        new = np.array([np.abs(np.array(asked) - x).min() > SLIGHT * doubt for x in corners], dtype=bool)
        if not new.any():
            break
        weight = np.where(new, np.diff(kept.slope) * stats.norm.pdf(corners / doubt), -1.0)
        x = float(corners[weight.argmax()])
        asked.append(x)
        found.append(solve(x))
    return Lines(*(np.array(part) for part in zip(*found, strict=True)))
