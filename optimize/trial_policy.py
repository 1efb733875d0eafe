"""Who should get what by a trial: at most one treatment a person, at most so many people, and what that is worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.trial_shrink import Posterior, shrunk
from optimize.trial_table import Sums
from optimize.trial_uplift import measured

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Chosen(NamedTuple):
    """A policy by cell: whom to give what."""

    arm: Whole
    """What treated people of a cell get, 0 where nobody should be treated, shape (..., cells)."""
    people: Floats
    """How many of them, shape (..., cells)."""

    def treated(self, treatments: int) -> Floats:
        """Return how many get each treatment, shape (..., cells, treatments)."""
        return np.asarray(np.where(self.arm[..., None] == np.arange(1, treatments + 1), self.people[..., None], 0.0))


class Value(NamedTuple):
    """The value of a policy by one estimate of it, with its standard error; in units of the outcome."""

    mean: Floats
    error: Floats


def choose(uplift: Floats, size: Floats, most: Floats | float = np.inf) -> Chosen:
    """Return the policy that is best by these uplifts: best treatments first, until `most` people are treated.

    `uplift` has shape (..., cells, treatments), `size`, how many people a cell has, (..., cells), `most` (...). Which
    is the best within a limit on people for sure: a person takes one place, whatever the treatment.

    >>> best = choose(np.array([[1.0, 3.0], [2.0, -1.0], [-1.0, -2.0]]), np.array([5.0, 5.0, 5.0]), 7)
    >>> best.arm.tolist(), best.people.tolist()
    ([2, 1, 0], [5.0, 2.0, 0.0])
    """
    best, gain = uplift.argmax(axis=-1), uplift.max(axis=-1)
    order = np.argsort(-gain, axis=-1, kind="stable")
    worth = np.where(gain > 0, size, 0.0)
    sorted_size = np.take_along_axis(worth, order, axis=-1)
    before = np.cumsum(sorted_size, axis=-1) - sorted_size
    room = np.clip(np.asarray(most)[..., None] - before, 0.0, sorted_size)
    people = np.zeros_like(room)
    np.put_along_axis(people, order, room, axis=-1)
    return Chosen(np.where(people > 0, best + 1, 0), people)


def total(chosen: Chosen, uplift: Floats) -> Floats:
    """Return what a policy brings by these uplifts, shape (...)."""
    return np.asarray(np.einsum("...ca,...ca->...", chosen.treated(uplift.shape[-1]), uplift))


def cross_fitted(parts: Sums, own_variance: float, cost: Floats, share: float = 1.0) -> Value:
    """Return the value of the policy that the trial teaches, each part of people judged by what all others teach.

    `parts` are sums by part, shape (parts, ..., cells, arms), `cost` what a treatment costs a person, in units of the
    outcome, shape (treatments,), `share` how many of the people may be treated. Right in the mean whatever the truth
    is, for a policy that learnt from all parts but one; its error is about that of the naive value.
    """
    everybody = Sums(*(part.sum(axis=0, keepdims=True) for part in parts))
    believed = shrunk(measured(everybody.less(parts), own_variance)).uplift - cost
    size, whole = parts.size, everybody.people
    policy = choose(believed, size, share * size.sum(axis=-1)).treated(believed.shape[-1])
    people = np.concatenate([-policy.sum(axis=-1, keepdims=True), policy], axis=-1) / np.maximum(size, 1.0)[..., None]
    per_place = everybody.size[..., None] / np.maximum(whole, 1.0)
    found = (people * parts.total * per_place).sum(axis=(0, -2, -1)) - (policy * cost).sum(axis=(0, -2, -1))
    mean = everybody.total / np.maximum(whole, 1.0)
    variance = np.maximum(everybody.square / np.maximum(whole, 1.0) - mean**2, 0.0)
    noise = ((people * per_place) ** 2 * parts.people * variance).sum(axis=(0, -2, -1))
    return Value(found, np.sqrt(noise))


def believed_value(chosen: Chosen, posterior: Posterior, cost: Floats) -> Value:
    """Return what a policy is expected to bring, less what it costs, after shrinkage."""
    people = chosen.treated(cost.size)
    mean, error = posterior.total(people)
    return Value(mean - (people * cost).sum(axis=(-2, -1)), error)
