"""The rolling horizon: live a quarter, look at the book as it has become, and plan the rest of the period again.

Every plan is for what is left of the period, with what is left of its budgets, and is followed until the next.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.baselines import TodaysPractice
from optimize.decision import Decision
from optimize.plan import Plan, make_plan
from optimize.policy import Replanning
from optimize.refusals import given_refusals
from optimize.replan import REASONS, Changed, changes, was_offered
from optimize.response import estimate
from optimize.treatment import choices, menu
from optimize.type_draws import account_types
from sim.book import Book
from sim.errors import InfeasibleError, InputError
from sim.kernels.expect import Types
from sim.planner import Spent, View
from sim.programme import Programme

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
OVER_THE_HORIZON = ("own_revenue", "retained", "contribution", "cost", "discount", "lines_lost", "hours")
"""Amounts that have in part been used up or reached when a plan is made again."""


class Year(NamedTuple):
    """What the plan of the start leaves to the plans after it; each future's planner begins from it."""

    decision: Decision
    """With what the plan hired."""
    book: Book
    discount: float
    """Budget of the whole horizon, yuan."""
    channel: float
    """Budget of the whole period, yuan."""
    treatment: Whole
    """Shape (customers,)."""
    programme: Programme
    learns: bool
    """Whether plans use what was found out since the start: rival spend, and who declined an offer."""


class Replan(NamedTuple):
    """One plan of a future, in figures; `month` 0 is the plan of the start."""

    month: int
    changed: tuple[int, ...]
    """Accounts whose treatment changed, by reason, in the order of `optimize.replan.REASONS`."""
    treated: int
    """Accounts that get anything."""
    discount_left: float
    """Yuan, as the next three."""
    discount_planned: float
    channel_left: float
    channel_planned: float
    hours_planned: float
    hours_left: float
    refused: str = ""
    """Why there was no plan, so that the last one went on; empty where there was one."""


def rolling_policy(decision: Decision, book: Book, plan: Plan, *, learns: bool = True) -> Replanning:
    """Return the policy that begins with `plan`, made from `book`, and decides again by `decision.rolling`.

    With `learns` off, plans know of rivals what was known at the start, and think of who declined an offer as before:
    what is re-used are hours and budgets alone.
    Raises InputError where the decision asks for amounts that a plan for the rest of the period can't keep.
    """
    check_rolling(decision)
    market = plan.market.model_copy(update={"rules": decision.rules.model_copy(update={"move_accounts": False})})
    hiring = decision.decisions.model_copy(update={"seat_hours": (), "hall_hours": ()})
    year = Year(
        decision=market.model_copy(update={"decisions": hiring}),
        book=plan.book(book),
        discount=plan.limits.discount,
        channel=plan.limits.channel,
        treatment=plan.allocation.treatment,
        programme=plan.programme,
        learns=learns,
    )
    return Replanning(partial(Rolling, year), decision.rolling.every, plan.programme)


def check_rolling(decision: Decision) -> None:
    """Raise InputError for limits on what has in part happened already when a plan is made again."""
    asked = [f"targets.{name}" for name in ("own_revenue", "retained") if getattr(decision.targets, name) is not None]
    rules = decision.rules.amounts.items()
    asked += [f"rules.amounts.{name}" for name, rule in rules if rule.of in OVER_THE_HORIZON and not rule.as_share]
    if asked:
        raise InputError(
            f"{asked[0]}: is an amount over the horizon, of which a plan made within it can't tell how much is left; "
            "take it out of a rolling plan, or give it as a share"
        )


class Rolling:
    """The planner: asked at its dates, it plans the rest of the period from the book alone."""

    def __init__(self, year: Year):
        self.year, self.before, self.treatment = year, year.book, year.treatment
        self.menu, self.programme = menu(year.decision.treatments), year.programme
        self.refused = np.zeros(year.treatment.size, dtype=np.int64)
        self.told: list[Replan] = []

    def __call__(self, view: View, month: int) -> Programme | None:
        """Return the programme of the plan for the rest of the period, or None where none is possible."""
        if month == 0:
            return self.year.programme
        year, book = self.year, self.known(view.book(self.year.book))
        decision = rest_of(year, book, view.spent, month)
        among = decided_again(decision, book, self.treatment, self.changed_accounts(book))
        response = estimate(decision, book, among=among, types=self.types(decision, book))
        try:
            plan = make_plan(decision, book, response)
        except InfeasibleError as error:
            self.told.append(refusal(month, str(error)))
            return None
        plan = steady(plan, self.treatment)
        gets = plan.allocation.treatment
        self.told.append(told(month, plan, changes(self.menu, self.before, book, self.treatment, gets)))
        self.before, self.treatment = book, gets
        self.programme = plan.programme._replace(tier=year.programme.tier)
        return self.programme

    def known(self, book: Book) -> Book:
        """Return the book with classes, and so service tiers, as of the start: they are reviewed once a year."""
        start = self.year.book
        book = book._replace(value_class=start.value_class)
        if self.year.learns:
            return book
        same = ~book.ours & ~start.ours
        return book._replace(
            rival_spend=np.where(same, start.rival_spend, np.nan).astype(np.float32),
            rival=np.where(same, start.rival, -1).astype(np.int8),
            source=start.source,
        )

    def types(self, decision: Decision, book: Book) -> Types:
        """Return what customers may be like, given the lines that they hold and the offers that they have declined."""
        found = account_types(decision, book)
        asked = was_offered(self.menu, self.before, book, self.treatment)
        self.refused += asked & (book.plan == 0) & (self.before.plan == 0)
        offer, x = self.programme.offer.astype(np.int64), self.programme.offer_x.astype(float)
        known = self.refused * (offer > 0)
        return given_refusals(decision, book, found, known, offer, x) if self.year.learns else found

    def changed_accounts(self, book: Book) -> NDArray[np.bool_]:
        """Return whose lines or plan have changed since the last plan, shape (customers,)."""
        return np.asarray((book.ours != self.before.ours).any(axis=0) | (book.plan != self.before.plan))


