"""Dates of the market's weeks: a quarter has thirteen, of which the market works in twelve."""

from __future__ import annotations

import calendar
import datetime

from sim.errors import InputError
from sim.visit import WEEKS

START = datetime.date(2027, 1, 4)
"""The first Monday of a plan, if none is named: a scenario has months and no dates."""
OPENS = 9
"""The hour at which a day's first visit begins."""
STEP = 5
"""Minutes that a calendar's times are rounded to."""
EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(9900, 1, 1)
"""What spreadsheets and calendars hold."""


def monday(day: datetime.date | str) -> datetime.date:
    """Return a day, or the one a text names, if a plan can start on it: a Monday; raises InputError else.

    >>> monday("2027-01-04")
    datetime.date(2027, 1, 4)
    """
    try:
        start = datetime.date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        raise InputError(
            f"--start: '{day}' is no date; give a Monday as year-month-day, such as {START.isoformat()}"
        ) from None
    if not EARLIEST <= start <= LATEST:
        raise InputError(f"--start: {start} must lie between {EARLIEST} and {LATEST}; give one such as {START}")
    if start.weekday():
        before = start - datetime.timedelta(days=start.weekday())
        after = before + datetime.timedelta(days=7)
        raise InputError(f"--start: {start} is a {start:%A}, and a plan starts on a Monday; give {before} or {after}")
    return start


def date_of(start: datetime.date, week: int, day: int, hours: float) -> datetime.datetime:
    """Return when something is that happens some hours after a working day's beginning, to five minutes.

    Weeks count from 0 as the market's do, four a month; the last of a quarter's thirteen is free.

    >>> [date_of(START, week, 0, 0.0).date().isoformat() for week in (0, 11, 12)]
    ['2027-01-04', '2027-03-22', '2027-04-05']
    >>> date_of(START, 0, 1, 3.28).isoformat()
    '2027-01-05T12:15:00'
    """
    midnight = datetime.datetime.combine(start, datetime.time())
    minutes = STEP * round(60 * hours / STEP)
    return midnight + datetime.timedelta(weeks=weeks_passed(week), days=int(day), hours=OPENS, minutes=minutes)


def weeks_passed(week: int) -> int:
    """Return how many weeks of the year go by before a week of the market begins.

    >>> [weeks_passed(week) for week in (0, 11, 12, 47, 48)]
    [0, 11, 13, 50, 52]
    """
    quarter = 3 * WEEKS
    return int(week) + int(week) // quarter


def written(day: datetime.date) -> str:
    """Return a date in words.

    >>> written(START)
    '4 January 2027'
    """
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"
