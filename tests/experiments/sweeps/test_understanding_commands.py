"""What in a sweep matters, asked from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Keystay = Callable[..., Result]
ASKED = """
scenarios: {today: {extends: shenzhen}}
common: {city: {customers: 40}, months: 4, period: 4, burn_in: 2}
over:
  attention.base: {name: uniform, low: -5.0, high: -4.0}
  value.rapport: {name: uniform, low: 1.0, high: 3.0}
policies: [equal_split, nothing]
decided: scenario
replications: 2
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a sweep's file."""
    place = tmp_path / "asked.yaml"
    place.write_text(ASKED)
    return place


def test_a_tornado_is_lived_told_and_drawn(keystay: Keystay, file: Path, tmp_path: Path) -> None:
    told = keystay("tornado", file.name, "--against", "nothing", "-w", "1", "--out", "drawn")
    assert told.exit_code == 0, told.output
    assert "value.rapport" in told.stdout
    assert (tmp_path / "drawn" / "tornado.png").stat().st_size > 10_000
    (folder,) = (tmp_path / "results" / "asked").iterdir()
    again = keystay("tornado", str(folder), "--json")
    assert again.exit_code == 0, again.output
    assert "attention.base" in again.stdout


def test_morris_tells_what_matters(keystay: Keystay, file: Path) -> None:
    pytest.importorskip("SALib")
    few = "design={name: morris, trajectories: 4}"
    told = keystay("sensitivity", file.name, "-s", few, "--json", "-w", "1")
    assert told.exit_code == 0, told.output
    assert "mu_star" in told.stdout


def test_too_few_cells_to_discover_anything_are_told(keystay: Keystay, file: Path) -> None:
    pytest.importorskip("ema_workbench")
    words = ["-s", "design={name: latin_hypercube, points: 6}", "-w", "1"]
    told = keystay("discover", file.name, "--worst", "0.3", *words)
    assert told.exit_code == 0, told.output
    assert "6" in told.stdout


def test_parameters_of_a_rule_are_searched(keystay: Keystay, file: Path) -> None:
    pytest.importorskip("optuna")
    offers = "comparison.against.equal_split.offers: {name: values, of: [false, true]}"
    over = f"over={{{offers}, attention.base: null, value.rapport: null}}"
    told = keystay("search", file.name, "-s", over, "--trials", "4", "--json", "-w", "1")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["best"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("search", "asked.yaml", "--trials", "2"),
            "over: value, attention is the market's",
        ),
        (("search", "asked.yaml", "--policy", "plam"), "policy 'plam': unknown"),
        (("search", "asked.yaml", "--measure", "money"), "measure 'money': unknown"),
        (("tornado", "shenzhen"), "shenzhen: nothing is uncertain; give settings and their laws under 'over'"),
        (("sensitivity", "asked.yaml", "--method", "moris"), "--method moris: unknown; did you mean 'morris'"),
        (("discover", "."), ".: no sweep; give a folder that keystay sweep has written, or a sweep's file"),
    ],
)
def test_what_is_wrong_is_told(keystay: Keystay, file: Path, words: tuple[str, ...], told: str) -> None:
    assert file.exists()
    found = keystay(*words)
    assert found.exit_code == 2, found.output
    assert told in found.stderr.replace("attention, value", "value, attention")
