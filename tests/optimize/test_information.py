"""What perfect information would be worth: plans from the truth and from the book, on the same futures."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import FROM_BOOK, FROM_TRUTH, Decision
from optimize.information import information_trials, information_worth, plans_by_information
from optimize.plan import make_plan
from sim.city import found
from sim.composing.compose import compose
from sim.testing import tiny_tree

SMALL = {
    "treatments": {"visits": [0, 4, 12], "audiences": ["decider"], "mail": [0], "calls": [0], "unit_discounts": []},
    "objective": {"maximise": "contribution"},
    "city": {"customers": 1000},
    "months": 18,
}


NO_CHOICE = {"visits": [0], "offers": [], "mail": [0], "calls": [0], "unit_discounts": []}


def decision(**changes):
    return compose(Decision, tiny_tree(**{**SMALL, **changes})).settings


@pytest.fixture(scope="module")
def trials():
    chosen = decision()
    return information_trials(chosen, found(chosen), 12, seed=3)


def test_perfect_information_is_worth_more_than_nothing_on_what_is_planned_for(trials):
    table = information_worth(trials).set_index("measure")
    assert trials.policies == (FROM_TRUTH, FROM_BOOK)
    assert set(table["against"]) == {FROM_BOOK}
    assert table.loc["contribution", "low"] > 0


def test_the_worth_does_not_depend_on_which_information_the_decision_asks_for():
    few = {"city": {"customers": 100}, "months": 6}
    crm, oracle = decision(**few), decision(**few, book={"information": "oracle"})
    one, other = (information_trials(chosen, found(chosen), 2, seed=3) for chosen in (crm, oracle))
    np.testing.assert_array_equal(one.values, other.values)


def test_the_plan_from_the_book_is_the_plan_that_the_carrier_makes():
    chosen = decision(city={"customers": 100})
    start = found(chosen)
    ours, usual = plans_by_information(chosen, start)[FROM_BOOK], make_plan(chosen, start.book).programme
    for a, b in zip(ours, usual, strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_decision_is_worth_nothing_to_inform_where_there_is_no_choice():
    chosen = decision(treatments=NO_CHOICE, city={"customers": 60}, months=6)
    trials = information_trials(chosen, found(chosen), 2, seed=3)
    np.testing.assert_array_equal(trials.values[:, 0], trials.values[:, 1])
