"""Limits and business rules as rows of the allocation problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.budget import Limits
from optimize.problem import Problem
from optimize.response import Response
from sim.book import Book
from sim.errors import InfeasibleError

Floats = NDArray[np.float64]
BUDGETS = {"discount": "discount", "channel": "channel", "seat_minutes": "seat_minutes", "total_cost": "cost"}
"""Limits shared by all accounts, and what of a response each is about."""
FLOOR = "contribution floor"


def pose(response: Response, book: Book, worth: Floats, limits: Limits, floor: float | None) -> Problem:
    """Return the allocation problem; `floor` is the least contribution, yuan.

    Raises InfeasibleError where visits that must be made don't fit into the hours.
    """
    check_least_visits(response, book, limits)
    visits = np.array([t.visits for t in response.treatments])[:, None]
    names = [name for name in BUDGETS if np.isfinite(getattr(limits, name))]
    uses = [getattr(response, BUDGETS[name]) for name in names]
    bounds = [float(getattr(limits, name)) for name in names]
    if floor is not None:
        names, uses, bounds = [*names, FLOOR], [*uses, -response.contribution], [*bounds, -floor]
    return Problem(
        value=worth,
        allowed=response.choices.allowed & (visits >= limits.least_visits),
        hours=response.hours,
        manager=book.manager.astype(np.int64),
        available=limits.hours,
        use=np.stack(uses) if uses else np.zeros((0, *worth.shape)),
        limit=np.array(bounds),
        budgets=tuple(names),
        nothing=float(worth[0].sum()),
    )


def check_least_visits(response: Response, book: Book, limits: Limits) -> None:
    """Raise InfeasibleError, naming the manager and the hours missing, where visits that must be made don't fit."""
    visits = np.array([t.visits for t in response.treatments])[:, None]
    enough = response.choices.allowed & (visits >= limits.least_visits)
    if not enough.any(axis=0).all():
        account = int(np.flatnonzero(~enough.any(axis=0))[0])
        raise InfeasibleError(
            f"rules.least_visits: account {book.ids[account]} must get {limits.least_visits[account]} visits a year, "
            f"but the menu (treatments.visits) goes to {int(visits.max())}"
        )
    least = np.where(enough, response.hours, np.inf).min(axis=0)
    needed = np.bincount(book.manager, weights=least, minlength=limits.hours.size)
    short = needed - limits.hours
    if (short > 1e-6).any():
        worst = int(short.argmax())
        factor = float((needed / np.maximum(limits.hours, 1e-9)).max())
        raise InfeasibleError(
            f"rules.least_visits: the visits that must be made take {needed[worst]:.0f} hours of account manager "
            f"{book.manager_names[worst]}, who has {limits.hours[worst]:.0f} (visit.hours): {short[worst]:.0f} are "
            f"missing, and {int((short > 1e-6).sum())} of {short.size} managers are short; raise visit.hours "
            f"{factor:.2f} times or lower rules.least_visits"
        )
