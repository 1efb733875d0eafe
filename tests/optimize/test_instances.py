"""Readers of published allocation problems: what they read, and what they say of files that aren't such problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimize.allocation import allocate
from optimize.instances import read_gap, read_mmkp
from optimize.solver import SolverSettings
from sim.errors import InputError

EXACT = SolverSettings(gap=0.0, nodes=10_000)
ALIKE = """\
2 2 1
5
1
10 4
6 2
2
9 3
1 0
"""
"""Two groups of two items and one capacity: 10 + 1 takes 4, 6 + 9 takes 5, 10 + 9 would take 7 of 5."""
DIFFERENT = """\
2 2
4 6
1
3 1 2
3
1 0 0
5 3 4
9 4 1
"""
"""A group of one item and one of three, two capacities: 3 + 5 takes 4 and 6; 3 + 9 would take 5 of the first's 4."""
ASSIGNMENTS = """\
2
2 3
4 6 5
7 3 2
2 3 1
2 2 2
4 3
1 1
8
2
3
"""
"""Two agents, three jobs: best is job 1 to agent 2, jobs 2 and 3 to agent 1, 18 in all; then one job of one agent."""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Return what writes a text to a file and returns its place."""

    def write(text: str) -> Path:
        place = tmp_path / "instance.txt"
        place.write_text(text, encoding="utf-8")
        return place

    return write


def test_a_knapsack_of_groups_of_one_size_has_its_known_best(written):
    found = allocate(read_mmkp(written(ALIKE)), EXACT)
    assert found.value == pytest.approx(15)
    assert found.treatment.tolist() == [1, 0]


def test_a_knapsack_of_groups_of_different_sizes_has_its_known_best(written):
    found = allocate(read_mmkp(written(DIFFERENT)), EXACT)
    assert found.value == pytest.approx(8)
    assert found.treatment.tolist() == [0, 1]


def test_what_a_smaller_group_lacks_is_not_allowed(written):
    assert read_mmkp(written(DIFFERENT)).allowed.tolist() == [[True, True], [False, True], [False, True]]


def test_assignments_of_one_file_have_their_known_best(written):
    first, second = read_gap(written(ASSIGNMENTS))
    assert allocate(first, EXACT).value == pytest.approx(18)
    assert allocate(first, EXACT).treatment.tolist() == [1, 0, 0]
    assert allocate(second, EXACT).value == pytest.approx(8)


def test_the_capacity_of_each_agent_is_a_budget(written):
    first, _ = read_gap(written(ASSIGNMENTS))
    assert first.limit.tolist() == [4, 3]
    assert first.use[1].tolist() == [[0, 0, 0], [2, 2, 2]]


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_mmkp, "", ":0: the file ends where the number of groups should stand"),
        (read_mmkp, "2 2 1\n5\n1\n10 4\n6", ":5: the file ends where an item's value or weight should stand"),
        (read_mmkp, "2 2\n4\n", ":2: the file ends where a capacity should stand"),
        (read_mmkp, "1 1 1\n5\n1\nten 4\n", ":4: 'ten' isn't a number; an item's value or weight should stand here"),
        (read_mmkp, "1 1 1\n5\n1\n10 nan\n", ":4: 'nan' isn't a number; an item's value or weight should stand here"),
        (read_mmkp, "1 1 1\ninf\n1\n10 4\n", ":2: 'inf' isn't a number; a capacity should stand here"),
        (read_mmkp, "0 1\n", ":1: the number of groups is 0; it must be a whole number from 1 on"),
        (read_mmkp, "1 1\n5\n1.5\n", ":3: a group's size is 1.5; it must be a whole number from 1 on"),
        (read_mmkp, "1 1 -1\n", ":1: the number of capacities is -1; it must be a whole number from 1 on"),
        (read_mmkp, ALIKE + "\n7 8\n", ":10: '7' is left over after the last group"),
        (read_gap, "1\n2 3\n4 6\n", ":3: the file ends where a profit should stand"),
        (read_gap, "1\n1 1\n4\n", ":3: the file ends where what a job takes of an agent should stand"),
        (read_gap, "1\n1 1\n4\n2\n", ":4: the file ends where an agent's capacity should stand"),
        (read_gap, "1\n1 x\n", ":2: 'x' isn't a number; the number of jobs should stand here"),
        (read_gap, "1\n0 1\n", ":2: the number of agents is 0; it must be a whole number from 1 on"),
        (read_gap, ASSIGNMENTS + "1", ":12: '1' is left over after the last group"),
    ],
)
def test_an_error_names_the_file_the_line_and_what_should_stand_there(written, read, text, message):
    place = written(text)
    with pytest.raises(InputError) as told:
        read(place)
    assert str(told.value) == f"{place}{message}"


@pytest.mark.parametrize("read", [read_mmkp, read_gap])
def test_a_file_that_is_not_there_is_told_by_name(tmp_path, read):
    with pytest.raises(InputError, match=r"absent\.txt: can't be read: No such file.*; name an instance file"):
        read(tmp_path / "absent.txt")


@pytest.mark.parametrize("read", [read_mmkp, read_gap])
def test_a_file_of_something_else_is_told_by_name(tmp_path, read):
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\xff")
    with pytest.raises(InputError, match=r"picture\.txt: isn't a file of numbers; name an instance file"):
        read(tmp_path / "picture.txt")


def lines(rows: Sequence[Any]) -> str:
    """Return rows of numbers as a file holds them."""
    return "\n".join(" ".join(f"{number:g}" for number in np.atleast_1d(row)) for row in rows) + "\n"


def arrays(draw: st.DrawFn, *shape: int) -> np.ndarray:
    """Return an array of whole numbers."""
    size = int(np.prod(shape))
    return np.array(draw(st.lists(st.integers(0, 999), min_size=size, max_size=size)), dtype=float).reshape(shape)


@st.composite
def knapsacks(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return capacities, and groups of items with a value and a weight for each capacity."""
    budgets = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    return arrays(draw, budgets), [arrays(draw, size, 1 + budgets) for size in sizes]


