"""What the optimiser makes of knowledge: the truth where it sees it, and what an offer's visit will find."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from sim.book import Book, expected_demand
from sim.kernels.expect import Types
from sim.names import OWN
from sim.rates import posted_tariff

Floats = NDArray[np.float64]


def true_types(book: Book, carriers: int) -> Types:
    """Return an oracle's one draw of tastes, and carriers that are certain."""
    assert book.truth is not None
    truth = book.truth
    serves = np.where(book.ours, OWN, book.rival)
    return Types(
        price_sensitivity=truth.price_sensitivity[None].astype(float),
        rapport_weight=truth.rapport_weight[None].astype(float),
        hassle_weight=truth.hassle_weight[None].astype(float),
        switching_cost=truth.switching_cost[None].astype(float),
        weight=np.ones((1, book.key.size)),
        law=(np.arange(carriers)[:, None, None] == serves)[None].astype(float),
    )


def offer_x_expected(decision: Decision, book: Book, proposed: Floats) -> Floats:
    """Return the X that offers are expected to be made with, yuan/month, shape (treatments, customers).

    The visit that makes an offer may find rival spend that the book doesn't show; X is then set from it.
    """
    if not decision.mechanisms.revealing or book.truth is not None:
        return proposed
    price = posted_tariff(decision).price
    shares = np.array([line.share for line in decision.lines.values()])
    usual = expected_demand(book, price, shares, decision.city.mean_spend) * price[OWN + 1 :].mean(axis=0)[:, None]
    unseen = ~book.ours & np.isnan(book.rival_spend)
    rival = np.where(unseen, usual, np.nan_to_num(book.rival_spend)).sum(axis=0)
    found = book.recent_usage.mean(axis=0) + decision.contract.rival_share * rival
    more = np.where(unseen.any(axis=0), np.maximum(found - proposed, 0.0), 0.0)
    return np.asarray(np.where(proposed > 0, proposed + decision.book.visit_reveals * more, proposed))
