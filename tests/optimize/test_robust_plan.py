"""Robust plans: limits that hold in every outlook, and plans that are better where the attitude to risk looks."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.limit import Limit
from optimize.outlook import BASE, under
from optimize.plan import make_plan
from optimize.problem import excess
from optimize.response import estimate
from optimize.risk import guarded
from optimize.robust_plan import NOMINAL, NOTHING, ROBUST, best_for, expected_table, make_robust_plan
from optimize.robust_pose import join, pose_robustly
from sim.city import found
from sim.composing.compose import compose
from sim.errors import InputError
from sim.testing import tiny_tree

OUTLOOKS = {
    "war": {
        "probability": 0.3,
        "change": {"rivals": {"netcom": {"policy": {"name": "price_war", "month": 0, "drop": 0.4, "contact": 0.9}}}},
    },
    "recession": {"probability": 0.2, "change": {"city": {"downturn": 0.3}}},
}


def decided(**changes):
    risk = {"outlooks": OUTLOOKS, **changes.pop("risk", {})}
    small = {"city": {"customers": 24}, "budgets": {"discount": 0.01}}
    return compose(Decision, tiny_tree(risk=risk, **small, **changes)).settings


@pytest.fixture(scope="module")
def decision():
    return decided()


@pytest.fixture(scope="module")
def book(decision):
    return found(decision).book


@pytest.fixture(scope="module")
def made(decision, book):
    return make_robust_plan(decision, book)


def test_every_plan_has_its_worth_in_every_outlook(made):
    assert list(made.choices) == [NOTHING, NOMINAL, ROBUST, best_for(BASE), best_for("war"), best_for("recession")]
    assert made.worth.shape == (6, 3)
    table = expected_table(made)
    assert len(table) == 18
    assert (table["regret"] >= 0).all()
    np.testing.assert_allclose(table[table["plan"] == NOTHING]["uplift"], 0)


def test_expected_worth_is_that_of_the_response_under_the_outlook(made, decision, book):
    there = estimate(under(decision, decision.risk, "war"), book)
    chosen = made.choices[ROBUST]
    expected = there.retained[chosen, np.arange(chosen.size)].sum()
    assert made.worth[list(made.choices).index(ROBUST), 1] == pytest.approx(expected)


def test_no_plan_that_was_met_has_less_regret_than_the_robust_one(made):
    regret = (made.worth.max(axis=0) - made.worth).max(axis=1)
    plans = list(made.choices)
    others = [i for i, name in enumerate(plans) if name not in (ROBUST, NOMINAL)]
    assert -made.hedged.value == pytest.approx(regret[plans.index(ROBUST)], abs=1)
    assert regret[plans.index(ROBUST)] <= regret[others].min() + made.hedged.gap * regret[0] + 1


def test_what_is_spent_fits_its_budget_in_every_outlook(made, book):
    chosen, account = made.choices[ROBUST], np.arange(book.key.size)
    for changed in made.outlooks.values():
        there = estimate(changed, book)
        assert there.discount[chosen, account].sum() <= made.robust.limits.discount * (1 + 1e-6)
        assert (np.bincount(book.manager, there.hours[chosen, account]) <= made.robust.limits.hours * (1 + 1e-6)).all()


def test_the_contribution_floor_holds_in_the_mean_of_outlooks(made):
    row = made.robust.used.set_index("budget").loc["contribution floor"]
    assert row["used"] >= row["limit"]


def test_for_the_mean_the_robust_plan_has_the_best_mean_met(book):
    made = make_robust_plan(decided(risk={"measure": "mean"}), book)
    mean = made.worth @ np.array([0.5, 0.3, 0.2])
    plans = list(made.choices)
    informed = [i for i, name in enumerate(plans) if name not in (ROBUST, NOMINAL)]
    robust = mean[plans.index(ROBUST)]
    assert robust >= mean[informed].max() - made.hedged.gap * (robust - mean[0]) - 1
    assert made.hedged.value == pytest.approx(robust)


def test_the_worst_case_is_the_lowest_worth_of_the_plan(book):
    made = make_robust_plan(decided(risk={"measure": "worst_case"}), book)
    robust = made.worth[list(made.choices).index(ROBUST)]
    assert made.hedged.value == pytest.approx(robust.min())
    assert made.hedged.bound >= made.hedged.value


def test_uplift_is_counted_above_doing_nothing_in_the_same_outlook(book):
    made = make_robust_plan(decided(risk={"measure": "worst_case", "counted": "uplift"}), book)
    robust, nothing = (made.worth[list(made.choices).index(name)] for name in (ROBUST, NOTHING))
    assert made.hedged.value == pytest.approx(guarded(robust - nothing, made.cap))
    assert made.hedged.nothing == pytest.approx(0)


def test_without_outlooks_the_robust_plan_is_as_good_as_the_nominal_one(book):
    alone = decided(risk={"outlooks": {}})
    made, nominal = make_robust_plan(alone, book), make_plan(alone, book)
    assert made.hedged.value == pytest.approx(0, abs=1)
    worth = made.worth[list(made.choices).index(ROBUST), 0]
    assert worth == pytest.approx(nominal.allocation.value, abs=2e-3 * nominal.expected_uplift)


def test_a_plan_that_exceeds_a_limit_under_an_outlook_is_told(made, decision, book):
    nominal = made.choices[NOMINAL]
    posed = pose_robustly(decision, book, estimate(decision, book), made.outlooks)
    assert made.exceeded == tuple(excess(posed.problem, nominal))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"rules": {"move_accounts": True}}, "rules.move_accounts"),
        ({"decisions": {"events": [1]}}, "decisions"),
        ({"decisions": {"seat_hours": [10.0]}}, "decisions"),
        ({"rules": {"building_fairness": "all"}}, "rules.building_fairness"),
    ],
)
def test_what_binds_accounts_together_is_refused(changes, key, book):
    with pytest.raises(InputError, match=f"{key}: can't be asked for in a robust plan"):
        make_robust_plan(decided(**changes), book)


def row(key, use, bound=1.0):
    return Limit("discount", key, "yuan", np.full((2, 3), use), bound)


def test_rows_on_what_is_spent_stay_apart_where_outlooks_differ():
    slot = []
    for name, use in (("calm", 1.0), ("war", 2.0), ("recession", 1.0)):
        join(slot, row("budgets.discount", use), name, 1 / 3)
    assert [limit.name for limit in slot] == ["discount", "discount, war"]


def test_rows_on_what_is_reached_become_their_mean():
    slot = []
    for name, use, probability in (("calm", 1.0, 0.75), ("war", 3.0, 0.25)):
        join(slot, row("targets.retained", use), name, probability)
    assert len(slot) == 1
    np.testing.assert_allclose(slot[0].use, 1.5)
