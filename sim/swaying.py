"""What a satisfaction that sways from month to month does on average: to looking around, and to loyalty (D19)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.loyalty import intention
from sim.names import OWN
from sim.rates import posted_tariff, rates
from sim.scenario import Scenario

Floats = NDArray[np.float64]
STEPS = 4097
"""So many that straight lines between them err by less than a millionth."""
POINTS = 32
"""Of the Gauss-Hermite rule that means are taken with."""


class Swaying(NamedTuple):
    """Means over the sway of satisfaction, by its mean in even steps from 0 to 1."""

    restless: Floats
    """Odds of looking around for satisfaction alone, shape (carriers, steps)."""
    loyal: Floats
    """The same of repeat buyers on our lines, without and with a rival's call, shape (2, steps)."""
    meant: Floats
    """Chance of meaning to stay at all, shape (steps,)."""


def swaying(scenario: Scenario) -> Swaying:
    """Return what a swaying satisfaction does; the sway is taken as normal (`sway`).

    Dissatisfaction and intention bend at thresholds, and both fall on the same months, so that the mean of what they do
    isn't what they do at the mean.
    """
    r, loyalty = rates(scenario), scenario.loyalty
    at, weight = np.polynomial.hermite_e.hermegauss(POINTS)
    weight = weight / weight.sum()
    mean = np.linspace(0, 1, STEPS)[:, None]
    spread = np.zeros(len(scenario.carriers)) if scenario.mechanisms.freeze_stocks else sway(scenario)
    felt = np.clip(mean + spread[:, None, None] * at, 0, 1)
    missing = np.maximum(0.0, float(r.threshold) - felt)
    odds = np.exp(float(r.attention_base) + float(r.dissatisfaction) * missing)
    meant = intention(felt[OWN], loyalty)
    behaves = meant * np.where(meant >= loyalty.advocacy, 1.0, loyalty.repeat_share)
    quiet = odds[OWN] * np.exp(-float(r.loyal) * behaves)
    called = quiet * np.exp(float(r.rival_contact) * (1 - float(r.shield) * behaves))
    return Swaying(odds @ weight, np.stack([quiet @ weight, called @ weight]), (meant > 0) @ weight)


def sway(scenario: Scenario) -> Floats:
    """Return the standard deviation of satisfaction with each carrier for luck and faults, shape (carriers,)."""
    experience, on = scenario.experience, scenario.mechanisms
    fault = experience.incidents * (1 - posted_tariff(scenario).quality.mean(axis=1))
    shock = np.full(fault.shape, (experience.noise if on.luck else 0.0) ** 2)
    if on.incidents:
        shock = shock + fault * (1 - fault).clip(0) * experience.incident_shock**2
    kick = (1 - experience.memory) * (1 + experience.expectation_weight + experience.desire_weight)
    return np.asarray(np.sqrt(kick**2 * shock / max(1 - experience.memory**2, 1e-9)))
