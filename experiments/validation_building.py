"""The building problem (D13): what a discount, or plan A, for three of 100 tenants brings in a year."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.city import found
from sim.history import History, yuan
from sim.market import simulate
from sim.names import OWN, PLANS
from sim.programme import Programme, nothing
from sim.scenario import Scenario
from sim.state import City
from sim.testing import cloned

Floats = NDArray[np.float64]
THREE = 3
DISCOUNT = 0.1
VISITS = 2
"""Visits a year that carry the offer of plan A."""
MONTHS = 12
RATES = (0.0, 0.0025, 0.005, 0.01, 0.02, 0.05)
"""Talk rates that are tried for the one at which a discount's gain changes its sign."""
Who = Literal["mean", "largest"]


def building_measures(scenario: Scenario, seed: int, copies: int) -> dict[str, float]:
    """Return the gains in contribution of one building, yuan a year, by the name of the measure."""
    settings = scenario.model_copy(update={"seed": seed})
    city = found(settings).city
    measured: dict[str, float] = {}
    for who in ("mean", "largest"):
        three = tenants(city, who)
        by_rate = [gain(talking(settings, rate), city, discounted(city, three), copies) for rate in RATES]
        measured |= {
            f"discount_{who}": gain(settings, city, discounted(city, three), copies),
            f"plan_{who}": gain(settings, city, offered(city, three, settings.contract.rival_share), copies),
            **{f"discount_{who}_at_{rate:g}": found_gain for rate, found_gain in zip(RATES, by_rate, strict=True)},
        }
    return measured


def tenants(city: City, who: Who) -> NDArray[np.int64]:
    """Return three tenants: the largest, or those nearest the mean spend among who buys mostly from rivals."""
    spend = city.state.demand.sum(axis=0)
    if who == "largest":
        return np.argsort(-spend, kind="stable")[:THREE]
    elsewhere = np.where(city.state.carrier != OWN, city.state.demand, 0).sum(axis=0)
    away = np.asarray(np.abs(spend - spend.mean()) + np.where(2 * elsewhere > spend, 0.0, np.inf))
    return np.argsort(away, kind="stable")[:THREE]


def discounted(city: City, three: NDArray[np.int64]) -> Programme:
    """Return the programme that grants some tenants the unit discount."""
    turn = nothing(city.customers.key.size)
    turn.discount[three] = DISCOUNT
    return turn


def offered(city: City, three: NDArray[np.int64], rival_share: float) -> Programme:
    """Return the programme that offers some tenants plan A, with X at their usage with us and a share of the rest."""
    turn = nothing(city.customers.key.size)
    demand, ours = city.state.demand, city.state.carrier == OWN
    x = np.where(ours, demand, rival_share * demand).sum(axis=0)
    turn.visits[three], turn.offer[three] = VISITS, PLANS.index("A")
    turn.offer_x[three] = x[three]
    return turn


def talking(scenario: Scenario, rate: float) -> Scenario:
    """Return the scenario with another talk rate."""
    return scenario.model_copy(update={"talk": scenario.talk.model_copy(update={"rate": rate})})


def gain(scenario: Scenario, city: City, turn: Programme, copies: int) -> float:
    """Return what a programme adds to the contribution of a building in a year, yuan, mean over copies of it."""
    many = cloned(city, copies)
    turns = (repeated(turn, copies), nothing(many.customers.key.size))
    runs = [simulate(scenario, many, each, seed=scenario.seed, months=MONTHS) for each in turns]
    return float((brought(runs[0]) - brought(runs[1])) / copies)


def repeated(turn: Programme, copies: int) -> Programme:
    """Return a building's programme for several copies of it."""
    return turn._replace(**{name: np.tile(part, copies) for name, part in turn._asdict().items()})


def brought(run: History) -> float:
    """Return contribution, yuan."""
    a = run.account
    return float(yuan((a.retained + a.won_back + a.shortfall + a.breakage - a.programme_cost - a.cost_to_serve).sum()))


def turning_rate(gains: Floats) -> float:
    """Return the talk rate at which the mean gain turns from saving to costing; 0 if it costs even without talk.

    `gains` has the shape (rates,). Between two rates the gain is taken to be linear.

    >>> turning_rate(np.array([10.0, -10.0, -20.0, -30.0, -40.0, -50.0]))
    0.00125
    """
    if gains[0] <= 0:
        return 0.0
    if (gains > 0).all():
        return float("nan")
    last = int(np.argmax(gains <= 0))
    share = gains[last - 1] / (gains[last - 1] - gains[last])
    return float(RATES[last - 1] + share * (RATES[last] - RATES[last - 1]))
