"""CSV, Parquet and Excel files of every odd kind are read, or refused with the remedy."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.intake.file import CustomerFile, CustomerTable, read_customers

PLAIN = {"id": "id", "spend.mobile": "spend"}


def read(path: Path, columns: dict[str, Any] = PLAIN, **more: Any) -> CustomerTable:
    """Read a file with a mapping."""
    spec = CustomerFile.model_validate({"path": path.name, "columns": columns, **more})
    return read_customers(spec, ["mobile"], ["netcom"], path.parent)


def problems(path: Path, columns: dict[str, Any] = PLAIN, **more: Any) -> list[str]:
    """Return what is wrong with a file."""
    with pytest.raises(InputError) as caught:
        read(path, columns, **more)
    return caught.value.problems


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """Return a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(folder: Path, *rows: list[Any], sheets: tuple[str, ...] = ("book",)) -> Path:
    """Return an Excel file with these rows in its first sheet."""
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for title in sheets[1:]:
        book.create_sheet(title)
    for row in rows:
        book.active.append(row)
    book.save(folder / "book.xlsx")
    return folder / "book.xlsx"


def parquet(folder: Path, **columns: Any) -> Path:
    """Return a Parquet file with these columns."""
    pq.write_table(pa.table(columns), folder / "book.parquet")
    return folder / "book.parquet"


# ------------------------------------------------------------------------------------------------------------ places


def test_a_file_is_looked_for_beside_the_scenario_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    written(tmp_path / "data", "book.csv", "id,spend\nelsewhere,1\n")
    path = written(tmp_path, "book.csv", "id,spend\nbeside,1\n")
    monkeypatch.setenv("KEYSTAY_DATA", str(tmp_path / "data"))
    assert read(path).frame["id"].tolist() == ["beside"]


def test_a_file_may_be_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    written(tmp_path / "data", "book.csv", "id,spend\nelsewhere,1\n")
    monkeypatch.setenv("KEYSTAY_DATA", str(tmp_path / "data"))
    assert read(tmp_path / "book.csv").frame["id"].tolist() == ["elsewhere"]


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, "book.csv", "id,spend\na,1\n")
    spec = CustomerFile.model_validate({"path": str(path), "columns": PLAIN})
    assert read_customers(spec, ["mobile"], [], tmp_path / "elsewhere").path == path


def test_a_missing_file_is_told_with_every_place_looked_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSTAY_DATA", str(tmp_path / "data"))
    (found,) = problems(tmp_path / "book.csv")
    assert str(tmp_path / "book.csv") in found
    assert str(tmp_path / "data" / "book.csv") in found


def test_a_missing_file_is_told_with_how_to_set_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEYSTAY_DATA", raising=False)
    assert "set the environment variable KEYSTAY_DATA" in problems(tmp_path / "book.csv")[0]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "book.csv").mkdir()
    assert problems(tmp_path / "book.csv") == ["book.csv: is a folder; name a file in it"]


@pytest.mark.parametrize("name", ["book.xls", "book.pkl", "book", "book.csv.gz"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    assert "customers are read from .csv, .parquet, .xlsx" in problems(written(tmp_path, name, "x"))[0]


def test_an_ending_in_capitals_is_known(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, "BOOK.CSV", "id,spend\na,1\n")).frame) == 1


# --------------------------------------------------------------------------------------------------------------- CSV


@pytest.mark.parametrize("content", ["", "\n", ",,\n"])
def test_a_csv_file_without_headings_is_refused(tmp_path: Path, content: str) -> None:
    assert problems(written(tmp_path, "b.csv", content)) == [
        "b.csv: row 1 is empty; it must hold the columns' headings"
    ]


@pytest.mark.parametrize("content", ["id,spend", "id,spend\n", "id,spend\r\n\r\n"])
def test_a_csv_file_without_customers_is_refused(tmp_path: Path, content: str) -> None:
    assert problems(written(tmp_path, "b.csv", content)) == ["b.csv: holds no customers"]


