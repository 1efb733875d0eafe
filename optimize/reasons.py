"""Reasons: for each account what was chosen, the next best, what it would have cost and brought, and what decided."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.allocation import prices_of
from optimize.plan import Plan
from sim.book import Book

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
ITSELF = "what it brings"
"""What decided where the alternative would bring less even if it cost nothing."""


class Rival(NamedTuple):
    """The next best option of each account, at the prices of everything scarce."""

    option: Whole
    brings: Floats
    """Objective more than the chosen one, yuan, shape (accounts,)."""
    hours: Floats
    """Hours more."""
    cost: Floats
    """Yuan of cost more."""
    decided: list[str]
    """The limit that decided against it."""


def reasons_of(plan: Plan, book: Book) -> pd.DataFrame:
    """Return one row an account, in the book's order.

    Columns: id, treatment, brings (objective above doing nothing, yuan), hours, cost, next_best, next_brings,
    next_hours, next_cost (each more than the chosen treatment's), decided_by, and the whole as a sentence, reason.
    """
    chosen, response, problem = plan.allocation.treatment, plan.response, plan.problem
    account = np.arange(chosen.size)
    rival = next_best(plan, book)
    names = np.array([t.name for t in response.treatments])
    table = pd.DataFrame(
        {
            "id": book.ids,
            "treatment": names[chosen],
            "brings": problem.value[chosen, account] - problem.value[0, account],
            "hours": response.hours[chosen, account] - response.hours[0, account],
            "cost": response.cost[chosen, account] - response.cost[0, account],
            "next_best": np.where(rival.option >= 0, names[rival.option], ""),
            "next_brings": rival.brings,
            "next_hours": rival.hours,
            "next_cost": rival.cost,
            "decided_by": rival.decided,
        }
    )
    said = ("treatment", "brings", "hours", "next_best", "next_brings", "next_hours", "decided_by")
    table["reason"] = [sentence(*row) for row in zip(*(table[name].tolist() for name in said), strict=True)]
    return table


def next_best(plan: Plan, book: Book) -> Rival:
    """Return each account's best option other than the chosen one, net of what it takes of everything scarce."""
    problem, response, chosen = plan.problem, plan.response, plan.allocation.treatment
    prices = plan.allocation.prices or prices_of(problem)
    account = np.arange(chosen.size)
    hour_price = prices.hour[book.manager]
    net = problem.value - np.tensordot(prices.budget, problem.use, axes=1) - hour_price * problem.hours
    net = np.where(problem.allowed, net, -np.inf)
    net[chosen, account] = -np.inf
    option = np.where(np.isfinite(net.max(axis=0)), net.argmax(axis=0), -1)

    def more(table: Floats) -> Floats:
        return np.where(option >= 0, table[option, account] - table[chosen, account], 0.0)

    brings = more(problem.value)
    takes = [price * more(use) for price, use in zip(prices.budget, problem.use, strict=True)]
    takes.append(hour_price * more(problem.hours))
    return Rival(option, brings, more(response.hours), more(response.cost), _decided(plan, book, takes, brings))


def _decided(plan: Plan, book: Book, takes: list[Floats], brings: Floats) -> list[str]:
    """Return for each account the limit that made the next best not worth it, or that it brings less by itself."""
    names = [*plan.problem.budgets, *(f"hours of {name}" for name in book.manager_names)]
    dearest = np.stack(takes)
    at = dearest.argmax(axis=0)
    label = np.where(at < len(takes) - 1, at, len(takes) - 1 + book.manager)
    return [
        names[which] if gain > 0 and cost > 0 else ITSELF
        for which, gain, cost in zip(label, brings, dearest.max(axis=0), strict=True)
    ]


def sentence(
    treatment: str, brings: float, hours: float, rival: str, more: float, more_hours: float, decided: str
) -> str:
    """Return in words what was chosen for an account, what else might have been, and what decided.

    >>> sentence("4 visits", 1200.0, 7.2, "12 visits", 300.0, 14.4, "hours of M3")
    '4 visits: 1,200 yuan more than nothing, 7.2 hours; 12 visits: 300 more, 14.4 hours more; decided by hours of M3'
    """
    done = f"{treatment}: {brings:,.0f} yuan more than nothing, {hours:.1f} hours"
    if treatment == "nothing":
        done = "nothing"
    if not rival:
        return f"{done}; nothing else is allowed"
    change = f"{abs(more):,.0f} {'more' if more >= 0 else 'less'}"
    time = f"{abs(more_hours):.1f} hours {'more' if more_hours >= 0 else 'less'}"
    return f"{done}; {rival}: {change}, {time}; decided by {decided}"
