"""The response's time as the book grows, and the whole `optimize` command by stage with its peak memory.

`KEYSTAY_BENCH=quick make bench-response` leaves out large books.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from report import Figure, report
from response_growth import growth

QUICK = os.environ.get("KEYSTAY_BENCH") == "quick"
SIZES = (1_000, 10_000) if QUICK else (1_000, 10_000, 100_000, 1_000_000)
WHOLE = 5_000 if QUICK else 100_000
"""Customers of the whole command."""
SECONDS, GIB = 90.0, 6.0
"""What the command may take, without the simulated check, and the memory that it may hold."""


def command() -> list[Figure]:
    """Return the `optimize` command's time by stage and its peak memory, in a process of its own with two threads.

    To be called while this process is still small: Linux hands its own size down to the one that it starts.
    """
    script = Path(__file__).with_name("response_command.py")
    place = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    asked = [sys.executable, str(script), str(WHOLE)]
    told = json.loads(subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True, env=place).stdout)
    figures = [Figure(f"optimize: {stage}", WHOLE, took, "s") for stage, took in told["seconds"].items()]
    *planned, _ = told["seconds"].values()
    most = max(told["peak"].values()) / 2**30
    return [
        *figures,
        Figure("optimize: all but the check", WHOLE, sum(planned), "s", SECONDS),
        Figure("optimize: peak memory", WHOLE, most, "GiB", GIB),
    ]


@pytest.fixture(scope="module")
def measured() -> list[Figure]:
    return [*command(), *growth(SIZES)]


def test_the_response_is_measured_and_written(measured: list[Figure]) -> None:
    assert report("response", measured).exists()


def test_every_figure_is_above_nought(measured: list[Figure]) -> None:
    assert all(figure.value > 0 for figure in measured)
