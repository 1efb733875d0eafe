"""Talk inside buildings: who hears of whom."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.talk import hearing_probability, neighbours

unhurried = settings(deadline=None)


@st.composite
def tenants(draw):
    """Draw the building and the count of up to 12 customers in 3 buildings, -1 outside."""
    size = draw(st.integers(1, 12))
    building = draw(st.lists(st.integers(-1, 2), min_size=size, max_size=size))
    counted = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    return np.array(building, dtype=np.int32), np.array(counted)


@unhurried
@given(tenants())
def test_neighbours_are_the_other_tenants_of_the_same_building(world):
    building, counted = world
    rows = range(building.size)
    wanted = [
        sum(counted[j] for j in rows if j != i and building[j] == building[i]) if building[i] >= 0 else 0 for i in rows
    ]
    assert neighbours(building, counted, 3).tolist() == wanted


@unhurried
@given(st.floats(0, 1), st.integers(0, 50))
def test_hearing_is_the_chance_that_not_all_are_silent(rate, tellers):
    heard = hearing_probability(rate, np.array([tellers]))[0]
    np.testing.assert_allclose(heard, 1 - (1 - rate) ** tellers, atol=1e-9)


def test_nobody_hears_where_nobody_tells():
    assert hearing_probability(1.0, np.array([0])).tolist() == [0.0]


def test_more_tellers_are_heard_sooner():
    assert (np.diff(hearing_probability(0.05, np.arange(10))) > 0).all()
