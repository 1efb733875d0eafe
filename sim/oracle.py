"""The book of an oracle: the carrier's with the truth in it, to ask what perfect information would be worth (D30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.book import Book, Truth
from sim.knowledge import TRUTH
from sim.names import OWN
from sim.rates import posted_tariff
from sim.scenario import Scenario
from sim.state import City

if TYPE_CHECKING:
    from sim.founding import Start

NOTE = (
    "book.information is oracle: the plan was made from the truth, tastes and rivals' contracts included, which no "
    "carrier has"
)


def seen_through(start: Start, scenario: Scenario) -> Start:
    """Return the start with an oracle's book where the scenario asks for one, and a note that says so."""
    if scenario.book.information == "crm":
        return start
    book = true_book(start.book, start.city, scenario)
    return start._replace(book=book, notes=(*start.notes, NOTE), own_book=start.book)


def true_book(book: Book, city: City, scenario: Scenario) -> Book:
    """Return a book with the true demand and rival of every line, growth, terms, relations, tastes and satisfaction."""
    who, state = city.customers, city.state
    price = posted_tariff(scenario).price
    lines = np.arange(len(state.carrier))[:, None]
    ours = state.carrier == OWN
    return book._replace(
        rival_spend=np.where(ours, np.nan, state.demand * price[state.carrier, lines]).astype(np.float32),
        rival=np.where(ours, -1, state.carrier).astype(np.int8),
        months_left=state.months_left.copy(),
        growth=who.growth,
        goodwill=state.goodwill[OWN].copy(),
        source=np.full(who.key.size, TRUTH, dtype=np.int8),
        truth=Truth(
            price_sensitivity=who.price_sensitivity,
            rapport_weight=who.rapport_weight,
            hassle_weight=who.hassle_weight,
            switching_cost=who.switching_cost,
            desire=who.desire,
            level_weight=who.level_weight,
            satisfaction=state.satisfaction.copy(),
            expectation=state.expectation.copy(),
        ),
    )
