"""Reasons for leaving as a command: tables, the picture, and one document."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.cli import app
from experiments.experiment import load
from experiments.leaving import causes_figure, reasons_of_leaving, reasons_tables, write_reasons
from sim.errors import InputError

SMALL = ["city.customers=60", "burn_in=3", "months=6", "period=6", "comparison.replications=2", "response.draws=2"]


@pytest.fixture(scope="module")
def done():
    return reasons_of_leaving(load("shenzhen", SMALL))


def test_reasons_are_told_with_what_was_lived_and_what_the_programme_is_worth(done):
    assert len(done.accounts) == 60
    assert done.words[0].startswith("Within 6 months")
    assert "against today's practice" in done.words[3]
    assert done.words[-1].endswith("on 2 fresh futures.")


def test_the_picture_draws_every_reason_and_every_trigger(done):
    by_reason, by_trigger = causes_figure(done.causes).axes
    assert len(by_reason.patches) + len(by_trigger.patches) == len(done.causes)


def test_the_screen_leaves_out_causes_for_which_nothing_leaves(done):
    causes, segments = reasons_tables(done)
    told = list(causes.columns[0].cells)
    assert "reason: price" in told
    assert len(told) < len(done.causes)
    assert len(list(segments.columns[0].cells)) == len(done.segments)


def test_files_are_written_once(done, tmp_path):
    write_reasons(done, tmp_path / "new")
    assert len(pd.read_csv(tmp_path / "new" / "leaving.csv")) == 60
    assert len(pd.read_csv(tmp_path / "new" / "targeted_worth.csv")) == len(done.worth)
    with pytest.raises(InputError, match="--out"):
        write_reasons(done, tmp_path / "new")


def test_the_command_writes_one_document():
    asked = ["reasons", "shenzhen", *(f"-s{setting}" for setting in SMALL), "--workers", "1", "--json"]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    assert {"accounts", "segments", "causes", "worth", "words"} <= set(document)
