"""Treatments: what may be done to an account over the planning period, and what it takes."""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.book import Book
from sim.names import LEVELS, PLANS
from sim.population import CitySettings, level_table
from sim.quantities import Settings, quantity
from sim.visit import deciding_level

Floats = NDArray[np.float64]
Audience = Literal["decider", "working"]


class TreatmentSettings(Settings):
    """The menu: combinations of these levers, less those that make no sense."""

    visits: tuple[int, ...] = quantity((0, 1, 2, 4, 12, 24), "visits/year", 0, 366)
    audiences: tuple[Audience, ...] = ("decider", "working")
    offers: tuple[Literal["A", "B", "C"], ...] = ("A", "B", "C")
    offer_visits: int = quantity(12, "visits/year", 1, 366, help="most visits a year combined with an offer")
    unit_discounts: tuple[float, ...] = quantity((0.05, 0.1), "share of the price", 0, 0.9)
    mail: tuple[int, ...] = quantity((0, 2), "letters/year", 0, 366)
    mail_visits: int = quantity(4, "visits/year", 0, 366, help="most visits a year combined with letters")
    calls: tuple[int, ...] = quantity((0, 2), "calls/year", 0, 366)
    discounts_in_buildings: bool = False
    growth_for_a: float = quantity(
        0.1, "per year", -0.9, 5, help="least growth for plan A where no rival spend is known: else it is a price rise"
    )


class Treatment(NamedTuple):
    """One line of the menu; contacts are a year."""

    visits: int
    audience: Audience
    offer: int
    discount: float
    mail: int
    calls: int

    @property
    def name(self) -> str:
        """Return what is done, in words.

        >>> Treatment(4, "decider", 1, 0.0, 0, 0).name
        '4 visits to the decider, offer A'
        """
        parts = []
        if self.visits:
            to = "the decider" if self.audience == "decider" else "the working level"
            parts.append(f"{self.visits} visit{'s' if self.visits > 1 else ''} to {to}")
        if self.offer:
            parts.append(f"offer {PLANS[self.offer]}")
        if self.discount:
            parts.append(f"{self.discount:.0%} off")
        if self.mail:
            parts.append(f"{self.mail} letters")
        if self.calls:
            parts.append(f"{self.calls} calls")
        return ", ".join(parts) or "nothing"


NOTHING = Treatment(0, "decider", 0, 0.0, 0, 0)


def menu(settings: TreatmentSettings) -> tuple[Treatment, ...]:
    """Return the treatments, nothing first; combinations that make no sense are left out."""
    offers = (0, *(PLANS.index(plan) for plan in settings.offers))
    levers = product(
        sorted({0, *settings.visits}),
        settings.audiences,
        offers,
        (0.0, *settings.unit_discounts),
        sorted({0, *settings.mail}),
        sorted({0, *settings.calls}),
    )
    everything = (Treatment(*lever) for lever in levers)
    return (NOTHING, *(t for t in everything if t != NOTHING and makes_sense(t, settings)))


def makes_sense(t: Treatment, settings: TreatmentSettings) -> bool:
    """Return whether levers may be combined: an offer needs a visit to the decider, a call is for who isn't visited."""
    if t.visits == 0:
        return t.audience == "decider" and not t.offer and not (t.discount and (t.mail or t.calls))
    if t.discount or t.calls:
        return False
    if t.offer:
        return t.audience == "decider" and t.visits <= settings.offer_visits and not t.mail
    return not t.mail or (t.audience == "decider" and t.visits <= settings.mail_visits)


def level_weight(city: CitySettings, book: Book) -> Floats:
    """Return the weight of each level in customers' decisions, shape (levels, customers): usual, or an oracle's."""
    usual = level_table(city)[:, book.decision] if book.truth is None else book.truth.level_weight.astype(float)
    return np.ascontiguousarray(usual)


class Choices(NamedTuple):
    """The menu as it stands for each account of a book, shape (treatments, customers)."""

    allowed: NDArray[np.bool_]
    level: NDArray[np.int8]
    offer_x: Floats
    """X to propose, yuan/month; 0 where nothing is offered."""


def choices(
    book: Book, treatments: tuple[Treatment, ...], settings: TreatmentSettings, city: CitySettings, rival_share: float
) -> Choices:
    """Return which treatments make sense for which account, whom to see, and what X to propose."""
    decider = deciding_level(level_weight(city, book))
    own = book.recent_usage.mean(axis=0).astype(float)
    rival = np.nan_to_num(book.rival_spend).sum(axis=0).astype(float)
    x = own + rival_share * rival
    bound = 12 * np.log1p(book.growth.astype(float))
    allowed = np.ones((len(treatments), own.size), dtype=bool)
    level = np.empty(allowed.shape, dtype=np.int8)
    offer_x = np.zeros(allowed.shape)
    for b, t in enumerate(treatments):
        level[b] = decider if t.audience == "decider" else LEVELS.index("working")
        if t.audience == "working":
            allowed[b] &= decider != LEVELS.index("working")
        if t.offer:
            offer_x[b] = x
            allowed[b] &= (book.plan == 0) & (x > 0)
            if PLANS[t.offer] == "A":
                allowed[b] &= (rival > 0) | (np.expm1(bound) >= settings.growth_for_a)
        if t.discount:
            allowed[b] &= (own > 0) & (book.plan == 0)
            if not settings.discounts_in_buildings:
                allowed[b] &= book.building < 0
    return Choices(allowed, level, offer_x)
