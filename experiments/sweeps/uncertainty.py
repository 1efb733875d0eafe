"""Uncertainties by name."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.quantities import Settings
from sim.registry import Registry

Floats = NDArray[np.float64]


@runtime_checkable
class Uncertainty(Protocol):
    """A distribution of a setting's value: a settings class with this one method."""

    def at(self, share: Floats) -> list[Any]:
        """Return the value below which each share of the distribution lies, `share` from 0 to 1."""
        ...


uncertainties: Registry[Uncertainty] = Registry("uncertainty")


@uncertainties.register("uniform")
class Uniform(Settings):
    """Every value between two equally likely."""

    low: float
    high: float

    def at(self, share: Floats) -> list[Any]:
        """Return the quantiles."""
        return [float(value) for value in self.low + share * (self.high - self.low)]
