"""A plan for the field as files: what is in them, whatever accounts are called."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import icalendar
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import Result

from experiments.experiment import Experiment, load
from experiments.field_calendar import calendars, event
from experiments.field_dates import START, date_of, monday
from experiments.field_names import SHEET, distinct, file_name, sheet_name
from experiments.field_plan import FieldPlan, field_files, plan_field, write_field
from sim.composing.compose import Composed
from sim.errors import InputError

Ask = Callable[..., Result]
MINE = """\
extends: shenzhen
title: 深圳 "=1+1"
months: 6
response: {draws: 2}
customers:
  path: book.csv
  columns: {id: id, spend.data: bill, building: house, manager: rep}
"""
ROWS = """\
id,bill,house,rep
张伟公司,9000,太阳大厦,李/王
=1+1,8000,太阳大厦,李/王
"@SUM(A1),x",7000,=HYPERLINK("x"),李/王
C;4,6000,,李/王
-5,5000,,=1+1
"""
NAMES = {"张伟公司", "=1+1", "@SUM(A1),x", "C;4", "-5"}


@pytest.fixture(scope="module")
def done(tiny_experiment: Composed[Experiment]) -> FieldPlan:
    return plan_field(tiny_experiment)


@pytest.fixture(scope="module")
def files(done: FieldPlan) -> dict[str, bytes]:
    return field_files(done)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> FieldPlan:
    """Return the plan for customers whose names are Chinese, or look like formulas."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "mine.yaml").write_text(MINE, encoding="utf-8")
    (folder / "book.csv").write_text(ROWS, encoding="utf-8")
    return plan_field(load(folder / "mine.yaml"))


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def events(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def all_events(files: dict[str, bytes]) -> list[icalendar.Event]:
    return [each for name, content in files.items() if name.endswith(".ics") for each in events(content)]


def test_the_files_are_a_workbook_a_table_a_document_and_calendars(done: FieldPlan, files: dict[str, bytes]) -> None:
    calendar_files = [name for name in files if name.endswith(".ics")]
    assert [name for name in files if name not in calendar_files] == ["field.xlsx", "field.csv", "field.json"]
    assert len(calendar_files) == done.visits["manager"].nunique()


def test_every_visit_is_in_each_format_once(done: FieldPlan, files: dict[str, bytes]) -> None:
    document = json.loads(files["field.json"])
    table = pd.read_csv(io.BytesIO(files["field.csv"]), encoding="utf-8-sig")
    book = workbook(files["field.xlsx"])
    sheets = [book[name] for name in book.sheetnames if name not in ("summary", "not visited")]
    assert len(done.visits) > 0
    assert len(document["visits"]) == len(table) == len(all_events(files)) == len(done.visits)
    assert sum(sheet.max_row - 4 for sheet in sheets) == len(done.visits)


def test_the_summary_comes_first_and_in_words(done: FieldPlan, files: dict[str, bytes]) -> None:
    book = workbook(files["field.xlsx"])
    assert book.sheetnames[0] == "summary"
    assert book.sheetnames[-1] == "not visited"
    assert book["summary"]["A2"].value == done.words[0]
    assert done.words[0].startswith("From 4 January 2027 to ")
    last = [cell.value for cell in list(book["summary"].iter_rows())[-1]]
    assert last[:4] == ["all", 60, done.managers["accounts_seen"].sum(), len(done.visits)]


def test_columns_of_a_managers_sheet_add_up(done: FieldPlan, files: dict[str, bytes]) -> None:
    manager = done.managers["manager"].iloc[0]
    rows = list(workbook(files["field.xlsx"])[manager].iter_rows(min_row=4, values_only=True))
    shown = pd.DataFrame(rows[1:], columns=rows[0])
    mine = done.visits[done.visits["manager"] == manager]
    assert shown["hours of the trip"].sum() == pytest.approx(mine["hours"].sum())
    assert shown["expected to keep over nothing, yuan"].sum() == pytest.approx(
        mine.drop_duplicates("id")["expected_retained_uplift"].sum()
    )


def test_equal_plans_give_equal_files(tiny_experiment: Composed[Experiment], files: dict[str, bytes]) -> None:
    assert field_files(plan_field(tiny_experiment)) == files


def test_events_are_stamped_with_the_plans_start_and_no_clock(files: dict[str, bytes]) -> None:
    stamps = {each["DTSTAMP"].dt for each in all_events(files)}
    assert stamps == {datetime.datetime(2027, 1, 4, tzinfo=datetime.UTC)}


def test_every_event_has_an_identity_of_its_own_that_stays_when_it_moves(
    done: FieldPlan, files: dict[str, bytes]
) -> None:
    names = [str(each["UID"]) for each in all_events(files)]
    assert len(set(names)) == len(names)
    row = done.visits.iloc[0].to_dict()
    three = datetime.timedelta(days=3)
    later = {**row, "begins": row["begins"] + three, "ends": row["ends"] + three, "hours": 9.0, "level": "top"}
    assert event(done, row)["UID"] == event(done, later)["UID"]
    assert event(done, row)["UID"] != event(done, {**row, "visit": 2})["UID"]


def test_a_managers_events_follow_each_other_on_working_days(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if not name.endswith(".ics"):
            continue
        spans = [(each["DTSTART"].dt, each["DTEND"].dt) for each in events(content)]
        assert all(begin.weekday() < 5 for begin, _ in spans)
        assert all(begin < end for begin, end in spans)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_another_start_moves_every_visit_alike(tiny_experiment: Composed[Experiment], done: FieldPlan) -> None:
    moved = plan_field(tiny_experiment, start=START + datetime.timedelta(weeks=3))
    assert set((pd.to_datetime(moved.visits["date"]) - pd.to_datetime(done.visits["date"])).dt.days) == {21}


def test_reasons_get_a_column_of_their_own(tiny_experiment: Composed[Experiment]) -> None:
    told = plan_field(
        tiny_experiment, reasons=lambda _, book: pd.DataFrame({"id": book.ids, "reason": "=a rival calls"})
    )
    sheet = workbook(field_files(told)["field.xlsx"])[told.managers["manager"].iloc[0]]
    reason = sheet.cell(5, sheet.max_column)
    assert (reason.value, reason.data_type) == ("=a rival calls", "s")
    assert "=a rival calls" in str(all_events(field_files(told))[0]["DESCRIPTION"])


def test_names_of_any_script_come_back_from_every_format(own: FieldPlan) -> None:
    files = field_files(own)
    seen = set(own.visits["id"])
    assert len(seen) >= 3
    assert set(own.unvisited["id"]) | seen == NAMES
    assert {row["id"] for row in json.loads(files["field.json"])["visits"]} == seen
    assert files["field.json"].isascii()
    table = pd.read_csv(io.BytesIO(files["field.csv"]), encoding="utf-8-sig")
    assert {str(name).removeprefix("'") for name in table["id"]} == seen
    assert {str(each["SUMMARY"]).rpartition(": ")[0] for each in all_events(files)} == seen
    places = {str(each["LOCATION"]) for each in all_events(files) if "LOCATION" in each}
    assert places == set(own.visits["building"]) - {""}
    book = workbook(files["field.xlsx"])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert seen <= {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert {cell.hyperlink for cell in cells} == {None}
    assert book["summary"]["A1"].value == '深圳 "=1+1"'


def test_managers_of_any_name_get_a_sheet_and_a_file(own: FieldPlan) -> None:
    files = field_files(own)
    assert workbook(files["field.xlsx"]).sheetnames == ["summary", "=1+1", "李_王", "not visited"]
    assert {name for name in files if name.endswith(".ics")} <= {"calendar-1-1.ics", "calendar-李-王.ics"}


@given(st.text(max_size=40))
def test_any_name_is_fit_for_a_sheet_and_a_file(name: str) -> None:
    sheet = sheet_name(name)
    assert 0 < len(sheet) <= SHEET
    assert not set(sheet) & set("[]:*?/\\")
    assert not set(file_name(name)) & set('<>:"/\\|?* .\0\n')


@given(st.lists(st.text("aAbB /'", max_size=4), max_size=30))
def test_names_become_distinct_whether_capitals_count_or_not(names: list[str]) -> None:
    given_names = distinct([sheet_name(name) for name in names], SHEET)
    assert len({name.casefold() for name in given_names}) == len(names)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60))
def test_an_accounts_name_comes_back_from_a_calendar(name: str) -> None:
    row = {**EVENT, "id": name, "building": name}
    done = FieldPlan("t", START, (), pd.DataFrame(), pd.DataFrame([row]), pd.DataFrame())
    (found,) = events(calendars(done)["calendar-M.ics"])
    assert str(found["SUMMARY"]) == f"{name}: see the top level"
    assert str(found["LOCATION"]) == name


EVENT = {
    "manager": "M",
    "date": START,
    "begins": pd.Timestamp(2027, 1, 4, 9),
    "ends": pd.Timestamp(2027, 1, 4, 10),
    "level": "top",
    "class": "A",
    "spend": 1.0,
    "centre": 0,
    "visit": 1,
    "visits": 1,
    "trip": 1,
    "stop": 1,
    "hours": 1.0,
    "offer": "",
    "offer_number": 0,
}


@pytest.mark.parametrize("week", [0, 11, 12, 47])
def test_weeks_are_mondays_and_a_quarters_last_is_free(week: int) -> None:
    assert date_of(START, week, 0, 0.0).weekday() == 0
    assert date_of(START, week, 0, 0.0).date() != START + datetime.timedelta(weeks=12)


@pytest.mark.parametrize(
    ("given_start", "told"),
    [
        ("2027-01-05", "is a Tuesday, and a plan starts on a Monday; give 2027-01-04 or 2027-01-11"),
        ("next week", "'next week' is no date; give a Monday as year-month-day"),
        ("1800-01-06", "must lie between 1900-01-01 and 9900-01-01"),
    ],
)
def test_a_start_that_cannot_be_used_is_told(given_start: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        monday(given_start)


def test_the_command_writes_the_files_and_says_what_they_hold(keystay: Ask, tmp_path: Path) -> None:
    told = keystay("field", "shenzhen", "--out", "field", tiny=True)
    assert told.exit_code == 0
    assert told.stdout.startswith("From 4 January 2027 to ")
    assert told.stdout.endswith("Plan for the field: field\n")
    assert {"field.xlsx", "field.csv", "field.json"} <= {file.name for file in (tmp_path / "field").iterdir()}


def test_the_command_speaks_json(keystay: Ask) -> None:
    told = json.loads(keystay("field", "shenzhen", "--out", "f", "--json", "--start", "2028-01-03", tiny=True).stdout)
    assert told["start"] == "2028-01-03"
    assert "field.xlsx" in told["files"]
    assert told["visits"][0]["date"] >= "2028-01-03"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "f", "--start", "2027-01-05"], "--start: 2027-01-05 is a Tuesday"),
        (["--out", "taken"], "taken: 'taken' is a file; name a folder"),
        ([], "Missing option '--out'"),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_is_computed(
    keystay: Ask, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    done = keystay("field", "shenzhen", *arguments)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_a_plan_that_is_there_already_is_left_alone(keystay: Ask, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "field.xlsx").write_text("mine", encoding="utf-8")
    done = keystay("field", "shenzhen", "--out", "f")
    assert done.exit_code == 2
    assert "is there already; name another folder with --out" in done.stderr
    assert (tmp_path / "f" / "field.xlsx").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_holds_a_calendar_already_gets_nothing_new(done: FieldPlan, tmp_path: Path) -> None:
    name = next(name for name in field_files(done) if name.endswith(".ics"))
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is there already"):
        write_field(done, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [name]
