"""Attitudes to risk: mean, conditional value at risk, worst case and regret as the least of weighted means.

Each is the lowest weighted mean of what a plan is worth in the outlooks, over weights that no outlook may have more of
than its cap: its probability for the mean, probability / (1 - level) for the conditional value at risk, one for the
worst case (Artzner et al. 1999; Rockafellar and Uryasev 2002). Regret is the worst case of worth less the best one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.outlook import RiskSettings

Floats = NDArray[np.float64]


def caps(risk: RiskSettings) -> Floats:
    """Return the largest weight of each outlook, shape (outlooks,).

    >>> from optimize.outlook import Outlook
    >>> odds = {"war": Outlook(probability=0.2)}
    >>> caps(RiskSettings(measure="cvar", level=0.5, outlooks=odds)).round(6).tolist()
    [1.0, 0.4]
    """
    probability = np.array(list(risk.probabilities.values()))
    if risk.measure == "mean":
        return probability
    if risk.measure == "cvar" and risk.level < 1:
        return np.minimum(probability / (1 - risk.level), 1.0)
    return np.ones(probability.size)


def darkest(worth: Floats, cap: Floats) -> Floats:
    """Return the weights at which worth in the outlooks is lowest, both of shape (outlooks,).

    >>> darkest(np.array([5.0, 1.0, 3.0]), np.array([1.0, 0.7, 0.2])).round(6).tolist()
    [0.1, 0.7, 0.2]
    """
    order = np.argsort(worth, kind="stable")
    taken = np.minimum(np.cumsum(cap[order]), 1.0)
    weight = np.empty(worth.size)
    weight[order] = np.diff(taken, prepend=0.0)
    weight[order[-1]] += 1.0 - taken[-1]
    return weight


def guarded(worth: Floats, cap: Floats) -> float:
    """Return what a plan with this worth in the outlooks, yuan, is worth to whoever guards against the dark ones.

    >>> guarded(np.array([5.0, 1.0]), np.array([0.5, 0.5])), guarded(np.array([5.0, 1.0]), np.ones(2))
    (3.0, 1.0)
    """
    return float(darkest(worth, cap) @ worth)
