"""The command line, asked as a user asks."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Ask = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]
HEADER = "id,spend.data,industry\n"
CUSTOMERS = """\
extends: shenzhen
months: 6
comparison: {replications: 2}
customers:
  path: book.csv
  columns: {id: id, spend.data: spend.data, industry: industry}
"""


def own_customers(folder: Path, rows: str) -> str:
    """Write a scenario with a file of customers and return its name."""
    (folder / "mine.yaml").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "book.csv").write_text(rows, encoding="utf-8")
    return "mine.yaml"


def test_a_run_ends_with_its_folder_and_its_answer(keystay: Ask) -> None:
    done = keystay("run", "shenzhen", tiny=True)
    *_, folder, answer = done.stdout.splitlines()
    assert done.exit_code == 0
    assert Path(folder.removeprefix("Results: "), "manifest.json").is_file()
    assert answer.startswith("Over 6 months the plan")


def test_json_is_all_that_a_run_writes_to_the_standard_output(keystay: Ask) -> None:
    told = json.loads(keystay("run", "shenzhen", "--json", tiny=True).stdout)
    assert sorted(told) == ["answer", "budgets", "comparison", "folder", "notes"]


@pytest.mark.parametrize(
    ("command", "key"), [("simulate", "summary"), ("optimize", "expected_uplift"), ("validate", "would_run")]
)
def test_other_commands_speak_json_too(keystay: Ask, command: str, key: str) -> None:
    assert key in json.loads(keystay(command, "shenzhen", "--json", tiny=True).stdout)


@pytest.mark.parametrize("arguments", [["simulate", "shenzhen"], ["optimize", "shenzhen"], ["validate", "shenzhen"]])
def test_commands_that_only_show_leave_no_file(keystay: Ask, tmp_path: Path, arguments: list[str]) -> None:
    assert keystay(*arguments, tiny=True).exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_schema_is_json(keystay: Ask) -> None:
    assert "comparison" in json.loads(keystay("schema").stdout)["properties"]


def test_a_plan_is_written_where_asked(keystay: Ask, tmp_path: Path) -> None:
    assert keystay("optimize", "shenzhen", "--out", "plan", tiny=True).exit_code == 0
    assert {file.name for file in (tmp_path / "plan").iterdir()} == {"plan.csv", "plan.xlsx"}


def test_results_are_compared_by_their_folders(keystay: Ask) -> None:
    first = json.loads(keystay("run", "shenzhen", "--json", tiny=True).stdout)["folder"]
    second = json.loads(keystay("run", "shenzhen", "--json", "-s", "visit.hour_cost=90", tiny=True).stdout)["folder"]
    told = json.loads(keystay("compare", first, second, "--json").stdout)
    assert told["inputs"] == [{"setting": "visit.hour_cost", "first": 80.0, "second": 90.0}]
    assert "visit.hour_cost" in keystay("compare", first, second).stdout


def test_the_starter_is_written_once(keystay: Ask) -> None:
    assert keystay("init", "start").exit_code == 0
    again = keystay("init", "start")
    assert again.exit_code == 2
    assert "is there already" in again.stderr


def test_short_options_stand_for_settings(keystay: Ask) -> None:
    told = json.loads(keystay("run", "shenzhen", "--json", "--replications", "2", "-s", "city.customers=60").stdout)
    assert {row["replications"] for row in told["comparison"]} == {2}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["run", "shenzen"], 2, "unknown name 'shenzen'; did you mean 'shenzhen'?"),
        (["run", "nowhere/city.yaml"], 2, "nowhere/city.yaml: no such file"),
        (["run", "shenzhen", "-s", "vist.hours=3"], 2, "vist: unknown key; did you mean 'visit'?"),
        (["run", "shenzhen", "-s", "own.price.data=-1"], 2, "own.price.data: -1 is below the least allowed 0.05"),
        (["optimize", "shenzhen", "--workers", "2"], 2, "No such option"),
        (["run", "shenzhen", "--results", "taken"], 2, "taken: 'taken' is a file; name a folder"),
        (["fly"], 2, "No such command 'fly'"),
        (["compare", "a", "b"], 2, "a: no result (manifest.json is missing)"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    keystay: Ask, tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    done = keystay(*arguments)
    assert done.exit_code == code
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_limits_that_cannot_hold_are_told_with_the_remedy(keystay: Ask, tmp_path: Path) -> None:
    done = keystay("run", "shenzhen", "-s", "rules.least_visits.A=24", "-s", "visit.hours=1", tiny=True)
    assert done.exit_code == 3
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "raise visit.hours" in errors[0]
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("id,industry\nC1,retail\n", "book.csv: column 'spend.data'"),
        (HEADER + "C1,lots,retail\n", "book.csv: row 2, column 'spend.data'"),
        ("", "book.csv"),
        (HEADER, "book.csv: holds no customers"),
    ],
)
def test_customers_that_cannot_be_read_are_told_by_their_place(
    keystay: Ask, tmp_path: Path, rows: str, told: str
) -> None:
    done = keystay("run", own_customers(tmp_path, rows))
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.exit_code == 2
    assert told in errors[0]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()


def test_a_customer_called_like_a_formula_does_no_harm(keystay: Ask, tmp_path: Path) -> None:
    rows = (
        HEADER
        + '"=HYPERLINK(""x"")",3000,retail\n<script>,2000,retail\n'
        + "".join(f"C{n},{1000 + n},retail\n" for n in range(20))
    )
    done = keystay("run", own_customers(tmp_path, rows), "--json")
    assert done.exit_code == 0, done.stderr
    folder = Path(json.loads(done.stdout)["folder"])
    assert "'=HYPERLINK" in (folder / "plan.csv").read_text(encoding="utf-8-sig")
    assert "no claim about real customers" in json.loads(done.stdout)["answer"]


BROKEN = """
from optimize.baselines import rules
from sim.quantities import Settings

