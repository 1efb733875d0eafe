"""Nodes of the monthly process's two stocks, and lines as bits (`sim.kernels.monthly`)."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from sim.kernels.monthly_records import BOTH, CALL, DECIDER, LETTER, NO_CONTACT, WORKING, Grid, Room
from sim.kernels.step import apart, step


@step
def find(level: float, rate: float, nodes: NDArray[Any], row: int, i: int, room: Room) -> None:
    """Note between which nodes a stock is, and its share of the upper one: both alike in 1 - exp(-rate x stock)."""
    lower = 0
    while lower < nodes.size - 2 and nodes[lower + 1] <= level:
        lower += 1
    bottom, top = math.exp(-rate * nodes[lower]), math.exp(-rate * nodes[lower + 1])
    share = (bottom - math.exp(-rate * level)) / (bottom - top)
    room.steps[row, i] = lower
    room.shares[row, i] = min(1.0, max(0.0, share))


@apart
def step_goodwill(row: int, added: float, grid: Grid, room: Room) -> None:
    """Note where a month takes each node of goodwill."""
    for i in range(grid.goodwill.size):
        find(grid.goodwill[i] * grid.kept + added, grid.saturation, grid.goodwill, row, i, room)


@apart
def step_awareness(row: int, added: float, grid: Grid, room: Room) -> None:
    """Note where a month takes each node of awareness."""
    for i in range(grid.awareness.size):
        find(grid.awareness[i] * grid.heard + added, 1.0, grid.awareness, row, i, room)


@apart
def set_steps(working: float, call: float, grid: Grid, room: Room) -> None:
    """Note where each visit and each contact takes the two stocks of an account."""
    step_goodwill(0, 0.0, grid, room)
    step_goodwill(DECIDER, grid.skill, grid, room)
    step_goodwill(WORKING, grid.skill * working, grid, room)
    step_awareness(3 + NO_CONTACT, 0.0, grid, room)
    step_awareness(3 + LETTER, grid.mail, grid, room)
    step_awareness(3 + CALL, call, grid, room)
    step_awareness(3 + BOTH, grid.mail + call, grid, room)


@step
def count(lines: int) -> int:
    """Return how many bits are set."""
    found = 0
    while lines:
        lines &= lines - 1
        found += 1
    return found


@step
def revenue_of(s: int, revenue: NDArray[Any]) -> float:
    """Return what the lines left bring a month, yuan; `revenue` by line."""
    total, j = 0.0, 0
    while s >> j:
        if (s >> j) & 1:
            total += revenue[j]
        j += 1
    return total
