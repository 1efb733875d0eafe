"""Routes: a building's accounts on one trip, trips by service centre, days that hold them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optimize.route import DAYS, WHOLE_DAY, days_of, route_week, shortest_days, trips_of

TRIPS = st.lists(st.lists(st.floats(0.01, 12), min_size=1, max_size=6), max_size=12)
WEEKS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(-1, 3), st.integers(0, 2), st.floats(0.1, 10)), min_size=1, max_size=25
)


def test_trips_go_by_service_centre_and_a_buildings_visits_are_one():
    trips = trips_of([0, 1, 2, 3, 4], [5, -1, 5, 2, -1], [1, 0, 1, 1, 1])
    assert trips == [[1], [3], [0, 2], [4]]


def test_a_building_whose_accounts_belong_to_two_centres_is_still_one_trip():
    assert trips_of([0, 1], [5, 5], [1, 0]) == [[0, 1]]


def test_a_second_visit_of_the_week_to_an_account_outside_comes_after_all_first_ones():
    assert trips_of([0, 0, 1], [-1, -1, -1], [0, 0, 1]) == [[0], [2], [1]]


def test_mornings_are_used_where_they_are_enough():
    assert shortest_days([[2.0], [2.0], [3.0]])[0] == [0, 0, 1]


def test_days_are_whole_where_mornings_are_too_short_for_the_week():
    assert shortest_days([[4.0]] * 6)[0] == [0, 0, 1, 1, 2, 2]


def test_a_trip_of_more_than_half_a_day_is_not_broken():
    assert days_of([[2.0, 3.0, 2.5]], 4) == ([0, 0, 0], [0.0, 2.0, 5.0])


def test_a_week_with_more_hours_than_five_days_have_gets_longer_days():
    days, _ = shortest_days([[3.0]] * 20)
    assert max(days) == DAYS - 1


@given(TRIPS)
def test_every_visit_has_a_working_day_and_none_begins_before_the_one_before_it_ends(trips):
    days, begins = shortest_days(trips)
    lengths = [hours for trip in trips for hours in trip]
    assert len(days) == len(begins) == len(lengths)
    assert days == sorted(days)
    assert all(0 <= day < DAYS for day in days)
    for (day, begin, hours), (next_day, next_begin) in zip(
        zip(days, begins, lengths, strict=True), zip(days[1:], begins[1:], strict=True), strict=False
    ):
        assert next_day > day or abs(next_begin - begin - hours) < 1e-6


@given(WEEKS)
def test_a_buildings_visits_share_a_trip_and_a_day_unless_they_take_longer_than_a_day(week):
    customer, building, centre, hours = (np.array(column) for column in zip(*week, strict=True))
    found = route_week(customer, hours, building, centre)
    for where in set(building[building >= 0]):
        here = building == where
        assert len(set(found.trip[here])) == 1
        assert sorted(found.stop[here]) == list(range(1, here.sum() + 1))
        if hours[here].sum() <= WHOLE_DAY:
            assert len(set(found.day[here])) == 1
    assert set(found.trip) == set(range(1, found.trip.max() + 1))
