"""Customer delivered value: what a carrier is worth to a customer on a line, on the logit scale (D1, D2, D21, D22)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.names import OWN
from sim.quantities import Settings, quantity
from sim.state import Customers, State

Floats = NDArray[np.float64]


class ValueSettings(Settings):
    """Weights of delivered value; where a mean and a spread are given, customers differ (lognormal)."""

    quality: float = quantity(2.5, "logit", 0, 20, help="weight of a line's quality")
    satisfaction: float = quantity(2.0, "logit", 0, 20, help="weight of the service experienced")
    image: float = quantity(1.0, "logit", 0, 20, help="weight of the carrier's image and campaigns")
    bundle: float = quantity(0.8, "logit", 0, 20, help="worth of having all other lines with the same carrier")
    price_sensitivity: float = quantity(7.3, "logit per log price, mean", 0, 200)
    price_sensitivity_spread: float = quantity(0.35, "log standard deviation", 0, 3)
    rapport: float = quantity(2.0, "logit, mean", 0, 20, help="weight of relations with the people who decide")
    rapport_spread: float = quantity(0.3, "log standard deviation", 0, 3)
    hassle: float = quantity(0.5, "logit, mean", 0, 20, help="aversion to time, effort and risk")
    hassle_spread: float = quantity(0.3, "log standard deviation", 0, 3)
    goodwill_saturation: float = quantity(0.2, "per visit", 0.001, 5, help="rapport = 1 - exp(-this x goodwill)")


def rapport(goodwill: NDArray[np.floating], level_weight: NDArray[np.floating], saturation: float) -> Floats:
    """Return relations with the people who decide, 0 to 1, shape (carriers, customers).

    `goodwill` has shape (carriers, levels, customers), `level_weight` (levels, customers). It is concave, so that
    returns diminish, and a visit to a level that doesn't decide brings little.
    """
    known = -np.expm1(-saturation * goodwill)
    return np.asarray((level_weight[None] * known).sum(axis=1))


def share_of_lines(carrier: NDArray[np.int8], carriers: int) -> Floats:
    """Return the share of a customer's lines that each carrier serves, shape (carriers, customers)."""
    return np.stack([(carrier == c).mean(axis=0) for c in range(carriers)])


def delivered_value(customers: Customers, state: State, offered: Tariff, weights: ValueSettings) -> Floats:
    """Return V on the logit scale, shape (carriers, lines, customers); equation 5 of the model."""
    carriers, lines = offered.price.shape
    known = rapport(state.goodwill, customers.level_weight, weights.goodwill_saturation)
    image = offered.image[:, None] - np.expm1(-state.adstock.astype(float)) + state.image_news
    carrier_part = (
        weights.satisfaction * state.satisfaction
        + customers.rapport_weight * known
        + weights.image * image
        - customers.hassle_weight * offered.hassle[:, None]
    )
    others = np.stack([state.carrier == c for c in range(carriers)]).astype(float)
    bundle = (others.sum(axis=1, keepdims=True) - others) / max(lines - 1, 1)
    price = np.repeat(offered.price[:, :, None], state.carrier.shape[1], axis=2)
    price[OWN] *= 1 - state.discount
    line_part = weights.quality * offered.quality[:, :, None] - customers.price_sensitivity * np.log(price)
    return np.asarray(line_part + weights.bundle * bundle + carrier_part[:, None, :])
