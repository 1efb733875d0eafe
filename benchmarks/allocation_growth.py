"""Our allocation of the reference problem as the book grows: time, certified gap, memory, and what polishing adds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from allocators import QUICK
from reference import reference_problem
from report import Figure

from optimize.allocation import Allocation, allocate
from optimize.problem import Problem, excess
from optimize.solver import SolverSettings

SEEDS = {1_000: 2, 10_000: 2} if QUICK else {1_000: 10, 10_000: 10, 100_000: 3, 1_000_000: 5}
"""How many problems are solved, by accounts; the worst gap of all counts."""
MIDDLE, MANY = 10_000, 1_000_000
GAPS = {MIDDLE: 3e-4, MANY: 2e-4}
"""Certified gap on the uplift that is wanted, by accounts."""
SECONDS = {MANY: 20.0}
MEMORY = 2.0
"""GiB beside the problem that the largest book may take."""
POLISHED, POLISHED_SECONDS = SolverSettings(gap=5e-5), 10.0


class Solved(NamedTuple):
    """How one problem was allocated."""

    accounts: int
    gap: float
    seconds: float
    """CPU time."""
    excess: list[str]
    """Limits that are exceeded."""


def solved(given: Problem, settings: SolverSettings | None = None) -> tuple[Solved, Allocation]:
    """Allocate a problem and take the time."""
    began = time.process_time()
    found = allocate(given, settings) if settings else allocate(given)
    seconds = time.process_time() - began
    return Solved(given.manager.size, found.gap, seconds, excess(given, found.treatment)), found


def growth() -> tuple[list[Figure], list[Solved]]:
    """Return the figures of ours at every size, and every allocation behind them; compiles kernels first."""
    figures = [] if QUICK else [peak_memory()]
    solved(reference_problem(600, 0))
    every, each = [], {}
    for accounts, seeds in SEEDS.items():
        runs = [solved(reference_problem(accounts, seed))[0] for seed in range(seeds)]
        every += runs
        each[accounts] = float(np.median([run.seconds for run in runs])) / accounts
        figures += [
            Figure("ours: CPU time, median", accounts, each[accounts] * accounts, "s"),
            Figure("ours: CPU time, longest", accounts, max(r.seconds for r in runs), "s", SECONDS.get(accounts)),
            Figure("ours: certified gap, median", accounts, float(np.median([run.gap for run in runs])), "of uplift"),
            Figure("ours: certified gap, worst", accounts, max(r.gap for r in runs), "of uplift", GAPS.get(accounts)),
        ]
    runs = [solved(reference_problem(MIDDLE, seed), POLISHED)[0] for seed in range(SEEDS[MIDDLE])]
    figures += [
        Figure("ours, polished: CPU time, longest", MIDDLE, max(r.seconds for r in runs), "s", POLISHED_SECONDS),
        Figure("ours, polished: certified gap, worst", MIDDLE, max(r.gap for r in runs), "of uplift", POLISHED.gap),
    ]
    if MANY in each:
        more = each[MANY] / each[MIDDLE]
        figures.append(Figure(f"ours: time an account against {MIDDLE:,}", MANY, more, "times", 1.0))
    return figures, every + runs


def peak_memory() -> Figure:
    """Return the most memory beside the problem that a process holds which allocates the largest book, GiB.

    To be called while this process is still small: Linux hands its own size down to the one that it starts.
    """
    script = Path(__file__).with_name("allocation_memory.py")
    place = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(script), str(MANY)], stdout=subprocess.PIPE, text=True, check=True, env=place
    )
    return Figure("ours: peak memory beside the problem", MANY, int(done.stdout) / 2**30, "GiB", MEMORY)
