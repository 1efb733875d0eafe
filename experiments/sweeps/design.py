"""Designs: at which points of what is uncertain a sweep looks, as shares of each distribution."""

from __future__ import annotations

from itertools import product
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.quantities import Settings, quantity
from sim.registry import Registry

Floats = NDArray[np.float64]
MOST_POINTS = 1_000_000


@runtime_checkable
class Design(Protocol):
    """A design: a settings class with this one method."""

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return points in the unit cube, shape (points, names): the share of each distribution that lies below."""
        ...


designs: Registry[Design] = Registry("design")


@designs.register("middle")
class Middle(Settings):
    """One point: the middle of every distribution, or the scenario as it stands where nothing is uncertain."""

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return one point."""
        return np.full((1, len(names)), 0.5)


@designs.register("grid")
class Grid(Settings):
    """Every combination of levels, ends included.

    >>> Grid(levels=2).unit(("price", "months")).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """

    levels: int = quantity(3, "levels", 2, 1000, help="of each; a grid has levels to the power of what is uncertain")

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return the points, the last name's level changing fastest."""
        if self.levels ** len(names) > MOST_POINTS:
            raise ValueError(
                f"a grid of {self.levels} levels of {len(names)} settings has more than {MOST_POINTS} points; "
                "take fewer levels, or another design"
            )
        steps = np.linspace(0.0, 1.0, self.levels)
        points = list(product(steps, repeat=len(names)))
        return np.array(points, dtype=float).reshape(len(points), len(names))


@designs.register("latin_hypercube")
class LatinHypercube(Settings):
    """Points of which one lies in each of equally likely slices of every distribution (McKay et al. 1979).

    What a setting takes depends on its name, the seed and the number of points alone: another uncertain setting
    leaves it as it is.
    """

    points: int = quantity(64, "points", 1, MOST_POINTS)
    seed: int = quantity(2004, "seed", 0, 2**32 - 1)

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return the points."""
        from scipy.stats import qmc

        columns = [qmc.LatinHypercube(1, rng=_seed(self.seed, name)).random(self.points)[:, 0] for name in names]
        return np.array(columns, dtype=float).reshape(len(names), self.points).T


@designs.register("sobol")
class SobolSequence(Settings):
    """A scrambled Sobol' sequence (Owen 1998); most even when the number of points is a power of two."""

    points: int = quantity(64, "points", 1, MOST_POINTS)
    seed: int = quantity(2004, "seed", 0, 2**32 - 1)

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return the points."""
        from scipy.stats import qmc

        if not names:
            return np.empty((self.points, 0))
        sequence = qmc.Sobol(len(names), rng=_seed(self.seed, "sobol"))
        whole = sequence.random_base2((self.points - 1).bit_length())
        return np.asarray(whole[: self.points], dtype=float)


@designs.register("one_at_a_time")
class OneAtATime(Settings):
    """The middle of all, then each alone at levels from its lowest to its highest.

    >>> OneAtATime().unit(("price", "months")).tolist()
    [[0.5, 0.5], [0.0, 0.5], [1.0, 0.5], [0.5, 0.0], [0.5, 1.0]]
    """

    levels: int = quantity(2, "levels", 2, 1000, help="of each, ends included")

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return the points: the middle first, then name by name."""
        middle = np.full((1, len(names)), 0.5)
        rows = [middle]
        for at in range(len(names)):
            alone = np.repeat(middle, self.levels, axis=0)
            alone[:, at] = np.linspace(0.0, 1.0, self.levels)
            rows.append(alone)
        return np.concatenate(rows)


def _seed(seed: int, purpose: str) -> int:
    """Return the seed of a library's generator for what its numbers are for."""
    return int(draws.stream(seed, f"design {purpose}"))
