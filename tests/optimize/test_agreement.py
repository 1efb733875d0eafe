"""Decomposition and the integer programme on the same small books, with every rule switched on in turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.allocation import by_decomposition, by_program
from optimize.budget import Limits
from optimize.posing import pose_all
from optimize.problem import excess
from optimize.response import Response
from optimize.solver import SolverSettings
from optimize.treatment import NOTHING, Choices, Treatment
from sim.city import found
from sim.errors import InfeasibleError

CUSTOMERS = 10
EXACT = SolverSettings(gap=0.0, nodes=100_000, method="integer_programme")
MENU = (
    NOTHING,
    Treatment(1, "decider", 0, 0.0, 0, 0),
    Treatment(4, "decider", 0, 0.0, 0, 0),
    Treatment(4, "decider", 1, 0.0, 0, 0),
    Treatment(0, "decider", 0, 0.1, 0, 0),
    Treatment(0, "decider", 0, 0.0, 2, 2),
)
FAIR = {"treatments": {"discounts_in_buildings": True}}
RULES = {
    "none": {},
    "mail": {"budgets": {"mail": 30.0}},
    "calls": {"budgets": {"calls": 30.0}},
    "total cost": {"budgets": {"total_cost": 400.0}},
    "total and shares": {"budgets": {"total": 900.0, "shares": {"visits": {"most": 0.6}, "channels": {"least": 0.02}}}},
    "least visits": {"rules": {"least_visits": {"A": 1, "B": 1}}},
    "most visits": {"rules": {"most_visits": {"A": 1, "B": 1, "C": 1, "D": 1, "X": 1}}},
    "plan A cap": {"rules": {"amounts": {"cap": {"of": "offers_A", "most": 1}}}},
    "share": {
        "rules": {"amounts": {"share": {"of": "visits", "among": {"classes": ["A"]}, "most": 0.5, "as_share": True}}}
    },
    "fixed": {"rules": {"amounts": {"fixed": {"of": "treated", "least": 4, "most": 4}}}},
    "fair": {"rules": {"building_fairness": "all"}, **FAIR},
    "leak": {"rules": {"building_fairness": "leak"}, **FAIR},
    "churn": {"targets": {"churn": 0.3}},
    "margin": {"targets": {"margin": 0.3}},
    "return on cost": {"targets": {"return_on_cost": 1.0}},
    "own revenue": {"targets": {"own_revenue": 1000.0}},
    "cost": {"targets": {"cost": 500.0}},
    "satisfaction": {"targets": {"satisfaction": 0.6}},
}


@pytest.fixture(scope="module")
def decision(tiny_decision):
    return tiny_decision.model_copy(
        update={"city": tiny_decision.city.model_copy(update={"customers": CUSTOMERS, "tenants": 4.0})}
    )


@pytest.fixture(scope="module")
def book(decision):
    book = found(decision).book
    return book._replace(manager=np.arange(CUSTOMERS) // 5, manager_names=("M0", "M1"))


def drawn(seed):
    """Return what treatments bring and take at random, doing nothing taking nothing, and the limits."""
    rng = np.random.default_rng(seed)
    shape = (len(MENU), CUSTOMERS)
    spend = rng.lognormal(3, 1, CUSTOMERS)
    visits = np.array([t.visits for t in MENU], dtype=float)[:, None]
    gain = spend * np.sort(rng.uniform(0, 10, shape), axis=0)
    gain[0] = 0
    offers = np.array([t.offer > 0 for t in MENU])[:, None]
    hours = visits * rng.uniform(0.5, 2, CUSTOMERS) + offers * 2.0
    off = np.array([t.discount for t in MENU])[:, None]
    minutes = np.repeat([[6.0 * t.calls] for t in MENU], CUSTOMERS, axis=1)
    channel = minutes * 0.5 + np.array([2.0 * t.mail for t in MENU])[:, None]
    cost = 20 * hours + channel
    allowed = rng.random(shape) < 0.85
    allowed[0] = True
    nought = np.zeros(shape)
    response = Response(
        treatments=MENU,
        choices=Choices(allowed, np.zeros(shape, dtype=np.int8), nought),
        tier=np.zeros(CUSTOMERS, dtype=np.int8),
        retained=100 * spend + gain,
        won_back=nought,
        shortfall=nought,
        breakage=nought,
        contribution=50 * spend + 0.6 * gain - cost,
        lines_lost=1 - 0.5 * gain / (gain.max() + 1),
        hours=hours,
        discount=off * spend * 10,
        channel=channel,
        seat_minutes=minutes,
        cost=cost,
        satisfaction=rng.uniform(0.4, 0.9, shape),
        served=np.full(shape, 12.0),
        group_cost=nought,
        effective_draws=np.ones(CUSTOMERS),
    )
    bounds = Limits(
        hours=rng.uniform(2, 12, 2),
        discount=float(rng.uniform(0, 2) * spend.mean()),
        channel=float(rng.uniform(0, 40)),
        seat_minutes=float(rng.uniform(0, 60)),
        total_cost=np.inf,
        least_visits=np.zeros(CUSTOMERS, dtype=np.int64),
    )
    return response, bounds


@settings(max_examples=200)
@given(seed=st.integers(0, 10**6), rule=st.sampled_from(sorted(RULES)))
def test_both_agree_within_their_gaps_and_exceed_no_limit_under_every_rule(decision, book, seed, rule):
    response, bounds = drawn(seed)
    parts = {name: getattr(decision, name).model_copy(update=part) for name, part in RULES[rule].items()}
    asked = decision.model_copy(update=parts)
    least = np.array([asked.rules.least_visits.get(c, 0) for c in "ABCDX"])[book.value_class]
    bounds = bounds._replace(
        least_visits=least,
        total_cost=np.inf if asked.budgets.total_cost is None else asked.budgets.total_cost,
    )
    try:
        posed = pose_all(asked, book, response, bounds, None)
        exact = by_program(posed.bound, EXACT)
    except InfeasibleError:
        return
    assert exact.status == "optimal"
    slight = 1e-6 * abs(exact.value)
    try:
        found = by_decomposition(posed.bound, SolverSettings())
    except InfeasibleError:
        pytest.fail("decomposition finds nothing where there is something")
    assert found.value <= exact.value + slight
    assert found.bound >= exact.value - slight
    for allocation in (exact, found):
        assert not excess(posed.bound, allocation.treatment, allocation.alternative)
