"""The plan for the field: which account is visited when, for account managers and their director."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from experiments.experiment import Experiment
from experiments.field_calendar import calendars
from experiments.field_dates import START, date_of, monday, weeks_passed
from experiments.field_sheets import field_xlsx
from experiments.field_words import summary
from experiments.sheets import csv_bytes
from experiments.shown import records
from experiments.store import check_root, write_new
from optimize.field import timetable
from optimize.field_table import managers_table, unvisited_table, visits_table, with_reasons
from optimize.plan import Plan
from optimize.reasons import reasons_of
from optimize.route import route
from sim.book import Book
from sim.composing.compose import Composed
from sim.errors import InputError

if TYPE_CHECKING:
    from experiments.run import Progress

WORKBOOK = "field.xlsx"
REMEDY = "name another folder with --out, or move it away"
Reasons = Callable[[Plan, Book], pd.DataFrame]
"""Returns a reason for each account that has one: columns id and reason."""


class FieldPlan(NamedTuple):
    """A plan's visits with their dates, and what a director has to know of them."""

    title: str
    start: datetime.date
    """The first Monday."""
    words: tuple[str, ...]
    """The summary in sentences."""
    managers: pd.DataFrame
    """One row a manager (`optimize.field_table.managers_table`)."""
    visits: pd.DataFrame
    """One row a visit, in the order in which each manager makes them, with dates (`with_dates`)."""
    unvisited: pd.DataFrame
    """One row an account that isn't visited, or not as often as planned (`optimize.field_table.unvisited_table`)."""
    notes: tuple[str, ...] = ()


def plan_field(
    experiment: Composed[Experiment],
    *,
    start: datetime.date = START,
    reasons: Reasons | None = reasons_of,
    progress: Progress | None = None,
) -> FieldPlan:
    """Make a plan without trying it out, and return it for the field; nothing is written.

    `start` is the Monday on which the first week begins. Raises InputError if it is none.
    """
    from experiments.run import optimise

    monday(start)
    made = optimise(experiment, progress=progress)
    if progress:
        progress("laying out visits", 0, 0)
    told = reasons(made.plan, made.start.book) if reasons else None
    done = lay_out(experiment.settings, made.start.book, made.plan, start, told)
    return done._replace(notes=made.start.notes)


def lay_out(
    settings: Experiment, book: Book, plan: Plan, start: datetime.date = START, reasons: pd.DataFrame | None = None
) -> FieldPlan:
    """Return a plan for the field; `reasons` has the columns id and reason, one row an account."""
    book = plan.book(book)
    planned = timetable(settings, book, plan)
    ways = route(planned.visits.customer, planned.visits.week, planned.visits.hours, book)
    visits = with_reasons(visits_table(settings, book, plan, planned, ways), reasons)
    managers, unvisited = managers_table(book, plan, planned, ways), unvisited_table(book, plan, planned)
    words = summary(settings, book, plan, (managers, visits, unvisited), start)
    return FieldPlan(settings.title, start, tuple(words), managers, with_dates(visits, start), unvisited)


def with_dates(visits: pd.DataFrame, start: datetime.date) -> pd.DataFrame:
    """Return visits with their dates and times, in the order of a tidy file's columns.

    `month` counts from 0, as in the simulation, and `week` from 1, the free ones among them. `begins` and `ends` are
    a suggestion: visits follow each other from nine on.
    """
    places = (visits["week"], visits["day"])
    moments = [date_of(start, *moment) for moment in zip(*places, visits["begins"], strict=True)]
    ends = [date_of(start, *moment) for moment in zip(*places, visits["begins"] + visits["hours"], strict=True)]
    dated = visits.assign(
        month=visits["week"] // 4,
        week=[weeks_passed(week) + 1 for week in visits["week"]],
        date=[moment.date() for moment in moments],
        begins=pd.to_datetime(pd.Series(moments, dtype="datetime64[us]")),
        ends=pd.to_datetime(pd.Series(ends, dtype="datetime64[us]")),
    )
    reason = ["reason"] if "reason" in visits else []
    return dated[[*COLUMNS, *reason]]


MOMENTS = ("date", "begins", "ends")
COLUMNS = (
    *("manager", "month", "week", "date", "begins", "ends", "trip", "stop"),
    *("id", "building", "centre", "class", "spend", "level", "visit", "visits", "hours", "trip_hours"),
    *("offer", "offer_number", "offer_x", "bill_today", "bill_on_offer", "saving", "rivals_known_from"),
    "expected_retained_uplift",
)


def field_files(done: FieldPlan) -> dict[str, bytes]:
    """Return the files of a plan for the field by name: a workbook, a tidy table, a document, and calendars."""
    document = json.dumps(field_json(done), indent=2) + "\n"
    return {**sheet_files(done), "field.json": document.encode("ascii"), **calendars(done)}


def sheet_files(done: FieldPlan) -> dict[str, bytes]:
    """Return the workbook and the tidy table by name."""
    return {WORKBOOK: field_xlsx(done), "field.csv": csv_bytes(done.visits)}


def field_json(done: FieldPlan) -> dict[str, Any]:
    """Return a plan for the field as JSON takes it."""
    return {
        "title": done.title,
        "start": done.start.isoformat(),
        "summary": list(done.words),
        "managers": records(done.managers),
        "visits": records(done.visits.assign(**{name: done.visits[name].astype(str) for name in MOMENTS})),
        "not_as_planned": records(done.unvisited),
        "notes": list(done.notes),
    }


def write_field(done: FieldPlan, folder: Path, progress: Progress | None = None) -> list[str]:
    """Write a plan for the field into a folder that has none, and return the names of the files."""
    if progress:
        progress("writing sheets and calendars", 0, 0)
    files = field_files(done)
    write_new(folder, files, REMEDY)
    return list(files)


def check_folder(folder: Path) -> None:
    """Raise InputError if a plan for the field can't be written into a folder, before anything is computed."""
    check_root(folder)
    if os.path.lexists(folder / WORKBOOK):
        raise InputError(f"{folder / WORKBOOK}: is there already; {REMEDY}")
