"""The director's summary of a plan for the field, in sentences."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from experiments.answer import caveats
from experiments.experiment import Experiment
from experiments.field_dates import date_of, written
from experiments.money import money_for
from optimize.field_table import uplift
from optimize.plan import Plan
from sim.book import Book
from sim.visit import WEEKS

FREE_WEEKS = (
    "A quarter has thirteen weeks, of which the plan uses twelve: the last is free to catch up. Public holidays are "
    "not in the calendars."
)
NAMED = 3
"""Accounts that a sentence names."""


def summary(
    settings: Experiment,
    book: Book,
    plan: Plan,
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    start: datetime.date,
) -> list[str]:
    """Return the summary, the visits first; `tables` are the managers', the visits' and the unvisited accounts'."""
    managers, visits, unvisited = tables
    return [
        _visits(settings, managers, start),
        _expected(settings, book, plan, visits),
        _discounts(settings, plan),
        *_left_alone(book, unvisited),
        *_not_fitting(unvisited),
        *_not_due(unvisited),
        *_offers_again(visits),
        *_twice(visits),
        FREE_WEEKS,
        *caveats(settings),
    ]


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number of things in words.

    >>> counted(1, "visit"), counted(2150, "visit"), counted(2, "is", "are")
    ('1 visit', '2,150 visits', '2 are')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def named(ids: pd.Series[str]) -> str:
    """Return the first accounts of some by name, and how many more there are.

    >>> named(pd.Series(["C1", "C2", "C3", "C4"]))
    'C1, C2, C3 and 1 more'
    """
    first = ", ".join(ids.head(NAMED))
    return first + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")


def _visits(settings: Experiment, managers: pd.DataFrame, start: datetime.date) -> str:
    total = managers.sum(numeric_only=True)
    last = date_of(start, WEEKS * min(settings.period, settings.months) - 1, 4, 0.0)
    seen = f"{total['accounts_seen']:,.0f} of {total['accounts']:,.0f} accounts"
    offers = f", with an offer to {total['offers']:,.0f} of them" if total["offers"] else ""
    make = "makes" if len(managers) == 1 else "make"
    hours = f"{total['hours']:,.0f} of the {total['hours_there_are']:,.0f} hours that they have for it"
    return (
        f"From {written(start)} to {written(last)}, {counted(len(managers), 'account manager')} {make} "
        f"{counted(int(total['visits']), 'visit')} to {seen}{offers}, in {hours}."
    )


def _expected(settings: Experiment, book: Book, plan: Plan, visits: pd.DataFrame) -> str:
    brought = uplift(plan)
    seen = np.isin(book.ids, visits["id"].unique())
    money = money_for(float(brought.sum()))
    return (
        f"Over {settings.months} months the plan is expected to keep {money.full(float(brought.sum()))} more retained "
        f"revenue than doing nothing, {money.short(float(brought[seen].sum()))} of it from the accounts visited. That "
        "is the optimiser's own figure, which keystay run tries out."
    )


def _discounts(settings: Experiment, plan: Plan) -> str:
    row = plan.used[plan.used["budget"] == "discount"].iloc[0]
    used, limit = float(row["used"]), float(row["limit"])
    money = money_for(limit)
    given = f"{money.full(used)} of discounts over the {settings.months} months"
    return f"It is expected to give away {given}, of {money.short(limit)} budgeted."


def _left_alone(book: Book, unvisited: pd.DataFrame) -> list[str]:
    rows = unvisited[unvisited["why"] == "not planned"]
    if rows.empty:
        return []
    spend, all_spend = float(rows["spend"].sum()), float(book.own_spend.sum())
    otherwise, money = int((rows["instead"] != "nothing").sum()), money_for(spend)
    first = rows.iloc[0]
    told = (
        f"{counted(len(rows), 'account')}, who spend {money.full(spend)} a month with us "
        f"({spend / max(all_spend, 1e-9):.0%} of the book), {'is' if len(rows) == 1 else 'are'} not to be visited: "
        f"{otherwise:,} get letters, calls or a unit discount instead, {len(rows) - otherwise:,} nothing. "
        f"The largest is {first['id']} with {first['spend']:,.0f} yuan a month."
    )
    return [told]


def _not_fitting(unvisited: pd.DataFrame) -> list[str]:
    rows = unvisited[unvisited["why"] == "hours"]
    if rows.empty:
        return ["Every visit that falls due fits into managers' hours."]
    short = int((rows["visits_planned"] - rows["visits_made"]).sum())
    offers = int((rows["offer_not_made"] != "").sum())
    lost = f", nor {counted(offers, 'offer')}" if offers else ""
    told = (
        f"{counted(short, 'visit')} to {counted(len(rows), 'account')} {'does' if short == 1 else 'do'} not fit into "
        f"managers' hours by the end{lost}: {named(rows['id'])}. They are not in the calendars."
    )
    return [told]


def _not_due(unvisited: pd.DataFrame) -> list[str]:
    rows = unvisited[unvisited["why"] == "not due"]
    are = "account is" if len(rows) == 1 else "accounts are"
    return (
        [f"{len(rows):,} {are} due for a first visit only after the period: {named(rows['id'])}."] if len(rows) else []
    )


def _offers_again(visits: pd.DataFrame) -> list[str]:
    again = int((visits["offer_number"] > 1).sum())
    if not again:
        return []
    return [
        f"Hours are kept for making {counted(again, 'offer')} again, which is done only where the first was declined."
    ]


def _twice(visits: pd.DataFrame) -> list[str]:
    twice = int(visits.duplicated(["week", "id"]).sum())
    if not twice:
        return []
    told = (
        f"{counted(twice, 'visit')} {'follows' if twice == 1 else 'follow'} another one to the same account in the "
        "same week, as the market makes a visit that is due as soon as there are hours; spread them where you can."
    )
    return [told]
