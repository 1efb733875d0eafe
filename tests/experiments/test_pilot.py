"""The pilot planner as a user asks it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest
from typer.testing import Result

from experiments.experiment import load
from experiments.pilot import Pilot, in_words, pilot_of, pilot_tables, write_pilot
from sim.errors import InputError

Ask = Callable[..., Result]
SMALL = (
    "city.customers=60",
    "months=6",
    "period=6",
    "burn_in=3",
    "pilot.futures=2",
    "pilot.plans=3",
    "solver.method=decomposition",
)


@pytest.fixture(scope="module")
def done() -> Pilot:
    return pilot_of(load("shenzhen", SMALL), months=2)


def test_every_family_is_tried_at_several_sizes(done: Pilot) -> None:
    assert set(done.table["family"]) <= {"visits", "offers", "discounts", "letters", "calls"}
    assert {"visits", "letters", "calls"} <= set(done.table["family"])
    assert (done.table["months"] == 2).all()


def test_the_answer_is_one_sentence_on_the_best_pilot(done: Pilot) -> None:
    worth_it = bool((done.table["net"] > 0).any())
    assert done.words[0].startswith("Worth it, by" if worth_it else "No pilot is worth it: the best")
    assert any(f"a pilot of {name} on" in done.words[0] for name in done.table["treatment"])


def row(**changes: float) -> pd.DataFrame:
    usual = {"treatment": "2 calls", "accounts": 500, "months": 3, "cost": 4000.0, "worth": 9000.0, "perfect": 20_000.0}
    return pd.DataFrame([{**usual, "missing": 0.0, "share_of_hours": 0.0, "net": 1850.0, **changes}])


def test_what_a_pilot_costs_and_is_worth_is_told() -> None:
    told = (
        "Worth it, by 1.9 thousand yuan: a pilot of 2 calls on 500 accounts for 3 months; it costs 4.0 thousand yuan "
        "and is worth 9.0 thousand yuan in decisions changed (certainty would be worth 20.0 thousand yuan)."
    )
    assert in_words(row()) == [told]
    assert in_words(row(net=-700.0))[0].startswith("No pilot is worth it: the best would be a pilot of 2 calls")


def test_what_the_solver_leaves_open_is_told() -> None:
    assert "lower solver.gap" in in_words(row(missing=8000.0))[1]


def test_a_table_for_the_screen_has_a_row_for_each_size(done: Pilot) -> None:
    assert [shown.row_count for shown in pilot_tables(done)] == list(done.table.groupby("treatment", sort=False).size())


def test_files_are_written_once(done: Pilot, tmp_path) -> None:
    write_pilot(done, tmp_path / "new")
    assert len(pd.read_csv(tmp_path / "new" / "pilots.csv")) == len(done.table)
    with pytest.raises(InputError, match="--out"):
        write_pilot(done, tmp_path / "new")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"months": 9}, "a trial of 9 months; give 1 to 6"),
        ({"accounts": 1}, "--accounts: 1; a trial needs 2 or more"),
        ({"treatment": "2 cals"}, "did you mean '2 calls'"),
    ],
)
def test_what_cannot_be_tried_is_told(asked: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        pilot_of(load("shenzhen", SMALL), **asked)


def test_the_command_speaks_json(keystay: Ask) -> None:
    settings = [word for setting in SMALL for word in ("-s", setting)]
    asked = ("--months", "2", "--accounts", "20", "--treatment", "2 calls", "--json", "-w", "1")
    told = json.loads(keystay("pilot", "shenzhen", *asked, *settings).stdout)
    assert [(pilot["treatment"], pilot["accounts"]) for pilot in told["pilots"]] == [("2 calls", 20)]
    assert len(told["words"]) >= 1
