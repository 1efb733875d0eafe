"""Problems whose best alternative is known, and how often a procedure finds it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.allocating import select_within
from experiments.sweeps.sampling import Sample
from experiments.sweeps.selection import select_best
from experiments.sweeps.stopping import enough

LONGEST = 6_000
Kind = Literal["slippage", "ladder", "random", "near", "skewed"]


class Problem(NamedTuple):
    """Alternatives with known means, in units of the zone, and a sampler of them."""

    names: tuple[str, ...]
    means: NDArray[np.float64]
    lived: NDArray[np.float64]

    @property
    def best(self) -> str:
        """Return the alternative with the largest mean."""
        return self.names[int(self.means.argmax())]

    @property
    def sample(self) -> Sample:
        """Return what the procedures ask."""
        rows = {name: row for row, name in enumerate(self.names)}
        return lambda names, numbers: self.lived[np.ix_([rows[name] for name in names], numbers)]


def problem(kind: Kind, number: int) -> Problem:
    """Return a problem of 2 to 10 alternatives with unequal variances, and luck that they share in part."""
    rng = np.random.default_rng([26, number])
    count = int(rng.integers(2, 11))
    behind = {
        "slippage": np.ones(count - 1),
        "skewed": np.ones(count - 1),
        "ladder": np.arange(1.0, count),
        "random": 1 + rng.exponential(1.0, count - 1),
        "near": rng.uniform(0, 1.5, count - 1),
    }[kind]
    means = rng.permutation(-np.concatenate([[0.0], behind]))
    spread, shared = rng.uniform(0.5, 4.0, (count, 1)), rng.choice([0.0, 0.5, 0.9])
    if kind == "skewed":
        shared = 0.0
    own, common = rng.standard_normal((count, LONGEST)), rng.standard_normal(LONGEST)
    if kind == "skewed":
        own = (rng.standard_exponential((count, LONGEST)) - 1) * rng.choice([-1.0, 1.0], (count, 1))
    luck = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
    return Problem(tuple(f"policy {place}" for place in range(count)), means, means[:, None] + spread * luck)


def kept(kind: Kind, number: int, first: int = 10) -> bool:
    """Return whether KN found the best of a problem, or where leads are near, one within the zone."""
    one = problem(kind, number)
    chosen = select_best(one.sample, one.names, ahead_by=1.0, most=LONGEST, at_once=200, first=first).best
    return bool(one.means.max() - one.means[one.names.index(chosen)] < (1.0 if kind == "near" else 1e-9))


def shared_out(number: int, budget: int = 200) -> tuple[bool, bool]:
    """Return whether OCBA and equal shares of a budget find the best of ten alternatives."""
    rng, means = np.random.default_rng([28, number]), -np.arange(10.0)
    lived = means[:, None] + 5 * rng.standard_normal((10, budget)) + 9 * rng.standard_normal(budget)
    one = Problem(tuple(map(str, range(10))), means, lived)
    chosen = select_within(one.sample, one.names, budget=budget, first=5, at_once=10).best
    return chosen == one.best, bool(lived[:, : budget // 10].mean(axis=1).argmax() == 0)


def covered(number: int, *, skewed: bool, least: int, **width: float) -> bool:
    """Return whether the interval at which replications stop holds the true difference, which is 1."""
    rng, most = np.random.default_rng([31, number]), 3_000
    lived = rng.standard_exponential((1, most)) if skewed else 1 + rng.standard_normal((1, most))
    size = least
    while not (look := enough(lived[:, :size], least=least, most=most, **width)).stop:
        size = look.replications
    return bool(abs(look.mean[0] - 1) <= look.half_width[0])
