"""What it saves that policies live on the same keyed draws, against independent seeds and against one shared stream.

`KEYSTAY_BENCH=quick make bench-random_numbers` takes a small city and few futures: it shows that all works, no more.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import pytest
from luck_pairs import figures_of, pairs, table
from policy_futures import Life, Lived, live_in_one_stream, live_keyed, lived, lives
from report import report

from experiments.executor import executor, usual_workers
from experiments.experiment import Experiment, load
from sim.city import found

QUICK = os.environ.get("KEYSTAY_BENCH") == "quick"
CITY = ["city.customers=800", "solver.method=decomposition"] if QUICK else []
KEYED, STREAM = (20, 20) if QUICK else (400, 300)
"""Futures on keyed draws, and on one stream."""
TOLERANCE = 4.0
"""Standard errors by which means and standard deviations on one stream may differ from those on keyed draws."""


class Measured(NamedTuple):
    """What policies retained in either way to draw luck."""

    asked: Experiment
    every: dict[str, Life]
    keyed: Lived
    one_stream: Lived


@pytest.fixture(scope="module")
def measured() -> Measured:
    asked = load("shenzhen", CITY).settings
    every = lives(asked, found(asked))
    with executor(usual_workers()) as pool:
        keyed = lived(every, live_keyed, asked.comparison.seed, KEYED, pool)
        one_stream = lived(every, live_in_one_stream, asked.comparison.seed, STREAM, pool)
    return Measured(asked, every, keyed, one_stream)


def test_random_numbers_are_measured_and_written(measured: Measured) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):  # in a small city two policies may retain the same
        made, median = pairs(tuple(measured.every), measured.keyed, measured.one_stream)
    notes = [f"{KEYED} futures on keyed draws, {STREAM} on one stream; 95 % intervals.", *table(made, median)]
    assert report("random_numbers", figures_of(made, median, measured.asked.city.customers), notes).exists()


def test_a_policy_retains_as_much_on_one_stream_as_on_keyed_draws(measured: Measured) -> None:
    keyed, stream = measured.keyed.retained, measured.one_stream.retained
    error = np.sqrt(keyed.var(axis=0, ddof=1) / KEYED + stream.var(axis=0, ddof=1) / STREAM)
    assert (np.abs(keyed.mean(axis=0) - stream.mean(axis=0)) <= TOLERANCE * error).all()


def test_it_varies_as_much_on_one_stream_as_on_keyed_draws(measured: Measured) -> None:
    spread = [np.abs(way.retained - way.retained.mean(axis=0)) for way in (measured.keyed, measured.one_stream)]
    error = np.sqrt(sum(apart.var(axis=0, ddof=1) / len(apart) for apart in spread))
    assert (np.abs(spread[0].mean(axis=0) - spread[1].mean(axis=0)) <= TOLERANCE * error).all()


def test_the_same_future_on_one_stream_is_the_same_again(measured: Measured) -> None:
    plan = {"plan": measured.every["plan"]}
    again = lived(plan, live_in_one_stream, measured.asked.comparison.seed, 1)
    assert np.array_equal(again.by_account[0, 0], measured.one_stream.by_account[0, 0])
