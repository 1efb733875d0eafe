"""Designs that sensitivity indices are computed from, by SALib's samplers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from experiments.sweeps.design import designs
from experiments.sweeps.extra import library
from sim import draws
from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]


@designs.register("morris")
class Morris(Settings):
    """Trajectories that move one input at a time, each by the same step (Morris 1991).

    >>> Morris(trajectories=5).unit(("price", "months")).shape
    (15, 2)
    """

    trajectories: int = quantity(20, "trajectories", 4, 100_000, help="each costs one cell more than there are inputs")
    levels: int = quantity(4, "levels", 2, 1000, help="of each input, an even number")
    seed: int = quantity(2004, "seed", 0, 2**32 - 1)

    @field_validator("levels")
    @classmethod
    def _even(cls, levels: int) -> int:
        if levels % 2:
            raise ValueError(f"{levels} is odd; give an even number, so that every level is tried equally often")
        return levels

    @property
    def step(self) -> float:
        """The step of an input, as a share of its range."""
        return self.levels / (2 * (self.levels - 1))

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return the points, trajectory by trajectory."""
        problem = problem_of(some(names, "morris"))
        sampler = library("SALib.sample.morris", "sensitivity", "the design morris")
        return np.asarray(
            sampler.sample(problem, self.trajectories, self.levels, seed=library_seed(self.seed, "morris"))
        )


@designs.register("saltelli")
class Saltelli(Settings):
    """Two Sobol' samples, and the first with one input at a time from the second (Saltelli 2002, Saltelli et al. 2010).

    >>> Saltelli(base=8).unit(("price", "months")).shape
    (32, 2)
    """

    base: int = quantity(
        512, "points", 8, 2**20, help="a power of two; each costs two cells more than there are inputs"
    )
    seed: int = quantity(2004, "seed", 0, 2**32 - 1)
    second_order: bool = False

    @field_validator("base")
    @classmethod
    def _power_of_two(cls, base: int) -> int:
        if base & (base - 1):
            below = 1 << (base.bit_length() - 1)
            raise ValueError(
                f"{base} is no power of two; give {below} or {2 * below}, where Sobol' points are balanced"
            )
        return base

    def each(self, inputs: int) -> int:
        """Return how many cells one point of the base costs."""
        return 2 * inputs + 2 if self.second_order else inputs + 2

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return the points: of each point of the base the first sample's, those mixed, the second sample's."""
        problem = problem_of(some(names, "saltelli"))
        sampler = library("SALib.sample.sobol", "sensitivity", "the design saltelli")
        seed = library_seed(self.seed, "saltelli")
        return np.asarray(sampler.sample(problem, self.base, calc_second_order=self.second_order, seed=seed))


def some(names: tuple[str, ...], design: str) -> tuple[str, ...]:
    """Return the names, or raise an error where there is none to be sensitive to."""
    if not names:
        raise ValueError(f"nothing is uncertain, so {design} has nothing to vary; list settings in over")
    return names


def problem_of(names: tuple[str, ...]) -> dict[str, Any]:
    """Return inputs as SALib takes them: shares of their distributions, from 0 to 1."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def library_seed(seed: int, purpose: str) -> int:
    """Return the seed of a library's own generator; never 0, which SALib takes for none."""
    return int(draws.stream(seed, purpose) >> np.uint64(33)) + 1
