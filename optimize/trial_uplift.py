"""What a trial measured: the uplift of each treatment over the control by cell, and how noisy the measure is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.trial_table import Sums

Floats = NDArray[np.float64]
NOBODY = 1e-6
"""People that an empty arm of a cell counts for: its mean is that of the arm, with next to no weight."""


class Measured(NamedTuple):
    """Differences of means and the covariance of their errors."""

    uplift: Floats
    """In units of the outcome a person, shape (..., cells, treatments)."""
    noise: Floats
    """Shape (..., cells, treatments, treatments): treatments of a cell share its control, and so its luck."""

    @property
    def error(self) -> Floats:
        """Return standard errors, shape (..., cells, treatments)."""
        return np.sqrt(np.diagonal(self.noise, axis1=-2, axis2=-1))


def measured(sums: Sums, own_variance: float = 0.5) -> Measured:
    """Return the uplift by cell, treatment minus control.

    The variance of a cell's outcomes is taken from its own people for the share `own_variance`, for the rest from all
    people of the trial. Outcomes such as purchases have tails so heavy that a cell's own variance is mostly luck: it is
    nil where nobody bought, and large just where the mean is large by luck.
    """
    spread = np.clip(sums.people, NOBODY, None)
    of_arm = _total(sums.total, -2) / np.maximum(_total(sums.people, -2), NOBODY)
    mean = np.where(sums.people > 0, sums.total / spread, of_arm)
    deviation = np.maximum(sums.square - sums.total**2 / spread, 0.0)
    freedom = np.maximum(sums.people - 1, 0.0)
    everybody = _total(_total(deviation, -1), -2) / np.maximum(_total(_total(freedom, -1), -2), NOBODY)
    own = np.where(freedom > 0, deviation / np.maximum(freedom, 1.0), everybody)
    variance = (own_variance * own + (1 - own_variance) * everybody) / spread
    treatments = sums.people.shape[-1] - 1
    noise = variance[..., :1, None] + variance[..., 1:, None] * np.eye(treatments)
    return Measured(mean[..., 1:] - mean[..., :1], noise)


def overall(sums: Sums) -> Measured:
    """Return each treatment's uplift for everybody, cells weighted by their people, shape (..., 1, treatments).

    What a treatment brings is compared within cells, so that arms that differ in their cells by luck don't matter.
    """
    each, size = measured(sums, own_variance=1.0), sums.size
    there = np.asarray((sums.people > 0).all(axis=-1))
    weight = np.where(there, size, 0.0) / np.maximum(_total(np.where(there, size, 0.0), -1), NOBODY)
    noise = (weight[..., None, None] ** 2 * np.where(there[..., None, None], each.noise, 0.0)).sum(axis=-3)
    return Measured((weight[..., None] * each.uplift).sum(axis=-2)[..., None, :], noise[..., None, :, :])


def _total(table: Floats, axis: int) -> Floats:
    return np.asarray(table.sum(axis=axis, keepdims=True))
