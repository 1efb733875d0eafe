"""Allocation against problems that others published and solved; skipped where the outside data is absent."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from optimize.allocation import Allocation, allocate
from optimize.instances import read_gap, read_mmkp
from optimize.problem import Problem, excess
from optimize.solver import SolverSettings

EXACT = SolverSettings(gap=0.0, nodes=100_000)
CLOSE = SolverSettings(gap=5.5e-3, nodes=100, method="decomposition")
WITHIN = 6e-3
SOLVED = ("khan_I01", "khan_I02", "khan_I05", "khan_I06")
OPEN = ("khan_I07", "khan_I09", "khan_I11", *(f"hifi_b_{n:02}" for n in range(1, 9)),
        *(f"hifi_c_{n}" for n in (21, 25, 27)))  # fmt: skip


def best_known(outside_data: Path) -> dict[str, float]:
    """Return the best value that others found, by knapsack."""
    with (outside_data / "mmkp" / "best_known.csv").open(encoding="utf-8", newline="") as file:
        return {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def optima(outside_data: Path) -> dict[tuple[str, int], float]:
    """Return the optimum of each assignment problem, by file and number."""
    with (outside_data / "gap" / "optima.csv").open(encoding="utf-8", newline="") as file:
        return {(row["file"], int(row["problem"])): float(row["optimum"]) for row in csv.DictReader(file)}


def assert_one_allowed_item_a_group_within_capacities(given: Problem, found: Allocation) -> None:
    """Check a choice against the problem itself."""
    assert found.treatment.shape == given.manager.shape
    assert not excess(given, found.treatment)


@pytest.mark.slow
@pytest.mark.parametrize("name", [f"gap{n}" for n in range(1, 7)])
def test_generalised_assignments_are_solved_to_their_optima(
    outside_data: Path, optima: dict[tuple[str, int], float], name: str
) -> None:
    found = [allocate(given, EXACT).value for given in read_gap(outside_data / "gap" / f"{name}.txt")]
    assert found == pytest.approx([optima[name, number] for number in range(1, len(found) + 1)])


@pytest.mark.parametrize("name", SOLVED)
def test_knapsacks_that_others_solved_are_solved(outside_data: Path, name: str) -> None:
    given = read_mmkp(outside_data / "mmkp" / f"{name}.txt")
    found = allocate(given, EXACT)
    assert_one_allowed_item_a_group_within_capacities(given, found)
    assert found.value == pytest.approx(best_known(outside_data)[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", OPEN)
def test_knapsacks_that_nobody_closes_in_a_minute_are_nearly_solved(outside_data: Path, name: str) -> None:
    given = read_mmkp(outside_data / "mmkp" / f"{name}.txt")
    found = allocate(given, CLOSE)
    assert_one_allowed_item_a_group_within_capacities(given, found)
    assert found.value <= found.bound * (1 + 1e-9)
    assert found.value >= (1 - WITHIN) * min(found.bound, best_known(outside_data)[name])


def test_every_published_knapsack_is_looked_at(outside_data: Path) -> None:
    assert set(best_known(outside_data)) == {*SOLVED, *OPEN}