@given(knapsacks())
def test_a_knapsack_that_is_written_is_read_back(knapsack):
    limit, groups = knapsack
    rows = [[len(groups), limit.size], limit]
    for group in groups:
        rows += [len(group), *group]
    with TemporaryDirectory() as folder:
        place = Path(folder) / "written.txt"
        place.write_text(lines(rows), encoding="ascii")
        found = read_mmkp(place)
    assert found.limit.tolist() == limit.tolist()
    for n, group in enumerate(groups):
        items = np.flatnonzero(found.allowed[:, n])
        np.testing.assert_array_equal(found.value[items, n], group[:, 0])
        np.testing.assert_array_equal(found.use[:, items, n].T, group[:, 1:])


@st.composite
def assignments(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return profits and what jobs take, shape (agents, jobs), and capacities, shape (agents,)."""
    agents, jobs = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    return arrays(draw, agents, jobs), arrays(draw, agents, jobs), arrays(draw, agents)


@given(st.lists(assignments(), min_size=1, max_size=3))
def test_assignments_that_are_written_are_read_back(problems):
    rows: list[Any] = [len(problems)]
    for profit, takes, capacity in problems:
        rows += [profit.shape, *profit, *takes, capacity]
    with TemporaryDirectory() as folder:
        place = Path(folder) / "written.txt"
        place.write_text(lines(rows), encoding="ascii")
        found = read_gap(place)
    assert len(found) == len(problems)
    for one, (profit, takes, capacity) in zip(found, problems, strict=True):
        np.testing.assert_array_equal(one.value, profit)
        np.testing.assert_array_equal(one.use.sum(axis=0), takes)
        np.testing.assert_array_equal(one.limit, capacity)
