"""The plan for the field as tables: one row a visit, a manager, or an account that isn't visited as planned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.field import Timetable
from optimize.plan import Plan
from optimize.route import Route
from optimize.saving import bill_on_offer, bill_today, offered_x
from optimize.treatment import Treatment
from sim.book import Book, names_of
from sim.errors import InputError
from sim.names import CLASSES, LEVELS, PLANS, SOURCES

Floats = NDArray[np.float64]


def visits_table(decision: Decision, book: Book, plan: Plan, planned: Timetable, ways: Route) -> pd.DataFrame:
    """Return one row a visit, by manager and in the order in which visits are made.

    Money is in yuan, spend and bills a month. `trip_hours` is of the whole trip and `expected_retained_uplift` of the
    account over the horizon, each repeated in its rows; what an offer changes is told where one is made.
    """
    made, who = planned.visits, planned.visits.customer
    offers = made.offer > 0
    order = np.lexsort((ways.begins, ways.day, made.week, book.manager[who]))
    table = pd.DataFrame(
        {
            "manager": names_of(book.manager[who], book.manager_names),
            "week": made.week,
            "day": ways.day,
            "begins": ways.begins,
            "trip": ways.trip,
            "stop": ways.stop,
            **_accounts(book, who),
            "centre": book.centre[who],
            "level": np.array(LEVELS)[plan.programme.level[who]],
            **_offer_columns(decision, book, plan, who, made.offer),
            "offer_number": made.offer,
            "rivals_known_from": np.where(offers, np.array(SOURCES)[book.source[who]], ""),
            "hours": made.hours,
            "expected_retained_uplift": uplift(plan)[who],
        }
    ).iloc[order]
    table["trip_hours"] = table.groupby(["manager", "week", "trip"], sort=False)["hours"].transform("sum")
    table["visit"] = table.groupby("id", sort=False).cumcount() + 1
    table["visits"] = table.groupby("id", sort=False)["visit"].transform("size")
    return table.reset_index(drop=True)


def _accounts(book: Book, who: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "id": book.ids[who],
        "building": names_of(book.building[who], book.building_names),
        "class": np.array(CLASSES)[book.value_class[who]],
        "spend": book.own_spend[who].astype(float),
    }


def _offer_columns(
    decision: Decision, book: Book, plan: Plan, who: NDArray[np.int64], offer: NDArray[np.int64]
) -> dict[str, Any]:
    """Return what is offered at each visit that makes an offer, and what it changes for the customer."""
    chosen = plan.programme
    today, then = bill_today(decision, book), bill_on_offer(decision, book, chosen.offer, chosen.offer_x)
    amounts = {
        "offer_x": offered_x(book, chosen.offer_x),
        "bill_today": today,
        "bill_on_offer": then,
        "saving": today - then,
    }
    named = np.where(offer > 0, np.array(PLANS)[chosen.offer[who]], "")
    return {"offer": named, **{name: np.where(offer > 0, amount[who], np.nan) for name, amount in amounts.items()}}


def uplift(plan: Plan) -> Floats:
    """Return expected retained revenue of each account over doing nothing, yuan over the horizon, (customers,)."""
    account = np.arange(plan.allocation.treatment.size)
    brought: Floats = plan.response.retained[plan.allocation.treatment, account] - plan.idle.retained[0]
    return brought


def with_reasons(visits: pd.DataFrame, reasons: pd.DataFrame | None) -> pd.DataFrame:
    """Return the visits with a `reason`, from one reason an account (columns id, reason); without any as they are."""
    if reasons is None:
        return visits
    missing = [name for name in ("id", "reason") if name not in reasons]
    if missing:
        given = ", ".join(str(name) for name in reasons)
        raise InputError(f"reasons: no column '{missing[0]}' among {given}; give one row an account with id and reason")
    if reasons["id"].duplicated().any():
        twice = reasons["id"][reasons["id"].duplicated()].iloc[0]
        raise InputError(f"reasons: account '{twice}' has more than one row; give one row an account")
    told = reasons.set_index("id")["reason"]
    return visits.assign(reason=visits["id"].map(told).fillna(""))


def managers_table(book: Book, plan: Plan, planned: Timetable, ways: Route) -> pd.DataFrame:
    """Return one row a manager: accounts, visits, offers, hours, what the territory's treatments bring and give away.

    Hours are over the period; the expected retained uplift and the discount are yuan over the horizon, of all
    treatments in the territory, visits or not.
    """
    made, count, account = planned.visits, planned.weekly.size, np.arange(book.key.size)
    manager = book.manager[made.customer]

    def total(amount: NDArray[Any], of: NDArray[np.int32] = book.manager) -> Floats:
        return np.asarray(np.bincount(of, weights=amount, minlength=count), dtype=float)

    seen = np.bincount(made.customer, minlength=book.key.size) > 0
    return pd.DataFrame(
        {
            "manager": book.manager_names[:count],
            "accounts": total(np.ones(book.key.size)).astype(int),
            "accounts_seen": total(seen).astype(int),
            "visits": np.bincount(manager, minlength=count),
            "visits_not_fitting": total(planned.left_over).astype(int),
            "offers": total(made.offer == 1, manager).astype(int),
            "hours": total(made.hours, manager),
            "hours_there_are": planned.weekly * planned.weeks,
            "longest_day": longest_days(manager, made.week, ways, made.hours, count),
            "expected_retained_uplift": total(uplift(plan)),
            "discount": total(plan.response.discount[plan.allocation.treatment, account]),
        }
    )


def longest_days(
    manager: NDArray[np.int32], week: NDArray[np.int64], ways: Route, hours: Floats, managers: int
) -> Floats:
    """Return the hours of each manager's longest day, shape (managers,)."""
    longest = np.zeros(managers)
    days = pd.DataFrame({"manager": manager, "week": week, "day": ways.day, "hours": hours})
    found = days.groupby(["manager", "week", "day"])["hours"].sum().groupby("manager").max()
    longest[found.index.to_numpy(dtype=int)] = found.to_numpy()
    return longest


