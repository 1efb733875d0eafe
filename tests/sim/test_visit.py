"""Visits: hours, when they fall due, and whom a manager sees first."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels.expect import due
from sim.visit import VisitSettings, contact_phase, deciding_level, due_in_month, priority_order, visit_hours

unhurried = settings(deadline=None)


@unhurried
@given(st.integers(0, 366), st.floats(0, 12), st.integers(0, 100))
def test_any_twelve_months_bring_the_contacts_of_a_year(per_year, phase, first):
    made = [due_in_month(np.array([per_year]), np.array([phase]), first + month)[0] for month in range(12)]
    assert sum(made) == per_year
    assert max(made) - min(made) <= 1


@unhurried
@given(st.integers(0, 366), st.floats(0, 12), st.integers(0, 100))
def test_the_compiled_due_date_is_the_documented_one(per_year, phase, month):
    assert due(per_year, phase, month) == due_in_month(np.array([per_year]), np.array([phase]), month)[0]


def test_contacts_of_different_purposes_start_at_different_times():
    key = np.arange(1000, dtype=np.uint64)
    visits, letters = contact_phase(key, "visit"), contact_phase(key, "letter")
    assert abs(np.corrcoef(visits, letters)[0, 1]) < 4 / np.sqrt(1000)
    assert ((visits > 0) & (visits < 12)).all()


def test_a_visit_takes_travel_and_the_effort_of_its_level():
    hours = visit_hours(np.array([0, -1]), np.array([0, 2], dtype=np.int8), VisitSettings())
    np.testing.assert_allclose(hours, [1.8 * 1.3, 3.0])


def test_a_manager_sees_the_largest_spender_first_and_ties_by_key():
    order = priority_order(
        np.array([1, 0, 0, 0]), np.array([9.0, 1.0, 5.0, 5.0]), np.array([0, 1, 3, 2], dtype=np.uint64)
    )
    assert order.tolist() == [3, 2, 1, 0]


def test_the_deciding_level_is_the_one_with_the_largest_weight():
    assert deciding_level(np.array([[0.7, 0.2], [0.2, 0.3], [0.1, 0.5]])).tolist() == [0, 2]
