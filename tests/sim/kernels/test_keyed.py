"""Compiled draws against the same arithmetic in numpy."""

from __future__ import annotations

import numpy as np

from sim import draws
from sim.kernels.keyed import keyed_uniform, uniforms


def twin(key, customer, number):
    """Return SplitMix64's finaliser of a counter, as a number in (0, 1), shape (customers,)."""
    key, number = np.array([key, number], dtype=np.uint64)[:, None]
    z = key + customer * np.uint64(0x9E3779B97F4A7C15) + number * np.uint64(0xD1B54A32D192ED03)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(12)).astype(float) + 0.5) / 2**52


def test_compiled_draws_are_those_of_the_numpy_twin_bit_for_bit():
    key = draws.stream(3, "twin", 5)
    customer = np.concatenate([np.arange(1000, dtype=np.uint64), np.array([2**64 - 1, 2**63], dtype=np.uint64)])
    for number in (0, 1, 99):
        assert np.array_equal(uniforms(key, customer, np.uint64(number)), twin(key, customer, number))


def test_one_draw_is_the_same_as_that_of_a_row_of_draws():
    key, customer = draws.stream(3, "twin"), np.arange(5, dtype=np.uint64)
    row = uniforms(key, customer, np.uint64(2))
    assert [keyed_uniform(key, one, np.uint64(2)) for one in customer] == row.tolist()


def test_the_extreme_counters_stay_inside_the_open_interval():
    drawn = uniforms(np.uint64(0), np.array([0, 2**64 - 1], dtype=np.uint64), np.uint64(0))
    assert ((drawn > 0) & (drawn < 1)).all()
