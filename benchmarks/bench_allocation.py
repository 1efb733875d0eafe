"""Our allocation of the reference problem as the book grows, and solvers of integer and linear programmes beside it.

`KEYSTAY_BENCH=quick make bench-allocation` leaves out large books, and gives solvers ten seconds each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from allocation_growth import Solved, growth, solved
from allocators import LIMIT, QUICK, Answer, Peer, peers
from reference import reference_problem
from report import Figure, report

from optimize.allocation import Allocation
from optimize.problem import Problem, excess

SIZES = (1_000,) if QUICK else (1_000, 10_000)
"""Accounts of the problems that other solvers get too."""
TARGET = 10_000
"""Where it is said how many times faster ours is to be."""
ROUNDING = 1e-6
"""Of the uplift, by which values and bounds of solvers may be off."""


class Contest(NamedTuple):
    """A problem, our allocation of it and what other solvers found."""

    given: Problem
    ours: Allocation
    seconds: float
    found: dict[str, Answer]

    def above(self, value: float, bound: float) -> float:
        """Return how far a value exceeds a bound, of the uplift; NaN where there is none of either."""
        return (value - bound) / (self.ours.bound - self.ours.nothing)

    @property
    def bound(self) -> float:
        """Return the least bound that anybody knows, yuan; first-order methods' hold only roughly."""
        return float(np.nanmin([self.ours.bound, *(a.bound for n, a in self.found.items() if "PDLP" not in n)]))


class Measured(NamedTuple):
    """What one run of the benchmark brought."""

    figures: list[Figure]
    notes: list[str]
    every: list[Solved]
    contests: list[Contest]


def contest(accounts: int, rivals: list[Peer]) -> Contest:
    """Let ours and the others solve the same problem; they may stop at the gap of ours."""
    given = reference_problem(accounts, seed=0)
    run, ours = solved(given)
    return Contest(given, ours, run.seconds, {rival.name: rival.run(given, run.gap) for rival in rivals})


def figures_of(held: Contest, rivals: list[Peer]) -> list[Figure]:
    """Return times, gaps against the best bound known, and how many times faster ours is."""
    accounts = held.given.manager.size
    figures = [
        Figure("beside others: ours, CPU time", accounts, held.seconds, "s"),
        Figure("beside others: ours, gap", accounts, held.above(held.bound, held.ours.value), "of uplift"),
    ]
    for rival in rivals:
        answer = held.found[rival.name]
        target = rival.target if accounts == TARGET else None
        off = held.above(held.bound, answer.value) if rival.whole else held.above(answer.bound, held.bound)
        figures += [
            Figure(f"{rival.name}: CPU time", accounts, answer.seconds, "s"),
            Figure(f"{rival.name}: of it to make the model", accounts, answer.building, "s"),
            Figure(f"{rival.name}: {'gap' if rival.whole else 'bound above the best'}", accounts, off, "of uplift"),
            Figure(
                f"this over ours: {rival.name}", accounts, answer.seconds / held.seconds, "times", target, "at least"
            ),
        ]
    return figures


@pytest.fixture(scope="module")
def measured() -> Measured:
    figures, every = growth()
    rivals, notes = peers()
    contests = [contest(accounts, rivals) for accounts in SIZES]
    for held in contests:
        figures += figures_of(held, rivals)
    notes.append(
        f"Solvers ran {LIMIT:g} s at most, which then counts as their time; without an allocation a gap is nan."
    )
    return Measured(figures, notes, every, contests)


def test_allocation_is_measured_and_written(measured: Measured) -> None:
    path = report("allocation", measured.figures, measured.notes)
    assert path.exists()


def test_nobodys_allocation_is_worth_more_than_our_bound(measured: Measured) -> None:
    beyond = [
        f"{name}, {held.given.manager.size} accounts"
        for held in measured.contests
        for name, answer in held.found.items()
        if held.above(answer.value, held.ours.bound) > ROUNDING
    ]
    assert not beyond


def test_ours_is_worth_no_more_than_anybodys_bound(measured: Measured) -> None:
    beyond = [
        f"{name}, {held.given.manager.size} accounts"
        for held in measured.contests
        for name, answer in held.found.items()
        if held.above(held.ours.value, answer.bound) > (1e-4 if "PDLP" in name else ROUNDING)
    ]
    assert not beyond


def test_no_allocation_exceeds_a_limit(measured: Measured) -> None:
    exceeded = [(run.accounts, run.excess) for run in measured.every if run.excess]
    for held in measured.contests:
        for name, answer in held.found.items():
            over = [] if answer.option is None else excess(held.given, answer.option, tolerance=1e-6)
            exceeded += [(name, over)] if over else []
    assert not exceeded