def unvisited_table(book: Book, plan: Plan, planned: Timetable) -> pd.DataFrame:
    """Return one row an account that isn't visited as often as planned, or not at all.

    `why` is 'hours' where visits don't fit, 'not due' where the plan's visits begin after the period, else 'not
    planned'; in this order, and then largest spenders first. `instead` is what the plan does about it otherwise.
    """
    made = np.bincount(planned.visits.customer, minlength=book.key.size)
    asked = plan.programme.visits > 0
    who = np.flatnonzero((made == 0) | (planned.left_over > 0))
    reasons = [planned.left_over > 0, asked & (planned.due == 0)]
    table = pd.DataFrame(
        {
            "manager": names_of(book.manager[who], book.manager_names),
            **_accounts(book, who),
            "why": np.select(reasons, ["hours", "not due"], "not planned")[who],
            "visits_planned": planned.due[who],
            "visits_made": made[who],
            "offer_not_made": np.where(planned.offers_left > 0, np.array(PLANS)[plan.programme.offer], "")[who],
            "instead": [otherwise(plan, int(account)) for account in who],
            "expected_retained_uplift": uplift(plan)[who],
        }
    )
    first = table["why"].map({"hours": 0, "not due": 1, "not planned": 2})
    return (
        table.assign(first=first)
        .sort_values(["first", "spend", "id"], ascending=[True, False, True], ignore_index=True)
        .drop(columns="first")
    )


def otherwise(plan: Plan, account: int) -> str:
    """Return what a plan does about an account apart from visits and offers, in words: 'nothing' where nothing."""
    treatment = plan.response.treatments[int(plan.allocation.treatment[account])]
    rest: Treatment = treatment._replace(visits=0, offer=0)
    return rest.name
