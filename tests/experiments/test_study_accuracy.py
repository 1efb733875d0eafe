"""The study of accuracy as a user asks for it."""

from __future__ import annotations

import json

import pytest

from experiments.experiment import load
from experiments.study_accuracy import QUICK, accuracy_of, accuracy_tables

TINY = ["city.customers=60", "burn_in=3", "months=6", "period=6"]


@pytest.fixture(scope="module")
def done():
    return accuracy_of(load("shenzhen", TINY), quick=True)


def test_every_judged_figure_has_its_sentence_with_its_verdict(done):
    judged = done.city[done.city["bar"].notna()]
    assert len(judged) == len(done.words) == 4
    assert all(words.endswith(f"{said}.") for words, said in zip(done.words, judged["verdict"], strict=True))


def test_the_screen_shows_the_whole_city_and_its_parts(done):
    whole, parts = accuracy_tables(done)
    assert whole.row_count == 12
    assert parts.row_count >= 8


def test_the_command_writes_one_json_document(keystay):
    settings = [word for setting in TINY for word in ("-s", setting)]
    asked = keystay("study", "accuracy", "shenzhen", "--quick", "--json", "-w", "1", *settings)
    told = json.loads(asked.stdout)
    assert asked.exit_code == 0
    assert {row["book"] for row in told["city"]} == {"oracle", "crm"}
    assert len(told["words"]) == 4


def test_stages_are_told_with_their_count():
    told = []
    accuracy_of(load("shenzhen", TINY), quick=True, progress=lambda *stage: told.append(stage))
    assert told[-1] == ("living fresh futures", QUICK.futures, QUICK.futures)


def test_a_study_without_a_name_shows_what_there_is(keystay):
    shown = keystay("study")
    assert shown.exit_code == 0
    assert "accuracy" in shown.stdout
