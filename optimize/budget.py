"""Budgets and rules as data: what a plan may use, and what it must do."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from optimize.selection import Selection
from sim.book import Book
from sim.channel import ChannelSettings
from sim.names import CLASSES
from sim.quantities import Settings, located, quantity
from sim.visit import VisitSettings

Floats = NDArray[np.float64]


class Share(Settings):
    """Least and most share of something."""

    least: float = quantity(0.0, "share", 0, 1)
    most: float = quantity(1.0, "share", 0, 1)


class BudgetSettings(Settings):
    """What a plan may use over the planning period; managers' hours are in `visit.hours`."""

    discount: float = quantity(
        0.01, "share of our revenue over the horizon", 0, 1, help="unit discounts, and what plans are below list value"
    )
    channel: float = quantity(0.002, "share of our revenue over the period", 0, 1, help="letters and calls")
    mail: float | None = quantity(None, "yuan over the period", 0, 1e12, help="letters alone")
    calls: float | None = quantity(None, "yuan over the period", 0, 1e12, help="calls alone")
    events: float | None = quantity(None, "yuan over the period", 0, 1e12, help="promotion events, attendance apart")
    agents: float | None = quantity(None, "yuan over the period", 0, 1e12, help="agents, commissions apart")
    total_cost: float | None = quantity(None, "yuan over the period", 0, 1e12, help="visits, letters and calls")
    total: float | None = quantity(None, "yuan", 0, 1e12, help="visits, letters, calls and discounts together")
    shares: dict[Literal["visits", "channels", "discounts"], Share] = {}
    """Of `total`, where it is given: at least and at most."""


Counted = Literal[
    "visits",
    "hours",
    "letters",
    "calls",
    "offers",
    "offers_A",
    "offers_B",
    "offers_C",
    "unit_discounts",
    "treated",
    "cost",
    "discount",
    "retained",
    "own_revenue",
    "contribution",
    "lines_lost",
]


class AmountRule(Settings):
    """At least and at most so much of something at some accounts, as an amount or as a share of it at all accounts.

    "At most 50 accounts on plan A" is `{of: offers_A, most: 50}`; "at least 40 % of visits to class A" is
    `{of: visits, among: {classes: [A]}, least: 0.4, as_share: true}`; that two accounts exclude each other,
    `{of: treated, among: {ids: [C1, C2]}, most: 1}`; a fixed amount has `least` and `most` alike.
    """

    of: Counted
    among: Selection = Selection()
    least: float | None = quantity(None, "of what is counted, or share", -1e12, 1e12)
    most: float | None = quantity(None, "of what is counted, or share", -1e12, 1e12)
    as_share: bool = False

    @model_validator(mode="after")
    def _something_to_keep(self) -> AmountRule:
        if self.least is None and self.most is None:
            raise located([((), "limits nothing; give 'least', 'most' or both")])
        if self.least is not None and self.most is not None and self.least > self.most:
            raise located([(("least",), f"is {self.least:g}, above most, {self.most:g}; lower it or raise most")])
        return self


class AccountRule(Settings):
    """What one account must get; what isn't given is free."""

    visits: int | None = quantity(None, "visits/year", 0, 366)
    offer: Literal["none", "A", "B", "C"] | None = None
    discount: float | None = quantity(None, "share of the price", 0, 0.9)
    mail: int | None = quantity(None, "letters/year", 0, 366)
    calls: int | None = quantity(None, "calls/year", 0, 366)


class RuleSettings(Settings):
    """What a plan must do."""

    least_visits: dict[Literal["A", "B", "C", "D", "X"], int] = quantity(
        {}, "visits/year", 0, 366, help="tier minimum by value class"
    )
    most_visits: dict[Literal["A", "B", "C", "D", "X"], int] = quantity(
        {}, "visits/year", 0, 366, help="tier maximum by value class"
    )
    amounts: dict[str, AmountRule] = {}
    """By a name of one's own."""
    accounts: dict[str, AccountRule] = {}
    """By the account's id."""
    building_fairness: Literal["off", "all", "leak"] = "off"
    """Whether a unit discount in a building goes to all tenants who can have one or to none, or carries its leak."""
    contribution_floor: bool = True
    move_accounts: bool = False
    """Whether accounts outside buildings may change to another manager of their service centre."""


class TargetSettings(Settings):
    """Targets of a sales force, as limits of a plan (D25); what isn't given isn't asked for."""

    own_revenue: float | None = quantity(None, "yuan over the horizon, at least", 0, 1e15)
    retained: float | None = quantity(None, "yuan over the horizon, at least", 0, 1e15)
    cost: float | None = quantity(None, "yuan over the period, at most", 0, 1e15, help="visits, letters and calls")
    margin: float | None = quantity(None, "contribution as a share of own revenue, at least", -10, 1)
    churn: float | None = quantity(None, "share of our lines lost a year, at most", 0, 10)
    satisfaction: float | None = quantity(None, "0 to 1, mean over our customers, at least", 0, 1)
    return_on_cost: float | None = quantity(
        None, "yuan of contribution above doing nothing for a yuan of cost, at least", -1, 1000
    )


class Limits(NamedTuple):
    """Budgets in their units."""

    hours: Floats
    """Of each manager over the period, shape (managers,)."""
    discount: float
    """Yuan over the horizon."""
    channel: float
    """Yuan over the period."""
    seat_minutes: float
    """Over the period."""
    total_cost: float
    """Yuan over the period."""
    least_visits: NDArray[np.int64]
    """A year, by account, shape (customers,)."""


def limits(
    book: Book,
    managers: int,
    months: int,
    period: int,
    budgets: BudgetSettings,
    rules: RuleSettings,
    visit: VisitSettings,
    channel: ChannelSettings,
) -> Limits:
    """Return what a plan for this book may use and must do."""
    monthly = float(book.own_spend.sum())
    by_class = np.array([rules.least_visits.get(name, 0) for name in CLASSES])  # type: ignore[call-overload]
    return Limits(
        hours=np.full(managers, visit.hours * period / 12),
        discount=budgets.discount * monthly * months,
        channel=budgets.channel * monthly * period,
        seat_minutes=channel.seat_minutes * book.key.size * period,
        total_cost=np.inf if budgets.total_cost is None else budgets.total_cost,
        least_visits=by_class[book.value_class],
    )
