"""Experiments: composed from files, with a comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.experiment import SHELF, folder_of, load, name_of
from sim.composing.compose import compose, dump_yaml
from sim.errors import InputError


def test_every_shipped_scenario_composes() -> None:
    names = [file.stem for file in SHELF.glob("*.yaml")]
    assert [name for name in names if not load(name).settings.lines] == []


def test_a_resolved_experiment_composes_to_itself(tmp_path: Path) -> None:
    settings = load("shenzhen", ["comparison.against.equal_split=null"]).settings
    (tmp_path / "again.yaml").write_text(dump_yaml(settings), encoding="utf-8")
    assert compose(type(settings), tmp_path / "again.yaml").settings == settings


def test_a_rule_is_taken_out_of_the_comparison_by_null() -> None:
    assert "equal_split" not in load("shenzhen", ["comparison.against.equal_split=null"]).settings.comparison.against


def test_an_own_rule_joins_the_usual_ones() -> None:
    against = load("shenzhen", ["comparison.against.mine={name: equal_split, visits: [2]}"]).settings.comparison.against
    assert list(against)[-1] == "mine"
    assert len(against) == 10


@pytest.mark.parametrize("override", ["comparison.against.plan=nothing", "comparison.against.nothing=equal_split"])
def test_names_that_the_answer_uses_itself_are_refused(override: str) -> None:
    with pytest.raises(InputError, match=r"comparison\.against: .*another name|comparison\.against: .*another one"):
        load("shenzhen", [override])


def test_one_future_is_too_few_for_an_interval() -> None:
    with pytest.raises(InputError, match="1 is below the least allowed 2"):
        load("shenzhen", ["comparison.replications=1"])


def test_customers_are_looked_for_beside_the_file_that_names_them(tmp_path: Path) -> None:
    base, other = tmp_path / "base", tmp_path / "other"
    base.mkdir()
    other.mkdir()
    customers = "customers: {path: book.csv, columns: {id: id}}\n"
    (base / "base.yaml").write_text("extends: shenzhen\n" + customers, encoding="utf-8")
    (other / "mine.yaml").write_text("extends: ../base/base.yaml\nmonths: 12\n", encoding="utf-8")
    folder = folder_of(load(other / "mine.yaml"))
    assert folder is not None
    assert folder.resolve() == base.resolve()


def test_an_experiment_is_called_after_its_file(tmp_path: Path) -> None:
    file = tmp_path / "price war & more.yaml"
    file.write_text("extends: shenzhen\n", encoding="utf-8")
    assert name_of(load(file)) == "price_war_more"
