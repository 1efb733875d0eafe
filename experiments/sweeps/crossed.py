"""Means over a design's points crossed with replications, and how sure they are.

Every replication number is the same luck at all points, so that runs of one number are alike, and so are those of one
point. Errors are therefore added up by point and by replication, less what is counted twice, as standard errors
clustered in two ways are: Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238-249.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.simultaneous import TRIED, Family, largest_t

Floats = NDArray[np.float64]


class Crossed(NamedTuple):
    """Means of some columns, each with what single points, replications and runs add to its error."""

    mean: Floats
    """Shape (columns,)."""
    points: Floats
    """Shape (points, columns)."""
    replications: Floats
    """Shape (replications, columns)."""
    runs: Floats
    """What is left of each run, shape (points, replications, columns)."""
    fewest: tuple[int, int]
    """Points and replications that a mean has at least."""

    def contrasts(self, matrix: Floats) -> Crossed:
        """Return the means of linear combinations of columns; shape (columns, combinations)."""
        points, replications, runs = self.points @ matrix, self.replications @ matrix, self.runs @ matrix
        return Crossed(self.mean @ matrix, points, replications, runs, self.fewest)


def crossed(values: Floats) -> Crossed:
    """Return means of shape (columns,) of values of shape (points, replications, columns), a point as much as another.

    What is nan was not lived; it must be nan in all columns, and a point without replications counts for nothing.
    """
    there: NDArray[np.bool_] = np.asarray(~np.isnan(values).any(axis=2))
    run, kept = there[:, :, None], np.asarray(there.any(axis=1))[:, None]
    points, replications = int(kept.sum()), int(np.asarray(there.any(axis=0)).sum())
    lived, of_point = np.maximum(there.sum(axis=1), 1)[:, None], 1 / max(points, 1)
    at_point = np.where(run, values, 0.0).sum(axis=1) / lived
    mean = np.where(kept, at_point, 0.0).sum(axis=0) * of_point
    centred = np.where(run, values - at_point[:, None], 0.0)
    at_replication = centred.sum(axis=0) / np.maximum(there.sum(axis=0), 1)[:, None]
    rest = np.where(run, centred - at_replication, 0.0)
    share = (of_point / lived)[:, None]
    by_point, by_replication = _widened(points), _widened(replications)
    return Crossed(
        mean=mean,
        points=np.where(kept, at_point - mean, 0.0) * of_point * by_point,
        replications=(centred * share).sum(axis=0) * by_replication,
        runs=rest * share * by_point * by_replication,
        fewest=(points, replications),
    )


def _widened(count: int) -> float:
    """Return by what deviations from a mean of so many are too small."""
    return float(np.sqrt(count / (count - 1))) if count > 1 else 0.0


def weighted(parts: Sequence[Crossed], weights: Floats) -> Crossed:
    """Return the weighted mean of means over the same points and replications."""
    shares = weights / weights.sum()
    return _joined(parts, lambda fields: np.asarray(np.tensordot(shares, np.stack(fields), 1)))


def beside(parts: Sequence[Crossed]) -> Crossed:
    """Return all columns of means over the same points and replications in one."""
    return _joined(parts, lambda fields: np.concatenate(fields, axis=-1))


def _joined(parts: Sequence[Crossed], join: Callable[[list[Floats]], Floats]) -> Crossed:
    return Crossed(
        mean=join([part.mean for part in parts]),
        points=join([part.points for part in parts]),
        replications=join([part.replications for part in parts]),
        runs=join([part.runs for part in parts]),
        fewest=_fewest(parts),
    )


def _fewest(parts: Sequence[Crossed]) -> tuple[int, int]:
    return min(part.fewest[0] for part in parts), min(part.fewest[1] for part in parts)


def family(means: Crossed, *, sampled: bool, level: float = 0.95, tried: int = TRIED) -> Family:
    """Return means with intervals that all hold together with probability `level`.

    With `sampled`, points are a random sample and intervals are for the mean over all that could have been drawn; else
    they are for these very points, and luck alone is uncertain. A sample with one point, and any with one replication,
    tells nothing: its intervals are without end.
    """
    points, replications = means.fewest
    if replications < 2 or (sampled and points < 2):
        ends = np.full(means.mean.shape, np.inf)
        return Family(means.mean, -ends, ends, ends, float("inf"))
    luck, chance = (means.replications**2).sum(axis=0), (means.points**2).sum(axis=0)
    if sampled:
        both = luck + chance
        variance = np.maximum(np.maximum(luck, chance), both - (means.runs**2).sum(axis=(0, 1)))
        parts = np.concatenate([means.points, means.replications])
        freedom = _freedom(chance, points, luck, replications)
    else:
        variance, parts, freedom = luck, means.replications, replications - 1.0
    error, critical = np.sqrt(variance), largest_t(parts, freedom, level, tried)
    return Family(means.mean, means.mean - critical * error, means.mean + critical * error, error, critical)


def _freedom(chance: Floats, points: int, luck: Floats, replications: int) -> float:
    """Return the fewest degrees of freedom of any sum of two variances (Satterthwaite 1946, Biometrics 2, 110-114)."""
    parts = chance**2 / (points - 1) + luck**2 / (replications - 1)
    moving = parts > 0
    return float(((chance + luck)[moving] ** 2 / parts[moving]).min(initial=points + replications - 2.0))
