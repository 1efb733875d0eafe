"""What a plan saves a customer: the worked examples of the domain."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.saving import bill_on_offer, bill_today, offered_x
from sim.book import observe
from sim.names import PLANS
from sim.rates import posted_tariff
from sim.testing import worked_example

A = np.array([PLANS.index("A")], dtype=np.int8)


def case(own=3000.0, rivals=(5000.0, 3000.0)):
    """Return the customer of the worked example as the carrier knows it once it has seen the rivals' bills."""
    scenario, city = worked_example(own, rivals)
    decision = Decision(**{name: getattr(scenario, name) for name in type(scenario).model_fields})
    book = observe(city, 1, posted_tariff(scenario).price, scenario.book, scenario.segment)
    seen = np.array([[np.nan], [rivals[0]], [rivals[1]]], dtype=np.float32)
    return decision, book._replace(rival_spend=seen, rival=np.array([[-1], [1], [2]], dtype=np.int8))


def test_the_factory_of_worked_example_1_saves_2200_a_month():
    decision, book = case()
    assert bill_today(decision, book)[0] == pytest.approx(11_000)
    assert bill_on_offer(decision, book, A, np.array([8000.0]))[0] == pytest.approx(8800)


def test_the_customer_of_worked_example_2_saves_400_a_month():
    decision, book = case(3200.0, (4000.0, 2000.0))
    then = bill_on_offer(decision, book, A, np.array([8000.0]))
    assert (bill_today(decision, book) - then)[0] == pytest.approx(400)


def test_use_over_the_allowance_is_paid_for():
    decision, book = case()
    assert bill_on_offer(decision, book, A, np.array([7000.0]))[0] == pytest.approx(7700 + 500)


def test_x_is_never_below_what_was_used_of_late():
    _, book = case()
    assert offered_x(book, np.array([100.0])).tolist() == [3000.0]


def test_unit_discounts_lower_todays_bill():
    decision, book = case()
    cheaper = book._replace(discount=np.full_like(book.discount, 0.1))
    assert bill_today(decision, cheaper)[0] == pytest.approx(11_000 - 300)


def test_who_is_on_a_plan_pays_its_commitment_today():
    decision, book = case()
    on_plan = book._replace(plan=A, plan_x=np.array([4000.0], dtype=np.float32))
    assert bill_today(decision, on_plan)[0] == pytest.approx(4400 + 8000)


def test_rival_spend_that_nobody_knows_is_taken_to_be_usual():
    decision, book = case()
    nothing_known = np.full_like(book.rival_spend, np.nan)
    unknown = book._replace(rival_spend=nothing_known, rival=np.full_like(book.rival, -1))
    assert bill_today(decision, unknown)[0] == pytest.approx(9000)
