"""Tiered service: higher value, higher service level (D23)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from sim.names import TIERS
from sim.quantities import Settings, located, quantity

Floats = NDArray[np.float64]


class ServiceSettings(Settings):
    """What each service tier gives: basic, priority, posted (an own manager at hand), in this order."""

    faults: tuple[float, ...] = quantity((1.0, 0.9, 0.8), "ratio", 0, 10, help="to the usual rate of faults, by tier")
    rank: tuple[int, ...] = quantity(
        (2, 1, 0), "place", 0, 9, help="at the complaint desk, by tier; lower ranks are served first"
    )
    lift: tuple[float, ...] = quantity(
        (0.0, 0.005, 0.01), "satisfaction", 0, 1, help="performance gained every month, by tier"
    )
    call_out: tuple[float, ...] = quantity(
        (0.0, 0.0, 3.0), "hours/complaint", 0, 100, help="that a customer's own account manager gives it, by tier"
    )
    cost: tuple[float, ...] = quantity(
        (0.0, 10.0, 40.0), "yuan/month and customer", 0, 1e6, help="while a line is ours, by tier"
    )

    @model_validator(mode="after")
    def _every_tier_has_its_number(self) -> ServiceSettings:
        problems: list[tuple[tuple[str, ...], str]] = [
            ((name,), f"{len(getattr(self, name))} numbers; give {len(TIERS)}, for {', '.join(TIERS)}")
            for name in type(self).model_fields
            if len(getattr(self, name)) != len(TIERS)
        ]
        if problems:
            raise located(problems)
        return self


ALIKE = ServiceSettings(faults=(1, 1, 1), rank=(2, 2, 2), lift=(0, 0, 0), call_out=(0, 0, 0), cost=(0, 0, 0))
"""Tiers that don't differ."""


def by_tier(numbers: tuple[float, ...], tier: NDArray[np.int8]) -> Floats:
    """Return each customer's number, shape (customers,).

    >>> by_tier((0.0, 10.0, 40.0), np.array([2, 0], dtype=np.int8)).tolist()
    [40.0, 0.0]
    """
    return np.asarray(np.asarray(numbers, dtype=float)[tier])
