"""Readers for allocation problems that others published: multiple-choice knapsacks and generalised assignment.

The problems they return go through the same functions as a carrier's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.problem import Problem, problem
from sim.errors import InputError

Floats = NDArray[np.float64]


class Numbers:
    """The numbers of a text file one after the other, each with its line."""

    def __init__(self, path: Path):
        self.path = path
        self._numbers = self._read()
        self.line = 0

    def _read(self) -> Iterator[tuple[int, str]]:
        try:
            text = self.path.read_text(encoding="ascii")
        except OSError as problem:
            raise InputError(f"{self.path}: can't be read: {problem.strerror}; name an instance file") from problem
        except UnicodeDecodeError as problem:
            raise InputError(f"{self.path}: isn't a file of numbers; name an instance file") from problem
        for line, words in enumerate(text.splitlines(), 1):
            for word in words.split():
                yield line, word

    def next(self, what: str) -> float:
        """Return the next number; `what` tells a user what was expected."""
        try:
            self.line, word = next(self._numbers)
        except StopIteration:
            raise InputError(f"{self.path}:{self.line}: the file ends where {what} should stand") from None
        try:
            number = float(word)
        except ValueError:
            number = np.nan
        if not np.isfinite(number):
            raise InputError(f"{self.path}:{self.line}: '{word}' isn't a number; {what} should stand here")
        return number

    def count(self, what: str) -> int:
        """Return the next number, which must be whole and at least one."""
        number = self.next(what)
        if number < 1 or number != int(number):
            raise InputError(f"{self.path}:{self.line}: {what} is {number:g}; it must be a whole number from 1 on")
        return int(number)

    def row(self, length: int, what: str) -> Floats:
        """Return the next so many numbers."""
        return np.array([self.next(what) for _ in range(length)])

    def end(self) -> None:
        """Raise InputError if anything is left."""
        for line, word in self._numbers:
            raise InputError(f"{self.path}:{line}: '{word}' is left over after the last group")


def read_mmkp(path: Path) -> Problem:
    """Return a multiple-choice multidimensional knapsack: choose one item of each group within capacities.

    Two layouts are known by their first line: `groups items capacities` (Khan et al. 2002), then the capacities, then
    for each group its number and its items, each a value and its weights; or `groups capacities` with groups of
    different sizes, each with its size before its items (Mansi et al. 2013). Raises InputError with file and line.
    """
    width = len(_first_line(path).split())
    numbers = Numbers(path)
    groups = numbers.count("the number of groups")
    items = numbers.count("the number of items of a group") if width > 2 else 0
    budgets = numbers.count("the number of capacities")
    limit = numbers.row(budgets, "a capacity")
    found = []
    for _ in range(groups):
        size = numbers.count("a group's number" if items else "a group's size")
        found.append(np.array([numbers.row(1 + budgets, "an item's value or weight") for _ in range(items or size)]))
    numbers.end()
    options = max(len(group) for group in found)
    value, use = np.zeros((options, groups)), np.zeros((budgets, options, groups))
    allowed = np.zeros((options, groups), dtype=bool)
    for n, group in enumerate(found):
        value[: len(group), n] = group[:, 0]
        use[:, : len(group), n] = group[:, 1:].T
        allowed[: len(group), n] = True
    return problem(value, use, limit, allowed=allowed, budgets=tuple(f"capacity {k + 1}" for k in range(budgets)))


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            return file.readline()
    except (OSError, UnicodeDecodeError):
        return ""


class Assignment(NamedTuple):
    """A generalised assignment problem: every job goes to one agent."""

    profit: Floats
    """Shape (agents, jobs), as the next one."""
    takes: Floats
    capacity: Floats
    """Shape (agents,)."""


def read_gap(path: Path) -> list[Problem]:
    """Return the generalised assignment problems of a file in the OR-Library's layout: options are agents.

    Raises InputError with file and line.
    """
    numbers = Numbers(path)
    found = []
    for _ in range(numbers.count("the number of problems")):
        agents, jobs = numbers.count("the number of agents"), numbers.count("the number of jobs")
        profit = numbers.row(agents * jobs, "a profit").reshape(agents, jobs)
        takes = numbers.row(agents * jobs, "what a job takes of an agent").reshape(agents, jobs)
        found.append(assignment(Assignment(profit, takes, numbers.row(agents, "an agent's capacity"))))
    numbers.end()
    return found


def assignment(given: Assignment) -> Problem:
    """Return an assignment as a problem: the jobs are the accounts, and each agent's capacity is a budget."""
    agents = given.capacity.size
    use = np.zeros((agents, *given.takes.shape))
    use[np.arange(agents), np.arange(agents)] = given.takes
    return problem(given.profit, use, given.capacity, budgets=tuple(f"agent {k + 1}" for k in range(agents)))
