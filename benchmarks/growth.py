"""The default market as the city grows: time of the run and of its kernels, bytes, threads, memory, SimPy's share."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from report import Figure

from experiments import load
from sim import City, Programme, Scenario, found, month, simulate
from sim.founding import todays_practice
from sim.history import retained_revenue

SIZES = {1_000: 12, 10_000: 12, 100_000: 12, 1_000_000: 4}
"""Months of a run by customers."""
MIDDLE = 100_000
"""Where targets are set, and threads and the calendar are looked at."""
MANY, LONG, LIMIT = 1_000_000, 24, 4.0
"""Customers and months of the run whose memory is measured, and the GiB that it may take."""
KERNELS = ("live_months", "pack_week")
REPETITIONS = 3


class Ready(NamedTuple):
    """A market ready to run."""

    scenario: Scenario
    city: City
    practice: Programme


@dataclass
class Spent:
    """Seconds of CPU time of a run, and within it of the calendar's phases and of compiled kernels."""

    whole: float = 0.0
    phases: float = 0.0
    kernels: float = 0.0


def ready(customers: int, months: int) -> Ready:
    """Return the default market under today's practice."""
    scenario = load("shenzhen", [f"city.customers={customers}", "burn_in=3", f"months={months}"]).settings
    city = found(scenario).city
    own = np.where(city.state.carrier == 0, city.state.demand, 0).sum(axis=0)
    return Ready(scenario, city, todays_practice(scenario, own, city.customers.decision))


def run(market: Ready, seed: int, threads: int = 1) -> None:
    """Run the market once."""
    history = simulate(market.scenario, market.city, market.practice, seed=seed, threads=threads)
    assert retained_revenue(history) > 0


def timed(part: Callable[..., Any], spent: Spent, name: str) -> Callable[..., Any]:
    """Return a function that adds its time to what is spent."""

    def measured(*arguments: Any) -> Any:
        began = time.process_time()
        found = part(*arguments)
        setattr(spent, name, getattr(spent, name) + time.process_time() - began)
        return found

    measured.__name__ = part.__name__
    return measured


@contextmanager
def watched(spent: Spent) -> Iterator[None]:
    """Time phases and kernels of the market while this lasts."""
    groups = ("OPENING", "WEEKLY", "CLOSING")
    before = {name: getattr(month, name) for name in (*groups, *KERNELS)}
    try:
        for name in groups:
            setattr(month, name, tuple(timed(phase, spent, "phases") for phase in before[name]))
        for name in KERNELS:
            setattr(month, name, timed(before[name], spent, "kernels"))
        yield
    finally:
        for name, part in before.items():
            setattr(month, name, part)


def best(market: Ready) -> Spent:
    """Return the time of the quickest of some runs."""
    runs = []
    for seed in range(REPETITIONS):
        spent = Spent()
        began = time.process_time()
        with watched(spent):
            run(market, seed)
        spent.whole = time.process_time() - began
        runs.append(spent)
    return min(runs, key=lambda spent: spent.whole)


def threads_help(market: Ready) -> Figure:
    """Return how many times as fast, by the clock on the wall, two threads are as one."""
    took = dict.fromkeys((1, 2), np.inf)
    for seed in range(REPETITIONS):
        for threads in took:
            began = time.perf_counter()
            run(market, seed, threads)
            took[threads] = min(took[threads], time.perf_counter() - began)
    return Figure("default market: two threads against one", MIDDLE, took[1] / took[2], "times")


def peak_memory() -> Figure:
    """Return the most memory that a process ever holds which founds the largest city and lives it for long, GiB.

    To be called while this process is still small: Linux hands its own size down to the one that it starts.
    """
    script = Path(__file__).with_name("memory.py")
    place = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(script), str(MANY), str(LONG)], stdout=subprocess.PIPE, text=True, check=True, env=place
    )
    return Figure(f"default market: peak memory, {LONG} months", MANY, int(done.stdout) / 2**30, "GiB", LIMIT)


def growth() -> list[Figure]:
    """Return the figures of the default market."""
    figures, smallest = [peak_memory()], np.nan
    for customers, months in SIZES.items():
        market = ready(customers, months)
        spent, scale = best(market), 1e9 / customers / months
        smallest = spent.whole * scale if np.isnan(smallest) else smallest
        held = sum(array.nbytes for array in (*market.city.customers, *market.city.state)) / customers
        middle = customers == MIDDLE
        figures += [
            Figure("default market: whole run, CPU time", customers, spent.whole * scale, "ns/customer-month"),
            Figure(
                "default market: compiled kernels",
                customers,
                spent.kernels * scale,
                "ns/customer-month",
                300.0 if middle else None,
            ),
            Figure("default market: growth from the smallest city", customers, spent.whole * scale / smallest, "times"),
            Figure("default market: arrays", customers, held, "bytes/customer", 400.0),
        ]
        if middle:
            share = (spent.whole - spent.phases) / spent.whole
            figures.append(Figure("default market: calendar's share of the run", customers, share, "share", 0.2))
            figures.append(threads_help(market))
    return figures
