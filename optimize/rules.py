"""Limits and business rules as rows of the allocation problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.budget import AccountRule, Limits, RuleSettings
from optimize.limit import Limit
from optimize.problem import Problem
from optimize.response import Response
from optimize.selection import Selection
from optimize.treatment import Treatment
from sim.book import Book
from sim.errors import InfeasibleError
from sim.names import CLASSES, PLANS

Floats = NDArray[np.float64]


def pose(
    response: Response, book: Book, worth: Floats, bounds: Limits, limits: list[Limit], allowed: NDArray[np.bool_]
) -> Problem:
    """Return the allocation problem of a book: `worth` is what is maximised, shape (treatments, customers)."""
    return Problem(
        value=worth,
        allowed=allowed,
        hours=response.hours,
        manager=book.manager.astype(np.int64),
        available=bounds.hours,
        use=np.stack([limit.row for limit in limits]) if limits else np.zeros((0, *worth.shape)),
        limit=np.array([limit.most for limit in limits], dtype=float),
        budgets=tuple(limit.name for limit in limits),
        nothing=float(worth[0].sum()),
    )


def permitted(response: Response, book: Book, bounds: Limits, rules: RuleSettings) -> NDArray[np.bool_]:
    """Return which treatments make sense and keep the rules about single accounts, shape (treatments, customers).

    Raises InputError where a rule names an account that isn't in the book, InfeasibleError where no treatment is left.
    """
    visits = np.array([t.visits for t in response.treatments])[:, None]
    most = np.array([rules.most_visits.get(name, np.inf) for name in CLASSES])[book.value_class]  # type: ignore[call-overload]
    allowed = response.choices.allowed & (visits >= bounds.least_visits) & (visits <= most)
    for name, rule in rules.accounts.items():
        key = f"rules.accounts.{name}"
        account = np.flatnonzero(Selection(ids=(name,)).of(book, key))
        fits = np.array([keeps(t, rule) for t in response.treatments])
        allowed[:, account] &= fits[:, None]
        if not allowed[:, account].any(axis=0).all():
            raise InfeasibleError(
                f"{key}: no treatment of the menu that makes sense for account {name} is what the rule asks for; "
                "change the rule, or the menu in treatments"
            )
    return np.asarray(allowed)


def keeps(treatment: Treatment, rule: AccountRule) -> bool:
    """Return whether a treatment is what a rule about one account asks for."""
    has = {
        "visits": treatment.visits,
        "offer": PLANS[treatment.offer],
        "discount": treatment.discount,
        "mail": treatment.mail,
        "calls": treatment.calls,
    }
    return all(getattr(rule, name) in (None, value) for name, value in has.items())


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