def test_every_ragged_row_is_told(tmp_path: Path) -> None:
    assert problems(written(tmp_path, "b.csv", "id,spend\na,1\nb\n\nc,2,3\nd,4\n")) == [
        "b.csv: row 3, the row as a whole: 1 cell where the header has 2",
        "b.csv: row 5, the row as a whole: 3 cells where the header has 2",
    ]


def test_rows_after_a_ragged_one_keep_their_numbers(tmp_path: Path) -> None:
    assert problems(written(tmp_path, "b.csv", "id,spend\nb\nc,x\n"))[1].startswith("b.csv: row 3, column 'spend'")


def test_a_line_break_inside_quotes_does_not_start_a_row(tmp_path: Path) -> None:
    path = written(tmp_path, "b.csv", 'id,"spend\nyuan",name\na,1,"two\nlines"\nb,x,c\n')
    found = problems(path, {"id": "id", "spend.mobile": "spend yuan", "name": "name"})
    assert found[0].startswith("b.csv: row 3, ")


def test_a_quotation_mark_that_is_not_closed_is_told(tmp_path: Path) -> None:
    (found,) = problems(written(tmp_path, "b.csv", 'id,spend\n"a,1\nb,2\n'))
    assert found.endswith("is a quotation mark not closed?")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_line_ending_will_do(tmp_path: Path, ends: str) -> None:
    assert read(written(tmp_path, "b.csv", ends.join(["id,spend", "a,1", "b,2"]))).rows.tolist() == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_or_without_its_mark(tmp_path: Path, encoding: str) -> None:
    table = read(written(tmp_path, "b.csv", "编号,spend\n甲,1\n".encode(encoding)), {**PLAIN, "id": "编号"})
    assert table.frame["id"].tolist() == ["甲"]


def test_another_encoding_is_refused_with_how_to_say_it(tmp_path: Path) -> None:
    path = written(tmp_path, "b.csv", "id,spend\na,1\n甲,1\n".encode("gb18030"))
    assert problems(path) == [
        "b.csv: row 3: isn't UTF-8; a file that a Chinese Excel saved as CSV needs encoding: gb18030"
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_an_encoding_that_is_said_is_read(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "b.csv", "编号,spend\n甲,1\n".encode(encoding))
    assert read(path, {**PLAIN, "id": "编号"}, encoding=encoding).frame["id"].tolist() == ["甲"]


@pytest.mark.parametrize(
    ("content", "more", "told"),
    [
        (b"PK\x03\x04...", {}, "isn't text, so it isn't CSV"),
        (b"id,spend\n\x00,1\n", {}, "isn't text, so it isn't CSV"),
        ("id,spend\n".encode("utf-16"), {}, "say encoding: utf-16"),
        (b"id,spend\n", {"encoding": "utf-88"}, "'utf-88' is unknown"),
        (b"id,spend\n", {"encoding": "hex"}, "'hex' is unknown"),
        (b"id,spend\n\xff,1\n", {"encoding": "ascii"}, "row 2: isn't ascii"),
        (b"id;spend\na;1\n", {}, "say delimiter: ';'"),
        (b"id,spend\na,1\n", {"sheet": "x"}, "sheet: goes with an Excel file only"),
    ],
)
def test_what_is_not_plain_csv_is_refused_with_the_remedy(
    tmp_path: Path, content: bytes, more: dict[str, Any], told: str
) -> None:
    (found,) = problems(written(tmp_path, "b.csv", content), **more)
    assert told in found


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_cells_may_be_set_apart_by_another_character(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, "b.csv", "id,spend\na,1\n".replace(",", delimiter))
    assert read(path, delimiter=delimiter).frame["spend.mobile"].tolist() == [1.0]


# ----------------------------------------------------------------------------------------------------------- Parquet


def test_parquet_rows_are_records_from_one(tmp_path: Path) -> None:
    path = parquet(tmp_path, id=["a", "b"], spend=[1.0, -2.0])
    assert problems(path) == [
        "book.parquet: record 2, column 'spend' (spend.mobile): '-2.0' must be a number, at least 0"
    ]


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.int64(), pa.uint32(), pa.float32(), pa.float64(), pa.decimal128(9, 2), pa.string()]
)
def test_parquet_numbers_of_any_kind_are_read(tmp_path: Path, kind: pa.DataType) -> None:
    spend = pa.array(["3", None]).cast(kind)
    table = read(
        parquet(tmp_path, id=["a", "b"], spend=spend), {**PLAIN, "spend.mobile": {"column": "spend", "missing": 0}}
    )
    assert table.frame["spend.mobile"].tolist() == [3.0, 0.0]


