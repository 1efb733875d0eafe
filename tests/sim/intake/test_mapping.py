"""A mapping says where each column comes from, and what is wrong with it is told in the words of the scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sim.errors import InputError
from sim.intake.columns import CUSTOMER_COLUMNS, customer_columns
from sim.intake.file import CustomerFile, read_customers

FILE: dict[str, Any] = {"path": "book.csv", "columns": {"id": "id", "spend.mobile": "spend"}}


def problems(folder: Path, columns: dict[str, Any], header: str = "id,spend", **more: Any) -> list[str]:
    """Return what is wrong with a mapping to a file with this header and one customer."""
    cells = ",".join("1" for _ in header.split(","))
    (folder / "book.csv").write_text(f"{header}\n{cells}\n", encoding="utf-8")
    spec = CustomerFile.model_validate({"path": "book.csv", "columns": columns, **more})
    with pytest.raises(InputError) as caught:
        read_customers(spec, ["mobile"], ["netcom"], folder, "city.yaml:12")
    return caught.value.problems


def test_a_heading_alone_is_short_for_a_column() -> None:
    short = CustomerFile.model_validate(FILE)
    assert short == CustomerFile.model_validate(
        {**FILE, "columns": {n: {"column": c} for n, c in FILE["columns"].items()}}
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"column": "a", "value": 1},
        {"row": True, "column": "a"},
        {"value": 1, "scale": 2.0},
        {"row": True, "missing": "x"},
        {"column": "a", "scale": 0.0},
        {"column": "a", "scale": float("nan")},
        {"value": True},
        {"colum": "a"},
    ],
)
def test_a_column_comes_from_exactly_one_place(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CustomerFile.model_validate({**FILE, "columns": {"tenure": given}})


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "a", "\n", "，"])
def test_a_delimiter_is_one_plain_character(delimiter: str) -> None:
    with pytest.raises(ValidationError, match="delimiter"):
        CustomerFile.model_validate({**FILE, "delimiter": delimiter})


def test_a_column_that_is_not_ours_is_told_with_the_nearest(tmp_path: Path) -> None:
    found = problems(tmp_path, {"id": "id", "spend.mobile": "spend", "tenur": "spend"})
    assert found == ["city.yaml:12: customers.columns.tenur: unknown column; did you mean 'tenure'?"]


def test_a_heading_that_is_not_in_the_file_is_told_with_the_nearest(tmp_path: Path) -> None:
    found = problems(tmp_path, {"id": "id", "spend.mobile": "Customer Valu"}, "id,Customer Value")
    assert found == ["book.csv: column 'Customer Valu' (for spend.mobile) isn't there; did you mean 'Customer Value'?"]


def test_a_heading_that_stands_twice_is_told(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {"id": "id", "spend.mobile": "spend"}, "id,spend,spend")
    assert "stands 2 times in the header (columns 2 and 3)" in found


def test_headings_that_differ_in_capitals_only_are_not_guessed_between(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {"id": "id", "spend.mobile": "spend"}, "id,Spend,SPEND")
    assert "stands 2 times in the header" in found


def test_a_heading_that_stands_twice_does_not_matter_when_unused(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("id,spend,x,x\na,1,2,3\n", encoding="utf-8")
    assert len(read_customers(CustomerFile.model_validate(FILE), ["mobile"], [], tmp_path).frame) == 1


def test_an_id_and_a_spend_are_needed(tmp_path: Path) -> None:
    assert problems(tmp_path, {}) == [
        "city.yaml:12: customers.columns: id is needed; a file that has none can say id: {row: true}",
        "city.yaml:12: customers.columns: at least one of spend.mobile is needed",
    ]


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("tenure", {"row": True}, ".row: goes with id only"),
        ("name", {"column": "spend", "scale": 2.0}, ".scale: goes with numbers only"),
        ("industry", {"value": "retial"}, ".value: 'retial' isn't allowed; did you mean 'retail'?"),
        ("growth", {"value": 9}, ".value: '9' must be a number from -0.9 to 5"),
        ("tenure", {"column": "spend", "missing": "soon"}, ".missing: 'soon' must be a number, at least 0"),
        ("tenure", {"column": "spend", "missing": ""}, ".missing: must not be empty"),
        (
            "decision",
            {"column": "spend", "words": {1: "grup"}},
            ".words.1: 'grup' isn't allowed; did you mean 'group'?",
        ),
        ("id", {"value": "x"}, ".value: every customer needs an id of its own"),
    ],
)
def test_what_a_scenario_says_of_a_column_must_fit_it(
    tmp_path: Path, name: str, given: dict[str, Any], told: str
) -> None:
    found = problems(tmp_path, {"id": "id", "spend.mobile": "spend", name: given})
    assert found == [f"city.yaml:12: customers.columns.{name}{told}"]


def test_unused_columns_are_refused_where_the_scenario_says_so(tmp_path: Path) -> None:
    columns = {"id": "id", "spend.mobile": "spend"}
    assert problems(tmp_path, columns, "id,spend,colour", ignore_other_columns=False) == [
        "book.csv: column 'colour' isn't used by the scenario"
    ]


def test_a_scenario_may_have_any_lines_and_rivals() -> None:
    columns = customer_columns(["cloud", "voice"], ["x", "y", "z"])
    assert columns["rival.voice"].words == ("x", "y", "z")
    assert [name for name in columns if name.startswith("spend.")] == ["spend.cloud", "spend.voice"]


def test_every_declared_column_says_what_it_means() -> None:
    assert all(column.meaning and column.rule for column in CUSTOMER_COLUMNS)
