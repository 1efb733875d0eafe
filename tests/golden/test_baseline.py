"""Summary figures of a small shipped city, to notice a change that moves numbers.

`baseline.json` is written anew by `pytest tests/golden --refresh-golden`, and by nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.plan import make_plan
from optimize.response import estimate
from optimize.worth import comparison_table, try_out
from sim import history as measure
from sim.city import found
from sim.composing.compose import compose
from sim.market import simulate
from sim.programme import nothing

BASELINE = Path(__file__).with_name("baseline.json")
CUSTOMERS = 200
OVERRIDES = ("city.customers=200", "visit.accounts_per_manager=50", "response.draws=3", "solver.gap=0.0005")


@pytest.fixture(scope="module")
def figures(shelf):
    """Return the figures by name: the city, a run without a programme, and a plan tried out on two futures."""
    decision = compose(Decision, "shenzhen", OVERRIDES, shelves=(shelf,)).settings
    start = found(decision)
    idle = simulate(decision, start.city, nothing(CUSTOMERS), seed=2, months=24)
    response = estimate(decision, start.book)
    plan = make_plan(decision, start.book, response)
    trials = try_out(decision, start.city, {"plan": plan.programme, "nothing": nothing(CUSTOMERS)}, 2, seed=3)
    compared = comparison_table(trials).set_index("measure")["mean"]
    return {
        "city": {
            "demand": float(start.city.state.demand.sum(dtype=float)),
            "our_lines": int(start.book.ours.sum()),
            "our_spend": float(start.book.own_spend.sum(dtype=float)),
            "rival_spend_known": float(np.nansum(start.book.rival_spend, dtype=float)),
        },
        "nothing": {
            "retained": measure.retained_revenue(idle),
            "own_revenue": measure.own_revenue(idle),
            "contribution": measure.contribution(idle),
            "yearly_loss": measure.yearly_loss(idle),
            "flows": measure.transition_counts(idle).tolist(),
            "lookers": idle.looked.sum(axis=0).tolist(),
            "complaints": int(idle.complaints.sum()),
            "satisfaction": idle.satisfaction[-1].tolist(),
        },
        "estimate": {
            "retained_of_nothing": float(response.retained[0].sum()),
            "contribution_of_nothing": float(response.contribution[0].sum()),
        },
        "plan": {
            "expected_uplift": plan.expected_uplift,
            "visits": int(plan.programme.visits.sum()),
            "offers": int((plan.programme.offer > 0).sum()),
            "retained_uplift": float(compared["retained_revenue"]),
            "contribution_uplift": float(compared["contribution"]),
        },
    }


def differences(found, golden, place=""):
    """Return a line for each figure that isn't the golden one to a relative 1e-9."""
    if isinstance(found, dict) and isinstance(golden, dict):
        keys = dict.fromkeys([*golden, *found])
        below = [differences(found.get(key), golden.get(key), f"{place}.{key}".lstrip(".")) for key in keys]
        return [line for lines in below for line in lines]
    same = found is not None and golden is not None and np.allclose(found, golden, rtol=1e-9, atol=0)
    return [] if same else [f"{place}: {found}, golden {golden}"]


def test_figures_are_the_golden_ones(figures, request):
    if request.config.getoption("refresh_golden"):
        BASELINE.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    moved = differences(figures, json.loads(BASELINE.read_text(encoding="utf-8")))
    remedy = (
        "figures moved. If the change means to move them, run `make golden` (pytest tests/golden --refresh-golden), "
        "commit baseline.json with it and say so in CHANGELOG.md; else find what moved them:"
    )
    assert not moved, "\n".join([remedy, *moved])


def test_a_figure_that_moves_is_named():
    golden = {"a": {"b": 1.0, "c": [1, 2]}}
    assert differences({"a": {"b": 1.0 + 1e-10, "c": [1, 2]}}, golden) == []
    assert differences({"a": {"b": 1.1}}, golden) == ["a.b: 1.1, golden 1.0", "a.c: None, golden [1, 2]"]
