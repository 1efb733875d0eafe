"""Objectives: what a plan is best at, from what treatments are expected to bring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.decision import ObjectiveSettings
from optimize.response import Response

Floats = NDArray[np.float64]


def worth(response: Response, objective: ObjectiveSettings) -> Floats:
    """Return the objective of each treatment at each account, yuan, shape (treatments, customers)."""
    match objective.maximise:
        case "retained":
            return response.retained
        case "own_revenue":
            return response.own_revenue
        case "contribution":
            return response.contribution
        case "blend":
            return response.contribution + objective.retained_weight * response.retained
        case "target_return":
            return response.contribution - objective.required_return * response.cost


def weight_of_cost(objective: ObjectiveSettings) -> float:
    """Return what a yuan of cost lowers the objective by.

    >>> weight_of_cost(ObjectiveSettings()), weight_of_cost(ObjectiveSettings(maximise="target_return"))
    (0.0, 1.2)
    """
    if objective.maximise in ("retained", "own_revenue"):
        return 0.0
    return 1.0 + (objective.required_return if objective.maximise == "target_return" else 0.0)
