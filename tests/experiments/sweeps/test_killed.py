"""Sweeps that are killed again and again, and sweeps on a cluster one of whose workers dies: the same tables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from experiments.executor import chosen
from experiments.sweeps.agenda import Sweep
from experiments.sweeps.asking import own_sweep
from experiments.sweeps.design import Grid
from experiments.sweeps.folder import ledger_of, read_sweep
from experiments.sweeps.known import INPUTS, Ishigami
from experiments.sweeps.living import Count, SweepStoppedError
from experiments.sweeps.merging import merge
from experiments.sweeps.shard import MOST_RUNS
from experiments.sweeps.sweep import sweep

KILLS = 10
SCRIPT = """
import multiprocessing, os, sys
from pathlib import Path
multiprocessing.set_start_method("spawn")  # and nothing guards what follows, as nothing does in a notebook
from experiments.sweeps.asking import own_sweep
from experiments.sweeps.design import Grid
from experiments.sweeps.known import INPUTS, Ishigami
from experiments.sweeps.sweep import sweep

folder, workers = Path(sys.argv[1]), int(sys.argv[2])
lived = folder.with_suffix(".lived")

class Counted(Ishigami):
    "The same model, which leaves a mark for every run that it lives."
    def live(self, prepared, policy, replication):
        found = super().live(prepared, policy, replication)
        with open(lived, "ab") as marks:
            marks.write(b".")
        return found

model = Counted(noise=1.0, busy=0.004)
asked = own_sweep(model, INPUTS, Grid(levels=5), policies=("function", "nothing"), replications=8)
sweep(asked, folder, workers=workers)
"""


def asked(busy: float = 0.0) -> Sweep:
    """Return a sweep of 2,000 runs: 125 cells, two policies, 8 futures."""
    model = Ishigami(noise=1.0, busy=busy)
    return own_sweep(model, INPUTS, Grid(levels=5), policies=("function", "nothing"), replications=8)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the table of a sweep that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert len(sweep(asked(), folder).runs) == 2000
    return (folder / "runs.parquet").read_bytes()


def begun(folder: Path, workers: int) -> subprocess.Popen[bytes]:
    """Return a process that sweeps, with all that it begins in a group of its own."""
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder), str(workers)], start_new_session=True)


def killed_within(folder: Path, workers: int, seconds: float) -> None:
    """Kill a sweeping process, and all that it began, some seconds after it has begun to live."""
    before = len(ledger_of(folder))
    process = begun(folder, workers)
    while len(ledger_of(folder)) == before and process.poll() is None:
        time.sleep(0.01)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_a_sweep_killed_at_ten_random_moments_comes_to_the_same_table(tmp_path: Path, undisturbed: bytes) -> None:
    folder, lost = tmp_path / "killed", 0
    for number, seconds in enumerate(np.random.default_rng(1).uniform(0.0, 2.0, KILLS)):
        workers = 1 + number % 2
        killed_within(folder, workers, float(seconds))
        lost += workers
    assert begun(folder, 2).wait() == 0
    assert (folder / "runs.parquet").read_bytes() == undisturbed
    redone = folder.with_suffix(".lived").stat().st_size - 2000
    assert 0 <= redone <= lost * MOST_RUNS  # of every process at most the shard that it was at


@pytest.mark.slow
def test_dask_comes_to_the_same_table_though_a_worker_is_killed(tmp_path: Path, undisturbed: bytes) -> None:
    pytest.importorskip("distributed")
    folder, killed = tmp_path / "dask", Killer(b"spawn_main", tmp_path / "dask")
    with chosen("dask", 2) as pool:
        sweep(asked(0.002), folder, executor=pool, workers=2, progress=killed)
    assert killed.pid
    assert (folder / "runs.parquet").read_bytes() == undisturbed


@pytest.mark.slow
def test_dask_is_reached_at_its_schedulers_address(tmp_path: Path, undisturbed: bytes) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        with chosen("dask", 2, address) as pool:
            sweep(asked(), tmp_path, executor=pool, workers=2)
    assert (tmp_path / "runs.parquet").read_bytes() == undisturbed


@pytest.mark.slow
def test_loky_tells_how_to_go_on_when_a_worker_is_killed(tmp_path: Path, undisturbed: bytes) -> None:
    folder = tmp_path / "loky"
    with pytest.raises(SweepStoppedError, match=r"a process was lost .* the same command continues"):
        sweep(asked(0.002), folder, workers=2, progress=Killer(b"LokyProcess", folder))
    assert 0 < len(read_sweep(folder).runs) < 2000
    sweep(asked(), folder, workers=2)
    assert (folder / "runs.parquet").read_bytes() == undisturbed


class Killer:
    """Kills one of the processes that this one began, of a kind, once the sweep in a folder has written something."""

    def __init__(self, kind: bytes, folder: Path) -> None:
        self.kind, self.folder, self.pid = kind, folder, 0

    def __call__(self, count: Count) -> None:
        """Kill a process, if none was killed yet."""
        if self.pid or not count.here:
            return
        for place in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = int(place.read_text().rpartition(")")[2].split()[1])
                if parent == os.getpid() and self.kind in place.with_name("cmdline").read_bytes():
                    self.pid = int(place.parent.name)
                    os.kill(self.pid, signal.SIGKILL)
                    return


def test_four_parts_lived_at_once_and_merged_are_the_whole(tmp_path: Path, undisturbed: bytes) -> None:
    parts = [tmp_path / str(number) for number in range(1, 5)]
    threads = [
        threading.Thread(target=sweep, args=(asked(), folder), kwargs={"part": (number, 4)})
        for number, folder in enumerate(parts, start=1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    merge(parts, tmp_path / "whole")
    assert (tmp_path / "whole" / "runs.parquet").read_bytes() == undisturbed
