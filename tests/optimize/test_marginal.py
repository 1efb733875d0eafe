"""What one more of everything scarce would bring, and reasons for what was chosen."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.allocation import allocate
from optimize.decompose import dual_bound
from optimize.marginal import frontier, hour_values, in_words, marginal_values
from optimize.notes import plan_notes
from optimize.plan import make_plan
from optimize.reasons import ITSELF, reasons_of
from optimize.response import estimate
from sim.city import found


@pytest.fixture(scope="module")
def book(tiny_decision):
    return found(tiny_decision).book


@pytest.fixture(scope="module")
def plan(tiny_decision, book):
    return make_plan(tiny_decision, book, estimate(tiny_decision, book))


@pytest.fixture(scope="module")
def marginals(tiny_decision, plan):
    return marginal_values(plan, tiny_decision.solver)


def test_a_marginal_value_lies_between_what_more_brings_and_less_costs(marginals):
    slight = 1e-4 * marginals["high"].abs().max()
    assert (marginals["low"] <= marginals["marginal"] + slight).all()
    assert (marginals["marginal"] <= marginals["high"] + slight).all()
    assert (marginals["low"] >= -slight).all()


def test_values_move_with_limits_as_their_bounds_do_within_the_gap(marginals, plan, tiny_decision):
    uplift = plan.allocation.bound - plan.allocation.nothing
    gap = 2 * (dual_bound(plan.problem) - plan.allocation.value + tiny_decision.solver.gap * uplift)
    step = 0.05 * marginals["available"]
    assert (marginals["value_more"] >= marginals["low"] * step - gap).all()
    assert (marginals["value_less"] <= marginals["high"] * step + gap).all()


def test_a_limit_that_binds_is_told_in_words(marginals):
    told = in_words(marginals)
    assert marginals["binds"].any()
    assert len(told) == marginals["binds"].sum()
    assert all(sentence.startswith("limited by ") for sentence in told)
    assert in_words(marginals.assign(binds=False)) == ["no limit binds: more hours or budget would bring nothing"]


def test_hours_of_each_manager_are_worth_about_what_all_hours_are(plan, book, marginals):
    each = hour_values(plan, book)
    assert list(each["manager"]) == list(book.manager_names)
    together = marginals.set_index("key").loc["visit.hours"]
    mean = float((each["marginal"] * each["available"]).sum() / each["available"].sum())
    assert 0.5 * together["low"] <= mean <= 1.5 * together["high"] + 1e-9


def test_the_frontier_rises_and_flattens(plan, tiny_decision):
    table = frontier(plan, tiny_decision.solver, (1.0, 1.5, 2.0))
    assert (np.diff(table["bound"]) >= -1e-6).all()
    assert np.diff(table["bound"])[1] <= np.diff(table["bound"])[0] + 1e-6
    assert (table["uplift"] <= table["bound"] + 1e-6).all()
    assert table["uplift"].iloc[0] == pytest.approx(plan.expected_uplift, rel=2 * tiny_decision.solver.gap)


def test_a_frontier_tells_where_no_plan_is_possible(plan, tiny_decision):
    """With next to no hours the floor under contribution can't be kept."""
    floor = [k for k, limit in enumerate(plan.shared) if limit.at_least]
    tight = plan.problem.limit.copy()
    tight[floor] = -plan.response.contribution[
        plan.allocation.treatment, np.arange(plan.allocation.treatment.size)
    ].sum()
    table = frontier(plan._replace(problem=plan.problem._replace(limit=tight)), tiny_decision.solver, (0.01,))
    assert table["uplift"].isna().all()


def test_every_account_has_a_reason_that_says_what_else_there_was(plan, book):
    told = reasons_of(plan, book)
    assert list(told["id"]) == list(book.ids)
    several = plan.problem.allowed.sum(axis=0) > 1
    assert (told["next_best"][several] != "").all()
    assert (told["next_best"][several] != told["treatment"][several]).all()
    for row in told.itertuples():
        assert row.treatment in row.reason
        if row.decided_by == ITSELF:
            assert row.next_brings <= 0 or row.next_hours <= 0
        elif row.decided_by.startswith("hours of"):
            assert row.next_hours > 0


def test_what_is_scarce_decides_for_someone_and_what_is_not_never(plan, book, marginals):
    told = set(reasons_of(plan, book)["decided_by"])
    binding = set(marginals["limit"][marginals["binds"]])
    assert told & {*binding, *(f"hours of {name}" for name in book.manager_names)}
    assert not told & set(marginals["limit"][marginals["high"] <= 0])


def test_a_plan_that_does_nothing_says_so(tiny_decision, book, plan):
    idle = plan._replace(allocation=plan.allocation._replace(treatment=plan.allocation.treatment * 0))
    assert plan_notes(idle, tiny_decision, book)[0].startswith("the plan does nothing")


def test_an_equal_split_and_a_plan_at_the_menus_end_are_noticed(tiny_decision, book, plan):
    visits = np.array([t.visits for t in plan.response.treatments])
    most = np.full(plan.allocation.treatment.size, int(visits.argmax()))
    pinned = plan._replace(allocation=plan.allocation._replace(treatment=most))
    told = " ".join(plan_notes(pinned, tiny_decision, book))
    assert "an equal split" in told
    assert "pinned at its bounds" in told


def test_a_plan_that_is_like_neither_is_not_remarked_upon(tiny_decision, book, plan):
    assert plan_notes(plan, tiny_decision, book) == []


def test_allocating_again_changes_nothing(plan, tiny_decision):
    again = allocate(plan.problem, tiny_decision.solver)
    np.testing.assert_array_equal(again.treatment, plan.allocation.treatment)
