"""How often procedures of choosing and stopping keep what they promise, and how long comparing a sweep takes.

`KEYSTAY_BENCH=quick make bench-comparing` tries a fifth of the problems.
"""

from __future__ import annotations

import os
import time

import numpy as np
import pandas as pd
import pytest
from choosing import Kind, covered, kept, shared_out
from report import Figure, report

from experiments.sweeps.comparing import compare_policies

CASES = 200 if os.environ.get("KEYSTAY_BENCH") == "quick" else 1_000
SHAPE = (4, 100, 25, 10)
"""Scenarios, cells, replications and policies of a sweep of 100,000 runs."""


def share(name: str, found: list[bool], said: str, target: float | None = None) -> Figure:
    """Return how often something came true."""
    return Figure(name, len(found), 100 * float(np.mean(found)), f"% {said}", target, "at least")


def selecting() -> list[Figure]:
    """Return shares of problems in which KN chose right, where 95 % are promised, and those of shared budgets."""
    problems: tuple[Kind, ...] = ("slippage", "ladder", "random", "near")
    figures = [share(f"KN: {kind}", [kept(kind, case) for case in range(CASES)], "right", 95) for kind in problems]
    for first in (10, 20, 40):
        found = [kept("skewed", case, first) for case in range(CASES)]
        figures.append(share(f"KN: slippage with skewed luck, first {first}", found, "right"))
    ours, equal = zip(*map(shared_out, range(CASES)), strict=True)
    return [*figures, share("OCBA: 200 among ten", list(ours), "right"), share("equal shares", list(equal), "right")]


def stopping() -> list[Figure]:
    """Return how often intervals cover at the end, where 95 % are asked for."""
    figures = []
    for skewed in (False, True):
        for least in (5, 10, 20, 40):
            for name, width in (("relative", 0.2), ("absolute", 0.4)):
                found = [covered(case, skewed=skewed, least=least, **{name: width}) for case in range(CASES)]
                luck = "skewed" if skewed else "normal"
                figures.append(share(f"stopping: {luck}, least {least}, {name} {width:g}", found, "covered"))
    return figures


def comparing() -> list[Figure]:
    """Return how long a large sweep's comparison takes, for a design of fixed points and for a random one."""
    scenarios, cells = SHAPE[:2]
    index = pd.MultiIndex.from_product(map(range, SHAPE), names=["scenario", "cell", "replication", "policy"])
    runs = index.to_frame(index=False)
    runs["cell"] += runs["scenario"] * cells
    runs = runs.assign(scenario=runs["scenario"].astype(str), policy=runs["policy"].astype(str), status="done")
    runs["retained_revenue"] = np.random.default_rng(1).standard_normal(len(runs))
    table = runs[["scenario", "cell"]].drop_duplicates().assign(id="", x=np.tile(np.arange(float(cells)), scenarios))
    figures = []
    for sampled in (False, True):
        began = time.perf_counter()
        compare_policies(runs, table, sampled=sampled)
        name = f"comparing, {'random' if sampled else 'fixed'} design"
        figures.append(Figure(name, len(runs), time.perf_counter() - began, "s"))
    return figures


@pytest.fixture(scope="module")
def measured() -> list[Figure]:
    return [*comparing(), *selecting(), *stopping()]


def test_procedures_are_measured_and_written(measured: list[Figure]) -> None:
    assert report("comparing", measured).exists()
