"""Poaching: a rival's sales force goes after our best customers, on its own noisy view and with limited visits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.names import OWN
from sim.quantities import Settings, quantity
from sim.state import Customers, State
from sim.summing import over_lines

Floats = NDArray[np.float64]


class PoachSettings(Settings):
    """A rival's own budget of visits and switching bonuses, aimed by its own view of who is worth it."""

    month: int = quantity(0, "month", 0, 600, help="first month of poaching")
    visits: float = quantity(2.0, "visits/month and territory", 0, 1000, help="a territory is one of our managers'")
    bonus: float = quantity(0.1, "share of the price", 0, 0.9, help="offered to who is visited, for the lines it moves")
    noise: float = quantity(0.7, "log standard deviation", 0, 5, help="error of its view of a customer's spend with us")
    rest: int = quantity(3, "months", 1, 60, help="before it visits the same customer again")


class Lures(NamedTuple):
    """Who is visited by which rival this month, and with what bonus; each of shape (customers,)."""

    carrier: NDArray[np.int8]
    """Index of the rival that visits, 0 where none does."""
    bonus: NDArray[np.float32]
    """Share of the price."""


def no_lures(customers: int) -> Lures:
    """Return a month in which nobody is poached."""
    return Lures(np.zeros(customers, dtype=np.int8), np.zeros(customers, dtype=np.float32))


def targets(
    settings: PoachSettings, carrier: int, month: int, seed: int, who: Customers, state: State
) -> NDArray[np.bool_]:
    """Return whom a rival visits this month: in each territory, those it takes for our biggest not visited lately.

    Everybody has a turn within `rest` months, keyed by customer, so that nobody is visited twice in a row.
    """
    spend = over_lines(np.where(state.carrier == OWN, state.demand, 0))
    view = draws.normal(draws.stream(seed, "poacher's view"), who.key, carrier)
    turn = draws.uniform(draws.stream(seed, "poacher's turn"), who.key, carrier) * settings.rest
    due = (turn.astype(np.int64) == month % settings.rest) & (spend > 0) & (month >= settings.month)
    score = np.where(due, spend * np.exp(settings.noise * view), -1.0)
    order = np.lexsort((who.key, -score, who.manager))
    first = np.searchsorted(who.manager[order], who.manager[order], side="left")
    chosen = np.zeros(spend.size, dtype=bool)
    chosen[order] = np.arange(spend.size) - first < settings.visits
    return np.asarray(chosen & due)


def lures(rivals: list[PoachSettings | None], month: int, seed: int, who: Customers, state: State) -> Lures:
    """Return who is poached by whom; where two rivals visit the same customer, the better bonus counts."""
    found = no_lures(who.key.size)
    for carrier, settings in enumerate(rivals, start=1):
        if settings is not None:
            visited = targets(settings, carrier, month, seed, who, state)
            better = visited & ((found.carrier == 0) | (settings.bonus > found.bonus))
            found.carrier[better] = carrier
            found.bonus[better] = settings.bonus
    return found
