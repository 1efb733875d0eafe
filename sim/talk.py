"""Talk inside buildings: news of discounts, advocates and complainers (D13, D27)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.kernels.groups import others_counted
from sim.quantities import Settings, quantity


class TalkSettings(Settings):
    """How tenants of one building hear of each other."""

    rate: float = quantity(0.05, "probability a month", 0, 1, help="that a tenant hears of one neighbour's discount")
    plan_leak: float = quantity(0.0, "probability a month", 0, 1, help="that a tenant hears of one neighbour's plan")
    granted: float = quantity(0.5, "probability", 0, 1, help="that who has heard asks and is given the same discount")
    advocacy: float = quantity(0.3, "image", 0, 5, help="image gained if all neighbours were advocates")
    complaint: float = quantity(0.6, "image", 0, 5, help="image lost if all neighbours complained")
    advocate_above: float = quantity(0.85, "satisfaction", 0, 1)


def neighbours(building: NDArray[np.int32], counted: NDArray[np.integer], buildings: int) -> NDArray[np.int64]:
    """Return how many *other* tenants of a customer's building are counted; 0 outside buildings.

    >>> neighbours(np.array([0, 0, -1], dtype=np.int32), np.array([1, 0, 1]), 1).tolist()
    [0, 1, 0]
    """
    return np.asarray(others_counted(building, counted, buildings))


def hearing_probability(rate: float, tellers: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the probability of hearing from at least one of `tellers` neighbours in a month."""
    return np.asarray(-np.expm1(tellers * np.log1p(-min(rate, 1 - 1e-12))))
