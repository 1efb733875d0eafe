"""Carriers: what each charges for a line and how good it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]


class Line(Settings):
    """A product line that a business customer buys from one carrier at a time."""

    share: float = quantity(1.0, "Dirichlet weight", 0.01, 1000, help="weight of the line in a customer's spend")


class Carrier(Settings):
    """A carrier's tariff and quality, a number a line, relative to the reference price of the line."""

    label: str = ""
    price: dict[str, float] = quantity(..., "ratio to the reference price", 0.05, 5)
    quality: dict[str, float] = quantity(..., "share of the best", 0, 1)
    price_index: float = quantity(1.0, "ratio to its own tariff", 0.05, 5, help="moves all its prices at once")
    service: float = quantity(0.6, "share of the best", 0, 1)
    image: float = quantity(0.5, "share of the best", 0, 1)
    hassle: float = quantity(0.4, "share of the worst", 0, 1, help="time, effort and risk of dealing with it")


class Tariff(NamedTuple):
    """What all carriers offer in one month; carriers on the first axis, the own carrier first."""

    price: Floats
    """Ratio to the reference price, shape (carriers, lines)."""
    quality: Floats
    """Shape (carriers, lines)."""
    service: Floats
    """Shape (carriers,)."""
    image: Floats
    """Shape (carriers,)."""
    hassle: Floats
    """Shape (carriers,)."""
    contact: Floats
    """Probability that the carrier's sales force calls on a customer in the month, shape (carriers,); 0 for own."""


def tariff(carriers: Sequence[Carrier], lines: Mapping[str, Line], contact: Sequence[float]) -> Tariff:
    """Return the tariff of the carriers in the order given, own first."""
    return Tariff(
        price=np.array([[c.price[line] * c.price_index for line in lines] for c in carriers]),
        quality=np.array([[c.quality[line] for line in lines] for c in carriers]),
        service=np.array([c.service for c in carriers]),
        image=np.array([c.image for c in carriers]),
        hassle=np.array([c.hassle for c in carriers]),
        contact=np.array(contact, dtype=float),
    )
