"""Building fairness: a unit discount in a building goes to all its tenants who can have one, or carries its leak (D13).

News of a discount travels inside a building: who hears of a neighbour's may ask, and is then given the same for a time.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimize.binding import Alternative, charged, stacked
from optimize.decision import Decision
from optimize.interference import months_given
from optimize.limit import Limit
from optimize.problem import Problem
from optimize.treatment import Treatment
from sim.book import Book
from sim.talk import TalkSettings

Floats = NDArray[np.float64]


def fair(
    given: Problem,
    treatments: tuple[Treatment, ...],
    limits: list[Limit],
    decision: Decision,
    book: Book,
    mode: Literal["all", "leak"],
) -> Problem:
    """Return the problem in which each building decides about unit discounts.

    With `all`, its alternatives are none, or one discount for every tenant who can have it; with `leak`, none, or any
    discounts up to one, charged with what they cost once news has travelled.
    """
    tiers = sorted({t.discount for t in treatments if t.discount})
    discount = np.array([t.discount for t in treatments])[:, None]
    inside = book.building >= 0
    buildings = len(book.building_names)
    nothing = np.zeros(buildings)
    plain = given.allowed & ((discount == 0) | ~inside)
    free = Alternative("no discount", given._replace(allowed=plain), nothing, np.zeros((len(limits), buildings)))
    alternatives = [free]
    for tier in tiers:
        if mode == "all":
            can = (given.allowed & (discount == tier)).any(axis=0)
            allowed = given.allowed & np.where(can, discount == tier, discount == 0) & inside
            able = np.bincount(book.building[inside & can], minlength=buildings) > 0
            value, cost = np.where(able, 0.0, -np.inf), nothing
        else:
            allowed = given.allowed & (discount <= tier) & inside
            cost = leak(tier, decision.talk, decision, book)
            value = -cost * worth_of_a_yuan(decision)
        use = charged(limits, {"budgets.discount": cost})
        alternatives.append(Alternative(f"{tier:.0%} off", given._replace(allowed=allowed), value, use))
    return stacked(alternatives, book.building.astype(np.int64), book.building_names)


def worth_of_a_yuan(decision: Decision) -> float:
    """Return what a yuan more from customers is worth in the objective."""
    objective = decision.objective
    return 1.0 + objective.retained_weight if objective.maximise == "blend" else 1.0


def leak(discount: float, talk: TalkSettings, decision: Decision, book: Book) -> Floats:
    """Return what a discount given to one tenant costs with the others, yuan over the horizon, shape (buildings,)."""
    inside = book.building >= 0
    spend = np.bincount(
        book.building[inside], weights=book.own_spend[inside].astype(float), minlength=len(book.building_names)
    )
    period = min(decision.period, decision.months)
    return np.asarray(discount * spend * months_given(talk.rate, talk, period, decision.months))
