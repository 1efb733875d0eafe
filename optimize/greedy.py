"""Incremental greedy: the same response, handed out by value for what is scarce until nothing more fits.

It is what a careful analyst would do in a sheet, and the yardstick for what planning adds to knowing the response.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.plan import book_limits
from optimize.posing import pose_all
from optimize.problem import Problem
from optimize.response import Response
from sim.book import Book

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Steps(NamedTuple):
    """Steps up the accounts' staircases, the best first, each of shape (steps,)."""

    account: Whole
    option: Whole


def greedy_choice(decision: Decision, book: Book, response: Response) -> Whole:
    """Return the treatment of each account by incremental greedy, shape (customers,).

    It keeps every limit that is at most so much, and knows nothing of those that are at least, the floor under
    contribution among them: it is freer than the plan that it is compared with.
    """
    posed = pose_all(decision, book, response, book_limits(decision, book, response), None)
    most = [k for k, limit in enumerate(posed.limits) if not limit.at_least]
    free = posed.free
    return greedy(
        free._replace(use=free.use[most], limit=free.limit[most], budgets=tuple(free.budgets[k] for k in most))
    )


def greedy(given: Problem) -> Whole:
    """Return the option of each account, shape (accounts,): from the first allowed one up, the steepest step first.

    A step is steep by its value for the shares that it takes of all hours and of each budget, added up. Steps that
    don't fit any more are passed over.
    """
    start = np.asarray(given.allowed.argmax(axis=0), dtype=np.int64)
    account = np.arange(start.size)
    hours = given.available - np.bincount(
        given.manager, weights=given.hours[start, account], minlength=given.available.size
    )
    left = given.limit - given.use[:, start, account].sum(axis=1)
    steps, chosen = steepest(given, start), start.copy()
    manager, use = given.manager, given.use
    for who, option in zip(steps.account.tolist(), steps.option.tolist(), strict=True):
        had = chosen[who]
        time = given.hours[option, who] - given.hours[had, who]
        taken = use[:, option, who] - use[:, had, who]
        if time <= hours[manager[who]] + 1e-9 and (taken <= left + 1e-9 * np.abs(given.limit)).all():
            chosen[who] = option
            hours[manager[who]] -= time
            left -= taken
    return chosen


def steepest(given: Problem, start: Whole) -> Steps:
    """Return each account's steps from its first option up, the steepest of all accounts first."""
    scarce, account = taken_shares(given), np.arange(start.size)
    current, found = start.copy(), []
    for number in range(given.value.shape[0]):
        gain = given.value - given.value[current, account]
        more = scarce - scarce[current, account]
        slope = np.divide(gain, more, out=np.full(gain.shape, np.inf), where=more > 1e-15)
        slope[~given.allowed | (gain <= 1e-9)] = -1.0
        tallest = np.where(slope == slope.max(axis=0), gain, -np.inf).argmax(axis=0)
        rising = np.flatnonzero(slope[tallest, account] > 0)
        if not rising.size:
            break
        current[rising] = tallest[rising]
        found.append((slope[tallest[rising], rising], np.full(rising.size, number), rising, tallest[rising]))
    if not found:
        return Steps(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    slopes, numbers, who, option = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((who, numbers, -slopes))
    return Steps(who[order], option[order])


def taken_shares(given: Problem) -> Floats:
    """Return what options take of all hours and of each budget that has an end, as shares added up."""
    there = float(given.available[np.isfinite(given.available)].sum())
    shares = given.hours / there if there > 0 else np.zeros_like(given.hours)
    for use, limit in zip(given.use, given.limit, strict=True):
        if np.isfinite(limit):
            shares = shares + use / max(limit, 1e-9)
    return np.asarray(shares)
