"""Marks in an order of the whole city: who passed them is who would have if all stood in one line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.exchange import ALONE
from sim.meeting import Meeting, Shared
from sim.names import CLASSES
from sim.ranking import marks_passed
from sim.segment import SegmentSettings, class_in_city, value_class

MOST = 2**63
orders = st.lists(st.one_of(st.integers(-2, 2), st.integers(-MOST, MOST - 1)), max_size=30)
marks = st.lists(st.integers(-1, 40), min_size=1, max_size=4)


def keys(count: int, seed: int) -> np.ndarray:
    some = [*range(count // 2), *range(2**64 - count, 2**64)][:count]
    return np.random.default_rng(seed).permutation(np.array(some, dtype=np.uint64))


@settings(max_examples=100, deadline=None)
@given(orders, marks, st.integers(0, 99))
def test_marks_passed_are_those_at_or_below_the_rank_in_one_line(order, marks, seed):
    order, key = np.array(order, dtype=np.int64), keys(len(order), seed)
    rank = np.empty(order.size, dtype=np.int64)
    rank[np.lexsort((key.view(np.int64), order))] = np.arange(order.size)
    passed = marks_passed(ALONE, order, key, np.array(marks))
    assert passed.tolist() == [sum(place >= mark for mark in marks) for place in rank]


@settings(max_examples=20, deadline=None)
@given(orders, marks, st.lists(st.integers(0, 2), min_size=30, max_size=30))
def test_parts_of_a_city_pass_the_marks_that_they_would_pass_together(order, marks, part_of):
    order, key = np.array(order, dtype=np.int64), np.arange(len(order), dtype=np.uint64)
    part, meeting = np.array(part_of[: order.size]), Meeting(3)

    def count(number):
        mine = part == number
        return marks_passed(Shared(meeting, number), order[mine], key[mine], np.array(marks))

    with ThreadPoolExecutor(3) as pool:
        parts = list(pool.map(count, range(3)))
    together = marks_passed(ALONE, order, key, np.array(marks))
    for number, passed in enumerate(parts):
        assert passed.tolist() == together[part == number].tolist()


def test_value_classes_by_counting_are_those_by_rank():  # some spend alike, or nothing
    spend = np.round(np.random.default_rng(3).lognormal(0, 2, 1000), 1).astype(np.float32)
    counted = class_in_city(spend, np.arange(1000, dtype=np.uint64), SegmentSettings(), ALONE)
    assert counted.tolist() == value_class(spend, SegmentSettings()).tolist()
    assert set(counted) == set(range(len(CLASSES)))
