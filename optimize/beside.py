"""Contacts that a group decision brings to accounts beside their treatments, and what is expected to come of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from optimize.decision import Decision
from sim.agent import AgentSettings
from sim.book import Book
from sim.event import EventSettings, chance_to_come, event_phase
from sim.kernels.expect import Pay, Reach
from sim.names import CHANNELS
from sim.visit import due_in_month

Floats = NDArray[np.float64]
Counts = NDArray[np.integer]
YEAR = 12
"""Months after which invitations come round again."""


class Beside(NamedTuple):
    """Contacts a year that a group decision brings to accounts beside their treatments, shape (customers,)."""

    events: Counts
    """Invitations to promotion events of the account's service centre."""
    agents: Counts
    """Contacts by agents."""
    letters: Counts
    """On top of those of the treatment."""


def nobody(customers: int) -> Beside:
    """Return that no account is reached beside its treatment."""
    return Beside(*np.zeros((3, customers), dtype=np.int64))


def reach(decision: Decision, book: Book, beside: Beside) -> Reach:
    """Return contacts beside treatments as the recursion takes them; those of mechanisms that are off aren't made.

    Raises a ValueError where there isn't a whole number of contacts, 0 or more, for each account.
    """
    for name, contacts in beside._asdict().items():
        _check(name, contacts, book.key.size)
    events = beside.events.astype(np.int64) * decision.mechanisms.events
    agents = beside.agents.astype(np.int64) * decision.mechanisms.agents
    return Reach(
        letters=beside.letters.astype(np.int64),
        events=events,
        agents=agents,
        attends=expected_attendance(decision, book, events),
        called=np.full(book.key.size, share_called(agents, decision.agent)),
    )


def _check(name: str, contacts: Counts, customers: int) -> None:
    if contacts.shape != (customers,):
        raise ValueError(f"beside.{name}: shape {contacts.shape}; give one number for each of {customers} accounts")
    if not np.issubdtype(contacts.dtype, np.integer) or (contacts < 0).any():
        raise ValueError(f"beside.{name}: contacts a year have to be whole numbers, 0 or more")


def expected_attendance(decision: Decision, book: Book, events: Counts) -> Floats:
    """Return the chance that an invited account comes and finds room, mean over its events of a year, (customers,).

    `events` are invitations a year. Teams of presenters are taken to be free in the month in which an event is due.
    """
    if not events.any():
        return np.zeros(book.key.size)
    wish = chance_to_come(book.expected_channel, decision.event, decision.channel.unexpected)
    phase, found, invitations = event_phase(book.centre), np.zeros(book.key.size), np.zeros(book.key.size)
    for month in range(YEAR):
        invited = due_in_month(events, phase, month) > 0
        found += invited * share_with_room(wish * invited, book.centre, decision.event)[book.centre]
        invitations += invited
    return np.asarray(wish * found / np.maximum(invitations, 1))


def share_with_room(wish: Floats, centre: NDArray[np.int16], settings: EventSettings) -> Floats:
    """Return which share of those who want to come to their centre's event finds room, shape (centres,).

    `wish` is the chance that a customer wants to come. How many do is taken to be normal, which says how many of them
    the venue is expected to be too small for: the normal loss function.
    """
    mean = np.bincount(centre, weights=wish)
    spread = np.maximum(np.sqrt(np.bincount(centre, weights=wish * (1 - wish))), 1e-9)
    room = (settings.venue - mean) / spread
    outside = spread * (stats.norm.pdf(room) - room * stats.norm.sf(room))
    return np.asarray(1 - outside / np.maximum(mean, 1e-9))


def share_called(agents: Counts, settings: AgentSettings) -> float:
    """Return the share of agents' contacts, `agents` a year by account, for which there are agents in the city."""
    due = float(agents.sum()) / YEAR
    return min(1.0, int(settings.capacity * agents.size) / due) if due else 1.0


def let_in(expected_channel: NDArray[np.int8], settings: AgentSettings) -> Floats:
    """Return the chance that a customer lets agents in, shape (customers,): sure where it expects them."""
    return np.where(expected_channel == CHANNELS.index("agent"), 1.0, settings.reach)


def agents_pay(settings: AgentSettings) -> Pay:
    """Return what agents are paid for a line won."""
    staged = settings.pay == "staged"
    return Pay(
        window=settings.window,
        at_sign_up=settings.at_sign_up * settings.commission * staged,
        later=(1 - settings.at_sign_up) * settings.commission * staged,
        stay=settings.stay,
        one_off=0.0 if staged else settings.one_off,
    )


def attendance_cost(decision: Decision, book: Book, beside: Beside) -> Floats:
    """Return what expected attendants at the planning period's events cost, without the fixed cost, yuan, (customers,).

    The fixed cost of an event is its centre's and doesn't depend on who comes.
    """
    made, phase = reach(decision, book, beside), event_phase(book.centre)
    months = range(min(decision.period, decision.months)) if made.events.any() else range(0)
    dates = np.zeros(book.key.size)
    for month in months:
        dates += due_in_month(made.events, phase, month) > 0
    return np.asarray(decision.event.cost * made.attends * dates)
