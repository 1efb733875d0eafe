"""Executors: results don't depend on them, and they end when asked to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from experiments.executor import executor
from experiments.experiment import Experiment
from experiments.run import Result, run
from sim.composing.compose import Composed
from sim.errors import InputError


def test_two_processes_give_the_same_files_as_one(
    tiny_experiment: Composed[Experiment], answered: Result, tmp_path: Path
) -> None:
    other = run(tiny_experiment, workers=2, root=tmp_path)
    names = sorted(file.name for file in answered.folder.iterdir() if file.name != "manifest.json")
    differing = [name for name in names if (other.folder / name).read_bytes() != (answered.folder / name).read_bytes()]
    assert differing == []


def test_tasks_come_back_in_order() -> None:
    with executor(2) as pool:
        assert pool is not None
        assert list(pool.map(abs, range(-20, 0))) == list(range(20, 0, -1))


def test_one_worker_needs_no_process() -> None:
    with executor(1) as pool:
        assert pool is None


def test_fewer_workers_than_one_are_refused() -> None:
    with pytest.raises(InputError, match="workers: 0 is below 1"), executor(0):
        pass


def test_processes_end_when_the_caller_is_interrupted() -> None:
    pids: set[int] = set()
    with pytest.raises(KeyboardInterrupt):
        work_until_interrupted(pids)
    assert [pid for pid in pids if alive(pid)] == []


def work_until_interrupted(pids: set[int]) -> None:
    """Note which processes work, then stop as a user who presses Ctrl-C."""
    with executor(2) as pool:
        assert pool is not None
        pids.update(pool.submit(os.getpid).result() for _ in range(8))
        raise KeyboardInterrupt


def alive(pid: int) -> bool:
    """Return whether a process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