def test_parquet_categories_are_read_as_their_words(tmp_path: Path) -> None:
    path = parquet(tmp_path, id=["a", "b"], spend=[1, 2], i=pa.array(["retail", "school"]).dictionary_encode())
    assert read(path, {**PLAIN, "industry": "i"}).frame["industry"].tolist() == ["retail", "school"]


@pytest.mark.parametrize("ids", [pa.array([7, 8]), pa.array([7.0, 8.0])])
def test_parquet_ids_may_be_numbers(tmp_path: Path, ids: pa.Array) -> None:
    assert read(parquet(tmp_path, id=ids, spend=[1, 2])).frame["id"].tolist() == ["7", "8"]


def test_long_ids_that_were_stored_as_floats_are_refused(tmp_path: Path) -> None:
    (found,) = problems(parquet(tmp_path, id=[440301199001011234.0], spend=[1]))
    assert found.endswith("is a number of more than 15 digits, which loses its last ones; store it as text")


def test_parquet_numbers_may_be_codes_for_words(tmp_path: Path) -> None:
    columns = {**PLAIN, "decision": {"column": "d", "words": {1: "owner", 2: "group"}}}
    frame = read(parquet(tmp_path, id=["a", "b"], spend=[1, 2], d=[2.0, 1.0]), columns).frame
    assert frame["decision"].tolist() == ["group", "owner"]


def test_nan_in_parquet_is_an_empty_cell_and_infinity_is_refused(tmp_path: Path) -> None:
    (found,) = problems(parquet(tmp_path, id=["a", "b"], spend=[1, 2], t=[np.nan, np.inf]), {**PLAIN, "tenure": "t"})
    assert "record 2" in found


def test_a_parquet_column_of_another_type_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, id=["a"], spend=[dt.datetime(2024, 5, 1)])  # noqa: DTZ001 - files hold such times
    assert problems(path) == [
        "book.parquet: column 'spend' (for spend.mobile) holds timestamp[us]; store numbers or text"
    ]


def test_parquet_records_that_differ_in_a_column_of_another_type_do_not_repeat(tmp_path: Path) -> None:
    path = parquet(tmp_path, spend=[1, 1, 1], when=[[1], [2], [2]])
    notes = read(path, {"id": {"row": True}, "spend.mobile": "spend"}).notes
    assert "1 record repeating an earlier one in every cell, kept as customers (record 3)." in notes


def test_a_parquet_heading_that_stands_twice_is_told(tmp_path: Path) -> None:
    columns = [pa.array(["a"]), pa.array([1]), pa.array([2])]
    pq.write_table(pa.Table.from_arrays(columns, names=["id", "spend", "spend"]), tmp_path / "b.parquet")
    assert "stands 2 times in the header" in problems(tmp_path / "b.parquet")[0]


def test_what_is_not_parquet_is_refused(tmp_path: Path) -> None:
    assert "isn't a Parquet file" in problems(written(tmp_path, "b.parquet", "id,spend\n"))[0]


# ------------------------------------------------------------------------------------------------------------- Excel


def test_an_excel_sheet_is_read(tmp_path: Path) -> None:
    table = read(workbook(tmp_path, ["id", "spend"], [7, 1.5], [8.0, "2"]))
    assert table.frame[["id", "spend.mobile"]].to_numpy().tolist() == [["7", 1.5], ["8", 2.0]]


