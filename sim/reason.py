"""Reasons for leaving: what the new carrier offered more of, and what made the customer look (D18, D29)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.names import OWN, REASONS
from sim.state import Customers, State
from sim.value import ValueSettings, rapport

Floats = NDArray[np.float64]


def advantages(who: Customers, state: State, offered: Tariff, weights: ValueSettings, rival: int, line: int) -> Floats:
    """Return by how much a rival's delivered value on a line exceeds ours, by part, shape (parts, customers), logit.

    Parts are those of `sim.names.REASONS` but the last. A rival's bonus for moving isn't counted.
    """
    known = rapport(state.goodwill, who.level_weight, weights.goodwill_saturation)
    seen = offered.image[:, None] - np.expm1(-state.adstock.astype(float)) + state.image_news
    with_it = [(state.carrier == c).sum(axis=0) - (state.carrier[line] == c) for c in (rival, OWN)]
    ours = np.log(offered.price[OWN, line] * (1.0 - state.discount[line].astype(float)))
    parts = [
        who.price_sensitivity * (ours - np.log(offered.price[rival, line])),
        np.full(who.key.size, weights.quality * (offered.quality[rival, line] - offered.quality[OWN, line])),
        weights.satisfaction * (state.satisfaction[rival].astype(float) - state.satisfaction[OWN]),
        who.rapport_weight * (known[rival] - known[OWN]),
        weights.image * (seen[rival] - seen[OWN]),
        who.hassle_weight * (offered.hassle[OWN] - offered.hassle[rival]),
        weights.bundle / max(len(state.carrier) - 1, 1) * (with_it[0] - with_it[1]).astype(float),
    ]
    assert len(parts) == len(REASONS) - 1
    return np.array(parts)


def main_reason(parts: Floats) -> NDArray[np.int64]:
    """Return the index of the largest advantage, shape (customers,); the last of REASONS where there is none.

    >>> REASONS[int(main_reason(np.array([[0.2], [-1], [0.1], [0], [0], [0], [0]]))[0])]
    'price'
    """
    return np.where(parts.max(axis=0) > 0, parts.argmax(axis=0), len(REASONS) - 1)
