"""Decisions for the whole city: hours of telesales seats and of business halls hired beside the usual ones."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from pydantic import ValidationError

from optimize.budget import BudgetSettings
from optimize.decision import Decision
from sim.errors import InputError

MINUTES = 60.0
"""Of an hour."""


class Hired(NamedTuple):
    """What is hired beside the usual capacity, for the whole horizon."""

    seat_hours: float
    """A month, of the whole city."""
    hall_hours: float
    """As a share of those that there are."""

    @property
    def name(self) -> str:
        """Return it in words.

        >>> Hired(100.0, 0.25).name, Hired(0.0, 0.0).name
        ('100 seat hours a month and 25% more hall hours', 'nothing')
        """
        parts = [f"{self.seat_hours:g} seat hours a month"] if self.seat_hours else []
        parts += [f"{self.hall_hours:.0%} more hall hours"] if self.hall_hours else []
        return " and ".join(parts) or "nothing"


def menu_of_capacity(decision: Decision) -> list[Hired]:
    """Return what may be hired, nothing first."""
    levers = product((0.0, *decision.decisions.seat_hours), (0.0, *decision.decisions.hall_hours))
    return [Hired(*lever) for lever in levers]


def cost_of(decision: Decision, hired: Hired, customers: int) -> float:
    """Return what hired capacity costs over the horizon, yuan."""
    seats = hired.seat_hours * decision.decisions.seat_hour_cost
    return decision.months * (seats + hired.hall_hours * decision.hall.fixed * customers)


def with_capacity(decision: Decision, hired: Hired, customers: int) -> Decision:
    """Return the market with what is hired in it, and the budgets that pay for it less its cost.

    Halls cost in proportion to their hours (`hall.fixed`), seats `decisions.seat_hour_cost`.
    """
    if not any(hired):
        return decision
    channel, hall, budgets = decision.channel, decision.hall, decision.budgets
    seats = hired.seat_hours * decision.decisions.seat_hour_cost
    period = min(decision.period, decision.months)
    spent = period * (seats + hired.hall_hours * hall.fixed * customers)
    try:
        return decision.model_copy(
            update={
                "channel": channel.model_copy(
                    update={
                        "seat_minutes": channel.seat_minutes + MINUTES * hired.seat_hours / customers,
                        "call_fixed": channel.call_fixed + seats / customers,
                    }
                ),
                "hall": hall.model_copy(
                    update={
                        "capacity": hall.capacity * (1 + hired.hall_hours),
                        "fixed": hall.fixed * (1 + hired.hall_hours),
                    }
                ),
                "budgets": _less(budgets, spent),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"decisions: {hired.name} is more than the market allows: {first['loc'][0]} would be {first['input']:g}; "
            "lower decisions.seat_hours, decisions.hall_hours or decisions.seat_hour_cost"
        ) from error


def _less(budgets: BudgetSettings, spent: float) -> BudgetSettings:
    """Return budgets of which so much is spent already, where they pay for everything."""
    given = {name: getattr(budgets, name) for name in ("total_cost", "total")}
    return budgets.model_copy(update={name: max(most - spent, 0.0) for name, most in given.items() if most is not None})
