"""Where no plan is possible, the fewest rules to relax are told, with their place in the scenario and by how much."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.allocation import by_program
from optimize.elastic import alone, what_to_relax
from optimize.plan import make_plan
from optimize.problem import problem
from optimize.response import estimate
from optimize.solver import SolverSettings
from optimize.testing import drawn_problem
from sim.city import found
from sim.errors import InfeasibleError

EXACT = SolverSettings(gap=0.0, nodes=10_000, method="integer_programme")


@pytest.fixture(scope="module")
def book(tiny_decision):
    return found(tiny_decision).book


@pytest.fixture(scope="module")
def response(tiny_decision, book):
    return estimate(tiny_decision, book)


def told(decision, book, response, **parts):
    """Return what is told when a plan is asked for that can't be."""
    updated = decision.model_copy(
        update={name: getattr(decision, name).model_copy(update=update) for name, update in parts.items()}
    )
    with pytest.raises(InfeasibleError) as raised:
        make_plan(updated, book, response)
    assert raised.value.exit_code == 3
    return str(raised.value)


def test_a_target_out_of_reach_is_named_with_what_could_be_reached(tiny_decision, book, response):
    message = told(tiny_decision, book, response, targets={"own_revenue": 1e12})
    assert "targets.own_revenue: lower own revenue from 1,000,000,000,000 to " in message


def test_of_many_rules_only_the_one_that_makes_it_impossible_is_named(tiny_decision, book, response):
    amounts = {"few": {"of": "offers", "most": 3}, "too_many": {"of": "offers", "least": 1e6}}
    message = told(tiny_decision, book, response, rules={"amounts": amounts, "contribution_floor": False})
    assert message.count("rules.amounts") == 1


def test_two_rules_that_clash_are_solved_by_relaxing_one(tiny_decision, book, response):
    amounts = {"least": {"of": "treated", "least": 10}, "most": {"of": "treated", "most": 4}}
    message = told(tiny_decision, book, response, rules={"amounts": amounts, "contribution_floor": False})
    assert ("from 10 to 4 accounts" in message) != ("from 4 to 10 accounts" in message)


def test_an_account_rule_that_the_menu_cannot_fulfil_names_the_account(tiny_decision, book, response):
    name = str(book.ids[0])
    message = told(tiny_decision, book, response, rules={"accounts": {name: {"visits": 300}}})
    assert message.startswith(f"rules.accounts.{name}: ")


# The elastic programme.

SMALL = st.builds(
    drawn_problem,
    seed=st.integers(0, 10**6),
    accounts=st.integers(3, 8),
    options=st.integers(2, 4),
    managers=st.integers(1, 2),
    budgets=st.integers(2, 3),
    tightness=st.sampled_from((0.3, 0.6)),
)


def rows_of(small):
    return tuple((row,) for row in range(small.limit.size + small.available.size))


@settings(max_examples=40)
@given(SMALL)
def test_nothing_is_to_be_relaxed_where_a_plan_is_possible(small):
    assert what_to_relax(small, rows_of(small)) == []
    assert alone(small) == []


@settings(max_examples=40)
@given(SMALL, st.floats(0.1, 5.0))
def test_relaxing_what_is_told_makes_the_split_problem_possible(small, beyond):
    """Everybody must take the option that takes most of the first budget, which isn't there."""
    most = np.where(small.allowed, small.use[0], -1).argmax(axis=0)
    only = np.zeros_like(small.allowed)
    only[most, np.arange(most.size)] = True
    forced = small._replace(allowed=only, limit=small.limit / (1 + beyond))
    found = what_to_relax(forced, rows_of(forced))
    limit, available = forced.limit.copy(), forced.available.copy()
    for relaxation in found:
        if relaxation.row < limit.size:
            limit[relaxation.row] += relaxation.by * (1 + 1e-6)
        else:
            available[relaxation.row - limit.size] += relaxation.by * (1 + 1e-6)
    assert by_program(forced._replace(limit=limit, available=available), EXACT).status == "optimal"
    assert {relaxation.row for relaxation in alone(forced)} == {relaxation.row for relaxation in found}


def test_the_fewest_rules_are_relaxed_even_if_each_must_give_way_more():
    """One budget must be exceeded by 10, or two others by a half each."""
    one = problem(value=[[0.0], [0.0]], use=[[[11.0], [0.0]], [[0.0], [0.5]], [[0.0], [0.5]]], limit=[1.0, 0.0, 0.0])
    found = what_to_relax(one, ((0,), (1,), (2,)))
    assert [relaxation.row for relaxation in found] == [0]
    assert found[0].by == pytest.approx(10.0)
