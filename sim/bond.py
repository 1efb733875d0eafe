"""Bonds that hold a customer: financial, social, structural; and the steps from product to solution (D8, D21).

Financial bonds are prices, plans and points, and stand with those. Here are the other two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.names import STEPS
from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]
PRODUCT, LINE, BUNDLE, SOLUTION = range(len(STEPS))


class BondSettings(Settings):
    """What holds customers beside price; structural bonds are a cost of leaving, not a part of delivered value."""

    social: float = quantity(0.1, "logit", 0, 20, help="worth to repeat buyers and advocates of belonging to us (club)")
    line: float = quantity(0.05, "logit", 0, 20, help="extra cost of leaving for who has two lines or more with us")
    bundle: float = quantity(0.2, "logit", 0, 20, help="extra cost of leaving for who has all lines with us or a plan")
    solution: float = quantity(1.8, "logit", 0, 20, help="extra cost of leaving for whom we have integrated a solution")
    integration: float = quantity(
        0.02, "probability", 0, 1, help="that a month with a visit to a bundled customer brings an integrated solution"
    )


def plain_step(own_lines: NDArray[np.integer], lines: int, on_plan: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the step that holdings alone make: product, line or bundle, shape (customers,).

    >>> plain_step(np.array([0, 2, 2, 4]), 4, np.array([False, False, True, False])).tolist()
    [0, 1, 2, 2]
    """
    bundled = (own_lines >= lines) | on_plan
    return np.where(bundled, BUNDLE, np.where(own_lines >= 2, LINE, PRODUCT)).astype(np.int8)


def next_step(step: NDArray[np.int8], plain: NDArray[np.int8], integrated: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return next month's step: a solution is built on a bundle, and lasts as long as it."""
    solved = (plain == BUNDLE) & ((step == SOLUTION) | integrated)
    return np.where(solved, SOLUTION, plain).astype(np.int8)


def structural(step: NDArray[np.int8], settings: BondSettings) -> Floats:
    """Return the extra cost of leaving us, logit, shape (customers,)."""
    return np.array([0.0, settings.line, settings.bundle, settings.solution])[step]


def price_gap_withstood(bond: float, price_sensitivity: float) -> float:
    """Return the price cut of a rival that a bond of so many logits just makes up for, share of our price.

    >>> bonds, usual = BondSettings(), 7.3
    >>> round(price_gap_withstood(bonds.social, usual), 3), round(price_gap_withstood(bonds.solution, usual), 3)
    (0.014, 0.219)
    """
    return float(-np.expm1(-bond / price_sensitivity))
