"""Imagined cities: truths that are consistent with the book, to try plans out in before anybody sees the market.

What the book knows is taken as it is; tastes, rivals, what is spent with them and how customers feel are drawn, each
account's from the draws that stand behind its estimate (`optimize.type_draws`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.knowledge import account_knowledge
from optimize.type_draws import account_types
from sim import draws
from sim.book import Book, expected_growth
from sim.contract import usual_share_under_contract
from sim.founding import join, settle, stand
from sim.kernels.expect import Known, Types
from sim.names import LEVELS, OWN
from sim.own_customers import spread_over_year
from sim.population import Places, Words, level_weights
from sim.state import City
from sim.tastes import Tastes

Floats = NDArray[np.float64]


class Imagination:
    """What imagined cities of one book have in common."""

    def __init__(self, decision: Decision, book: Book, like: City) -> None:
        """Take the book; `like` says how many buildings, managers and centres there are, and nothing else."""
        self.decision, self.book, self.like = decision, book, like
        self.types: Types = account_types(decision, book)
        self.known: Known = account_knowledge(decision, book, self.types)

    def city(self, number: int) -> City:
        """Return an imagined city, another one for each number."""
        decision, book, types = self.decision, self.book, self.types
        seed = int(draws.stream(decision.seed, "imagined", number) >> np.uint64(33))
        picked = draws.category(draws.stream(seed, "type"), book.key, types.weight)
        at = (picked, np.arange(book.key.size))
        law = np.moveaxis(types.law[at[0], :, :, at[1]], 0, -1)
        stream = draws.stream(seed, "who serves")
        rival = np.stack([draws.category(stream, book.key, law[:, line], line) for line in range(law.shape[1])])
        carrier = np.where(book.ours, OWN, rival).astype(np.int8)
        demand = self.known.demand * np.where(book.ours, 1.0, types.unseen[at])
        share = usual_share_under_contract(decision.contract)
        state = settle(decision.model_copy(update={"seed": seed}), book.key, carrier, demand, share)
        state.satisfaction[:], state.expectation[:] = self.known.satisfaction, self.known.expectation
        state.goodwill[OWN] = book.goodwill
        state.adstock[OWN] = book.adstock
        state.months_left[:] = np.where(book.months_left >= 0, book.months_left, state.months_left)
        state.tenure[:] = book.tenure
        state.discount[:] = book.discount
        state.complained_in[:] = spread_over_year(book.complaints)
        state.plan[:], state.plan_x[:], state.plan_age[:] = book.plan, book.plan_x, book.plan_age
        state.recent_usage[:] = book.recent_usage
        state.visit_record[:] = book.goodwill
        state.revealed[:] = book.source
        state.points[:], state.ip_share[:] = book.points, book.ip_share
        stand(decision, state)
        state.step[:] = book.step
        tastes = Tastes(*(getattr(types, name)[at] for name in Tastes._fields))
        levels = level_weights(seed, book.key, book.decision, decision.city)
        growth = expected_growth(book, decision.city, decision.book)
        assert levels.shape[0] == len(LEVELS)
        who = join(
            decision.model_copy(update={"seed": seed}),
            book.key,
            Places(book.building, book.centre, book.manager),
            Words(book.industry, book.location, book.ownership, book.decision, book.expected_channel),
            np.asarray(growth, dtype=float),
            tastes,
            levels,
        )
        return self.like._replace(customers=who, state=state)