def test_excel_rows_are_counted_over_blank_ones(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "spend"], [], ["a", "x"])
    assert problems(path) == [
        "book.xlsx, sheet 'book': row 3, column 'spend' (spend.mobile): 'x' must be a number, at least 0"
    ]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (dt.date(2024, 5, 1), "is a date; format the cell as a number or as text"),
        ("#N/A", "is an error of the spreadsheet; mend the cell or empty it"),
        ("=1+1", "is a formula whose result isn't stored; open the file in Excel, recalculate and save it"),
        (True, "must be a number, at least 0"),
        (1e300, "is a number of more than 15 digits, which loses its last ones; store it as text"),
    ],
)
def test_an_excel_cell_that_is_no_number_is_told(tmp_path: Path, cell: object, told: str) -> None:
    (found,) = problems(workbook(tmp_path, ["id", "spend"], ["a", 1], ["b", cell]))
    assert "row 3, column 'spend'" in found
    assert found.endswith(told)


def test_an_id_that_excel_took_for_a_date_is_told(tmp_path: Path) -> None:
    (found,) = problems(workbook(tmp_path, ["id", "spend"], [dt.date(2024, 5, 1), 1]))
    assert found.endswith("is a date; format the cell as a number or as text")


def test_a_formula_whose_stored_result_is_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "spend", "t"], ["a", 1, '=IF(1,"","")'])
    with_result = rewritten(path, lambda xml: xml.replace('r="C2"', 'r="C2" t="str"'))
    assert read(with_result, {**PLAIN, "tenure": "t"}).frame["tenure"].isna().tolist() == [True]


def rewritten(path: Path, change: Callable[[str], str]) -> Path:
    """Return a copy of an Excel file with a change to the text of its sheet."""
    copy = path.with_name("copy.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part.decode()) if "worksheets/" in name else part)
    return copy


def test_an_excel_file_with_several_sheets_needs_one_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "spend"], ["a", 1], sheets=("Q1", "Q2"))
    assert problems(path) == ["book.xlsx: has 2 sheets; say which: sheet: Q1 | Q2"]
    assert len(read(path, sheet="Q1").frame) == 1


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "spend"], ["a", 1], sheets=("East", "West"))
    assert problems(path, sheet="Xyz") == ["book.xlsx: has no sheet 'Xyz'; it has East, West"]


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    assert problems(workbook(tmp_path)) == [
        "book.xlsx, sheet 'book': row 1 is empty; it must hold the columns' headings"
    ]


def test_excel_cells_beyond_the_header_are_noted(tmp_path: Path) -> None:
    notes = read(workbook(tmp_path, ["id", "spend"], ["a", 1, "aside"])).notes
    assert "Columns of the file that nothing uses: 3 (no heading)." in notes


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"id,spend\n", "isn't an Excel workbook"), (b"\xd0\xcf\x11\xe0old", "save it as a plain .xlsx")],
)
def test_what_is_not_a_workbook_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    assert told in problems(written(tmp_path, "b.xlsx", content))[0]


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "spend"], ["a", 1])
    assert "isn't an Excel workbook that can be read" in problems(rewritten(path, lambda xml: xml[:-40]))[0]


# -------------------------------------------------------------------------------------------------------------- size


def test_a_very_long_cell_is_cut_in_messages(tmp_path: Path) -> None:
    (found,) = problems(written(tmp_path, "b.csv", f"id,spend\na,{'9' * 400}\n"))
    assert len(found) < 150


def test_a_hundred_thousand_bad_rows_are_all_counted(tmp_path: Path) -> None:
    pd.DataFrame({"id": range(100_000), "spend": -1.0}).to_csv(tmp_path / "b.csv", index=False)
    found = problems(tmp_path / "b.csv")
    assert found[-1] == "b.csv: and 99,950 more (column 'spend' (spend.mobile): 99,950)"
