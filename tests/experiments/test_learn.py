"""Learning from a trial's table: what others published of theirs, what is refused, and what the command says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import Result

from experiments.experiment import load
from experiments.learn import Lesson, learn_for_scenario, learn_from_table, table_settings, write_lesson
from experiments.run import optimise
from optimize.trial_policy import choose, total
from sim.errors import InputError
from sim.intake.frame import EMPTY_RULE

Ask = Callable[..., Result]
PUBLISHED = {
    "mens 0, womens 1, newbie 0": (0.05534, 0.08344, 7285),
    "mens 0, womens 1, newbie 1": (0.06912, 0.06124, 7065),
    "mens 1, womens 0, newbie 0": (0.08963, 0.00710, 7254),
    "mens 1, womens 0, newbie 1": (0.06467, 0.01757, 7121),
    "mens 1, womens 1, newbie 0": (0.13490, 0.05345, 1298),
    "mens 1, womens 1, newbie 1": (0.11845, 0.08722, 1977),
}
"""Uplift on visits of men's and women's mail, and people, by cell."""


@pytest.fixture(scope="module")
def mails(outside_data: Path) -> Callable[[str], Lesson]:
    """Return a function that learns from the mail campaign, of 32,000 people, by its outcome."""
    path = outside_data / "uplift" / "hillstrom_even.csv"
    if not path.is_file():
        pytest.skip("no uplift/hillstrom_even.csv in the folder of outside data")

    def lesson(outcome: str) -> Lesson:
        by = ("mens", "womens", "newbie")
        return learn_from_table(table_settings(str(path), "segment", "No E-Mail", outcome, by))

    return lesson


def test_uplifts_on_visits_are_those_published_to_five_digits(mails: Callable[[str], Lesson]) -> None:
    learnt = mails("visit").learnt
    assert learnt.trial.treatments == ("Mens E-Mail", "Womens E-Mail")
    for cell, name in enumerate(learnt.trial.cell_names):
        mens, womens, people = PUBLISHED[name]
        assert learnt.measured.uplift[cell].round(5).tolist() == [mens, womens]
        assert learnt.sums.size[cell] == people


def test_one_mail_a_person_within_a_budget_reaches_the_published_optima(mails: Callable[[str], Lesson]) -> None:
    learnt = mails("visit").learnt
    for share, best in ((0.10, 400.39), (0.25, 832.76), (0.50, 1515.92), (1.00, 2616.13)):
        chosen = choose(learnt.measured.uplift, learnt.sums.size, share * 32_000)
        assert total(chosen, learnt.measured.uplift) == pytest.approx(best, abs=0.005)


def test_on_spend_the_naive_value_is_half_too_high_and_the_corrected_one_right(mails: Callable[[str], Lesson]) -> None:
    """Over 300 random halvings: estimated on one half, valued on the other."""
    check = mails("spend").learnt.check
    assert check is not None
    assert check.naive.size == 300
    assert 0.35 < check.overstated < 0.65
    assert abs(check.left) < 0.10
    assert check.kept >= 0.95


def table(folder: Path, name: str = "trial.csv", people: int = 600) -> Path:
    """Write a trial in which calls bring 50,000 yuan to class D and nothing to others."""
    rng = np.random.default_rng(8)
    arm = np.tile(["none", "call"], people // 2)
    group = np.array(list("ABCDX"))[np.arange(people) // 2 % 5]
    kept = rng.normal(100, 30, people).round(3) + np.where((arm == "call") & (group == "D"), 5e4, 0.0)
    frame = pd.DataFrame({"account": [f"T{n}" for n in range(people)], "group": group, "arm": arm, "kept": kept})
    place = folder / name
    writers = {".csv": frame.to_csv, ".parquet": frame.to_parquet, ".xlsx": frame.to_excel}
    writers[place.suffix](place, index=False)
    return place


SCENARIO = """\
extends: shenzhen
months: 6
burn_in: 3
city: {customers: 60}
trial:
  path: trial.csv
  treatment: arm
  control: none
  outcome: kept
  covariates: {class: group}
  treatments: {call: {calls: 2}}
  halvings: 10
