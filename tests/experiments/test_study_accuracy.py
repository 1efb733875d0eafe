"""The study of accuracy as a user asks for it, and as its page tells it."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from experiments.accuracy_page import ACCOUNTS, PAGE, PICTURE, TABLE, accuracy_figure, page, write_accuracy
from experiments.accuracy_shown import city_rows, seed_rows
from experiments.experiment import load
from experiments.study_accuracy import QUICK, accuracy_of, accuracy_tables, rank_sentences, sentences
from sim.errors import KeystayError

TINY = ["city.customers=60", "burn_in=3", "months=6", "period=6"]


@pytest.fixture(scope="module")
def stages():
    return []


@pytest.fixture(scope="module")
def done(stages):
    question = load("shenzhen", TINY)
    return accuracy_of(question, quick=True, progress=lambda *stage: stages.append(stage), overrides=tuple(TINY))


def test_every_judged_figure_has_its_sentence_with_its_verdict(done):
    judged = done.city[done.city["bar"].notna() & (done.city["city"] == 1)]
    assert len(judged) == 4
    assert len(done.words) == 4 + 2
    assert all(words.endswith(f"{said}.") for words, said in zip(done.words, judged["verdict"], strict=False))


def test_each_city_has_a_seed_of_its_own(done):
    assert list(done.city["city"].unique()) == [1, 2]
    assert list(seed_rows(done.city)["city"].unique()) == ["seed 2"]


def test_a_missed_bar_stands_out_on_the_page(done):
    missed = done.city.assign(verdict=done.city["verdict"].where(done.city["bar"].isna(), "not met"))
    told = page(done._replace(city=missed, words=tuple(sentences(missed[missed["city"] == 1]))))
    assert told.count("**not met**") == missed["bar"].notna().sum() + 4


@pytest.mark.parametrize(
    ("found", "allowed", "said"),
    [(0.95, 0.99, "met"), (0.85, 0.99, "not met"), (0.85, 0.88, "more replications are needed to tell")],
)
def test_a_correlation_is_judged_by_its_bar_where_noise_would_let_a_perfect_one_pass(found, allowed, said):
    row = {"accounts": 500, "yuan": found, "per_spend": found, "yuan_allowed": allowed, "per_spend_allowed": allowed}
    assert all(words.endswith(f"asked for: {said}.") for words in rank_sentences(pd.DataFrame([row])))


def test_contribution_is_told_as_an_uplift_only(done):
    told = city_rows(done.city)["what"]
    assert list(told[told.str.startswith("contribution")]) == ["contribution, uplift"] * 2


def test_the_screen_shows_city_parts_seeds_and_accounts(done):
    whole, parts, seeds, accounts = accuracy_tables(done)
    assert whole.row_count == 20
    assert seeds.row_count == 4
    assert accounts.row_count == len(done.ranks)
    assert parts.row_count > 8


def test_the_picture_shows_every_account_and_every_tenth_in_both_units(done):
    for axes in accuracy_figure(done.accounts, done.calibration).axes:
        assert len(axes.lines[0].get_xdata()) == len(done.accounts)
        assert len(axes.containers[0].lines[0].get_xdata()) == 10


def test_page_tables_and_picture_are_written_and_replaced(done, tmp_path):
    for _ in range(2):
        written = write_accuracy(done, tmp_path / "docs")
    assert {place.relative_to(tmp_path / "docs").as_posix() for place in written} == {PAGE, TABLE, ACCOUNTS, PICTURE}
    told = (tmp_path / "docs" / PAGE).read_text(encoding="utf-8")
    assert all(sentence.rpartition(":")[0] in told for sentence in done.words)
    assert "`city.customers=60`" in told
    assert len(pd.read_csv(tmp_path / "docs" / ACCOUNTS)) == len(done.accounts)


def test_a_folder_that_cannot_be_written_is_told(done, tmp_path):
    (tmp_path / "docs").write_text("a file", encoding="utf-8")
    with pytest.raises(KeystayError, match="--out"):
        write_accuracy(done, tmp_path / "docs")


@pytest.mark.usefixtures("done")
def test_stages_are_told_with_their_count(stages):
    assert stages[0] == ("city 1 of 2: founding", 0, 0)
    assert ("city 1 of 2: living fresh futures", QUICK.futures, QUICK.futures) in stages
    assert stages[-1] == ("city 2 of 2: living fresh futures", QUICK.city_futures, QUICK.city_futures)


def test_the_command_writes_one_json_document(keystay, tmp_path):
    settings = [word for setting in TINY for word in ("-s", setting)]
    asked = keystay("study", "accuracy", "shenzhen", "--quick", "--json", "-w", "1", "--out", "docs", *settings)
    told = json.loads(asked.stdout)
    assert asked.exit_code == 0
    assert {row["book"] for row in told["city"]} == {"oracle", "crm"}
    assert (tmp_path / "docs" / PAGE).is_file()
    assert told["files"] == [f"docs/{name}" for name in (TABLE, ACCOUNTS, PICTURE, PAGE)]


def test_a_study_without_a_name_shows_what_there_is(keystay):
    shown = keystay("study")
    assert shown.exit_code == 0
    assert "accuracy" in shown.stdout
