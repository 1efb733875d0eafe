"""The plan: within its budgets, better than rules of thumb by its own figures, and fit for the market."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.baselines import rules
from optimize.budget import BudgetSettings, RuleSettings
from optimize.objective import worth
from optimize.plan import audit, make_plan, plan_table, programme_of, thumb_choice
from optimize.response import estimate
from sim.city import found
from sim.errors import InfeasibleError, KeystayError
from sim.market import simulate


@pytest.fixture(scope="module")
def book(tiny_decision):
    return found(tiny_decision).book


@pytest.fixture(scope="module")
def response(tiny_decision, book):
    return estimate(tiny_decision, book)


@pytest.fixture(scope="module")
def plan(tiny_decision, book, response):
    return make_plan(tiny_decision, book, response)


def changed(decision, **parts):
    return decision.model_copy(
        update={name: getattr(decision, name).model_copy(update=update) for name, update in parts.items()}
    )


def without_floor(decision):
    return changed(decision, rules={"contribution_floor": False})


def test_a_plan_uses_no_more_than_there_is(plan):
    used = plan.used
    at_most = used[~used["at_least"]]
    assert (at_most["used"] <= at_most["limit"] + 1e-6).all()
    at_least = used[used["at_least"]]
    assert (at_least["used"] >= at_least["limit"] - 1e-6 * at_least["limit"].abs()).all()


def test_a_plan_contributes_at_least_what_todays_practice_does(plan):
    account = np.arange(plan.allocation.treatment.size)
    assert plan.response.contribution[plan.allocation.treatment, account].sum() >= plan.contribution_floor - 1e-3


def test_the_bound_is_above_the_plan_and_the_plan_above_nothing(plan, tiny_decision):
    allocation = plan.allocation
    assert allocation.bound >= allocation.value > allocation.nothing
    assert 0 <= allocation.gap <= 2 * tiny_decision.solver.gap
    assert plan.expected_uplift == allocation.value - allocation.nothing


@pytest.mark.parametrize("name", list(rules))
def test_by_its_own_figures_a_plan_without_floor_beats_every_rule_of_thumb(tiny_decision, book, response, name):
    free = without_floor(tiny_decision)
    allocation = make_plan(free, book, response).allocation
    chosen = thumb_choice(free, book, response, rules[name]())
    thumb = worth(response, free.objective)[chosen, np.arange(chosen.size)].sum()
    assert thumb <= allocation.bound + 1e-6
    assert thumb - allocation.nothing <= (allocation.value - allocation.nothing) * (1 + 2 * free.solver.gap)


@pytest.mark.parametrize("objective", ["retained", "own_revenue", "contribution", "blend", "target_return"])
def test_each_objective_is_best_at_itself(tiny_decision, book, response, objective):
    free = without_floor(tiny_decision)
    kinds = ("retained", "own_revenue", "contribution", "blend", "target_return")
    reached = {}
    for kind in kinds:
        own = changed(free, objective={"maximise": kind})
        chosen = make_plan(own, book, response).allocation.treatment
        wanted = changed(free, objective={"maximise": objective})
        reached[kind] = worth(response, wanted.objective)[chosen, np.arange(chosen.size)].sum()
    nothing = worth(response, changed(free, objective={"maximise": objective}).objective)[0].sum()
    best = max(reached.values()) - nothing
    assert reached[objective] - nothing >= best * (1 - 2 * free.solver.gap)


def test_cbc_finds_a_plan_as_good_as_that_of_highs_within_the_gap(tiny_decision, book, response, plan):
    other = make_plan(changed(tiny_decision, solver={"name": "cbc", "nodes": 20_000}), book, response)
    assert other.expected_uplift == pytest.approx(plan.expected_uplift, rel=3 * tiny_decision.solver.gap)
    assert other.allocation.value <= plan.allocation.bound + 1e-3


@pytest.mark.parametrize(
    "more", [{"visit": {"hours": 240.0}}, {"budgets": {"channel": 0.01}}, {"budgets": {"discount": 0.05}}]
)
def test_more_to_spend_never_makes_a_plan_worse_beyond_its_gap(tiny_decision, book, response, more):
    free = without_floor(tiny_decision)
    before, after = (make_plan(d, book, response).allocation for d in (free, changed(free, **more)))
    assert after.value >= before.value - 2 * free.solver.gap * (before.bound - before.nothing)


def test_without_budgets_every_account_gets_its_best_treatment(tiny_decision, book, response):
    limitless = changed(
        without_floor(tiny_decision),
        visit={"hours": 5000.0},
        budgets={"discount": 1.0, "channel": 1.0},
        solver={"gap": 0.0},
    )
    limitless = changed(limitless, channel={"seat_minutes": 1000.0})
    chosen = make_plan(limitless, book, response).allocation.treatment
    best = np.where(response.choices.allowed, response.retained, -np.inf).max(axis=0)
    np.testing.assert_allclose(response.retained[chosen, np.arange(chosen.size)], best, rtol=1e-6)


def test_a_total_cost_limit_is_kept(tiny_decision, book, response):
    poor = changed(without_floor(tiny_decision), budgets={"total_cost": 3000.0})
    plan = make_plan(poor, book, response)
    assert plan.used.set_index("budget").loc["total cost", "used"] <= 3000.0 + 1e-6


def test_least_visits_by_class_are_kept(tiny_decision, book, response):
    careful = changed(without_floor(tiny_decision), rules={"least_visits": {"A": 2}})
    plan = make_plan(careful, book, response)
    assert (plan.programme.visits[book.value_class == 0] >= 2).all()


def test_least_visits_that_do_not_fit_are_told_with_manager_and_hours(tiny_decision, book, response):
    all_hours = {"managers": False, "preemption": False}
    hopeless = changed(tiny_decision, rules={"least_visits": dict.fromkeys("ABCDX", 12)}, mechanisms=all_hours)
    with pytest.raises(InfeasibleError, match=r"rules\.least_visits: .* hours of account manager M\d+, who has 60"):
        make_plan(hopeless, book, response)


def test_an_overfull_plan_is_found_by_the_audit(plan):
    most = plan.used.assign(used=plan.used["limit"] + 1)
    with pytest.raises(KeystayError, match=r"the plan uses .* of discount"):
        audit(plan._replace(used=most))


def test_a_plan_below_its_floor_is_found_by_the_audit(plan):
    with pytest.raises(KeystayError, match="below the floor"):
        audit(plan._replace(contribution_floor=1e12))


def test_the_programme_says_what_the_treatments_say(plan):
    programme, chosen = plan.programme, [plan.response.treatments[b] for b in plan.allocation.treatment]
    for lever in ("visits", "offer", "mail", "calls"):
        assert getattr(programme, lever).tolist() == [getattr(t, lever) for t in chosen]
    assert (programme.offer_x[programme.offer > 0] > 0).all()


def test_the_market_takes_any_treatment_of_the_menu(tiny_decision, response):
    city = found(tiny_decision).city
    for b in range(len(response.treatments)):
        everybody = np.where(response.choices.allowed[b], b, 0)
        history = simulate(tiny_decision, city, programme_of(response, everybody), seed=3, months=3)
        assert history.flows.sum() == 3 * city.state.carrier.size


def test_the_table_of_a_plan_has_every_account_once_best_first(plan, book):
    table = plan_table(plan, book)
    assert sorted(table["id"]) == sorted(book.ids)
    assert table["expected_retained_uplift"].is_monotonic_decreasing
    assert table["expected_retained_uplift"].sum() == pytest.approx(plan.expected_uplift)
    assert table["hours"].sum() == pytest.approx(
        plan.used.loc[plan.used["budget"].str.startswith("manager"), "used"].sum()
    )


def test_planning_twice_gives_the_same_plan(tiny_decision, book, response, plan):
    again = make_plan(tiny_decision, book, response)
    np.testing.assert_array_equal(again.allocation.treatment, plan.allocation.treatment)


def test_budgets_and_rules_have_defaults_that_ask_for_nothing_odd():
    assert BudgetSettings().total_cost is None
    assert RuleSettings().least_visits == {}
