"""Variance of the difference of two policies when they share their luck and when not, and the replications it costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHARE, LEVEL, NORMAL = 0.1, 0.95, 1.96
"""Half-width of the interval wanted, of the difference; its level; the normal quantile that belongs to it."""


class Variances(NamedTuple):
    """Variance by replication of the difference of the first policy to each other one.

    Shape (policies - 1,), or (samples, policies - 1).
    """

    keyed: Floats
    independent: Floats
    one_stream: Floats


class Ratio(NamedTuple):
    """A ratio of variances with its bootstrap interval."""

    value: float
    low: float
    high: float


def variances(keyed: Floats, one_stream: Floats) -> Variances:
    """Return the variances, from yuan of shape (replications, policies) in either way; the first policy is ours.

    With independent seeds the variances of the two add up. They are taken from the keyed runs, of which every two that
    differ in their seeds are such a pair. On one stream each policy by itself varies as on keyed draws, so from the
    runs there is taken only which part of that sum the difference keeps: it is known far better than the sum.

    >>> ours, others = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0])
    >>> found = variances(np.column_stack([ours, others]), np.column_stack([ours, others[::-1]]))
    >>> [round(float(variance[0]), 2) for variance in found]
    [0.33, 3.33, 6.33]
    """
    once = (np.ones((1, len(values))) for values in (keyed, one_stream))
    return Variances(*(variance[0] for variance in _weighted(keyed, one_stream, *once)))


def _weighted(keyed: Floats, one_stream: Floats, times: Floats, stream_times: Floats) -> Variances:
    """Return variances where each replication is taken so many times, shape (samples, replications)."""
    together, added = _of_differences(keyed, times)
    kept, of = _of_differences(one_stream, stream_times)
    return Variances(keyed=together, independent=added, one_stream=added * kept / of)


def _of_differences(retained: Floats, times: Floats) -> tuple[Floats, Floats]:
    """Return variances of the differences to the first policy, and sums of the two policies' own."""
    own = _variance(retained, times)
    return _variance(retained[:, :1] - retained[:, 1:], times), own[:, :1] + own[:, 1:]


def _variance(values: Floats, times: Floats) -> Floats:
    """Return unbiased variances, shape (samples, columns)."""
    centred, count = values - values.mean(axis=0), times.sum(axis=1, keepdims=True)
    mean = times @ centred / count
    return np.asarray((times @ centred**2 / count - mean**2) * count / (count - 1))


def resampled(keyed: Floats, one_stream: Floats, samples: int = 4000) -> Variances:
    """Return the variances of bootstrap samples of the replications, whole replications at a time."""
    rng = np.random.default_rng(0)
    times = [rng.multinomial(n, np.full(n, 1 / n), size=samples).astype(float) for n in map(len, (keyed, one_stream))]
    return _weighted(keyed, one_stream, *times)


def ratio(value: float, samples: Floats) -> Ratio:
    """Return a ratio with its percentile interval."""
    low, high = np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Ratio(value, float(low), float(high))


def replications_needed(variance: float, mean: float) -> float:
    """Return replications until the 95 % interval of the difference is within 10 % of it on either side.

    >>> round(replications_needed(variance=100.0, mean=50.0), 2)
    15.37
    """
    return float(NORMAL**2 * np.float64(variance) / (SHARE * mean) ** 2)


def best_coupled(ours: Floats, others: Floats) -> float:
    """Return the least variance of the total's difference that any sharing of luck within accounts could bring.

    Accounts are taken to be independent. Of shape (replications, accounts): each account's differences vary least
    where its good futures under one policy are its good futures under the other (Hoeffding 1940, Fréchet 1951).

    >>> best_coupled(np.array([[1.0], [2.0], [3.0]]), np.array([[5.0], [3.0], [4.0]]))
    0.0
    """
    return float((np.sort(ours, axis=0) - np.sort(others, axis=0)).var(axis=0, ddof=1).sum())


def share_of_most(ours: Floats, others: Floats, accounts: int) -> float:
    """Return the share of the accounts' variances of the difference that so many accounts make, those with most."""
    each = np.sort((ours - others).var(axis=0, ddof=1))[::-1]
    return float(each[:accounts].sum() / each.sum())
