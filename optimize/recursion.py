"""What the expected-value recursion takes, for who follows accounts with it by other paths than a menu's treatments."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize import response
from optimize.beside import nobody, reach
from optimize.decision import Decision
from optimize.knowledge import account_knowledge
from optimize.treatment import Choices, Treatment
from optimize.type_draws import account_types
from sim.book import Book
from sim.carrier import Tariff
from sim.contract import plan_table
from sim.kernels import expect as kernel
from sim.kernels.records import Rates

Floats = NDArray[np.float64]


class Inputs(NamedTuple):
    """What the recursion takes (`sim.kernels.expect.expect`), in its order."""

    known: kernel.Known
    types: kernel.Types
    menu: kernel.Menu
    after: kernel.After
    beside: kernel.Reach
    span: kernel.Span
    tariffs: Floats
    posted: Tariff
    contact: Floats
    terms: Floats
    rates: Rates
    growing: bool


def inputs_of(decision: Decision, book: Book, treatments: tuple[Treatment, ...], offered: Choices) -> Inputs:
    """Return what the recursion takes for some treatments, nobody reached by anything else in the period."""
    types = account_types(decision, book)
    return Inputs(
        account_knowledge(decision, book, types),
        types,
        response._menu(decision, book, treatments, offered),
        response._after(decision, book),
        reach(decision, book, nobody(book.key.size)),
        response._span(decision),
        *response._tariffs(decision),
        plan_table(decision.contract),
        response._rates(decision),
        decision.mechanisms.growth,
    )


def in_blocks(work: Callable[[int, int], None], customers: int) -> None:
    """Run work on blocks of customers in threads, as estimates do."""
    response._in_blocks(work, customers)
