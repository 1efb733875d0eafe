"""Candidates: the book as it would be if one draw of what it doesn't show were the truth.

Each draw of an account's tastes has a weight by how well it fits the lines that are ours (`optimize.type_draws`). A
change of a setting, such as our image, would change these weights too, as if the carrier had another reason to believe
who its customers are. Asked of candidates, whose tastes are given, it changes only what customers do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.knowledge import account_knowledge
from optimize.response import Response, estimate
from optimize.treatment import TreatmentSettings, level_weight
from optimize.type_draws import account_types
from sim import draws
from sim.book import Book, Truth, usual_growth
from sim.quantities import quantity
from sim.rates import posted_tariff

Floats = NDArray[np.float64]
ONE_TREATMENT = TreatmentSettings(visits=(0,), offers=(), unit_discounts=(), mail=(0,), calls=(0,))
"""The menu on which there is nothing but to do nothing."""


class Candidate(NamedTuple):
    """A book in which one draw is the truth."""

    book: Book
    weight: Floats
    """How likely the draw is, shape (customers,); adds up to one over candidates."""


def candidates(decision: Decision, book: Book) -> Iterator[Candidate]:
    """Yield a candidate for each draw; a rival that isn't known is drawn by its law. An oracle's book is its own."""
    if book.truth is not None:
        yield Candidate(book, np.ones(book.key.size))
        return
    types = account_types(decision, book)
    known = account_knowledge(decision, book, types)
    stream = draws.stream(0x5EED, "candidate's rival")
    lines, price = len(book.ours), posted_tariff(decision).price
    given = book._replace(growth=usual_growth(book, decision.city, decision.book).astype(np.float32))
    for d, weight in enumerate(types.weight):
        served = [draws.category(stream, book.key, types.law[d][:, line], line + lines * d) for line in range(lines)]
        truth = Truth(
            price_sensitivity=types.price_sensitivity[d].astype(np.float32),
            rapport_weight=types.rapport_weight[d].astype(np.float32),
            hassle_weight=types.hassle_weight[d].astype(np.float32),
            switching_cost=types.switching_cost[d].astype(np.float32),
            desire=types.desire[d].astype(np.float32),
            level_weight=level_weight(decision.city, book).astype(np.float32),
            satisfaction=known.satisfaction.astype(np.float32),
            expectation=known.expectation.astype(np.float32),
        )
        rival = np.where(book.ours, -1, np.where(book.rival >= 0, book.rival, np.stack(served))).astype(np.int8)
        paid = known.demand * types.unseen[d] * price[np.maximum(rival, 0), np.arange(lines)[:, None]]
        spend = np.where(book.ours, np.nan, paid).astype(np.float32)
        yield Candidate(given._replace(truth=truth, rival=rival, rival_spend=spend), weight)


class AsToday(Decision):
    """A decision in which there is nothing to decide: today's practice goes on from the first month."""

    period: int = quantity(0, "months", 0, 0, help="today's practice runs from the start")


def under_todays_practice(decision: Decision) -> AsToday:
    """Return the decision in which today's practice goes on from the first month, and nothing else may be done."""
    given = {name: getattr(decision, name) for name in Decision.model_fields}
    return AsToday.model_validate({**given, "period": 0, "treatments": ONE_TREATMENT})


def todays_response(decision: Decision, book: Book) -> Response:
    """Return the response to today's practice, its events and agents included, as the only treatment."""
    return estimate(under_todays_practice(decision), book)


def mean_over(drawn: list[Candidate], decision: Decision, read: Callable[[Response], Floats]) -> Floats:
    """Return what is read of each candidate's response, mean by weight; customers are the last axis."""
    return np.asarray(sum(one.weight * read(estimate(decision, one.book)) for one in drawn))
