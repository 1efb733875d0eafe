"""Shrinkage: each cell's uplift drawn towards what all cells and all treatments say, as far as it is noise.

With u the uplifts that were measured in cell c and C_c the covariance of their errors,

    u_c ~ N(theta_c, C_c),   theta_ca = m + alpha_a + gamma_c + delta_ca,   alpha, gamma, delta ~ N(0, tau^2),

m flat and tau half-Cauchy in units of the errors' size. Treatments, cells and their combinations are thought to differ
about alike; how much, tau, is learnt from the trial and integrated out on a grid. That treatments themselves are drawn
together matters: the best of them is chosen too.

Efron & Morris 1975, "Data analysis using Stein's estimator and its generalizations"; Gelman 2006, "Prior distributions
for variance parameters in hierarchical models"; that a Bayesian's chosen action needs no other correction: Smith &
Winkler 2006, "The optimizer's curse".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.trial_uplift import Measured

Floats = NDArray[np.float64]
NODES = 32
"""Points of the grid of tau."""
LEAST, WIDEST = 0.05, 8.0
"""Where the grid begins, in units of the errors' size, and how far it goes beyond what uplifts show."""


class Posterior(NamedTuple):
    """What is believed after a trial: a mixture of normal laws over nodes of tau, the first axis of each array."""

    weight: Floats
    """Shape (nodes, ...)."""
    spread: Floats
    """tau, in units of the outcome, shape (nodes, ...)."""
    mean: Floats
    """Shape (nodes, ..., cells, treatments)."""
    overall: Floats
    """Mean uplift of each treatment over all cells to come, shape (nodes, ..., treatments)."""
    overall_noise: Floats
    """Shape (nodes, ..., treatments, treatments)."""
    loading: Floats
    """How a cell's uplift follows the overall one, shape (nodes, ..., cells, treatments, treatments)."""
    own_noise: Floats
    """Covariance of a cell's uplift given the overall one, in the same shape."""

    @property
    def uplift(self) -> Floats:
        """Return the expected uplift, shape (..., cells, treatments)."""
        return np.asarray(np.einsum("g...,g...ca->...ca", self.weight, self.mean))

    @property
    def error(self) -> Floats:
        """Return its standard deviation, shape (..., cells, treatments)."""
        shared = np.einsum("g...cab,g...bd,g...cad->g...ca", self.loading, self.overall_noise, self.loading)
        inner = np.diagonal(self.own_noise, axis1=-2, axis2=-1) + shared
        return self._sd(inner, self.mean)

    @property
    def overall_uplift(self) -> Floats:
        """Return each treatment's expected uplift in a cell about which nothing is known, shape (..., treatments)."""
        return np.asarray(np.einsum("g...,g...a->...a", self.weight, self.overall))

    @property
    def tau(self) -> Floats:
        """Return how much treatments, cells and combinations are thought to differ, in units of the outcome."""
        return np.asarray((self.weight * self.spread).sum(axis=0))

    def total(self, people: Floats) -> tuple[Floats, Floats]:
        """Return expected total uplift and its standard deviation, shape (...), for `people` treated.

        `people` has shape (..., cells, treatments).
        """
        mean = np.einsum("...ca,g...ca->g...", people, self.mean)
        own = np.einsum("...ca,g...cab,...cb->g...", people, self.own_noise, people)
        follows = np.einsum("...ca,g...cab->g...b", people, self.loading)
        shared = np.einsum("g...a,g...ab,g...b->g...", follows, self.overall_noise, follows)
        return (self.weight * mean).sum(axis=0), self._sd(own + shared, mean)

    def _sd(self, inner: Floats, mean: Floats) -> Floats:
        weight = self.weight.reshape(self.weight.shape + (1,) * (mean.ndim - self.weight.ndim))
        centre = (weight * mean).sum(axis=0)
        return np.asarray(np.sqrt((weight * (inner + (mean - centre) ** 2)).sum(axis=0)))


