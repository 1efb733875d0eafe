"""What a result's folder holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd

from experiments.experiment import Experiment, load
from experiments.record import extension_digests
from experiments.run import Result, run
from experiments.store import read_result
from sim.composing.compose import Composed

NAMES = [
    *("answer.png", "answer.txt", "book.parquet", "budgets.parquet", "comparison.parquet", "field.csv"),
    *("field.xlsx", "flows.parquet", "history.parquet", "hours.parquet", "manifest.json", "marginals.parquet"),
    *("months.parquet", "plan.csv", "plan.parquet", "plan.xlsx"),
    *("scenario.yaml", "trials.parquet"),
]


def test_a_result_holds_its_tables_sheets_answer_figure_and_manifest(answered: Result) -> None:
    assert sorted(file.name for file in answered.folder.iterdir()) == NAMES


def test_the_manifest_lists_every_other_file_with_its_digest(answered: Result) -> None:
    manifest = json.loads((answered.folder / "manifest.json").read_text(encoding="utf-8"))
    digests = {name: hashlib.sha256((answered.folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    assert digests == manifest["files"]
    assert sorted([*digests, "manifest.json"]) == NAMES


def test_the_manifest_names_no_place_on_a_machine(answered: Result) -> None:
    text = (answered.folder / "manifest.json").read_text(encoding="utf-8")
    assert str(answered.folder.parent) not in text
    assert str(Path.cwd()) not in text


def test_only_times_differ_between_two_runs(
    tiny_experiment: Composed[Experiment], answered: Result, tmp_path: Path
) -> None:
    again = run(tiny_experiment, root=tmp_path, command=["keystay", "run", "shenzhen"])
    assert again.folder.name == answered.folder.name
    manifests = [json.loads((one.folder / "manifest.json").read_text(encoding="utf-8")) for one in (answered, again)]
    assert {key for key in manifests[0] if manifests[0][key] != manifests[1][key]} <= {"created", "seconds"}


def test_the_stored_scenario_asks_the_same_question(answered: Result) -> None:
    assert read_result(answered.folder).settings == answered.experiment.settings


def test_another_question_gets_another_folder(answered: Result, tmp_path: Path) -> None:
    other = run(
        load("shenzhen", ["city.customers=60", "months=5", "burn_in=0", "comparison.replications=2"]), root=tmp_path
    )
    assert other.folder.name != answered.folder.name


def test_months_hold_the_plan_and_nothing(answered: Result) -> None:
    months = pd.read_parquet(answered.folder / "months.parquet")
    assert list(months.groupby("policy", sort=False).size().items()) == [("plan", 6), ("nothing", 6)]
    assert {"revenue.own", "revenue.netcom", "retained", "visits_made", "plans_accepted", "visit_cost"} <= set(months)


def test_an_extension_is_part_of_the_question() -> None:
    assert list(extension_digests(["experiments.money"])) == ["extension experiments.money"]
