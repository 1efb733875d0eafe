"""The market as a sweep lives it is the market that keystay run tries plans out in."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from experiments.experiment import Experiment
from experiments.run import Result
from experiments.starter import write_starter
from experiments.sweeps.asking import asked_again, sweep_of, sweep_question
from experiments.sweeps.folder import Swept, read_sweep
from experiments.sweeps.market import Prepared, market_of, model_version
from experiments.sweeps.question import read_question
from experiments.sweeps.verifying import rerun, verify
from optimize.worth import COLUMNS
from sim.composing.compose import Composed
from sim.errors import InputError

TINY = {"city": {"customers": 60}, "months": 6, "burn_in": 3}
ASKED = {"scenarios": {"tiny": {"extends": "shenzhen", **TINY}}, "replications": 3}
UNSURE = {
    **ASKED,
    "over": {"value.price_sensitivity": {"name": "uniform", "low": 4.0, "high": 10.0}},
    "design": {"name": "one_at_a_time"},
    "policies": ["plan", "nothing", "biggest_spenders_first"],
}


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Swept:
    """Return a sweep of the tiny experiment's market, one cell."""
    return sweep_question(ASKED, out=tmp_path_factory.mktemp("sweep") / "tiny").swept


def test_a_sweep_of_one_cell_finds_what_a_run_finds(swept: Swept, answered: Result) -> None:
    trials = answered.trials
    for at, policy in enumerate(trials.policies):
        lived = swept.runs[swept.runs["policy"] == policy].sort_values("replication")
        assert lived["seed"].tolist() == list(trials.seeds)
        np.testing.assert_array_equal(lived[list(COLUMNS)].to_numpy(), trials.values[:, at])


def test_a_sweep_is_read_back_with_the_same_numbers(swept: Swept) -> None:
    again = read_sweep(swept.folder)
    assert again.manifest["measures"] == list(COLUMNS)
    assert again.runs.equals(swept.runs)


def test_any_run_can_be_lived_again_from_its_folder(swept: Swept) -> None:
    found = rerun(swept.folder, swept.runs["run"].iloc[0][:8])
    assert found.alike
    assert found.now["retained_revenue"] == swept.runs["retained_revenue"].iloc[0]


def test_runs_drawn_at_random_come_out_as_they_are_written(swept: Swept) -> None:
    found = verify(swept.folder, 4)
    assert len(found.table) == 4
    assert found.alike


def test_a_run_that_was_tampered_with_is_found(swept: Swept, tmp_path: Path) -> None:
    shutil.copytree(swept.folder, tmp_path / "copy")
    runs = swept.runs.copy()
    runs.loc[0, "retained_revenue"] += 0.01
    runs.to_parquet(tmp_path / "copy" / "runs.parquet")
    assert not rerun(tmp_path / "copy", runs["run"].iloc[0]).alike
    assert rerun(tmp_path / "copy", runs["run"].iloc[1]).alike


def test_an_unknown_run_is_told(swept: Swept) -> None:
    with pytest.raises(InputError, match="no run 'zzz'"):
        rerun(swept.folder, "zzz")


def test_the_folder_holds_the_question_it_was_made_for(swept: Swept) -> None:
    asked = asked_again(swept)
    assert [cell.id for cell in asked.cells] == swept.cells["id"].tolist()


def test_policies_decided_once_are_lived_unchanged_in_every_cell() -> None:
    asked = read_question({**UNSURE, "decided": "scenario"})
    whole, market = sweep_of(asked), market_of(asked)
    middle, low, high = (market.prepare(cell) for cell in whole.cells)
    assert low.decider is high.decider is middle.decider
    assert low.decider.settings == asked.scenarios["tiny"].settings
    assert high.settings.value.price_sensitivity == 10.0


def test_policies_decided_in_a_cell_know_its_market() -> None:
    asked = read_question(UNSURE)
    whole, market = sweep_of(asked), market_of(asked)
    low = market.prepare(whole.cells[1])
    assert low.decider is low
    assert low.settings.value.price_sensitivity == 4.0
    assert low.response.retained.shape[1] == 60


def test_policies_decided_for_other_customers_are_refused() -> None:
    over = {"city.customers": {"name": "uniform", "low": 50, "high": 70}}
    asked = read_question({**UNSURE, "decided": "scenario", "over": over})
    low = market_of(asked).prepare(sweep_of(asked).cells[1])
    with pytest.raises(InputError, match="decided for 60 customers can't be lived by 50"):
        low.live("nothing", 0)


def test_nothing_is_decided_without_weighing_what_treatments_bring(tiny_experiment: Composed[Experiment]) -> None:
    prepared = Prepared(tiny_experiment)
    prepared.live("nothing", 0)
    assert "response" not in vars(prepared)


def test_a_customers_file_is_part_of_what_a_cell_is(tmp_path: Path) -> None:
    write_starter(tmp_path)
    before = sweep_of(read_question(tmp_path / "customers.yaml"))
    (book,) = tmp_path.glob("*.csv")
    book.write_bytes(book.read_bytes() + b"\n")
    after = sweep_of(read_question(tmp_path / "customers.yaml"))
    assert before.facts["scenarios"] == after.facts["scenarios"]
    assert before.cells[0].id != after.cells[0].id


def test_the_model_is_named_by_its_code() -> None:
    assert model_version().split("+")[0]
    assert len(model_version().split("+")[1]) == 12


def test_a_plan_that_moves_accounts_is_lived_in_the_cell_that_it_was_decided_in_only() -> None:
    moving = {"extends": "shenzhen", **TINY, "rules": {"move_accounts": True}}
    moving["city"] = {"customers": 60, "per_centre": 60.0}
    moving["visit"] = {"accounts_per_manager": 20, "hours": 30.0}
    asked = read_question({**UNSURE, "scenarios": {"tiny": moving}, "decided": "scenario", "policies": ["plan"]})
    low = market_of(asked).prepare(sweep_of(asked).cells[1])
    moved = low.decider.plan.city(low.decider.start.city).customers.manager
    assert (moved != low.decider.start.city.customers.manager).any()
    with pytest.raises(InputError, match=r"moves accounts.*let decided be 'cell'"):
        low.live("plan", 0)
