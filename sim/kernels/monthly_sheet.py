"""What the expected-value recursion shows of one account for its monthly process: traces, and figures by state."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels.expect_records import Case, Paths
from sim.kernels.monthly_records import Process
from sim.kernels.step import apart, step

IDLE, VISITS, LETTERS = range(3)
"""Treatments of the three paths."""


class Traces(NamedTuple):
    """What is noted along the paths, shape (months,) unless said."""

    feeling: NDArray[np.float64]
    """Satisfaction with us, shape (3, months), as the next three."""
    solved: NDArray[np.float64]
    goodwill: NDArray[np.float64]
    awareness: NDArray[np.float64]
    ours: NDArray[np.float64]
    """Probability that a line is with us, shape (3, months, lines)."""


class Sheet(NamedTuple):
    """One account's figures over the whole horizon, summed over draws."""

    leave: NDArray[np.float64]
    """Shape (months, branches, goodwills, awarenesses, lines left - 1, lines)."""
    weight: NDArray[np.float64]
    """Weight of what was summed, shape (months, lines)."""
    revenue: NDArray[np.float64]
    """Shape (months, lines)."""
    usage: NDArray[np.float64]
    """List value of usage if all lines are with us, yuan, shape (months,)."""
    bill: NDArray[np.float64]
    quit: NDArray[np.float64]
    join: NDArray[np.float64]
    """Shape (rounds, goodwills, lines left + 1)."""
    ease: NDArray[np.float64]
    """Rates of leaving, summed, shape (7,): as usual, where terms have just ended, with a discount, after a visit to
    whom decides, to the working level, after a letter, and after a call."""
    law: NDArray[np.float64]
    """What is put back after trying out a state, shape (2, lines, carriers)."""
    held: NDArray[np.float64]
    """Satisfaction and integration, likewise, shape (2, 2)."""
    order: NDArray[np.int64]
    """Lines of ours, the largest first, shape (lines,)."""


@njit(cache=True)
def make_sheet(months: int, goodwills: int, awarenesses: int, carriers: int, lines: int, rounds: int) -> Sheet:
    """Return room for one account's figures."""
    return Sheet(
        np.zeros((months, 2, goodwills, awarenesses, lines, lines)),
        np.zeros((months, lines)),
        np.zeros((months, lines)),
        np.zeros(months),
        np.zeros(months),
        np.zeros(months),
        np.zeros((rounds, goodwills, lines + 1)),
        np.zeros(7),
        np.zeros((2, lines, carriers)),
        np.zeros((2, 2)),
        np.zeros(lines, np.int64),
    )


@step
def clear(sheet: Sheet, branches: int) -> None:
    """Begin another account."""
    sheet.leave[:, :branches] = 0.0
    sheet.weight[:] = 0.0
    sheet.revenue[:] = 0.0
    sheet.usage[:] = 0.0
    sheet.bill[:] = 0.0
    sheet.quit[:] = 0.0
    sheet.ease[:] = 0.0
    sheet.join[:] = 0.0


@step
def set_aside(p: Paths, sheet: Sheet) -> None:
    """Note what trying out states changes."""
    for g in range(2):
        sheet.held[0, g], sheet.held[1, g] = p.feeling[g, 0], p.solved[g]
        for line in range(p.demand.size):
            for c in range(p.common.size):
                sheet.law[g, line, c] = p.law[g, line, c]


@step
def put_back(p: Paths, sheet: Sheet) -> None:
    """Put back what trying out states has changed."""
    for g in range(2):
        p.feeling[g, 0], p.solved[g] = sheet.held[0, g], sheet.held[1, g]
        for line in range(p.demand.size):
            for c in range(p.common.size):
                p.law[g, line, c] = sheet.law[g, line, c]


@step
def note(path: int, t: int, level: int, g: int, p: Paths, traces: Traces) -> None:
    """Note where a path's stocks are."""
    traces.feeling[path, t] = p.feeling[g, 0]
    traces.solved[path, t] = p.solved[g]
    traces.goodwill[path, t] = p.goodwill[0, level]
    traces.awareness[path, t] = p.adstock[0]
    for line in range(p.demand.size):
        traces.ours[path, t, line] = p.law[g, line, 0]


@step
def slope(path: int, t: int, noted: NDArray[Any], stock: NDArray[Any]) -> float:
    """Return by how much something rises along a path with a unit of a stock."""
    gained = stock[path, t] - stock[IDLE, t]
    return float(max(0.0, (noted[path, t] - noted[IDLE, t]) / gained)) if gained > 1e-3 else 0.0


@step
def order_lines(n: int, case: Case, sheet: Sheet) -> int:
    """Note an account's lines of ours, the largest first, and return how many there are."""
    m = 0
    for line in range(case.known.ours.shape[0]):
        if case.known.ours[line, n]:
            place = m
            while place > 0 and case.known.demand[sheet.order[place - 1], n] < case.known.demand[line, n]:
                sheet.order[place] = sheet.order[place - 1]
                place -= 1
            sheet.order[place] = line
            m += 1
    return m


@apart
def settle(n: int, m: int, branches: int, mail: float, sheet: Sheet, process: Process) -> None:
    """Divide what was summed by its weights, and keep all chances of leaving together below one."""
    most = 1e-12
    for t in range(sheet.leave.shape[0]):
        for g in range(branches):
            for i in range(sheet.leave.shape[2]):
                for a in range(sheet.leave.shape[3]):
                    for k in range(m):
                        total = 0.0
                        for j in range(m):
                            sheet.leave[t, g, i, a, k, j] /= max(sheet.weight[t, j], 1e-12)
                            total += sheet.leave[t, g, i, a, k, j]
                        for j in range(m):
                            sheet.leave[t, g, i, a, k, j] /= max(total, 1.0)
                        most = max(most, min(total, 1.0))
    usual = max(sheet.ease[0], 1e-12)
    process.burst[n] = min(max(sheet.ease[1] / usual, 1.0), 1.0 + 1.0 / most)
    process.cut[n] = min(sheet.ease[2] / usual, 1.0 / most)
    gained = math.log(usual / max(sheet.ease[3], 1e-12))
    also = math.log(usual / max(sheet.ease[4], 1e-12))
    process.working[n] = min(max(also / gained, 0.0), 1.0) if gained > 1e-9 else 0.0
    written = math.log(usual / max(sheet.ease[5], 1e-12))
    called = math.log(usual / max(sheet.ease[6], 1e-12))
    if written > 1e-9:
        process.call[n] = min(max(mail * called / written, 0.0), 2.0 * mail)


@apart
def hand_in(n: int, m: int, branches: int, period: int, sheet: Sheet, process: Process) -> None:
    """Write what was found for the planning period."""
    where = process.at[n]
    for j in range(m):
        process.line[n, j] = sheet.order[j]
    for t in range(period):
        for g in range(branches):
            for i in range(sheet.leave.shape[2]):
                for a in range(sheet.leave.shape[3]):
                    for k in range(m):
                        for j in range(m):
                            process.leave[where] = sheet.leave[t, g, i, a, k, j]
                            where += 1
        for j in range(m):
            process.revenue[n, t, j] = sheet.revenue[t, j]
        process.bill[n, t] = sheet.bill[t]
        process.over[n, t] = max(0.0, sheet.usage[t] - sheet.bill[t])
        process.quit[n, t] = sheet.quit[t] if branches > 1 else 0.0
    for place in range(sheet.join.shape[0]):
        for i in range(sheet.join.shape[1]):
            for k in range(m + 1):
                process.join[n, place, i, k] = sheet.join[place, i, k]