def shrunk(given: Measured, at: Floats | None = None) -> Posterior:
    """Return what is believed after a trial, for any number of trials at once on the leading axes.

    `at` are values of tau in units of the errors' size, instead of the usual grid; shape (nodes,).
    """
    variance = np.diagonal(given.noise, axis1=-2, axis2=-1)
    size = 1 / np.sqrt((1 / np.maximum(variance, np.finfo(float).tiny)).mean(axis=(-2, -1)))
    grid = _grid(given.uplift, variance, size) if at is None else np.multiply.outer(np.asarray(at), np.ones_like(size))
    found = [_at(given, ratio * size, _contrasts(given.uplift.shape[-1])) for ratio in grid]
    prior = np.log(grid) - np.log1p(grid**2)
    fit = np.stack([each[0] for each in found]) + prior
    weight = np.exp(fit - fit.max(axis=0))
    parts = [np.stack(part) for part in zip(*(each[1] for each in found), strict=True)]
    return Posterior(weight / weight.sum(axis=0), grid * size, *parts)


def _grid(uplift: Floats, variance: Floats, size: Floats) -> Floats:
    """Return tau in units of the errors' size, from next to nothing to beyond what uplifts show; shape (nodes, ...).

    Steps are alike in log tau, so that a node's share of the half-Cauchy prior goes by tau / (1 + tau^2).
    """
    trust = 1 / np.maximum(variance, (size**2)[..., None, None] * 1e-9)
    centre = (trust * uplift).sum(axis=(-2, -1), keepdims=True) / trust.sum(axis=(-2, -1), keepdims=True)
    seen = np.sqrt((trust * (uplift - centre) ** 2).sum(axis=(-2, -1)) / trust.sum(axis=(-2, -1))) / size
    highest = WIDEST * np.maximum(seen, 1.0)
    return np.asarray(LEAST * (highest / LEAST) ** (np.arange(NODES) / (NODES - 1)).reshape(-1, *[1] * size.ndim))


def _at(given: Measured, tau: Floats, contrasts: Floats) -> tuple[Floats, tuple[Floats, ...]]:
    """Return the log likelihood of one tau, and mean, overall, its noise, loading and own noise under it."""
    uplift, treatments = given.uplift, given.uplift.shape[-1]
    differ = (tau**2)[..., None, None] * (np.eye(treatments) + 1)
    law = given.noise + differ[..., None, :, :]
    precision = np.linalg.inv(law)
    pulled = np.einsum("...cij,...cj->...ci", precision, uplift)
    base = np.broadcast_to(np.ones((treatments, 1)), (*tau.shape, treatments, 1))
    design = np.concatenate([base, tau[..., None, None] * contrasts], axis=-1)
    prior = np.diag([0.0] + [1.0] * (treatments - 1))
    normal = np.einsum("...ji,...jk,...kl->...il", design, precision.sum(axis=-3), design) + prior
    right = np.einsum("...ji,...j->...i", design, pulled.sum(axis=-2))
    coefficient = np.linalg.solve(normal, right[..., None])[..., 0]
    overall = np.einsum("...ij,...j->...i", design, coefficient)
    fit = np.einsum("...ci,...ci->...", uplift, pulled) - np.einsum("...i,...i->...", right, coefficient)
    size = np.linalg.slogdet(law)[1].sum(axis=-1) + np.linalg.slogdet(normal)[1]
    gain = np.einsum("...ij,...cjk->...cik", differ, precision)
    mean = overall[..., None, :] + np.einsum("...cij,...cj->...ci", gain, uplift - overall[..., None, :])
    noise = np.einsum("...ij,...jk,...lk->...il", design, np.linalg.inv(normal), design)
    own = differ[..., None, :, :] - np.einsum("...cij,...jk->...cik", gain, differ)
    return -0.5 * (size + fit), (mean, overall, noise, np.eye(treatments) - gain, own)


def _contrasts(treatments: int) -> Floats:
    """Return orthonormal contrasts between treatments, shape (treatments, treatments - 1)."""
    start = np.concatenate([np.ones((treatments, 1)), np.eye(treatments)[:, : treatments - 1]], axis=1)
    return np.asarray(np.linalg.qr(start)[0][:, 1:])
