"""Two results beside each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.compare import compare_results
from experiments.experiment import load
from experiments.run import Result, run
from sim.errors import InputError

TINY = ("city.customers=60", "months=6", "burn_in=3", "comparison.replications=3")


def ran(root: Path, *changes: str) -> Path:
    """Return the folder of the tiny experiment with changes."""
    return run(load("shenzhen", [*TINY, *changes]), root=root).folder


@pytest.fixture(scope="module")
def dearer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ran(tmp_path_factory.mktemp("dearer"), "visit.hour_cost=160")


def test_a_result_differs_in_nothing_from_itself(answered: Result) -> None:
    compared = compare_results(answered.folder, answered.folder)
    assert compared.inputs == []
    assert (compared.outcomes["mean"] == 0).all()


def test_what_was_asked_differently_is_named(answered: Result, dearer: Path) -> None:
    assert [tuple(one) for one in compare_results(answered.folder, dearer).inputs] == [("visit.hour_cost", 80.0, 160.0)]


def test_dearer_hours_cost_contribution_and_nothing_else_under_the_same_policy(answered: Result, dearer: Path) -> None:
    rows = compare_results(answered.folder, dearer).outcomes.set_index(["policy", "measure"])["mean"]
    assert rows["biggest_spenders_first", "contribution"] < 0
    assert rows["biggest_spenders_first", "retained_revenue"] == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("months=5", "the horizons differ"),
        ("comparison.seed=7", "the futures differ"),
        ("comparison.replications=2", "the futures differ"),
        ("seed=2", "the customers differ: seed"),
        ("city.customers=61", r"the customers differ: city\.customers"),
    ],
)
def test_results_that_cannot_be_paired_are_refused(answered: Result, tmp_path: Path, change: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        compare_results(answered.folder, ran(tmp_path, change))
