"""Planning month by month as tables: what the command tells is what was found."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.cli import app
from experiments.experiment import load
from experiments.monthly import monthly_json, monthly_of, monthly_tables, write_monthly
from sim.errors import InputError

SMALL = ["city.customers=60", "burn_in=3", "months=6", "period=4", "response.draws=2", "monthly.replications=4"]


@pytest.fixture(scope="module")
def done():
    stages = []
    small = load("shenzhen", [*SMALL, "comparison.replications=2"])
    found = monthly_of(small, progress=lambda stage, *_: stages.append(stage))
    assert {"pricing hours", "living in the response model", "trying it out"} <= set(stages)
    return found


def test_the_policy_lies_between_doing_nothing_and_the_bound(done):
    rows = done.response.set_index("policy")
    assert rows.loc["nothing", "worth"] < rows.loc["monthly", "worth"] <= rows.loc["bound", "worth"]
    assert rows.loc["monthly", "uplift"] == pytest.approx(
        rows.loc["bound", "uplift"] * (1 - rows.loc["monthly", "gap"])
    )


def test_the_policys_use_is_within_what_there_is_in_every_month(done):
    assert (done.months["used_by_policy"] <= done.months["available"] + 1e-6).all()
    assert set(done.months["means"]) == {"hours", "discount yuan", "channel yuan", "seat minutes"}
    assert (done.months["price"] >= 0).all()


def test_actions_of_a_month_are_those_of_all_accounts(done):
    np.testing.assert_allclose(done.actions.groupby("month")["accounts"].sum(), [60] * 4)


def test_the_market_compares_with_the_yearly_plan_and_with_nothing(done):
    assert set(done.market["against"]) == {"yearly_plan", "nothing"}
    assert any("yearly plan" in sentence for sentence in done.words)
    assert len(list(monthly_tables(done))) == 4


def test_files_hold_the_tables_and_are_written_once(done, tmp_path):
    write_monthly(done, tmp_path / "new")
    names = {"response.csv", "market.csv", "months.csv", "actions.csv", "agreement.csv"}
    assert {file.name for file in (tmp_path / "new").iterdir()} == names
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "new" / "months.csv"), done.months)
    with pytest.raises(InputError, match="--out"):
        write_monthly(done, tmp_path / "new")


def test_without_the_market_nothing_is_tried_out():
    alone = monthly_of(load("shenzhen", SMALL), market=False)
    assert not len(alone.market)
    assert monthly_json(alone)["market"] == []
    assert len(list(monthly_tables(alone))) == 3


def test_the_command_writes_one_document():
    settings = [part for key in SMALL for part in ("-s", key)]
    found = CliRunner().invoke(app, ["monthly", "shenzhen", *settings, "--no-market", "--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["response"][0]["policy"] == "bound"


def test_another_objective_is_told_with_its_key():
    with pytest.raises(InputError, match=r"objective\.maximise"):
        monthly_of(load("shenzhen", [*SMALL, "objective.maximise=blend"]), market=False)
