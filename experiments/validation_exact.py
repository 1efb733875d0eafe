"""What the market must agree with exactly, or up to chance: worked examples and closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimize.paid_switching import PaidSwitching, answer_each_other, closed_form, reached
from sim.choice import attention_probability, choice_probabilities, stationary_law
from sim.city import draw_city
from sim.contract import ContractSettings, care_money, plan_bill, split_bill
from sim.history import yuan
from sim.market import run_market, simulate
from sim.names import LEVELS, OWN
from sim.programme import nothing
from sim.rates import posted_tariff
from sim.scenario import Scenario
from sim.state import City
from sim.testing import cloned, offering, only, tiny_scenario, worked_example
from sim.value import delivered_value

Floats = NDArray[np.float64]
STILL = only("attention", "freeze_stocks")
"""Mechanisms of a market in which nothing moves but lines."""
CUSTOMERS = 5
MONTHS = 24
LOOK = -0.5
"""Logit of attention where chains are to be seen moving."""
LINES = ("local_voice", "long_distance", "data", "mobile")


def exact_measures(copies: int) -> dict[str, float]:
    """Return worked examples in yuan and deviations from closed forms, by the name of the measure."""
    return {**worked_examples(), **closed_forms(copies)}


def worked_examples() -> dict[str, float]:
    """Return what the worked examples D10 to D12 come to, yuan a month."""
    terms = ContractSettings()
    pay, cap = terms.plans["A"].pay, terms.plans["A"].cap
    bill = np.asarray(pay * 8000.0)
    second = plan_bill(np.asarray(9200.0), bill, np.asarray(cap * 8000.0))
    parts = split_bill(second, np.asarray(3200.0), np.asarray(6000.0))
    return {
        **first_example(),
        "d11.bill": float(second),
        "d11.gained": float(parts.retained + parts.won_back + parts.shortfall - 3200),
        "d11.saved": float(9200 - second),
        "d12.care": float(care_money(np.asarray(1200.0), np.asarray(2200.0), terms)),
    }


def first_example() -> dict[str, float]:
    """Return the worked example 1 as the market lives it: the last month's figures once the offer is accepted."""
    world = worked_example()
    run = simulate(world.scenario, world.city, offering(world.city, "A", 8000.0), seed=1, months=3)
    parts = [float(yuan(getattr(run, name)[-1])) for name in ("retained", "won_back", "shortfall")]
    bill = sum(parts)
    return {
        "d10.bill": bill,
        "d10.won_back": parts[1],
        "d10.saved": 3000 + 5000 + 3000 - bill,
        "d10.rivals": float(yuan(run.revenue[-1, 1:].sum())),
    }


def closed_forms(copies: int) -> dict[str, float]:
    """Return the largest deviation from each closed form: standard errors where there is chance, else a share."""
    return {
        "unmoved": unmoved(),
        **chain_deviations(copies),
        "binary_logit": binary_logit(copies),
        "cheapest": cheapest(copies),
        "goodwill": goodwill(),
        "paid_switching": paid_switching(),
    }


def paid_switching() -> float:
    """Return the largest deviation of prices and of who switches from Chen's duopoly, as shares of the largest cost."""
    worst = 0.0
    for cost, held in ((0.0, 0.3), (1.0, 0.5), (4.0, 0.8)):
        market = PaidSwitching(cost=cost, most=1.0, held=held)
        for start in (cost, cost + 3.0):
            ends = reached(market, answer_each_other(market, ((start, start), (start, start))))
            worst = max(worst, float(np.abs(np.subtract(ends, closed_form(market))).max()))
    return worst


def frozen(**changes: Any) -> Scenario:
    """Return a market of few customers whose lines move, while nothing else does."""
    quiet = {"rivals": {"netcom": {"contact": 0.0}, "unicom": {"contact": 0.0}}, "attention": {"base": LOOK}}
    return tiny_scenario(**{"burn_in": 0, "city": {"customers": CUSTOMERS}, "mechanisms": STILL, **quiet, **changes})


def worth_and_look(scenario: Scenario, city: City) -> tuple[Floats, Floats]:
    """Return delivered value, shape (carriers, lines, customers), and attention, shape (carriers, customers)."""
    weights = scenario.value.model_copy(update={"bundle": 0.0})
    missing = np.maximum(0, scenario.attention.threshold - city.state.satisfaction)
    look = attention_probability(scenario.attention.base + scenario.attention.dissatisfaction * missing)
    return delivered_value(city.customers, city.state, posted_tariff(scenario), weights), look


