"""Why no plan keeps every limit, in words: the fewest rules to relax, where they are set, and by how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.budget import Limits, RuleSettings
from optimize.elastic import Relaxation, what_to_relax
from optimize.limit import Limit
from optimize.problem import Problem
from optimize.response import Response
from optimize.rules import keeps
from optimize.selection import Selection
from sim.book import Book
from sim.names import CLASSES

Floats = NDArray[np.float64]
HOURS = "visit.hours"


def single_rules(response: Response, book: Book, bounds: Limits, rules: RuleSettings) -> list[Limit]:
    """Return the rules about single accounts as limits: how far each treatment is from what they ask, none allowed."""
    visits = np.array([t.visits for t in response.treatments], dtype=float)[:, None]
    most = np.array([rules.most_visits.get(name, np.inf) for name in CLASSES])[book.value_class]  # type: ignore[call-overload]
    found = [
        Limit(
            "visits missing", "rules.least_visits", "visits a year", np.maximum(bounds.least_visits - visits, 0.0), 0.0
        ),
        Limit("visits too many", "rules.most_visits", "visits a year", np.maximum(visits - most, 0.0), 0.0),
    ]
    for name, rule in rules.accounts.items():
        account = Selection(ids=(name,)).of(book, f"rules.accounts.{name}")
        breaks = np.array([not keeps(t, rule) for t in response.treatments], dtype=float)[:, None] * account
        found.append(Limit(f"account {name}", f"rules.accounts.{name}", "rule set aside", breaks, 0.0))
    return [limit for limit in found if limit.use.any()]


def why(given: Problem, limits: list[Limit], singles: list[Limit], response: Response, book: Book) -> str:
    """Return what to relax so that a plan becomes possible, in words; `given` has the limits as its budgets."""
    every = [*limits, *singles]
    loose = given._replace(
        allowed=response.choices.allowed,
        use=np.stack([limit.row for limit in every]) if every else given.use,
        limit=np.array([limit.most for limit in every], dtype=float),
        budgets=tuple(limit.name for limit in every),
    )
    keys = list(dict.fromkeys(limit.key for limit in every))
    rows = [tuple(i for i, limit in enumerate(every) if limit.key == key) for key in keys]
    managers = tuple(len(every) + m for m in range(given.available.size))
    found = what_to_relax(loose, (*rows, managers))
    if not found:
        return (
            "no plan of whole treatments keeps every limit, though one would that splits accounts between treatments: "
            "give the tightest rules or budgets a little more room"
        )
    told = [_told(relaxation, every) for relaxation in found if relaxation.row < len(every)]
    told += _hours([r for r in found if r.row >= len(every)], len(every), given, book)
    return "no plan keeps every limit; the fewest to relax are: " + "; ".join(told)


def _told(relaxation: Relaxation, limits: list[Limit]) -> str:
    limit = limits[relaxation.row]
    if limit.key.startswith(("rules.least_visits", "rules.most_visits", "rules.accounts")):
        return f"{limit.key}: {_number(relaxation.by)} {limit.unit} ({limit.name})"
    then = limit.bound + (-relaxation.by if limit.at_least else relaxation.by)
    way = "lower" if limit.at_least else "raise"
    return f"{limit.key}: {way} {limit.name} from {_number(limit.bound)} to {_number(then)} {limit.unit}"


def _hours(found: list[Relaxation], first: int, given: Problem, book: Book) -> list[str]:
    if not found:
        return []
    worst = max(found, key=lambda relaxation: relaxation.by)
    m, total = worst.row - first, sum(relaxation.by for relaxation in found)
    needed = (
        f"{HOURS}: {_number(total)} hours more over the period in all, for {len(found)} of {given.available.size} "
        f"managers; {book.manager_names[m]} has {_number(float(given.available[m]))} and needs {_number(worst.by)} more"
    )
    return [needed]


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:.4g}"
