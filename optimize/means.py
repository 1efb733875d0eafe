"""A decision with more or less of everything that it may use."""

from __future__ import annotations

from typing import TypeVar

from optimize.decision import Decision

D = TypeVar("D", bound=Decision)


def with_means(decision: D, factor: float) -> D:
    """Return a decision with so many times the budgets, managers' hours and seats' minutes; limits that aren't stay so.

    Budgets that are shares of revenue stop at all of it.
    """
    budgets = decision.budgets
    given = {name: getattr(budgets, name) for name in type(budgets).model_fields}
    shares = {"discount", "channel"}
    scaled = {
        name: min(factor * most, 1.0) if name in shares else factor * most
        for name, most in given.items()
        if isinstance(most, int | float)
    }
    return decision.model_copy(
        update={
            "budgets": budgets.model_copy(update=scaled),
            "visit": decision.visit.model_copy(update={"hours": factor * decision.visit.hours}),
            "channel": decision.channel.model_copy(update={"seat_minutes": factor * decision.channel.seat_minutes}),
        }
    )
