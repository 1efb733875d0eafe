"""Packing visits into managers' hours, against a plain Python twin."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels.pack import pack_week

unhurried = settings(deadline=None, max_examples=60)


class Week(NamedTuple):
    order: Any
    manager: Any
    due: Any
    offer_due: Any
    hours: Any
    offer_hours: float
    left: Any
    visited: Any
    offered: Any
    spent: Any
    building: Any
    been: Any
    saved: float
    shortest: float


@st.composite
def weeks(draw):
    """Draw a week of up to 8 customers and 3 managers."""
    size = draw(st.integers(1, 8))

    def each(values):
        return draw(st.lists(values, min_size=size, max_size=size))

    return Week(
        order=np.array(draw(st.permutations(range(size))), dtype=np.int64),
        manager=np.array(each(st.integers(0, 2)), dtype=np.int32),
        due=np.array(each(st.integers(0, 3)), dtype=np.int16),
        offer_due=np.array(each(st.integers(0, 1)), dtype=np.int8),
        hours=np.array(each(st.sampled_from([1.8, 2.34, 3.0, 3.9]))),
        offer_hours=6.0,
        left=np.array(draw(st.lists(st.floats(0, 25), min_size=3, max_size=3))),
        visited=np.zeros(size, dtype=np.int16),
        offered=np.zeros(size, dtype=np.int8),
        spent=np.zeros(size),
        building=np.array(each(st.integers(-1, 1)), dtype=np.int32),
        been=np.zeros(2, dtype=np.int8),
        saved=draw(st.sampled_from([0.0, 0.5, 2.0])),
        shortest=0.1,
    )


def copied(week):
    return Week(*(part.copy() if isinstance(part, np.ndarray) else part for part in week))


def twin(week):
    """Make visits one at a time: the next customer whose next visit fits into its manager's hours, in order."""
    for n in week.order:
        m = week.manager[n]
        for _ in range(int(week.due[n])):
            inside = week.building[n] >= 0
            again = inside and week.been[week.building[n]] == 1
            alone = max(week.hours[n] - week.saved * again, min(week.hours[n], week.shortest))
            takes = alone + week.offer_hours * (week.offer_due[n] == 1)
            if takes > week.left[m] + 1e-9:
                break
            week.left[m] -= takes
            week.spent[n] += takes
            week.visited[n] += 1
            week.due[n] -= 1
            week.offered[n] |= week.offer_due[n]
            week.offer_due[n] = 0
            if inside:
                week.been[week.building[n]] = 1
    return week


def packed(week):
    week = copied(week)
    pack_week(*week)
    return week


@unhurried
@given(weeks())
def test_a_compiled_week_is_that_of_the_plain_twin(week):
    for made, wanted in zip(packed(week), twin(copied(week)), strict=True):
        np.testing.assert_array_equal(made, wanted)


@unhurried
@given(weeks())
def test_a_manager_never_works_longer_than_the_hours_left(week):
    after = packed(week)
    worked = np.bincount(week.manager, weights=after.spent, minlength=3)
    assert (worked <= week.left + 1e-6).all()
    np.testing.assert_allclose(worked, week.left - after.left, atol=1e-9)


@unhurried
@given(weeks())
def test_no_visit_is_invented_or_forgotten(week):
    after = packed(week)
    np.testing.assert_array_equal(after.visited + after.due, week.due)
    assert (after.due >= 0).all()


@unhurried
@given(weeks())
def test_the_first_customer_of_each_manager_is_served_first(week):
    after = packed(week)
    for manager in range(3):
        first = next((n for n in week.order if week.manager[n] == manager and week.due[n]), None)
        takes = 0 if first is None else week.hours[first] + 6.0 * week.offer_due[first]
        if first is not None and takes <= week.left[manager]:
            assert after.visited[first] > 0


@unhurried
@given(weeks())
def test_an_offer_is_made_with_the_first_visit_and_once(week):
    after = packed(week)
    np.testing.assert_array_equal(after.offered, (after.visited > 0) & (week.offer_due == 1))


def test_who_does_not_fit_waits_and_a_shorter_visit_takes_its_place():
    two = np.zeros(2, dtype=np.int32)
    week = Week(
        order=np.array([0, 1]),
        manager=two,
        due=np.ones(2, dtype=np.int16),
        offer_due=np.array([1, 0], dtype=np.int8),
        hours=np.array([3.0, 3.0]),
        offer_hours=6.0,
        left=np.array([5.0]),
        visited=np.zeros(2, dtype=np.int16),
        offered=np.zeros(2, dtype=np.int8),
        spent=np.zeros(2),
        building=np.full(2, -1, dtype=np.int32),
        been=np.zeros(0, dtype=np.int8),
        saved=0.5,
        shortest=0.1,
    )
    pack_week(*week)
    assert (week.visited.tolist(), week.left.tolist()) == ([0, 1], [2.0])


def test_a_further_visit_in_a_building_saves_the_journey():
    """Building, another building, the first again, outside twice, and one that would take less than no time."""
    hours = np.array([2.0, 2.0, 2.0, 3.0, 3.0, 0.4])
    week = Week(
        order=np.arange(6),
        manager=np.zeros(6, dtype=np.int32),
        due=np.array([2, 1, 1, 1, 1, 1], dtype=np.int16),
        offer_due=np.array([0, 0, 1, 0, 0, 0], dtype=np.int8),
        hours=hours,
        offer_hours=6.0,
        left=np.array([100.0]),
        visited=np.zeros(6, dtype=np.int16),
        offered=np.zeros(6, dtype=np.int8),
        spent=np.zeros(6),
        building=np.array([0, 1, 0, -1, -1, 1], dtype=np.int32),
        been=np.zeros(2, dtype=np.int8),
        saved=0.5,
        shortest=0.1,
    )
    pack_week(*week)
    np.testing.assert_allclose(week.spent, [2.0 + 1.5, 2.0, 1.5 + 6.0, 3.0, 3.0, 0.1])
