"""Time of the response as the book grows, beside the recursion a lane at a time and beside the simulated market."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from growth import ready, run
from report import Figure

from experiments import load
from optimize.recursion import Inputs, inputs_of
from optimize.treatment import choices, menu
from sim import found
from sim.kernels import expect as kernel
from sim.kernels.abreast import expect_abreast

MONTHS, DRAWS, VISITS = 12, 8, (0, 1, 2, 4)
"""The horizon, draws of what the book doesn't say, and visits a year that make a menu of 24 treatments."""
MIDDLE, LIMIT = 100_000, 500.0
"""Where the target is set, and what it is, ns per account, treatment, month and draw."""
BLOCK = 256
MOST = 2_048
"""Accounts that are estimated at each size, in blocks spread evenly over the book, where it has more."""
REPETITIONS = 3


class Posed(NamedTuple):
    """A book of some size, as the recursion takes it."""

    accounts: int
    given: Inputs

    @property
    def blocks(self) -> list[int]:
        """Return where the blocks that are estimated begin."""
        count = min(self.accounts, MOST) // BLOCK or 1
        return [int(start) for start in np.linspace(0, max(self.accounts - BLOCK, 0), count)]

    def paths(self, blocks: list[int]) -> int:
        """Return how many account, treatment, month and draw combinations these blocks have."""
        allowed = self.given.menu.allowed
        lanes = sum(int(allowed[:, first : first + BLOCK].sum()) for first in blocks)
        return lanes * DRAWS * MONTHS


def posed(accounts: int) -> Posed:
    """Return the full market's book of so many customers, with a menu of 24 treatments."""
    visits = ",".join(map(str, VISITS))
    overrides = [f"city.customers={accounts}", "burn_in=3", f"months={MONTHS}", f"response.draws={DRAWS}"]
    decision = load("shenzhen_full", [*overrides, f"treatments.visits=[{visits}]"]).settings
    book = found(decision).book
    treatments = menu(decision.treatments)
    offered = choices(book, treatments, decision.treatments, decision.city, decision.contract.rival_share)
    return Posed(accounts, inputs_of(decision, book, treatments, offered))


def best(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of the quickest of some repetitions."""
    took = np.inf
    for _ in range(REPETITIONS):
        began = time.process_time()
        work()
        took = min(took, time.process_time() - began)
    return float(took)


def abreast(book: Posed) -> float:
    """Return ns per account, treatment, month and draw of the recursion that estimates use."""
    size, treatments = book.given.menu.allowed.shape[1], len(book.given.menu.allowed)
    brought = np.empty((kernel.OUTCOMES, treatments, size), dtype=np.float32)

    def work() -> None:
        for first in book.blocks:
            expect_abreast(first, min(first + BLOCK, size), *book.given, brought)

    return best(work) / book.paths(book.blocks) * 1e9


def lane_by_lane(book: Posed) -> float:
    """Return the same of the recursion that takes one treatment and draw at a time, on one block."""
    size, treatments = book.given.menu.allowed.shape[1], len(book.given.menu.allowed)
    brought = np.zeros((size, treatments, kernel.OUTCOMES))
    last = min(BLOCK, size)
    return best(lambda: kernel.expect(0, last, *book.given, brought)) / book.paths([0]) * 1e9


def simulated() -> float:
    """Return ns per customer and month of one simulated future under one treatment each."""
    market = ready(10_000, MONTHS)
    return best(lambda: run(market, 1)) / 10_000 / MONTHS * 1e9


def growth(sizes: tuple[int, ...]) -> list[Figure]:
    """Return the figures of the recursion by the size of the book."""
    unit, figures, smallest, middle = "ns/path-month", [], np.nan, max(s for s in sizes if s <= MIDDLE)
    for accounts in sizes:
        book = posed(accounts)
        took = abreast(book)
        smallest = took if np.isnan(smallest) else smallest
        figures.append(Figure("response: account, treatment, month and draw", accounts, took, unit, LIMIT))
        figures.append(Figure("response: growth from the smallest book", accounts, took / smallest, "times"))
        if accounts == sizes[0]:
            figures.append(Figure("a lane at a time over lanes abreast", accounts, lane_by_lane(book) / took, "times"))
        if accounts == middle:
            figures.append(Figure("a simulated customer-month over ours", 10_000, simulated() / took, "times"))
    return figures
