"""The command that lets rivals answer: tables that hang together, one JSON document, files written once."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from experiments.experiment import load
from experiments.rivalry import let_rivals_answer, write_rivalry
from experiments.shown import rivalry_tables
from sim.errors import InputError

SMALL = (
    "city.customers=60",
    "months=6",
    "period=6",
    "burn_in=3",
    "treatments.visits=[0, 4]",
    "treatments.offers=[]",
    "objective.maximise=contribution",
    "comparison.replications=2",
    "rivalry.replications=2",
    "rivalry.month=0",
    "rivalry.cuts=[0, 0.2]",
    "rivalry.contacts=[1]",
    "rivalry.visits=[0]",
    "rivalry.budget_share=1",
)


@pytest.fixture(scope="module")
def done():
    return let_rivals_answer(load("shenzhen", SMALL))


def test_every_stage_begins_with_its_start_and_tells_each_carrier(done):
    starts = done.rounds[done.rounds["round"] == 0]
    assert list(starts["player"]) == ["own carrier", "netcom", "unicom"] * 2
    assert done.futures % 2 == 0
    assert set(done.endings) <= {"fixed point", "cycle", "no end"}


def test_each_rival_does_one_of_its_answers(done):
    assert list(done.answers.groupby("rival")["chosen"].sum()) == [1, 1]


def test_tables_on_the_screen_hold_who_moved_and_every_comparison(done):
    moves, worth, _ = rivalry_tables(done)
    assert moves.row_count == done.rounds["moved"].sum()
    assert worth.row_count == done.worth["what"].nunique()


def test_files_are_written_once(done, tmp_path):
    write_rivalry(done, tmp_path / "new")
    assert {file.name for file in (tmp_path / "new").iterdir()} == {"rounds.csv", "answers.csv", "worth.csv"}
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "new" / "worth.csv"), done.worth)
    with pytest.raises(InputError, match="--out"):
        write_rivalry(done, tmp_path / "new")


def test_json_is_all_that_the_command_writes(keystay):
    settings = [word for setting in SMALL for word in ("-s", setting)]
    asked = keystay("rivals", "shenzhen", "--json", "-w", "1", *settings)
    told = json.loads(asked.stdout)
    assert asked.exit_code == 0
    assert sorted(told) == ["answers", "endings", "folder", "futures", "notes", "rounds", "words", "worth"]


def test_a_budget_of_nobody_is_told_in_one_line(keystay):
    settings = [word for setting in (*SMALL, "rivalry.budgets={nobody: 5}") for word in ("-s", setting)]
    asked = keystay("rivals", "shenzhen", "-w", "1", *settings)
    assert asked.exit_code == 2
    assert "rivalry.budgets.nobody: unknown rival" in asked.output