def deviation(found: Floats, wanted: Floats, size: int) -> float:
    """Return the largest deviation of shares from probabilities, standard errors, where chance can be seen."""
    variance = wanted * (1 - wanted)
    seen = variance * size > 10
    return float((np.abs(found - wanted)[seen] / np.sqrt(variance[seen] / size)).max(initial=0.0))


def shares(city: City, carriers: int, copies: int) -> Floats:
    """Return the share of copies of a line that each carrier serves, shape (carriers, lines, customers)."""
    by_copy = city.state.carrier.reshape(len(city.state.carrier), copies, -1)
    return np.array([(by_copy == carrier).mean(axis=1) for carrier in range(carriers)])


def unmoved() -> float:
    """Return the share of lines that move where nobody pays attention."""
    scenario = tiny_scenario(burn_in=0, mechanisms={"attention": False})
    flows = simulate(scenario, draw_city(scenario), nothing(scenario.city.customers), seed=1).flows.sum(axis=(0, 1))
    return float(1 - np.trace(flows) / flows.sum())


def chain_deviations(copies: int) -> dict[str, float]:
    """Return deviations of a frozen market from its chain: shares from the stationary law, first leaving times."""
    scenario = frozen()
    city = draw_city(scenario)
    city.state.carrier[:] = OWN
    lived = run_market(scenario, cloned(city, copies), nothing(CUSTOMERS * copies), seed=9, months=2 * MONTHS)
    value, look = worth_and_look(scenario, city)
    cost = city.customers.switching_cost.astype(float)
    stays = choice_probabilities(value, np.full(value.shape[1:], OWN), cost)[OWN]
    stays = 1 - look[OWN] * (1 - stays)
    left = stays[..., None] ** np.arange(1, MONTHS + 1)
    error = np.sqrt((left * (1 - left)).sum(axis=(0, 1)) * copies)
    kept = lived.record.kept[:MONTHS] - left.sum(axis=(0, 1)) * copies
    law = stationary_law(value, look[:, None], cost)
    return {
        "stationary": deviation(shares(lived.city, len(value), copies), law, copies),
        "first_passage": float((np.abs(kept) / error).max()),
    }


def binary_logit(copies: int) -> float:
    """Return how far moves between two carriers are from a binary logit, standard errors."""
    scenario = frozen(rivals={"netcom": {"contact": 0.0}, "unicom": None})
    city = draw_city(scenario)
    city.state.carrier[:] = OWN
    lived = run_market(scenario, cloned(city, copies), nothing(CUSTOMERS * copies), seed=6, months=1).city
    value, look = worth_and_look(scenario, city)
    wanted = look[OWN] / (1 + np.exp(value[OWN] - value[1] + city.customers.switching_cost))
    return deviation(shares(lived, 2, copies)[1], wanted, copies)


def cheapest(copies: int) -> float:
    """Return the share of moves that go to another carrier than the cheapest where only price counts."""
    rivals = {name: {"price": dict.fromkeys(LINES, price)} for name, price in (("netcom", 0.5), ("unicom", 0.7))}
    scenario = frozen(
        rivals={name: {**carrier, "contact": 0.0} for name, carrier in rivals.items()},
        value={"price_sensitivity": 200.0, "price_sensitivity_spread": 0.0},
        choice={"switching_cost": 0.0},
    )
    city = draw_city(scenario)
    city.state.carrier[:] = OWN
    run = simulate(scenario, cloned(city, copies), nothing(CUSTOMERS * copies), seed=4, months=3)
    flows = run.flows.sum(axis=(0, 1))
    moves = flows - np.diag(np.diag(flows))
    return float(1 - moves[:, 1].sum() / max(moves.sum(), 1))


def goodwill() -> float:
    """Return by which share goodwill under a monthly visit misses skill / (1 - what is kept)."""
    alike = {"managers": False}
    scenario = tiny_scenario(burn_in=0, city={"customers": 3}, visit={"hours": 5000.0}, mechanisms=alike)
    turn = nothing(3)
    turn.visits[:] = 12
    turn.level[:] = LEVELS.index("top")
    found = run_market(scenario, draw_city(scenario), turn, seed=1, months=120).city.state.goodwill[OWN, 0]
    wanted = scenario.visit.skill / (1 - scenario.visit.goodwill_kept)
    return float(np.abs(found / wanted - 1).max())
