"""The desk's queue against what queueing theory says of it, and against a plain Python twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import draws
from sim.kernels.queue import serve

unhurried = settings(deadline=None, max_examples=200)
MEAN = 1_000_000
"""Mean time to repair, ticks: long, so that whole ticks don't matter."""
CASES, BATCHES = 400_000, 80


def exponential(name: str, size: int, mean: float) -> np.ndarray:
    return -mean * np.log(draws.uniform(draws.stream(11, name), np.arange(size, dtype=np.uint64)))


def waits(servers: int, load: float, ranks: np.ndarray) -> np.ndarray:
    """Return waits of cases that arrive by a Poisson process and take exponential times, in mean times to repair."""
    gaps = exponential(f"gap {servers} {load}", CASES, MEAN / (servers * load))
    arrived = np.cumsum(gaps).astype(np.int64)
    work = exponential(f"work {servers} {load}", CASES, MEAN).astype(np.int64)
    begun = np.full(CASES, -1, dtype=np.int64)
    serve(arrived, ranks, work, begun, np.zeros(servers, dtype=np.int64), np.iinfo(np.int64).max)
    return (begun - arrived) / MEAN


def in_errors(found: np.ndarray, wanted: float) -> float:
    """Return how far a mean is from what it should be, in standard errors of batches; the first starts empty."""
    batches = np.array([batch.mean() for batch in np.array_split(found, BATCHES)[1:]])
    return float(abs(batches.mean() - wanted) / (batches.std(ddof=1) / math.sqrt(batches.size)))


def erlang_c(servers: int, load: float) -> float:
    """Return the probability that a case has to wait."""
    offered = servers * load
    below = sum(offered**n / math.factorial(n) for n in range(servers))
    waiting = offered**servers / math.factorial(servers) / (1 - load)
    return waiting / (below + waiting)


@pytest.mark.parametrize("load", [0.3, 0.7, 0.9])
@pytest.mark.parametrize("servers", [1, 3, 12])
def test_the_mean_wait_is_that_of_erlang_c(servers: int, load: float) -> None:
    found = waits(servers, load, np.zeros(CASES, dtype=np.int64))
    wanted = erlang_c(servers, load) / (servers * (1 - load))
    assert in_errors(found, wanted) < 3.5
    assert in_errors((found > 0).astype(float), erlang_c(servers, load)) < 3.5


@pytest.mark.parametrize("servers", [1, 4])
def test_the_mean_wait_by_rank_is_that_of_cobham(servers: int) -> None:
    """Without interruption, W_k = W_0 / ((1 - s_{k-1}) (1 - s_k)), where s_k is the load of ranks up to k."""
    load, shares = 0.85, np.array([0.2, 0.3, 0.5])
    ranks = draws.category(draws.stream(11, "rank"), np.arange(CASES, dtype=np.uint64), shares).astype(np.int64)
    found = waits(servers, load, ranks)
    up_to = np.concatenate([[0.0], load * np.cumsum(shares)])
    for rank in range(3):
        wanted = erlang_c(servers, load) / servers / ((1 - up_to[rank]) * (1 - up_to[rank + 1]))
        assert in_errors(found[ranks == rank], wanted) < 3.5


@st.composite
def queues(draw):
    """Draw arrivals, ranks and times to repair of up to 12 cases, and servers."""
    size = draw(st.integers(0, 12))

    def each(low, high):
        return np.array(draw(st.lists(st.integers(low, high), min_size=size, max_size=size)), dtype=np.int64)

    free = np.array(draw(st.lists(st.integers(0, 20), min_size=1, max_size=3)), dtype=np.int64)
    return np.sort(each(0, 50)), each(0, 2), each(0, 30), free


def twin(arrived, rank, work, free):
    """Serve tick by tick: whenever a server is free, the best of those who wait."""
    begun, free, now = np.full(arrived.size, -1), free.copy(), 0
    while (begun < 0).any():
        for server in np.flatnonzero(free <= now):
            waiting = [n for n in range(arrived.size) if begun[n] < 0 and arrived[n] <= now]
            while waiting and free[server] <= now:
                case = min(waiting, key=lambda n: (rank[n], n))
                begun[case], free[server] = now, now + work[case]
                waiting.remove(case)
        now += 1
    return begun


@unhurried
@given(queues())
def test_the_compiled_queue_is_that_of_the_plain_twin(queue):
    arrived, rank, work, free = queue
    begun = np.full(arrived.size, -1, dtype=np.int64)
    serve(arrived, rank, work, begun, free.copy(), 10**6)
    np.testing.assert_array_equal(begun, twin(arrived, rank, work, free))


@unhurried
@given(queues(), st.lists(st.integers(1, 200), max_size=4))
def test_cutting_the_calendar_into_shifts_changes_nothing(queue, shifts):
    arrived, rank, work, free = queue
    once, pieces = (np.full(arrived.size, -1, dtype=np.int64) for _ in range(2))
    parts = free.copy()
    serve(arrived, rank, work, once, free, 10**6)
    for cut in (*sorted(shifts), 10**6):
        come = arrived < cut
        begun = pieces[come]
        serve(arrived[come], rank[come], work[come], begun, parts, cut)
        pieces[come] = begun
    np.testing.assert_array_equal(pieces, once)
    np.testing.assert_array_equal(parts, free)


def test_nobody_is_begun_after_the_shift() -> None:
    begun = np.full(3, -1, dtype=np.int64)
    serve(np.array([0, 1, 2]), np.zeros(3, dtype=np.int64), np.full(3, 10), begun, np.zeros(1, dtype=np.int64), 15)
    assert begun.tolist() == [0, 10, -1]


def test_two_who_come_at_once_are_taken_up_at_once_and_not_before() -> None:
    begun = np.full(2, -1, dtype=np.int64)
    same = np.array([5, 5])
    serve(same, np.zeros(2, dtype=np.int64), np.full(2, 10), begun, np.zeros(2, dtype=np.int64), 100)
    assert begun.tolist() == [5, 5]
