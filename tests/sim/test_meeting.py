"""The exchange of shards: what they learn is what one city would know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.exchange import Alone
from sim.meeting import Meeting, Shared

unhurried = settings(deadline=None, max_examples=30)


def each(parts, ask):
    """Return what each part gets for `ask(exchange, part)`, all at once."""
    meeting = Meeting(len(parts))
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(lambda number: ask(Shared(meeting, number), parts[number]), range(len(parts))))


counts = st.lists(st.lists(st.integers(-(2**40), 2**40), min_size=3, max_size=3), min_size=1, max_size=4)


@unhurried
@given(counts)
def test_a_total_is_the_sum_over_all_parts(parts):
    got = each(parts, lambda exchange, part: exchange.total(np.array(part)).tolist())
    assert got == [np.sum(parts, axis=0).tolist()] * len(parts)


@unhurried
@given(counts)
def test_the_highest_is_that_of_all_parts(parts):
    got = each(parts, lambda exchange, part: exchange.highest(np.array(part)).tolist())
    assert got == [np.max(parts, axis=0).tolist()] * len(parts)


@unhurried
@given(st.lists(st.lists(st.integers(-3, 3), max_size=6), min_size=1, max_size=4))
def test_rows_are_gathered_as_if_they_were_of_one_part(parts):
    keys = iter(range(100))
    rows = [np.array([(value, next(keys)) for value in part], dtype=np.int64).reshape(-1, 2) for part in parts]
    got = each(rows, lambda exchange, part: exchange.gather(part))
    together = Alone().gather(np.concatenate(rows)).rows
    for own, gathered in zip(rows, got, strict=True):
        np.testing.assert_array_equal(gathered.rows, together)
        np.testing.assert_array_equal(gathered.rows[gathered.mine], own)


def test_parts_may_meet_many_times():
    def hundred(exchange, part):
        return [int(exchange.total(np.array([part * turn]))[0]) for turn in range(100)]

    assert each([1, 2, 3], hundred) == [[6 * turn for turn in range(100)]] * 3


def test_nobody_can_change_what_others_see():
    def spoil(exchange, part):
        total = exchange.total(np.array([part]))
        with pytest.raises(ValueError, match="read-only"):
            total[0] = 9
        return int(total[0])

    assert each([1, 2], spoil) == [3, 3]


def test_numbers_of_different_shapes_are_refused():
    with pytest.raises(RuntimeError, match="asked their exchange for different things"):
        each([1, 2], lambda exchange, part: exchange.total(np.zeros(part, dtype=np.int64)))
