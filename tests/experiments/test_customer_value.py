"""Customer value as a command: tables, the picture, and what losing an account does."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.cli import app
from experiments.customer_value import PANELS, value_figure, value_of, value_tables, write_value
from experiments.experiment import load
from optimize.customer_value import PARTS
from sim.errors import InputError

SMALL = ["city.customers=60", "burn_in=3", "months=6", "period=6", "comparison.replications=2", "response.draws=2"]


@pytest.fixture(scope="module")
def done():
    experiment = load("shenzhen", SMALL)
    name = value_of(experiment).table["id"].iloc[0]
    return value_of(experiment, lose=name)


def test_every_account_has_a_value_and_the_lost_one_a_trial(done):
    assert len(done.table) == 60
    assert list(done.loss["measure"]) == ["own_revenue", "contribution"]
    assert set(done.loss["account"]) == {done.table["id"].iloc[0]}
    assert done.table["influence_revenue"].iloc[0] == pytest.approx(done.loss["predicted"].iloc[0])
    assert (done.loss["low"] <= done.loss["high"]).all()
    assert "with and without it" in done.words[-1]


def test_the_picture_draws_every_part_of_every_class(done):
    panels = value_figure(done.classes).axes
    assert sorted(name for parts in PANELS.values() for name in parts) == sorted(PARTS)
    for panel, parts in zip(panels, PANELS.values(), strict=True):
        assert len(panel.patches) == len(parts) * len(done.classes)


def test_an_account_that_is_not_there_is_named_with_the_option():
    with pytest.raises(InputError, match=r"--lose.*no account 'nobody'"):
        value_of(load("shenzhen", SMALL), lose="nobody")


def test_files_are_written_once_and_no_name_becomes_a_formula(done, tmp_path):
    table = done.table.copy()
    table.loc[0, "id"] = "=1+1"
    write_value(done._replace(table=table), tmp_path / "new")
    read = pd.read_csv(tmp_path / "new" / "customer_value.csv")
    assert read["id"].iloc[0] == "'=1+1"
    assert len(pd.read_csv(tmp_path / "new" / "value_parts.csv")) == len(PARTS) * len(table)
    document = json.loads((tmp_path / "new" / "customer_value.json").read_text(encoding="utf-8"))
    assert len(document["accounts"]) == len(table)
    with pytest.raises(InputError, match="--out"):
        write_value(done, tmp_path / "new")


def test_the_screen_shows_classes_and_the_best_accounts(done):
    classes, best = value_tables(done)
    assert list(classes.columns[0].cells) == list(done.classes["class"])
    assert next(iter(best.columns[0].cells)) == done.table["id"].iloc[0]


def test_the_command_writes_one_document():
    asked = ["value", "shenzhen", *(f"-s{setting}" for setting in SMALL), "--workers", "1", "--json"]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    assert len(document["accounts"]) == 60
    assert document["loss"] == []
