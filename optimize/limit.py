"""Limits: what a plan may use at most, or must reach, as rows over treatments and accounts, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.budget import AmountRule, Limits
from optimize.decision import Decision
from optimize.response import Response
from sim.book import Book
from sim.names import PLANS

Floats = NDArray[np.float64]


class Limit(NamedTuple):
    """A row: what treatments use of something, and how much of it there may be."""

    name: str
    """In words."""
    key: str
    """Where in a scenario it is set."""
    unit: str
    use: Floats
    """Shape (treatments, customers)."""
    bound: float
    at_least: bool = False
    """Whether the bound is to be reached rather than kept."""

    @property
    def row(self) -> Floats:
        """Return uses as of a limit that is at most."""
        return -self.use if self.at_least else self.use

    @property
    def most(self) -> float:
        """Return the bound as of a limit that is at most."""
        return -self.bound if self.at_least else self.bound


def limits_of(decision: Decision, book: Book, response: Response, bounds: Limits, floor: float | None) -> list[Limit]:
    """Return every limit that all accounts share; hours of managers are apart."""
    return [
        *_budgets(decision, response, bounds),
        *_amounts(decision, book, response),
        *_targets(decision, book, response),
        *([] if floor is None else [_floor(response, floor)]),
    ]


def _floor(response: Response, floor: float) -> Limit:
    return Limit("contribution floor", "rules.contribution_floor", "yuan", response.contribution, floor, True)


def _budgets(decision: Decision, response: Response, bounds: Limits) -> Iterator[Limit]:
    period, horizon = "yuan over the period", "yuan over the horizon"
    budgets = decision.budgets
    if np.isfinite(bounds.discount):
        yield Limit("discount", "budgets.discount", horizon, response.discount, bounds.discount)
    if np.isfinite(bounds.channel):
        yield Limit("channel", "budgets.channel", period, response.channel, bounds.channel)
    if np.isfinite(bounds.seat_minutes):
        minutes = "minutes over the period"
        yield Limit("seat minutes", "channel.seat_minutes", minutes, response.seat_minutes, bounds.seat_minutes)
    if np.isfinite(bounds.total_cost):
        yield Limit("total cost", "budgets.total_cost", period, response.cost, bounds.total_cost)
    yield from _channels(decision, response)
    if budgets.total is not None:
        yield Limit("total", "budgets.total", "yuan", response.cost + response.discount, budgets.total)
        kinds = {
            "visits": response.cost - response.channel,
            "channels": response.channel,
            "discounts": response.discount,
        }
        for kind, share in budgets.shares.items():
            name, key = f"{kind}' share of the total", f"budgets.shares.{kind}"
            yield Limit(name, f"{key}.most", "yuan", kinds[kind], share.most * budgets.total)
            if share.least > 0:
                yield Limit(name, f"{key}.least", "yuan", kinds[kind], share.least * budgets.total, True)


def _channels(decision: Decision, response: Response) -> Iterator[Limit]:
    """Yield the budgets of single channels; events and agents are used by decisions for groups only."""
    calls, none = response.seat_minutes * decision.channel.call_cost, np.zeros_like(response.cost)
    tables = {"mail": response.channel - calls, "calls": calls, "events": none, "agents": none}
    for name, table in tables.items():
        most = getattr(decision.budgets, name)
        if most is not None:
            yield Limit(name, f"budgets.{name}", "yuan over the period", table, most)


def counted(response: Response, of: str) -> tuple[Floats, str]:
    """Return what each treatment has at each account of what a rule counts, and its unit."""
    menu, shape = response.treatments, response.hours.shape

    def by_menu(values: list[float]) -> Floats:
        return np.repeat(np.array(values, dtype=float)[:, None], shape[1], axis=1)

    tables: dict[str, tuple[Callable[[], Floats], str]] = {
        "visits": (lambda: by_menu([t.visits for t in menu]), "visits a year"),
        "letters": (lambda: by_menu([t.mail for t in menu]), "letters a year"),
        "calls": (lambda: by_menu([t.calls for t in menu]), "calls a year"),
        "offers": (lambda: by_menu([t.offer > 0 for t in menu]), "accounts"),
        "unit_discounts": (lambda: by_menu([t.discount > 0 for t in menu]), "accounts"),
        "treated": (lambda: by_menu([t != menu[0] for t in menu]), "accounts"),
        "hours": (lambda: response.hours, "hours over the period"),
        "cost": (lambda: response.cost, "yuan over the period"),
        "lines_lost": (lambda: response.lines_lost, "lines"),
    }
    if of in tables:
        table, unit = tables[of]
        return table(), unit
    if of.startswith("offers_"):
        return by_menu([t.offer == PLANS.index(of.removeprefix("offers_")) for t in menu]), "accounts"
    return np.asarray(getattr(response, of)), "yuan over the horizon"


def _amounts(decision: Decision, book: Book, response: Response) -> Iterator[Limit]:
    for name, rule in decision.rules.amounts.items():
        key = f"rules.amounts.{name}"
        use, unit = counted(response, rule.of)
        some = use * rule.among.of(book, f"{key}.among")
        for bound, at_least in ((rule.least, True), (rule.most, False)):
            if bound is not None:
                yield _amount(name, f"{key}.{'least' if at_least else 'most'}", unit, rule, use, some, bound, at_least)


def _amount(
    name: str, key: str, unit: str, rule: AmountRule, every: Floats, some: Floats, bound: float, at_least: bool
) -> Limit:
    if rule.as_share:
        return Limit(name, key, f"{unit} above {bound:.4g} of all", some - bound * every, 0.0, at_least)
    return Limit(name, key, unit, some, bound, at_least)


def _targets(decision: Decision, book: Book, response: Response) -> Iterator[Limit]:
    targets, horizon = decision.targets, "yuan over the horizon"
    for name in ("own_revenue", "retained"):
        wanted = getattr(targets, name)
        if wanted is not None:
            yield Limit(name.replace("_", " "), f"targets.{name}", horizon, getattr(response, name), wanted, True)
    if targets.cost is not None:
        yield Limit("cost", "targets.cost", "yuan over the period", response.cost, targets.cost)
    if targets.margin is not None:
        beyond = response.contribution - targets.margin * response.own_revenue
        yield Limit("margin", "targets.margin", f"yuan above {targets.margin:.4g} of own revenue", beyond, 0.0, True)
    if targets.churn is not None:
        most = targets.churn * float(book.ours.sum()) * decision.months / 12
        yield Limit("churn", "targets.churn", "lines lost over the horizon", response.lines_lost, most)
    if targets.satisfaction is not None:
        beyond = (response.satisfaction - targets.satisfaction) * response.served
        unit = f"months served above {targets.satisfaction:.4g}, weighed by how far"
        yield Limit("satisfaction", "targets.satisfaction", unit, beyond, 0.0, True)
    if targets.return_on_cost is not None:
        gained = response.contribution - response.contribution[0]
        beyond = gained - targets.return_on_cost * (response.cost - response.cost[0])
        unit = f"yuan above {targets.return_on_cost:.4g} times the cost"
        yield Limit("return on cost", "targets.return_on_cost", unit, beyond, 0.0, True)
