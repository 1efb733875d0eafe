"""Designs by name."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.registry import Registry

Floats = NDArray[np.float64]


@runtime_checkable
class Design(Protocol):
    """A design: a settings class with this one method."""

    def unit(self, names: tuple[str, ...]) -> Floats:
        """Return points in the unit cube, shape (points, names)."""
        ...


designs: Registry[Design] = Registry("design")
