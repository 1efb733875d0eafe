"""The book at any month of a run, for planning again from what the carrier has come to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.book import Book, observe
from sim.knowledge import HEARSAY
from sim.names import OWN
from sim.oracle import true_book

if TYPE_CHECKING:
    from sim.market import Market


def observe_market(market: Market, before: Book) -> Book:
    """Return the book as it is now; `before` is that of the start or of an earlier month of the same run.

    Hearsay is never heard again: where nothing better was revealed, what `before` says of rivals stays in the book,
    right or wrong, but for lines that have come to us. So do names, growth as observed, and terms that were unknown of
    lines kept since. Value classes are ranks among the market's own customers. A scenario whose information is `oracle`
    gets the truth. Once a month has been lived, `kept` and `month` say what has been ours all along, and for how long.
    """
    scenario, state = market.scenario, market.city.state
    now = observe(market.city, scenario.seed, market.posted.price, scenario.book, scenario.segment)
    stale = (state.revealed <= HEARSAY) & (state.carrier != OWN)
    untold = before.ours & (before.months_left < 0) & (state.kept == 1)
    book = now._replace(
        months_left=np.where(untold, -1, now.months_left).astype(np.int16),
        growth=before.growth,
        rival_spend=np.where(stale, before.rival_spend, now.rival_spend),
        rival=np.where(stale, before.rival, now.rival).astype(np.int8),
        building_names=before.building_names,
        manager_names=before.manager_names,
        kept=state.kept == 1 if market.month else None,
        month=market.month,
    )
    return true_book(book, market.city, scenario) if scenario.book.information == "oracle" else book
