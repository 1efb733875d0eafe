"""The plan for the field as tables: they add up to the plan, and nobody is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optimize.field import schedule, timetable
from optimize.field_table import managers_table, unvisited_table, uplift, visits_table, with_reasons
from optimize.plan import make_plan
from optimize.route import route
from sim.city import found
from sim.errors import InputError


@pytest.fixture(scope="module")
def book(tiny_decision):
    return found(tiny_decision).book


@pytest.fixture(scope="module")
def plan(tiny_decision, book):
    return make_plan(tiny_decision, book)


def laid_out(decision, book, plan, planned):
    ways = route(planned.visits.customer, planned.visits.week, planned.visits.hours, book)
    visits = visits_table(decision, book, plan, planned, ways)
    return visits, managers_table(book, plan, planned, ways), unvisited_table(book, plan, planned)


@pytest.fixture(scope="module")
def tables(tiny_decision, book, plan):
    return laid_out(tiny_decision, book, plan, timetable(tiny_decision, book, plan))


def test_managers_totals_are_those_of_their_visits(tables, book):
    visits, managers, _ = tables
    by_manager = visits.groupby("manager")["hours"].agg(["sum", "size"]).reindex(managers["manager"], fill_value=0)
    np.testing.assert_allclose(managers["hours"], by_manager["sum"])
    np.testing.assert_array_equal(managers["visits"], by_manager["size"])
    assert managers["accounts"].sum() == book.key.size
    assert (managers["hours"] <= managers["hours_there_are"] + 1e-6).all()


def test_managers_expectations_and_discounts_add_up_to_the_plans(tables, plan):
    _, managers, _ = tables
    assert managers["expected_retained_uplift"].sum() == pytest.approx(plan.expected_uplift)
    used = plan.used.set_index("budget").loc["discount", "used"]
    assert managers["discount"].sum() == pytest.approx(used)


def test_visits_of_a_manager_stand_in_the_order_in_which_they_are_made(tables):
    visits, _, _ = tables
    for _, rows in visits.groupby("manager"):
        moments = list(zip(rows["week"], rows["day"], rows["begins"], strict=True))
        assert moments == sorted(moments)
    assert (visits["visit"] <= visits["visits"]).all()
    assert not visits.duplicated(["id", "visit"]).any()


def test_hours_of_a_trip_are_those_of_its_visits(tables):
    visits, _, _ = tables
    trips = visits.groupby(["manager", "week", "trip"])
    np.testing.assert_allclose(trips["hours"].sum(), trips["trip_hours"].first())


def test_every_account_is_visited_or_listed_as_not_visited(tables, book):
    visits, _, unvisited = tables
    assert set(visits["id"]) | set(unvisited["id"]) == set(book.ids)
    assert (unvisited.loc[unvisited["why"] == "not planned", "visits_planned"] == 0).all()


def test_what_does_not_fit_is_listed_first_with_what_was_made_of_it(tiny_decision, book, plan):
    half = plan.limits.hours / 24 / 2
    planned = schedule(tiny_decision, book, plan.programme, half)
    _, managers, unvisited = laid_out(tiny_decision, book, plan, planned)
    short = unvisited[unvisited["why"] == "hours"]
    assert len(short) > 0
    assert (unvisited["why"].head(len(short)) == "hours").all()
    assert (short["visits_planned"] - short["visits_made"]).sum() == managers["visits_not_fitting"].sum()


def test_a_visit_tells_what_an_offer_changes_only_where_it_makes_one(tables):
    visits, _, _ = tables
    offers = visits["offer"] != ""
    assert offers.any()
    assert visits.loc[~offers, ["offer_x", "bill_today", "bill_on_offer", "saving"]].isna().all(axis=None)
    told = visits[offers]
    np.testing.assert_allclose(told["saving"], told["bill_today"] - told["bill_on_offer"])


def test_a_plan_without_visits_gives_tables_without_rows(tiny_decision, book, plan):
    idle = plan._replace(allocation=plan.allocation._replace(treatment=np.zeros(book.key.size, dtype=np.int64)))
    visits, managers, unvisited = laid_out(tiny_decision, book, idle, timetable(tiny_decision, book, idle))
    assert len(visits) == 0
    assert managers["visits"].sum() == 0
    assert len(unvisited) == book.key.size
    assert set(unvisited["instead"]) == {"nothing"}


def test_reasons_stand_beside_the_visits_of_their_account(tables):
    visits, _, _ = tables
    first = visits["id"].iloc[0]
    told = with_reasons(visits, pd.DataFrame({"id": [first], "reason": ["a rival calls"]}))
    assert set(told.loc[told["id"] == first, "reason"]) == {"a rival calls"}
    assert set(told.loc[told["id"] != first, "reason"]) == {""}
    assert "reason" not in with_reasons(visits, None)


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        (pd.DataFrame({"account": ["C1"], "reason": ["x"]}), "no column 'id' among account, reason"),
        (pd.DataFrame({"id": ["C1", "C1"], "reason": ["x", "y"]}), "account 'C1' has more than one row"),
    ],
)
def test_reasons_that_cannot_be_used_are_told(tables, reasons, told):
    with pytest.raises(InputError, match=told):
        with_reasons(tables[0], reasons)


def test_uplift_is_what_the_chosen_treatments_are_expected_to_keep(plan):
    assert uplift(plan).sum() == pytest.approx(plan.expected_uplift)
