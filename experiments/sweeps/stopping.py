"""Replications until differences of policies are known well enough.

The rule looks at the results of the first replications and at nothing else, so that it says the same on any number of
workers. Stopping when the estimated interval is short enough goes back to Chow & Robbins (1965), "On the asymptotic
theory of fixed-width sequential confidence intervals for the mean", The Annals of Mathematical Statistics 36, 457-462.
Their coverage is right as the number of replications grows; with few, a variance that is small by luck stops too early.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.simultaneous import critical_value
from sim.errors import InputError

Floats = NDArray[np.float64]
LEAST = 20
"""Replications before the rule looks for the first time.

With 20, 95 % intervals at the end covered in 93 to 95 % of 1,000 trials where differences were normal, in 91 to 93 %
where they were exponential; with 5 in 91 to 95 % and 82 to 93 % (`benchmarks/bench_comparing.py`).
"""


class Enough(NamedTuple):
    """Whether to stop, and how many replications there are to be in all by the next look."""

    stop: bool
    replications: int
    mean: Floats
    """Mean differences, shape (pairs,)."""
    half_width: Floats
    """Of their intervals, which hold together, shape (pairs,)."""
    reason: str


def enough(
    differences: Floats,
    *,
    relative: float | None = None,
    absolute: float | None = None,
    level: float = 0.95,
    least: int = LEAST,
    most: int,
) -> Enough:
    """Return whether paired differences, of shape (pairs, replications), are known to within what is asked for.

    A pair is known when half its interval is no wider than `relative` times its absolute mean, or than `absolute`; one
    of the two will do, and a difference of about nought needs `absolute`, or it is tried until `most`. Replications
    that have nan anywhere failed: they count as lived and tell nothing.

    >>> apart = np.array([[2.0, 1.9, 2.1, 2.0, 1.9, 2.1]])
    >>> enough(apart, relative=0.1, least=5, most=100).stop
    True
    >>> enough(apart, absolute=0.02, least=5, most=100).replications
    12
    """
    _check(relative, absolute, least, most)
    lived = differences.shape[1]
    whole = differences[:, np.isfinite(differences).all(axis=0)]
    mean, half = _intervals(whole, level)
    if lived < min(least, most):
        return Enough(False, min(least, most), mean, half, f"fewer than {least} replications")
    wanted = np.maximum((relative or 0.0) * np.abs(mean), absolute or 0.0)
    if (half <= wanted).all():
        return Enough(True, lived, mean, half, "all differences are known well enough")
    if lived >= most:
        return Enough(True, lived, mean, half, f"the most replications allowed, {most}, were lived")
    return Enough(False, min(most, _next(lived, half, wanted)), mean, half, "an interval is too wide")


def _intervals(whole: Floats, level: float) -> tuple[Floats, Floats]:
    """Return means and half-widths that hold together; without end where there are fewer than two replications."""
    pairs, replications = whole.shape
    if replications < 2:
        return np.full(pairs, np.nan), np.full(pairs, np.inf)
    error = whole.std(axis=1, ddof=1) / math.sqrt(replications)
    return whole.mean(axis=1), error * _critical(whole, level)


def _critical(whole: Floats, level: float) -> float:
    """Return how many standard errors an end is away; exact for one pair, by keyed draws for several."""
    if len(whole) > 1:
        return critical_value(whole.T, level)
    from scipy.special import stdtrit

    return float(stdtrit(whole.shape[1] - 1, 0.5 + level / 2))


def _next(lived: int, half: Floats, wanted: Floats) -> int:
    """Return how many replications the widest interval needs if it shrinks with their root, at most twice as many."""
    behind = ~(half <= wanted)
    excess = np.divide(half[behind], wanted[behind], out=np.full(behind.sum(), np.inf), where=wanted[behind] > 0)
    return lived + max(1, math.ceil(lived * min(1.0, float(excess.max()) ** 2 - 1)))


def _check(relative: float | None, absolute: float | None, least: int, most: int) -> None:
    """Raise an error where nothing is asked for, or something that can't be."""
    if relative is None and absolute is None:
        raise InputError("replications: give relative or absolute, how wide half an interval may be")
    for name, value in (("relative", relative), ("absolute", absolute)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} is {value}: give a number above 0")
    if least < 2:
        raise InputError(f"least is {least}: an interval needs at least 2 replications")
    if most < least:
        raise InputError(f"most is {most}: it must be no less than least, which is {least}")
