"""Calendars for account managers: their visits as iCalendar files that any calendar imports."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from experiments.field_dates import STEP
from experiments.field_names import distinct, file_name
from experiments.store import identity

if TYPE_CHECKING:
    from icalendar import Calendar, Event

    from experiments.field_plan import FieldPlan

ISSUER = "-//Keystay//Plan for the field//EN"


def calendars(done: FieldPlan) -> dict[str, bytes]:
    """Return a calendar by file name for each manager who has visits to make."""
    groups = {str(name): rows.to_dict("records") for name, rows in done.visits.groupby("manager", sort=False)}
    files = distinct([f"calendar-{file_name(name)}" for name in groups])
    return {
        f"{file}.ics": calendar(done, name, rows).to_ical()
        for file, (name, rows) in zip(files, groups.items(), strict=True)
    }


def calendar(done: FieldPlan, manager: str, rows: list[dict[Any, Any]]) -> Calendar:
    """Return a manager's calendar, an event a visit; its times are those of wherever it is opened."""
    from icalendar import Calendar

    whole = Calendar()
    whole.add("prodid", ISSUER)
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", printable(f"{manager}: {done.title}"))
    for row in rows:
        whole.add_component(event(done, row))
    return whole


def event(done: FieldPlan, row: dict[Any, Any]) -> Event:
    """Return a visit as an event that is known by the plan's start, the account and the number of the visit.

    So a plan that is made again moves its events instead of adding others, and no clock is asked.
    """
    from icalendar import Event

    begins, ends = (row[moment].to_pydatetime() for moment in ("begins", "ends"))
    entry = Event()
    entry.add("uid", f"{identity(done.title, done.start.isoformat(), row['id'], str(row['visit']))}@keystay")
    entry.add("dtstamp", datetime.datetime.combine(done.start, datetime.time(), datetime.UTC))
    entry.add("dtstart", begins)
    entry.add("dtend", max(ends, begins + datetime.timedelta(minutes=STEP)))
    entry.add("summary", printable(f"{row['id']}: {aim(row)}"))
    if row["building"]:
        entry.add("location", printable(row["building"]))
    entry.add("description", "\n".join(printable(line) for line in details(row)))
    return entry


def printable(text: str) -> str:
    r"""Return a text without control characters, which calendars don't take.

    >>> printable("C1\nC2\x00")
    'C1 C2 '
    """
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


def aim(row: dict[Any, Any]) -> str:
    """Return what a visit is for, in words.

    >>> aim({"level": "top", "offer": "A", "offer_number": 2})
    'see the top level, offer plan A again if it was declined'
    """
    if not row["offer"]:
        return f"see the {row['level']} level"
    again = " again if it was declined" if row["offer_number"] > 1 else ""
    return f"see the {row['level']} level, offer plan {row['offer']}{again}"


def details(row: dict[Any, Any]) -> list[str]:
    """Return what to know at a visit, a line each."""
    told = [
        f"Class {row['class']}, {row['spend']:,.0f} yuan a month with us, service centre {row['centre']}",
        f"Visit {row['visit']} of {row['visits']}, trip {row['trip']} of the week, stop {row['stop']}",
        f"{row['hours']:.1f} hours, travel included",
    ]
    if row["offer"]:
        saved = "saves" if row["saving"] >= 0 else "costs"
        told.append(
            f"Plan {row['offer']}, X = {row['offer_x']:,.0f} yuan a month: {row['bill_on_offer']:,.0f} instead of "
            f"about {row['bill_today']:,.0f} in all, which {saved} {abs(row['saving']):,.0f} a month "
            f"(rivals' bills known from: {row['rivals_known_from']})"
        )
    return [*told, row["reason"]] if row.get("reason") else told
