"""The commands of sweeps, asked as a user does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from experiments.sweeps.commands import part_of
from sim.errors import InputError

Keystay = Callable[..., Result]
ASKED = """
scenarios:
  today: {extends: shenzhen}
  dear: {extends: today, visit: {offer: 0.5}}
common: {city: {customers: 50}, months: 4, period: 4, burn_in: 2}
over:
  attention.base: {name: uniform, low: -5.0, high: -4.0}
design: {name: one_at_a_time}
policies: [nothing, equal_split]
decided: scenario
replications: 3
"""


@pytest.fixture
def swept(keystay: Keystay, tmp_path: Path) -> Path:
    """Return the folder of a sweep by the command line."""
    (tmp_path / "asked.yaml").write_text(ASKED)
    told = keystay("sweep", "asked.yaml", "--out", "swept", "-w", "1")
    assert told.exit_code == 0, told.output
    assert "dear" in told.stdout
    assert told.stdout.rstrip().endswith("Sweep: swept")
    return tmp_path / "swept"


@pytest.mark.usefixtures("swept")
def test_a_sweep_is_asked_continued_shown_verified_and_compared(keystay: Keystay) -> None:
    again = json.loads(keystay("sweep", "asked.yaml", "--out", "swept", "--json", "-w", "1").stdout)
    assert (again["done"], again["failed"], again["cells"]) == (36, 0, 6)
    status = json.loads(keystay("status", "swept", "--json").stdout)
    assert (status["done"], status["left"]) == (36, 0)
    assert "36" in keystay("status", "swept").stdout
    listed = json.loads(keystay("ls", ".", "--json").stdout)["results"]
    assert [row["kind"] for row in listed] == ["sweep"]
    assert "swept" in keystay("ls", ".").stdout
    means = json.loads(keystay("show", "swept", "--json").stdout)["means"]
    assert [(row["scenario"], row["policy"], row["runs"]) for row in means[:2]] == [
        ("today", "nothing", 9),
        ("today", "equal_split", 9),
    ]
    found = keystay("query", "SELECT run FROM runs ORDER BY run LIMIT 1", "--in", ".", "--csv").stdout
    run = found.splitlines()[1]
    shown = json.loads(keystay("show", "swept", run, "--json").stdout)
    assert shown["run"] == run
    rerun = json.loads(keystay("rerun", "swept", run, "--json").stdout)
    assert rerun["alike"]
    assert rerun["now"]["retained_revenue"] == shown["retained_revenue"]
    assert "as it is written" in keystay("rerun", "swept", run).stdout
    verified = keystay("verify", "swept", "--runs", "2")
    assert "2 of 2 runs came out as they are written" in verified.stdout
    compared = keystay("compare", "swept", "--against", "nothing")
    assert compared.exit_code == 0, compared.output
    assert "visit.offer" in compared.stdout
    both = keystay("compare", "swept", "swept", "--json")
    assert both.exit_code == 0, both.output


def test_parts_of_a_sweep_are_merged(keystay: Keystay, tmp_path: Path) -> None:
    (tmp_path / "asked.yaml").write_text(ASKED)
    for number in (1, 2):
        told = keystay(
            "sweep", "asked.yaml", "--out", f"part{number}", "--shard", f"{number}/2", "--executor", "serial"
        )
        assert told.exit_code == 0, told.output
    merged = keystay("merge", "part1", "part2", "--out", "whole", "--json")
    assert json.loads(merged.stdout)["done"] == 36
    assert (tmp_path / "whole" / "runs.parquet").exists()


def test_the_best_policy_is_chosen_with_a_promise(keystay: Keystay, tmp_path: Path) -> None:
    (tmp_path / "asked.yaml").write_text(ASKED)
    one = ["-s", "scenarios.dear=null", "-s", "over={attention.base: null}", "-s", "design=middle"]
    told = keystay("best", "asked.yaml", "--ahead-by", "1000", *one, "--json", "-w", "1")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert found["best"] in ("nothing", "equal_split")
    assert "95 %" in found["guarantee"] or not found["decided"]


def test_a_sweep_is_validated_with_its_size_before_it_is_lived(keystay: Keystay, tmp_path: Path) -> None:
    (tmp_path / "asked.yaml").write_text(ASKED)
    told = keystay("validate", "asked.yaml")
    assert told.exit_code == 0, told.output
    assert "2 x 3 = 6 cells" in told.stdout
    assert "# ---- scenario dear, all its settings" in told.stdout
    shown = json.loads(keystay("validate", "asked.yaml", "--json").stdout)["would_run"]
    assert (shown["runs"], shown["cells"]) == (36, 6)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sweep", "none.yaml"), "error: none.yaml: no such file"),
        (("sweep", "shenzhen", "--shard", "5/4"), "error: --shard 5/4: give it as i/n with i from 1 to n, such as 2/4"),
        (("sweep", "shenzhen", "--executor", "ray"), "error: --executor ray: unknown; allowed: dask, loky, serial"),
        (("sweep", "shenzhen", "--scheduler", "tcp://x:1"), "only Dask has one; give --executor dask with it"),
        (("sweep", "shenzhen", "-s", "replicatons=3"), "replicatons: unknown key; did you mean 'replications'?"),
        (("status", "nowhere"), "error: nowhere: no sweep; give a folder that keystay sweep has written"),
        (("rerun", "nowhere", "abc"), "error: nowhere: no sweep"),
        (("merge", "nowhere", "--out", "whole"), "error: nowhere: no sweep"),
        (("query", "SELECT 1", "--in", "nowhere"), "error: nowhere: no such folder"),
        (("ls", "nowhere"), "error: nowhere: no such folder"),
        (("compare", "nowhere"), "the result of one run; give a second one"),
        (("best", "shenzhen", "--ahead-by", "-1"), "error: ahead_by is -1.0: give a difference above 0"),
    ],
)
def test_what_is_wrong_is_one_line_and_no_traceback(keystay: Keystay, words: tuple[str, ...], told: str) -> None:
    found = keystay(*words)
    assert found.exit_code == 2
    assert told in found.stderr
    assert "Traceback" not in found.output


def test_a_failing_cell_is_told_and_fails_fast_if_asked(keystay: Keystay, tmp_path: Path) -> None:
    both = (
        "{loyalty.threshold: {name: uniform, low: 0.5, high: 0.74}, loyalty.full: {name: uniform, low: 0.7, high: 0.9}}"
    )
    (tmp_path / "asked.yaml").write_text(ASKED)
    words = ["-s", "over={attention.base: null}", "-s", f"over={both}", "-s", "design={name: grid, levels: 2}"]
    fast = keystay("sweep", "asked.yaml", "--out", "fast", "--fail-fast", "-w", "1", *words)
    assert fast.exit_code == 1
    assert "keystay rerun fast" in fast.stderr
    whole = keystay("sweep", "asked.yaml", "--out", "fast", "-w", "1", *words)
    assert whole.exit_code == 0
    assert "12 runs failed" in whole.stdout
    assert "loyalty.full" in whole.stdout


@pytest.mark.parametrize("text", ["", "2", "0/2", "3/2", "a/b", "1/2/3", "-1/2"])
def test_a_part_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="give it as i/n"):
        part_of(text)