def rest_of(year: Year, book: Book, spent: Spent, month: int) -> Decision:
    """Return the decision for the rest of the period: what is left of its months and budgets."""
    decision, budgets = year.decision, year.decision.budgets
    months, period = decision.months - month, min(decision.period, decision.months) - month
    monthly = float(book.own_spend.sum())
    contacts = spent.visits + spent.letters + spent.calls
    used = {
        "mail": spent.letters,
        "calls": spent.calls,
        "events": spent.events,
        "agents": spent.agents,
        "total_cost": contacts,
        "total": contacts + spent.discount,
    }
    left: dict[str, Any] = {
        "discount": _share(year.discount - spent.discount, monthly * months),
        "channel": _share(year.channel - spent.letters - spent.calls, monthly * period),
    }
    for name, amount in used.items():
        whole = getattr(budgets, name)
        left[name] = None if whole is None else max(0.0, whole - amount)
    targets = decision.targets
    if targets.cost is not None:
        targets = targets.model_copy(update={"cost": max(0.0, targets.cost - contacts)})
    return decision.model_copy(
        update={
            "months": months,
            "period": period,
            "budgets": budgets.model_copy(update=left),
            "targets": targets,
        }
    )


def steady(plan: Plan, had: Whole) -> Plan:
    """Return the plan in which an account keeps its treatment where the new one comes to the same.

    Two letters a year are none if neither falls into the rest of the period.
    """
    gets, account, response = plan.allocation.treatment, np.arange(had.size), plan.response
    alike = response.choices.allowed[had, account] & (
        np.array([t.offer for t in response.treatments])[had] == np.array([t.offer for t in response.treatments])[gets]
    )
    for name in ("retained", "contribution", "hours", "discount", "channel", "seat_minutes"):
        table = getattr(response, name)
        alike &= table[had, account] == table[gets, account]
    return plan._replace(allocation=plan.allocation._replace(treatment=np.where(alike, had, gets)))


def _share(yuan: float, of: float) -> float:
    return max(0.0, yuan) / of if of > 0 else 0.0


def decided_again(decision: Decision, book: Book, had: Whole, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which treatments are weighed again, shape (treatments, customers).

    All of them at accounts that changed and at the largest, which spend `rolling.share` of what we know of. The others
    keep what they have, or lose it, or get what today's practice gives, by which the contribution floor is reckoned.
    """
    treatments = menu(decision.treatments)
    possible = choices(book, treatments, decision.treatments, decision.city, decision.contract.rival_share).allowed
    account = np.arange(had.size)
    every = changed | largest(book, decision.rolling.share) | ~possible[had, account]
    among = np.broadcast_to(every, possible.shape).copy()
    among[0], among[had, account] = True, True
    wish = TodaysPractice().wish(book, treatments, decision.practice)
    for group in np.unique(book.value_class):
        members = np.flatnonzero(book.value_class == group)
        usual = np.array(wish.ladder[members[0]], dtype=np.int64)
        among[usual[:, None], members] = True
    return among


def largest(book: Book, share: float) -> NDArray[np.bool_]:
    """Return the accounts with the largest spend, with us and known at rivals, that make up this share of it all."""
    spend = book.own_spend.astype(float) + np.nan_to_num(book.rival_spend).sum(axis=0)
    order = np.lexsort((book.key, -spend))
    before = np.cumsum(spend[order]) - spend[order]
    chosen = np.zeros(spend.size, dtype=bool)
    chosen[order] = before < share * spend.sum()
    return chosen


def told(month: int, plan: Plan, found: Changed) -> Replan:
    """Return a plan in figures."""
    chosen, account = plan.allocation.treatment, np.arange(plan.allocation.treatment.size)
    response = plan.response
    return Replan(
        month=month,
        changed=tuple(int(count) for count in found.counts),
        treated=int((chosen > 0).sum()),
        discount_left=plan.limits.discount,
        discount_planned=float(response.discount[chosen, account].sum()),
        channel_left=plan.limits.channel,
        channel_planned=float(response.channel[chosen, account].sum()),
        hours_planned=float(response.hours[chosen, account].sum()),
        hours_left=float(plan.limits.hours.sum()),
    )


def refusal(month: int, why: str) -> Replan:
    """Return that no plan was possible."""
    nil = float("nan")
    return Replan(month, (0,) * len(REASONS), 0, nil, nil, nil, nil, nil, nil, why)
