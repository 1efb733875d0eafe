"""A model whose answers are known: to check sweeps with, to measure what they add to it, and to copy for one's own."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from experiments.sweeps.model import Cell
from experiments.sweeps.uncertainty import Uniform
from sim import draws

NAMES = ("x1", "x2", "x3")
INPUTS: Mapping[str, Uniform] = {name: Uniform(low=-math.pi, high=math.pi) for name in NAMES}
"""What is uncertain about the function."""


class Ishigami(NamedTuple):
    """The function of Ishigami & Homma (1990), sin x1 + a sin² x2 + b x3⁴ sin x1, as a policy beside doing nothing.

    With `noise`, every future adds luck of that standard deviation, the same to both policies.

    >>> model = Ishigami()
    >>> point = Cell(0, "function", (("x1", math.pi / 2), ("x2", 0.0), ("x3", 0.0)), "")
    >>> model.live(model.prepare(point), "function", 0)
    [1.0, 0.0]
    """

    a: float = 7.0
    b: float = 0.1
    noise: float = 0.0
    busy: float = 0.0
    """Seconds of a processor that a run takes besides."""
    fails: int = -1
    """A replication that raises an error in every cell; none if below nought."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The function's value with luck, and the luck alone."""
        return ("value", "luck")

    @property
    def version(self) -> str:
        """Its settings, but for how long it takes."""
        return f"ishigami {self.a!r} {self.b!r} {self.noise!r} {self.fails}"

    def prepare(self, cell: Cell) -> float:
        """Return the function's value at a cell."""
        x1, x2, x3 = (float(dict(cell.point)[name]) for name in NAMES)
        return math.sin(x1) + self.a * math.sin(x2) ** 2 + self.b * x3**4 * math.sin(x1)

    def seed(self, cell: Cell, replication: int) -> int:
        """Return the replication's number: luck depends on nothing else."""
        return replication

    def live(self, prepared: float, policy: str, replication: int) -> Sequence[float]:
        """Return the value and the luck; any policy but "function" has the luck only."""
        until = time.perf_counter() + self.busy
        if replication == self.fails:
            raise ValueError(f"replication {replication} fails, as it was asked to")
        luck = self.noise * float(draws.normal(draws.stream(replication, "luck"), np.zeros(1, dtype=np.uint64))[0])
        while time.perf_counter() < until:
            pass
        return [luck + (prepared if policy == "function" else 0.0), luck]


def first_order(a: float = 7.0, b: float = 0.1) -> tuple[float, float, float]:
    """Return the share of the function's variance that each input explains alone, in closed form.

    >>> [round(share, 4) for share in first_order()]
    [0.3139, 0.4424, 0.0]
    """
    alone1, alone2, _, total = _variances(a, b)
    return alone1 / total, alone2 / total, 0.0


def total_order(a: float = 7.0, b: float = 0.1) -> tuple[float, float, float]:
    """Return the share of the function's variance that each input has any part in, in closed form.

    >>> [round(share, 4) for share in total_order()]
    [0.5576, 0.4424, 0.2437]
    """
    alone1, alone2, both13, total = _variances(a, b)
    return (alone1 + both13) / total, alone2 / total, both13 / total


def _variances(a: float, b: float) -> tuple[float, float, float, float]:
    alone1 = 0.5 * (1 + b * math.pi**4 / 5) ** 2
    alone2 = a**2 / 8
    both13 = b**2 * math.pi**8 * (1 / 18 - 1 / 50)
    return alone1, alone2, both13, alone1 + alone2 + both13
