"""The starter folder."""

from __future__ import annotations

from pathlib import Path

from experiments.experiment import load
from experiments.preview import preview
from experiments.run import run
from experiments.starter import write_starter


def test_both_scenarios_of_the_starter_compose(tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert preview(load(tmp_path / "city.yaml")).customers == 2000
    assert preview(load(tmp_path / "customers.yaml")).customers == 4


def test_the_starters_customers_can_be_planned_for(tmp_path: Path) -> None:
    write_starter(tmp_path)
    result = run(load(tmp_path / "customers.yaml", ["comparison.replications=2"]), root=tmp_path / "results")
    assert "no claim about real customers" in result.answer
