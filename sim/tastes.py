"""Tastes of customers: drawn from the prior, or weighted by which carriers they are seen to hold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.carrier import Tariff
from sim.choice import AttentionSettings, ChoiceSettings, attention_probability, stationary_law
from sim.experience import ExperienceSettings, performance
from sim.population import Spread, lognormal
from sim.quantities import Settings, quantity
from sim.value import ValueSettings

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]


class Behaviour(NamedTuple):
    """The settings that tastes and a line's long-run law depend on."""

    value: ValueSettings
    attention: AttentionSettings
    choice: ChoiceSettings
    experience: ExperienceSettings


class Tastes(NamedTuple):
    """What differs between customers and can't be seen; each of shape (customers,)."""

    price_sensitivity: Floats
    rapport_weight: Floats
    hassle_weight: Floats
    switching_cost: Floats


def draw_desire(seed: int, customer: Keys, settings: ExperienceSettings) -> Floats:
    """Return the performance that each customer desires, 0 to 1, shape (customers,)."""
    luck = draws.normal(draws.stream(seed, "desire"), customer)
    return np.asarray(np.clip(settings.desire + settings.desire_spread * luck, 0, 1))


class TruthSettings(Settings):
    """How a truth is drawn that is consistent with the book of a user's own customers."""

    candidates: int = quantity(
        16, "draws/customer", 1, 1000, help="prior draws of tastes of which one is kept, by how well it fits our lines"
    )
    unseen_spread: float = quantity(
        0.5, "log standard deviation", 0, 5, help="of a rival's spend where the file doesn't say"
    )


def draw_tastes(seed: int, customer: Keys, settings: Behaviour, number: int = 0) -> Tastes:
    """Return tastes from the prior, one set a customer; `number` gives other draws for the same customer."""
    key = draws.stream(seed, "tastes")
    return Tastes(*(lognormal(key, customer, prior, 4 * number + i) for i, prior in enumerate(taste_priors(settings))))


def taste_priors(settings: Behaviour) -> tuple[Spread, ...]:
    """Return the prior of each taste, in the order of `Tastes`; all are lognormal."""
    value, choice = settings.value, settings.choice
    return (
        Spread(value.price_sensitivity, value.price_sensitivity_spread),
        Spread(value.rapport, value.rapport_spread),
        Spread(value.hassle, value.hassle_spread),
        Spread(choice.switching_cost, choice.switching_cost_spread),
    )


def usual_satisfaction(posted: Tariff, settings: ExperienceSettings) -> Floats:
    """Return the satisfaction that each carrier's average customer settles at, shape (carriers,)."""
    faults = settings.incidents * (1 - posted.quality)
    seen = performance(posted.quality, posted.service[:, None], settings) - faults * settings.incident_shock
    settled = seen + settings.desire_weight * (seen - settings.desire)
    return np.asarray(np.clip(settled, 0, 1).mean(axis=1))


def long_run_shares(
    tastes: Tastes, known: Floats, posted: Tariff, settings: Behaviour, more: Floats | float = 0.0
) -> Floats:
    """Return the stationary law of each line's carrier, shape (carriers, lines, customers), at usual stocks.

    `known` is rapport with each carrier, shape (carriers, customers). It ignores contracts and luck, and bundles but
    for what is `more` in each carrier's value of a line, logit, of the law's shape.
    """
    satisfaction = usual_satisfaction(posted, settings.experience)
    weights = settings.value
    carrier_part = (
        weights.satisfaction * satisfaction[:, None]
        + weights.image * posted.image[:, None]
        + tastes.rapport_weight * known
        - tastes.hassle_weight * posted.hassle[:, None]
    )
    line_part = weights.quality * posted.quality[:, :, None] - tastes.price_sensitivity * np.log(
        posted.price[:, :, None]
    )
    value = line_part + carrier_part[:, None, :] + more
    missing = np.maximum(0.0, settings.attention.threshold - satisfaction)
    look = attention_probability(settings.attention.base + settings.attention.dissatisfaction * missing)
    return stationary_law(value, look[:, None, None], tastes.switching_cost)


def likelihood(law: Floats, ours: NDArray[np.bool_]) -> Floats:
    """Return how likely it is to hold just these lines with us, shape (customers,); `ours` is (lines, customers)."""
    return np.asarray(np.where(ours, law[0], 1 - law[0]).prod(axis=0))


def tastes_given_lines(
    seed: int, customer: Keys, ours: NDArray[np.bool_], known: Floats, posted: Tariff, settings: Behaviour, tries: int
) -> Tastes:
    """Return tastes consistent with which lines are ours: one of `tries` prior draws, kept by its likelihood."""
    chosen = draw_tastes(seed, customer, settings)
    total = likelihood(long_run_shares(chosen, known, posted, settings), ours)
    key = draws.stream(seed, "taste kept")
    for number in range(1, tries):
        rival = draw_tastes(seed, customer, settings, number)
        weight = likelihood(long_run_shares(rival, known, posted, settings), ours)
        total = total + weight
        take = draws.uniform(key, customer, number) * total < weight
        chosen = Tastes(*(np.where(take, new, old) for new, old in zip(rival, chosen, strict=True)))
    return chosen
