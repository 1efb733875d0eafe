"""Attention, then choice: whether a line is reconsidered at all, and which carrier serves it next.

Two-stage supplier switching after Hortaçsu, Madanizadeh & Puller (2017) and Ho, Hogan & Scott Morton (2017); state
dependence after Dubé, Hitsch & Rossi (2010).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]


class AttentionSettings(Settings):
    """What makes a customer reconsider a line, on the logit scale of a month."""

    base: float = quantity(-4.45, "logit a month", -20, 20)
    dissatisfaction: float = quantity(5.0, "logit per unit below the threshold", 0, 50)
    threshold: float = quantity(0.7, "satisfaction", 0, 1)
    contract_ended: float = quantity(3.0, "logit", 0, 20)
    rival_contact: float = quantity(2.4, "logit", 0, 20)
    news: float = quantity(0.6, "logit", 0, 20, help="a neighbour got a discount that this customer hasn't")
    own_contact: float = quantity(2.0, "logit", 0, 20, help="our contact, on lines that a rival serves")
    on_plan: float = quantity(1.5, "logit", 0, 20, help="subtracted on our lines of a plan customer")


class ChoiceSettings(Settings):
    """What holds a line where it is once it is reconsidered."""

    switching_cost: float = quantity(1.3, "logit, mean", 0, 50)
    switching_cost_spread: float = quantity(0.3, "log standard deviation", 0, 3)
    breakage: float = quantity(3.0, "logit", 0, 50, help="extra cost of leaving inside a contract term")


def attention_probability(logit: Floats) -> Floats:
    """Return the probability that a line is reconsidered this month."""
    return np.asarray(expit(logit))


def choice_probabilities(value: Floats, current: NDArray[np.integer], cost: Floats) -> Floats:
    """Return the multinomial logit over carriers given attention, shape (carriers, ...).

    `value` has shape (carriers, ...); every carrier but `current` pays `cost` (both of shape (...)).

    >>> p = choice_probabilities(np.zeros((2, 1)), np.array([0]), np.array([np.log(3.0)]))
    >>> p.round(2).tolist()
    [[0.75], [0.25]]
    """
    carriers = np.arange(value.shape[0]).reshape((-1,) + (1,) * (value.ndim - 1))
    utility = value - np.where(carriers == current, 0.0, cost)
    odds = np.exp(utility - utility.max(axis=0))
    return np.asarray(odds / odds.sum(axis=0))


def stationary_law(value: Floats, attention: Floats, cost: Floats) -> Floats:
    """Return the long-run law of a line's carrier when stocks are frozen, shape (carriers, ...).

    The chain (1 - a) I + a P with P the logit with switching cost is reversible, so that its law is proportional to
    E_c (E_c + exp(-cost) (S - E_c)) / a_c with E = exp(value) and S the sum of E.
    """
    odds = np.exp(value - value.max(axis=0))
    law = odds * (odds + np.exp(-cost) * (odds.sum(axis=0) - odds)) / attention
    return np.asarray(law / law.sum(axis=0))
