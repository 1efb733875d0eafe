"""A world small enough to ask anything of, and a way to ask as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from experiments.cli import app
from experiments.experiment import Experiment, load
from experiments.run import Result as Answered
from experiments.run import run
from sim.composing.compose import Composed

ROOT = Path(__file__).resolve().parents[2]
TINY = ("city.customers=60", "months=6", "burn_in=3", "comparison.replications=3")


@pytest.fixture(scope="session")
def tiny_experiment() -> Composed[Experiment]:
    """Return an experiment that takes about a second."""
    return load("shenzhen", TINY)


@pytest.fixture(scope="session")
def answered(tiny_experiment: Composed[Experiment], tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """Return the tiny experiment's result, which nothing may change."""
    return run(tiny_experiment, root=tmp_path_factory.mktemp("results"), command=["keystay", "run", "shenzhen"])


@pytest.fixture
def keystay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command line in an empty folder, on a tiny world when `tiny` is asked."""
    monkeypatch.chdir(tmp_path)

    def ask(*arguments: str, tiny: bool = False) -> Result:
        settings = [word for setting in TINY for word in ("-s", setting)] if tiny else []
        if arguments[0] in ("run", "simulate"):
            settings += ["-w", "1"]
        return CliRunner().invoke(app, [*arguments, *settings])

    return ask


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Return a function that starts the command line as a process of its own, with more in its environment."""

    def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "experiments.cli", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    return start
