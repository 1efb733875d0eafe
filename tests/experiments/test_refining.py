"""The loop as a command: rounds as a table, a sentence that fits them, and files written once."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from experiments.cli import app
from experiments.experiment import load
from experiments.refining import in_words, refine_plan
from experiments.shown import refining_tables

TINY = ["city.customers=60", "burn_in=3", "months=6", "period=6", "refine.replications=4", "refine.rounds=2"]


@pytest.fixture(scope="module")
def done():
    return refine_plan(load("shenzhen", TINY))


def test_the_table_has_a_row_for_each_plan_and_the_sentence_says_which_is_kept(done):
    table = next(iter(refining_tables(done)))
    assert table.row_count == len(done.refined.rounds)
    assert "is kept" in done.words
    assert "95 %" in done.words


def test_the_sentence_tells_a_later_plan_that_is_better(done):
    first = done.refined.rounds[0]
    better = first._replace(gain=first.gain._replace(mean=1e4, low=5e3, high=1.5e4))
    told = in_words(done.refined._replace(rounds=(first, better), best=1), 4)
    assert "Plan 2 of 2 brings" in told


def test_the_command_writes_the_rounds_and_the_plan_and_says_where(tmp_path):
    arguments = ["refine", "shenzhen", "--out", str(tmp_path / "new"), "--json", "-w", "1"]
    for key in TINY:
        arguments += ["-s", key]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert {file.name for file in (tmp_path / "new").iterdir()} == {"plan.csv", "plan.xlsx", "rounds.csv"}
