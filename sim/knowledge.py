"""What is known of customers' spend with rivals, and its source: hearsay, settlement records, calls, visits (D14).

A source shows a customer's lines at rivals with an error. Its luck is drawn once for a customer and line, and a better
source only makes it count for less: what a visit shows strays the same way as what had been heard, but not as far.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.exchange import Exchange
from sim.kernels.behaviour import MONEY_UNIT
from sim.names import OWN, SOURCES
from sim.quantities import Settings, quantity
from sim.ranking import marks_passed
from sim.state import Customers, State

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Some = slice | NDArray[np.integer[Any]]
EVERYBODY = slice(None)
UNKNOWN, HEARSAY, SETTLEMENT, CALL, VISIT, TRUTH = range(len(SOURCES))
YEAR = 12
LONGEST = np.int16(32000)
"""Months after which the age of knowledge is no longer counted."""


class SettlementSettings(Settings):
    """Analysis of inter-carrier settlement records: who uses rivals, and how much."""

    bought: float = quantity(0.0, "share of customers", 0, 1, help="analysed, largest spend with us first; 1 is all")
    month: int = quantity(0, "month", 0, 600, help="when it is bought; what month 0 shows is known to the first plan")
    coverage: float = quantity(0.8, "share of customers analysed", 0, 1, help="whose use of rivals the records show")
    noise: float = quantity(0.2, "log standard deviation", 0, 5, help="error of the rival spend shown")
    cost: float = quantity(5.0, "yuan/account analysed", 0, 10_000)


class BookSettings(Settings):
    """How much of the truth reaches the book; a better source never errs more than a poorer one."""

    information: Literal["crm", "oracle"] = "crm"
    rival_known: float = quantity(0.4, "share of customers", 0, 1, help="whose rival spend is known by hearsay")
    rival_noise: float = quantity(0.3, "log standard deviation", 0, 5, help="error of rival spend heard of")
    growth_noise: float = quantity(0.08, "per year, standard deviation", 0, 5, help="error of the growth observed")
    settlement: SettlementSettings = SettlementSettings()
    call_reveals: float = quantity(0.2, "probability/call", 0, 1, help="that a call confirms what is spent with rivals")
    call_noise: float = quantity(0.15, "log standard deviation", 0, 5, help="error of rival spend told on a call")
    visit_reveals: float = quantity(0.5, "probability/visit", 0, 1, help="that a visit finds out")
    visit_noise: float = quantity(0.1, "log standard deviation", 0, 5, help="error of rival spend found on a visit")
    ageing: float = quantity(
        0.03, "log standard deviation a month", 0, 5, help="error that knowledge gains; grows with the root of its age"
    )


class Shown(NamedTuple):
    """What the sources show of lines at rivals, shape (lines, customers)."""

    spend: NDArray[np.float32]
    """Estimate, yuan/month at the prices posted; NaN where nothing is shown."""
    rival: NDArray[np.int8]
    """Who serves the line, -1 where nothing is shown."""


def heard_of(seed: int, customer: NDArray[np.uint64], settings: BookSettings) -> Flags:
    """Return whose rival spend is known by hearsay when a synthetic city is founded, shape (customers,)."""
    return np.asarray(draws.uniform(draws.stream(seed, "rival spend known"), customer) < settings.rival_known)


def error_spread(source: NDArray[np.int8], ago: NDArray[np.integer], settings: BookSettings) -> Floats:
    """Return the log standard deviation of what was revealed by a source some months ago, shape (customers,).

    >>> error_spread(np.array([1, 4], dtype=np.int8), np.array([0, 0]), BookSettings()).tolist()
    [0.3, 0.1]
    """
    noises = (settings.rival_noise, settings.settlement.noise, settings.call_noise, settings.visit_noise)
    fresh = np.array([np.inf, *np.minimum.accumulate(noises), 0.0])[source]
    return np.asarray(np.where(ago > 0, np.hypot(fresh, settings.ageing * np.sqrt(np.maximum(ago, 0))), fresh))


def shown_spend(
    who: Customers, state: State, seed: int, price: Floats, settings: BookSettings, some: Some = EVERYBODY
) -> Shown:
    """Return what the best source of each customer shows of its lines at rivals; `price` is (carriers, lines).

    A line that has changed hands since isn't known: nobody has asked again. `some` says whom to look at.
    """
    carrier, source, ago = state.carrier[:, some], state.revealed[some], state.revealed_ago[some]
    lines = np.arange(len(carrier))
    at_rivals = state.demand[:, some] * price[carrier, lines[:, None]]
    key = draws.stream(seed, "rival spend error")
    luck = np.stack([draws.normal(key, who.key[some], int(line)) for line in lines])
    hidden = (carrier == OWN) | (source == UNKNOWN) | (state.tenure[:, some] < ago)
    spread = np.where(source == UNKNOWN, 0.0, error_spread(source, ago, settings))
    estimate = at_rivals * np.exp(spread * luck - spread**2 / 2)
    return Shown(
        np.where(hidden, np.nan, estimate).astype(np.float32),
        np.where(hidden, -1, carrier).astype(np.int8),
    )


def analysed(who: Customers, state: State, own_price: Floats, share: float, exchange: Exchange) -> Flags:
    """Return whose settlement records are analysed: this share of the whole city, largest spend with us first."""
    spend = (np.where(state.carrier == OWN, state.demand, 0) * own_price[:, None]).sum(axis=0)
    size = np.rint(spend * MONEY_UNIT).astype(np.int64)
    everybody = int(exchange.total(np.array([size.size], dtype=np.int64))[0])
    passed = marks_passed(exchange, -size, who.key, np.array([round(share * everybody)], dtype=np.int64))
    return np.asarray(passed == 0)


def covered(seed: int, customer: NDArray[np.uint64], settings: SettlementSettings) -> Flags:
    """Return whose use of rivals settlement records would show, shape (customers,)."""
    return np.asarray(draws.uniform(draws.stream(seed, "settlement covers"), customer) < settings.coverage)


def reveal(state: State, whom: Flags, source: int) -> None:
    """Note that a source has shown customers' rival spend; a poorer one than before confirms what is known."""
    some = np.flatnonzero(whom)
    state.revealed[some] = np.maximum(state.revealed[some], source)
    state.revealed_ago[some] = 0


def found_out(key: np.uint64, customer: NDArray[np.uint64], contacts: NDArray[np.integer], chance: float) -> Flags:
    """Return whose rival spend at least one of a month's contacts reveals, each with probability `chance`."""
    found = np.zeros(customer.size, dtype=bool)
    met = np.flatnonzero(contacts)
    found[met] = draws.uniform(key, customer[met]) >= (1.0 - chance) ** contacts[met]
    return found


def complaints_of_the_year(state: State) -> NDArray[np.int16]:
    """Return in how many of the last twelve months each customer complained, shape (customers,)."""
    return np.asarray(np.bitwise_count(state.complained_in), dtype=np.int16)