@rules.register("broken_for_a_test")
class Broken(Settings):
    def wish(self, book, menu, practice):
        raise LookupError("a researcher's own mistake")
"""


def broken_rule(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write an extension whose rule fails when it is used, and return the settings that use it."""
    (folder / "broken_rule.py").write_text(BROKEN, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return ["-s", "extensions=[broken_rule]", "-s", "comparison.against.mine=broken_for_a_test"]


def test_an_unexpected_error_is_one_line_and_a_log(
    keystay: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = keystay("run", "shenzhen", *broken_rule(tmp_path, monkeypatch), tiny=True)
    assert done.exit_code == 1
    assert "error: unexpected LookupError: a researcher's own mistake" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "Traceback" in next(tmp_path.glob("keystay-*.log")).read_text(encoding="utf-8")


def test_the_traceback_is_shown_when_asked_for(keystay: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = keystay("--traceback", "run", "shenzhen", *broken_rule(tmp_path, monkeypatch), "-w", "1", tiny=True)
    assert isinstance(done.exception, LookupError)


def test_any_console_can_write_what_is_shown(process: Start) -> None:
    with process("init", "\u5f00\u59cb", PYTHONIOENCODING="gbk") as done:
        out, errors = done.communicate(timeout=60)
    assert (done.returncode, errors) == (0, b"")
    assert "\u5f00\u59cb" in out.decode("gbk")


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_tables_are_shown_on_a_console_without_unicode(process: Start, encoding: str) -> None:
    with process("validate", "shenzhen", PYTHONIOENCODING=encoding) as done:
        out, errors = done.communicate(timeout=60)
    assert (done.returncode, errors) == (0, b"")
    assert "accounts x treatments" in out.decode(encoding)


def test_a_reader_that_goes_away_is_no_error(process: Start) -> None:
    with process("schema") as done:
        assert done.stdout is not None
        done.stdout.close()
        errors = done.stderr.read() if done.stderr else b""
        done.wait(timeout=60)
    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interruption_ends_with_130_and_leaves_nothing(process: Start, tmp_path: Path, workers: str) -> None:
    many = ["-s", "city.customers=60", "-s", "months=6", "-s", "burn_in=0", "--replications", "100000"]
    with process("run", "shenzhen", "-w", workers, *many) as done:
        assert done.stderr is not None
        seen = next(line for line in done.stderr if re.search(rb"fresh futures: [1-9]", line))  # nothing compiles now
        os.killpg(done.pid, signal.SIGINT)
        _, errors = done.communicate(timeout=60)
    assert done.returncode == 130, seen
    assert errors.decode().splitlines()[-1] == "error: interrupted; nothing was kept of this run"
    assert b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
