"""Experience to satisfaction: performance against what was expected and desired (D19, D20)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.quantities import Settings, quantity

Floats = NDArray[np.float64]


class ExperienceSettings(Settings):
    """How what happens to a customer becomes satisfaction, 0 to 1."""

    service_share: float = quantity(0.5, "share", 0, 1, help="of service in performance; the rest is line quality")
    noise: float = quantity(0.06, "satisfaction, standard deviation a month", 0, 1)
    incidents: float = quantity(0.08, "faults a month per unit of missing quality", 0, 10)
    incident_shock: float = quantity(0.35, "satisfaction", 0, 1, help="performance lost in a month with a fault")
    visit_lift: float = quantity(0.06, "satisfaction", 0, 1, help="performance gained in a month with a visit of ours")
    plan_lift: float = quantity(0.02, "satisfaction", 0, 1, help="priority handling of plan customers (VIP card)")
    expectation_speed: float = quantity(0.1, "per month", 0, 1)
    desire: float = quantity(0.9, "satisfaction", 0, 1)
    expectation_weight: float = quantity(0.3, "share", 0, 5, help="of performance minus expectation")
    desire_weight: float = quantity(0.2, "share", 0, 5, help="of performance minus desire")
    memory: float = quantity(0.8, "share kept a month", 0, 1)
    desire_spread: float = quantity(0.05, "satisfaction, standard deviation", 0, 1, help="of what customers desire")
    information_weight: float = quantity(
        0.1, "share", 0, 1, help="of information satisfaction in a month in which we visit, write or call"
    )
    candour: float = quantity(0.75, "satisfaction", 0, 1, help="how truthful and useful our proposals are found")
    resentment: float = quantity(0.03, "satisfaction", 0, 1, help="lost on news of a neighbour's discount")


def performance(quality: Floats, service: Floats, settings: ExperienceSettings) -> Floats:
    """Return perceived performance without luck, from line quality and service, 0 to 1."""
    return np.asarray((1 - settings.service_share) * quality + settings.service_share * service)


def next_satisfaction(
    satisfaction: Floats,
    expectation: Floats,
    seen: Floats,
    settings: ExperienceSettings,
    desire: Floats | None = None,
    informed: NDArray[np.bool_] | None = None,
) -> Floats:
    """Return satisfaction after a month in which performance `seen` was experienced: a leaky average in [0, 1].

    `desire` is each customer's, the mean of all where it is left out. Who was `informed` by a contact of ours weighs in
    how truthful it was found.
    """
    desired = settings.desire if desire is None else desire
    target = seen + settings.expectation_weight * (seen - expectation) + settings.desire_weight * (seen - desired)
    if informed is not None:
        told = settings.information_weight * informed
        target = target + told * (settings.candour - target)
    moved = settings.memory * satisfaction + (1 - settings.memory) * target
    return np.asarray(np.clip(moved, 0, 1))


def complaint_scar(settings: ExperienceSettings) -> float:
    """Return the satisfaction still missing, on average, for a fault complained of at some time in the last year."""
    kick = (1 - settings.memory) * (1 + settings.expectation_weight + settings.desire_weight) * settings.incident_shock
    return float(kick * np.mean(settings.memory ** np.arange(12)))