"""


@pytest.mark.parametrize("name", ["trial.csv", "trial.parquet", "trial.xlsx"])
def test_a_trial_is_read_alike_from_every_kind_of_file(tmp_path: Path, name: str) -> None:
    done = learn_from_table(table_settings(str(table(tmp_path, name)), "arm", "none", "kept", ["group"]))
    assert list(done.uplifts["cell"].unique()) == ["everybody", *(f"group {letter}" for letter in "ABCDX")]
    assert done.uplifts.set_index("cell")["uplift"]["group D"] == pytest.approx(5e4, rel=0.01)


def test_a_cell_that_is_no_number_is_told_with_row_and_column(tmp_path: Path) -> None:
    place = table(tmp_path)
    lines = place.read_text(encoding="utf-8").splitlines()
    lines[6] = "T5,A,call,plenty"
    lines[9] = "T8,A,,12"
    place.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as told:
        learn_from_table(table_settings(str(place), "arm", "none", "kept"))
    assert told.value.problems == [
        "trial.csv: row 7, column 'kept' (outcome): 'plenty' must be a number",
        f"trial.csv: row 10, column 'arm' (treatment): {EMPTY_RULE}",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"treatment": "arms"}, "column 'arms' .for treatment. isn't there; did you mean 'arm'"),
        ({"control": "non"}, "column 'arm': nobody had the treatment 'non'.*did you mean 'none'"),
        ({"by": ["account"]}, "column 'account' .covariate account. has 600 different values"),
        ({"by": ["group:3,1"]}, "the edges must rise"),
        ({"by": ["group:low,high"]}, "as in age:30,50"),
        ({"outcome": None}, "a table needs --outcome too"),
        ({"most": 7.0}, "--most: 7 must be from 0 to 1"),
    ],
)
def test_what_does_not_fit_is_told_with_the_remedy(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    given = {"path": str(table(tmp_path)), "treatment": "arm", "control": "none", "outcome": "kept", **changes}
    with pytest.raises(InputError, match=told):
        learn_from_table(table_settings(**given))


def test_numbers_are_cut_at_edges(tmp_path: Path) -> None:
    done = learn_from_table(table_settings(str(table(tmp_path)), "arm", "none", "kept", ["kept:1000"]))
    assert list(done.uplifts["cell"].unique()) == ["everybody", "kept below 1000", "kept from 1000"]


def test_a_scenarios_trial_changes_its_plan_and_is_noted(tmp_path: Path) -> None:
    table(tmp_path)
    (tmp_path / "mine.yaml").write_text(SCENARIO, encoding="utf-8")
    composed = load(tmp_path / "mine.yaml")
    done, made = learn_for_scenario(composed), optimise(composed)
    changes = done.changes.set_index("treatment")
    assert changes.loc["2 calls", "trial"] > changes.loc["2 calls", "model"]
    assert changes[["model", "trial"]].sum().tolist() == [60, 60]
    assert any("the trial says what 2 calls brings at 60 of 60 accounts" in note for note in made.start.notes)
    assert ("trial.csv", 64) in [(name, len(digest)) for name, digest in made.start.inputs]


def test_a_scenario_without_a_trial_teaches_nothing() -> None:
    with pytest.raises(InputError, match="the scenario has no trial"):
        learn_for_scenario(load("shenzhen"))


# The command.


def test_the_command_tells_a_trial_and_writes_it_once(keystay: Ask, tmp_path: Path) -> None:
    table(tmp_path)
    asked = ("learn", "trial.csv", "--treatment", "arm", "--control", "none", "--outcome", "kept", "--by", "group")
    done = keystay(*asked, "--out", "lesson")
    assert done.exit_code == 0
    assert "Of 600 people" in done.stdout
    assert {file.name for file in (tmp_path / "lesson").iterdir()} == {"uplifts.csv", "policy.csv", "values.csv"}
    again = keystay(*asked, "--out", "lesson")
    assert again.exit_code == 2
    assert "--out" in again.stderr


def test_json_is_all_that_the_command_writes_to_the_standard_output(keystay: Ask, tmp_path: Path) -> None:
    table(tmp_path)
    (tmp_path / "mine.yaml").write_text(SCENARIO, encoding="utf-8")
    told = json.loads(keystay("learn", "mine.yaml", "--json").stdout)
    assert sorted(told) == ["changes", "folder", "halvings", "policy", "uplifts", "values", "words"]


def test_a_heading_that_could_be_a_formula_stays_text_in_files(tmp_path: Path) -> None:
    frame = pd.DataFrame({"arm": ["none", "=cmd()"] * 6, "kept": np.arange(12.0)})
    frame.to_csv(tmp_path / "trial.csv", index=False)
    done = learn_from_table(table_settings(str(tmp_path / "trial.csv"), "arm", "none", "kept"))
    write_lesson(done, tmp_path / "lesson")
    assert ",'=cmd()," in (tmp_path / "lesson" / "uplifts.csv").read_text(encoding="utf-8-sig")
