"""Spreadsheets: what customers are called stays text."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from experiments.sheets import csv_bytes, xlsx_bytes

EVIL = [
    '=HYPERLINK("x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "<script>alert(1)</script>",
    "mailto:a",
    "C 1",
    "\u5f20",
]


@pytest.fixture
def accounts() -> pd.DataFrame:
    return pd.DataFrame({"id": EVIL, "spend": [-1.5] * len(EVIL), "discount": [0.05] * len(EVIL)})


def test_a_name_that_looks_like_a_formula_is_neutral_in_csv(accounts: pd.DataFrame) -> None:
    ids = pd.read_csv(io.BytesIO(csv_bytes(accounts)), encoding="utf-8-sig")["id"]
    assert [text for text in ids if text.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert list(ids[6:]) == EVIL[6:]


def test_a_negative_number_stays_a_number_in_csv(accounts: pd.DataFrame) -> None:
    assert (pd.read_csv(io.BytesIO(csv_bytes(accounts)))["spend"] == -1.5).all()


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8(accounts: pd.DataFrame) -> None:
    assert csv_bytes(accounts).startswith(b"\xef\xbb\xbf")


def test_a_name_that_looks_like_a_formula_is_text_in_excel(accounts: pd.DataFrame) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(["=1+1"], {"plan": accounts})))
    cells = [row[0] for row in book["plan"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.hyperlink for cell in cells} == {None}
    assert cells[0].value == EVIL[0]
    assert book["answer"]["A1"].data_type == "s"


def test_a_sheet_has_a_frozen_filtered_header_and_formats(accounts: pd.DataFrame) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([], {"plan": accounts})))["plan"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:C{len(EVIL) + 1}"
    assert sheet["C1"].font.bold


def test_what_is_unknown_is_an_empty_cell() -> None:
    table = pd.DataFrame({"x": [float("nan"), float("inf"), 1.0]})
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([], {"t": table})))["t"]
    assert [sheet.cell(row, 1).value for row in (2, 3, 4)] == [None, None, 1]


def test_equal_tables_give_equal_workbooks(accounts: pd.DataFrame) -> None:
    assert xlsx_bytes(["a"], {"plan": accounts}) == xlsx_bytes(["a"], {"plan": accounts})


def test_a_table_without_rows_is_a_sheet_too() -> None:
    empty = pd.DataFrame({"id": pd.Series([], dtype=str), "spend": pd.Series([], dtype=float)})
    assert csv_bytes(empty).decode("utf-8-sig") == "id,spend\r\n"
    assert openpyxl.load_workbook(io.BytesIO(xlsx_bytes([], {"t": empty})))["t"]["A1"].value == "id"
