"""How often each policy would be best if other futures, and other cells, had been drawn: a bootstrap.

A share of resamples is no posterior probability: it asks how the ranking of means moves with the luck of the draw.
Replications are drawn again for all scenarios, policies and points at once, as a number is the same luck for all;
points of a random design are drawn again independently of them (the pigeonhole bootstrap of Owen 2007, The Annals of
Applied Statistics 1, 386-411).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws

Floats = NDArray[np.float64]
TRIED = 2_000
"""Resamples: the standard error of a share is 0.011 or less."""
AT_ONCE = 4_000_000
"""Numbers in memory at a time."""


class Chances(NamedTuple):
    """Shares of resamples in which a policy has the best mean; those that tie share one."""

    in_scenario: Floats
    """Shape (scenarios, policies)."""
    in_mean: Floats
    """Of the weighted mean over scenarios, shape (policies,)."""
    in_all: Floats
    """Of all scenarios in one resample, shape (policies,); they add up to less than one."""


def chances(values: Floats, weights: Floats, *, sampled: bool, tried: int = TRIED, seed: int = 0) -> Chances:
    """Return how often each policy is best, that is has most; shape (scenarios, points, replications, policies).

    A single replication, and a sample of a single point, tells nothing: its shares are nan.
    """
    scenarios, points, replications, policies = values.shape
    if replications < 2 or (sampled and points < 2):
        nothing = np.full((scenarios, policies), np.nan)
        return Chances(nothing, nothing[0], nothing[0])
    luck = _drawn_again(replications, tried, seed, "futures drawn again")
    chance = _drawn_again(points, tried, seed, "points drawn again") if sampled else np.ones((tried, points))
    means = np.stack([_means(one, luck, chance) for one in values], axis=1)
    best, whole = _best(means), np.tensordot(means, weights / weights.sum(), ([1], [0]))
    return Chances(_shares(best), _shares(_best(whole)), _shares(np.asarray(best.all(axis=1)), of=tried))


def _drawn_again(count: int, tried: int, seed: int, name: str) -> Floats:
    """Return how often each of some things is drawn when as many are drawn with replacement, shape (tried, count)."""
    key, who = draws.stream(seed, name), np.arange(tried, dtype=np.uint64)
    times = np.zeros((tried, count))
    for number in range(count):
        times[np.arange(tried), (draws.uniform(key, who, number) * count).astype(np.int64)] += 1
    return times


def _means(values: Floats, luck: Floats, chance: Floats) -> Floats:
    """Return means of resamples, shape (tried, policies); values of shape (points, replications, policies)."""
    there = ~np.isnan(values[..., 0])
    filled = np.where(there[..., None], values, 0.0)
    means = np.empty((len(luck), values.shape[2]))
    step = max(1, AT_ONCE // (values.shape[0] * values.shape[2]))
    for begin in range(0, len(luck), step):
        some = slice(begin, begin + step)
        times = luck[some] @ there.T
        total = np.tensordot(luck[some], filled, ([1], [1]))
        at_point = np.divide(total, times[..., None], out=np.zeros_like(total), where=times[..., None] > 0)
        share = chance[some] * (times > 0)
        whole = share.sum(axis=1, keepdims=True)
        share = np.divide(share, whole, out=np.full_like(share, np.nan), where=whole > 0)
        means[some] = (share[..., None] * at_point).sum(axis=1)
    return means


def _best(means: Floats) -> NDArray[np.bool_]:
    """Return which policies have the best mean, ties included; none in a resample without runs."""
    return np.asarray(means == means.max(axis=-1, keepdims=True))


def _shares(best: NDArray[np.bool_], of: int | None = None) -> Floats:
    """Return how often each is best, ties shared, among resamples in which any is, or among `of`."""
    tied = best.sum(axis=-1, keepdims=True)
    share = np.divide(best, tied, out=np.zeros(best.shape), where=tied > 0).sum(axis=0)
    return np.asarray(share / (of or np.maximum((tied > 0).sum(axis=0), 1)))
