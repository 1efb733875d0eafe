"""What a declined offer tells of a customer: types that would likely have taken it become less likely."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from optimize.decision import Decision
from optimize.treatment import level_weight
from sim.book import Book, expected_demand
from sim.contract import plan_bill, plan_table
from sim.kernels.expect import Types
from sim.names import OWN
from sim.rates import posted_tariff

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def given_refusals(decision: Decision, book: Book, types: Types, refused: Whole, plan: Whole, x: Floats) -> Types:
    """Return types weighted anew by how many offers each account has declined, (customers,), the last of a plan at X.

    A type that takes such an offer with probability a has declined n of them with probability (1 - a)^n.
    """
    some = np.flatnonzero(refused)
    if not some.size:
        return types
    declined = (1 - acceptance(decision, book, types, plan, x)[:, some]) ** refused[some]
    weight = types.weight.copy()
    weight[:, some] *= declined
    weight[:, some] /= weight[:, some].sum(axis=0)
    return types._replace(weight=weight)


def acceptance(decision: Decision, book: Book, types: Types, plan: Whole, x: Floats) -> Floats:
    """Return the probability that each type takes an offer of a plan at X, shape (draws, customers).

    The same as the market's but for IP calls; who serves a line that isn't ours is as likely as `types.law` says.
    """
    price, contract = posted_tariff(decision).price, decision.contract
    shares = np.array([line.share for line in decision.lines.values()])
    usual = expected_demand(book, price, shares, decision.city.mean_spend)
    demand = np.where(book.ours, usual, usual * types.unseen[:, None, :])
    charged = np.einsum("dcln,cl->dln", types.law, price)
    bill = (demand * charged).sum(axis=1)
    usage = (demand * price[OWN][:, None]).sum(axis=1)
    own = (usual * price[OWN][:, None] * book.ours).sum(axis=0)
    pay, cap = plan_table(contract)[plan].T
    proposed = np.maximum(own, x)
    then = plan_bill(usage, pay * proposed, cap * proposed)
    moved = (~book.ours).sum(axis=0)
    beta = types.price_sensitivity
    relief = beta * np.log1p(contract.installation * moved / np.maximum(12 * bill, 1e-6))
    logit = contract.offer + beta * np.log(np.maximum(bill, 1e-6) / np.maximum(then, 1e-6))
    logit += types.rapport_weight * np.where(moved > 0, rapport_ahead(decision, book), 0.0)
    return np.asarray(expit(logit - np.maximum(0.0, contract.moving * moved / len(usual) - relief)))


def rapport_ahead(decision: Decision, book: Book) -> Floats:
    """Return how far rapport with us is ahead of what rivals' sales forces maintain, by our records of visits."""
    rate = decision.value.goodwill_saturation
    ours = (level_weight(decision.city, book) * -np.expm1(-rate * book.goodwill)).sum(axis=0)
    return np.asarray(ours + np.expm1(-rate * decision.visit.rival_goodwill))
