"""What a sweep adds to the simulations in it: processor time beside them, on two workers.

Runs keep a processor busy for a known time, so that all else is what the sweep adds: beginning processes, handing out
runs, naming them by their content, writing shards, the ledger, and the tidy table at the end. Beside it stand a plain
map over the same processes that keeps nothing, and one that writes a file a run.
`KEYSTAY_BENCH=quick make bench-sweep` takes a tenth of the runs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from report import Figure, report

from experiments.executor import executor
from experiments.sweeps.agenda import Agenda, Sweep
from experiments.sweeps.asking import own_sweep, sweep_of
from experiments.sweeps.design import Grid
from experiments.sweeps.folder import ledger_of, read_sweep
from experiments.sweeps.known import INPUTS, Ishigami
from experiments.sweeps.model import Cell, Model, Run
from experiments.sweeps.question import read_question
from experiments.sweeps.sweep import sweep

QUICK = os.environ.get("KEYSTAY_BENCH") == "quick"
FUTURES = 4 if QUICK else 40
"""Of 25 cells and two policies."""
WORKERS = 2
BUSY = 0.05
SHARE, EACH = 5.0, 10.0
"""At most so many percent of the simulations' time, and so many milliseconds of a processor a run."""


def busy_sweep(busy: float) -> Sweep:
    """Return a sweep of 25 cells, two policies and the futures asked for, whose runs take so many seconds."""
    inputs = {name: INPUTS[name] for name in INPUTS}
    asked = own_sweep(
        Ishigami(noise=1.0, busy=busy), inputs, Grid(levels=3), policies=("function", "nothing"), replications=FUTURES
    )
    return asked._replace(cells=asked.cells[:25])


def timed(work: Callable[[], object]) -> float:
    """Return how long some work takes, seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def lived(model: Model, cell: Cell, run: Run) -> list[float]:
    """Live a run and keep nothing."""
    return list(model.live(model.prepare(cell), run.policy, run.replication))


def mapped(asked: Sweep, folder: Path | None = None) -> None:
    """Live all runs by a plain map over processes; into a file each where a folder is given."""
    runs = list(Agenda(asked).wanted())
    with executor(WORKERS) as pool:
        assert pool is not None
        cells = [asked.cells[run.cell] for run in runs]
        for run, found in zip(runs, pool.map(lived, [asked.model] * len(runs), cells, runs), strict=True):
            if folder is not None:
                pd.DataFrame([found]).rename(columns=str).to_parquet(folder / f"{run.id}.parquet")


def added(asked: Sweep, folder: Path) -> tuple[float, float]:
    """Return processor seconds beside the runs, and those of the runs themselves, of a whole sweep."""
    wall = timed(lambda: sweep(asked, folder, workers=WORKERS))
    living = sum(event.get("living", 0.0) for event in ledger_of(folder))
    return WORKERS * wall - living, living


def of_market(folder: Path) -> list[Figure]:
    """Return what a sweep adds to runs of the market itself, of a city in which one takes some fifty milliseconds."""
    settings = ["common={city: {customers: 600}}", "policies=[nothing]", f"replications={10 * FUTURES}"]
    asked = sweep_of(read_question("shenzhen", settings))
    beside, living = added(asked, folder)
    each = 1e3 * living / asked.least
    return [
        Figure("market: a run, its share of founding included", asked.least, each, "ms"),
        Figure("market: beside the runs", asked.least, 100 * beside / living, "% of their time"),
    ]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> list[Figure]:
    root = tmp_path_factory.mktemp("sweeps")
    (root / "files").mkdir()
    slow, quick = busy_sweep(BUSY), busy_sweep(0.0)
    runs = slow.least
    beside, living = added(slow, root / "slow")
    alone, _ = added(quick, root / "quick")
    plain = WORKERS * timed(lambda: mapped(quick))
    files = WORKERS * timed(lambda: mapped(quick, root / "files"))
    again = timed(lambda: sweep(slow, root / "slow", workers=1))
    read = timed(lambda: read_sweep(root / "slow"))
    return [
        Figure("a run", runs, 1e3 * living / runs, "ms"),
        Figure("beside runs of 50 ms", runs, 100 * beside / living, "% of their time", SHARE),
        Figure("beside runs of 50 ms, a run", runs, 1e3 * beside / runs, "ms", EACH),
        Figure("runs that take no time, a run", runs, 1e3 * alone / runs, "ms", EACH),
        Figure("a plain map that keeps nothing, a run", runs, 1e3 * plain / runs, "ms"),
        Figure("a plain map and a file a run, a run", runs, 1e3 * files / runs, "ms"),
        Figure("the same sweep again, nothing left to live", runs, again, "s"),
        Figure("reading it back", runs, read, "s"),
        *of_market(root / "market"),
    ]


def test_sweeps_are_measured_and_written(measured: list[Figure]) -> None:
    assert report("sweep", measured).exists()


def test_all_runs_are_there(measured: list[Figure]) -> None:
    assert measured[0].size == 25 * 2 * FUTURES
