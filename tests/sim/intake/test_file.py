"""A user's customers are read as they stand, or every cell that doesn't fit is told."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.intake.file import CustomerFile, CustomerTable, read_customers
from sim.intake.template import customer_template

LINES = ("mobile", "data")
RIVALS = ("netcom", "unicom")
PLAIN = {"id": "id", "spend.mobile": "spend"}
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


def read(path: Path, columns: dict[str, Any], **more: Any) -> CustomerTable:
    """Read a file with a mapping."""
    spec = CustomerFile.model_validate({"path": path.name, "columns": columns, **more})
    return read_customers(spec, LINES, RIVALS, path.parent, "city.yaml")


def read_text(folder: Path, text: str, columns: dict[str, Any] = PLAIN, **more: Any) -> CustomerTable:
    """Read a CSV file of this text."""
    path = folder / "book.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read(path, columns, **more)


def problems(folder: Path, text: str, columns: dict[str, Any] = PLAIN, **more: Any) -> list[str]:
    """Return what is wrong with a CSV file of this text."""
    with pytest.raises(InputError) as caught:
        read_text(folder, text, columns, **more)
    return caught.value.problems


# ------------------------------------------------------------------------------------------------------- what fits


def test_a_table_holds_the_files_customers_in_order(tmp_path: Path) -> None:
    table = read_text(tmp_path, "id,spend\nb,2.5\na,1\n")
    assert table.frame[["id", "spend.mobile"]].to_numpy().tolist() == [["b", 2.5], ["a", 1.0]]


def test_a_table_keeps_the_row_numbers_of_the_file(tmp_path: Path) -> None:
    assert read_text(tmp_path, "id,spend\nb,2\na,1\n").rows.tolist() == [2, 3]


def test_a_table_knows_the_files_digest(tmp_path: Path) -> None:
    text = "id,spend\nb,2\n"
    assert read_text(tmp_path, text).sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_line_that_is_not_mapped_is_not_served(tmp_path: Path) -> None:
    assert read_text(tmp_path, "id,spend\nb,2\n").frame["spend.data"].tolist() == [0.0]


def test_columns_that_are_not_mapped_are_unknown(tmp_path: Path) -> None:
    frame = read_text(tmp_path, "id,spend\nb,2\n").frame
    assert frame.drop(columns=["id", "spend.mobile", "spend.data"]).isna().all(axis=None)


def test_numbers_are_floats_text_is_text_and_words_are_categories(tmp_path: Path) -> None:
    dtypes = read_text(tmp_path, "id,spend\nb,2\n").frame.dtypes
    assert [str(dtypes[name]) for name in ("id", "tenure", "complaints", "plan")] == [
        "string",
        "float64",
        "float64",
        "category",
    ]


def test_an_empty_cell_of_an_optional_column_is_unknown(tmp_path: Path) -> None:
    table = read_text(tmp_path, "id,spend,t\nb,2,\nc,2,7\n", {**PLAIN, "tenure": "t"})
    assert np.isnan(table.frame["tenure"][0])
    assert "1 empty cell of tenure taken as unknown (or none)." in table.notes


def test_an_empty_cell_may_be_given_a_meaning(tmp_path: Path) -> None:
    columns = {
        **PLAIN,
        "spend.mobile": {"column": "spend", "missing": 5},
        "industry": {"column": "i", "missing": "other"},
    }
    table = read_text(tmp_path, "id,spend,i\nb,,\nc,2,retail\n", columns)
    assert table.frame[["spend.mobile", "industry"]].to_numpy().tolist() == [[5.0, "other"], [2.0, "retail"]]
    assert "1 empty cell of spend.mobile taken as '5', as the scenario says." in table.notes


def test_words_of_the_file_are_translated(tmp_path: Path) -> None:
    columns = {**PLAIN, "decision": {"column": "d", "words": {1: "group", "boss": "owner", "?": ""}}}
    table = read_text(tmp_path, "id,spend,d\na,1,1\nb,2,boss\nc,3,?\n", columns)
    assert table.frame["decision"].astype(object).where(table.frame["decision"].notna(), None).tolist() == [
        "group",
        "owner",
        None,
    ]


def test_scale_multiplies_the_files_numbers_but_not_the_scenarios(tmp_path: Path) -> None:
    columns = {**PLAIN, "spend.mobile": {"column": "spend", "scale": 1000, "missing": 7, "words": {"none": 0}}}
    assert read_text(tmp_path, "id,spend\na,1.5\nb,\nc,none\n", columns).frame["spend.mobile"].tolist() == [1500, 7, 0]


def test_years_scaled_to_months_stay_whole(tmp_path: Path) -> None:
    columns = {**PLAIN, "months_left.mobile": {"column": "years", "scale": 12}}
    table = read_text(tmp_path, "id,spend,years\na,1,0.3333333333333333\n", columns)
    assert table.frame["months_left.mobile"].tolist() == [4.0]


def test_a_constant_holds_for_every_row(tmp_path: Path) -> None:
    columns = {**PLAIN, "industry": {"value": "school"}, "growth": {"value": 0.1}}
    frame = read_text(tmp_path, "id,spend\na,1\nb,2\n", columns).frame
    assert frame[["industry", "growth"]].to_numpy().tolist() == [["school", 0.1]] * 2


def test_customers_without_ids_are_numbered_by_row(tmp_path: Path) -> None:
    table = read_text(tmp_path, "spend\n1\n2\n", {"id": {"row": True}, "spend.mobile": "spend"})
    assert table.frame["id"].tolist() == ["row 2", "row 3"]


def test_white_space_in_headings_and_cells_does_not_matter(tmp_path: Path) -> None:
    table = read_text(tmp_path, "id, Our  Bill \n b , 2 \n", {"id": "id", "spend.mobile": "Our Bill"})
    assert table.frame[["id", "spend.mobile"]].to_numpy().tolist() == [["b", 2.0]]


def test_a_heading_in_other_capitals_is_taken_and_noted(tmp_path: Path) -> None:
    notes = read_text(tmp_path, "id,SPEND\nb,2\n").notes
    assert "Column 'SPEND' taken for 'spend' (spend.mobile): only the capitals differ." in notes


def test_an_exact_heading_wins_over_one_in_other_capitals(tmp_path: Path) -> None:
    assert read_text(tmp_path, "id,SPEND,spend\nb,1,2\n").frame["spend.mobile"].tolist() == [2.0]


def test_blank_rows_are_left_out_and_noted(tmp_path: Path) -> None:
    table = read_text(tmp_path, "id,spend\nb,2\n\n , \nc,3\n\n")
    assert table.rows.tolist() == [2, 5]
    assert "3 blank rows left out (rows 3, 4 and 6)." in table.notes


def test_unused_columns_are_noted(tmp_path: Path) -> None:
    notes = read_text(tmp_path, "id,spend,colour,\nb,2,red,\n").notes
    assert "Columns of the file that nothing uses: 'colour', 4 (no heading)." in notes


def test_rows_that_repeat_earlier_ones_are_kept_and_noted(tmp_path: Path) -> None:
    table = read_text(tmp_path, "spend,x\n1,a\n1,b\n1,a\n", {"id": {"row": True}, "spend.mobile": "spend"})
    assert len(table.frame) == 3
    assert "1 row repeating an earlier one in every cell, kept as customers (row 4)." in table.notes


def test_customers_without_spend_are_noted(tmp_path: Path) -> None:
    assert "1 customer spending nothing with us (row 3)." in read_text(tmp_path, "id,spend\nb,2\nc,0\n").notes


def test_the_template_reads_back(tmp_path: Path) -> None:
    template = customer_template(LINES)
    template.to_csv(tmp_path / "book.csv", index=False)
    table = read(tmp_path / "book.csv", {name: name for name in template.columns})
    assert table.frame["id"].tolist() == template["id"].tolist()
    assert table.frame["plan_x"].tolist()[3] == 8000.0


def test_real_customers_are_read(outside_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSTAY_DATA", str(outside_data))
    columns = {
        "id": {"row": True},
        "spend.mobile": "Customer Value",
        "complaints": "Complains",
        "tenure": "Subscription Length",
    }
    spec = CustomerFile.model_validate({"path": "churn/iranian_churn.csv", "columns": columns})
    table = read_customers(spec, ["mobile"], RIVALS, tmp_path)
    value = pd.read_csv(outside_data / "churn" / "iranian_churn.csv")["Customer Value"]
    assert len(table.frame) == 3150
    assert table.frame["spend.mobile"].mean() == pytest.approx(value.mean(), rel=1e-12)
    assert table.frame["spend.mobile"].mean() == pytest.approx(0.842857 * 535.51 + 0.157143 * 124.81, abs=0.01)
    assert table.frame["complaints"].sum() == 241
    assert any(note.startswith("300 rows repeating an earlier one") for note in table.notes)


# ------------------------------------------------------------------------------------------------ what doesn't fit


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('"1,234"', "'1,234' has thousands separators; write 1234"),
        ("12 000", "'12 000' has blanks between its digits; write 12000"),
        ("３００", "'３００' has full-width characters; write 300"),
        ('"12,5"', "'12,5' has a decimal comma; write a point"),
        ("-3", "'-3' must be a number, at least 0"),
        ("nan", "'nan' is no number; leave the cell empty where unknown"),
        ("-Inf", "'-Inf' is no number; leave the cell empty where unknown"),
        ("1e999", "'1e999' must be a number, at least 0"),
        ("0x1F", "'0x1F' must be a number, at least 0"),
        ("++5", "'++5' must be a number, at least 0"),
        ("+-5", "'+-5' must be a number, at least 0"),
        ("12%", "'12%' has a percent sign; write it without, and say scale: 0.01"),
        ("¥30", "'¥30' names a currency; write the bare number, in yuan"),
        ("2024-05-01", "'2024-05-01' is a date where a number is expected"),
        ("#N/A", "'#N/A' is an error of the spreadsheet; mend the cell or empty it"),
        ("", "is empty; fill it in, or say what an empty cell means here (missing: ...)"),
    ],
)
def test_a_spend_that_is_no_amount_is_told_with_its_row_column_and_remedy(tmp_path: Path, cell: str, told: str) -> None:
    found = problems(tmp_path, f"id,spend\na,1\nb,{cell}\n")
    assert found == [f"book.csv: row 3, column 'spend' (spend.mobile): {told}"]


@pytest.mark.parametrize("cell", ["+5", "5.", "5", "05", "0.5e1"])
def test_a_plain_number_is_read_however_it_is_written(tmp_path: Path, cell: str) -> None:
    assert read_text(tmp_path, f"id,spend\na,{cell}\n").frame["spend.mobile"].tolist() == [5.0]


def test_a_word_that_is_not_in_the_list_is_told_with_the_nearest(tmp_path: Path) -> None:
    found = problems(tmp_path, "id,spend,trade\na,1,Retial\n", {**PLAIN, "industry": "trade"})
    assert found == ["book.csv: row 2, column 'trade' (industry): 'Retial' isn't allowed; did you mean 'retail'?"]


def test_only_the_scenarios_rivals_may_serve_a_line(tmp_path: Path) -> None:
    found = problems(tmp_path, "id,spend,by\na,1,tietong\n", {**PLAIN, "rival.data": "by"})
    assert found == ["book.csv: row 2, column 'by' (rival.data): 'tietong' isn't allowed; allowed: netcom, unicom"]


@pytest.mark.parametrize(("name", "cell"), [("complaints", "1.5"), ("months_left.data", "2.5"), ("growth", "6")])
def test_numbers_keep_to_the_columns_rule(tmp_path: Path, name: str, cell: str) -> None:
    (found,) = problems(tmp_path, f"id,spend,x\na,1,{cell}\n", {**PLAIN, name: "x"})
    assert found.startswith(f"book.csv: row 2, column 'x' ({name}): '{cell}' must be ")


def test_an_id_used_twice_is_told_with_both_rows(tmp_path: Path) -> None:
    found = problems(tmp_path, "id,spend\na,1\nb,2\n a,3\n")
    assert found == ["book.csv: row 4, column 'id' (id): ' a' is the id of row 2 too; every customer needs its own"]


def test_a_plan_needs_its_base_amount_and_the_amount_a_plan(tmp_path: Path) -> None:
    columns = {**PLAIN, "plan": "p", "plan_x": "x"}
    assert problems(tmp_path, "id,spend,p,x\na,1,A,\nb,1,,800\nc,1,B,0\nd,1,C,5\ne,1,,\n", columns) == [
        "book.csv: row 2, column 'x' (plan_x): must be above 0 where plan is given",
        "book.csv: row 3, column 'x' (plan_x): '800' has no plan beside it; name the plan or leave plan_x empty",
        "book.csv: row 4, column 'x' (plan_x): '0' must be above 0 where plan is given",
    ]


def test_a_plan_that_is_refused_is_told_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, "id,spend,p,x\na,1,Z,8\n", {**PLAIN, "plan": "p", "plan_x": "x"})) == 1


def test_mapping_header_and_rows_are_all_told_at_once(tmp_path: Path) -> None:
    columns = {**PLAIN, "tenur": "t", "growth": "grow", "complaints": "c"}
    found = problems(tmp_path, "id,spend,c\na,x,1\nb,2,y\n", columns)
    assert [line.split(": ")[0] for line in found] == ["city.yaml", *["book.csv"] * 4]


def test_past_fifty_faults_the_rest_is_counted_by_column(tmp_path: Path) -> None:
    rows = "".join(f"c{number},x,y\n" for number in range(1000))
    found = problems(tmp_path, "id,spend,t\n" + rows, {**PLAIN, "tenure": "t"})
    assert len(found) == 51
    assert found[-1] == ("book.csv: and 1,950 more (column 'spend' (spend.mobile): 975; column 't' (tenure): 975)")


@in_one_folder
@given(
    bad=st.sets(st.tuples(st.integers(0, 7), st.sampled_from(["spend", "tenure", "industry", "rival"])), min_size=1),
    cell=st.text(st.characters(blacklist_categories=["Cs", "Cc", "Nd", "Zs", "Zl", "Zp"]), min_size=1, max_size=5),
)
def test_any_bad_cell_in_any_row_is_told_with_its_row_and_column(
    tmp_path: Path, bad: set[tuple[int, str]], cell: str
) -> None:
    frame = pd.DataFrame(
        {"id": [f"c{row}" for row in range(8)], "spend": "1", "tenure": "3", "industry": "other", "rival": "netcom"}
    )
    for row, column in bad:
        frame.loc[row, column] = f"!{cell}"
    frame.to_csv(tmp_path / "book.csv", index=False)
    columns = {"id": "id", "spend.data": "spend", "tenure": "tenure", "industry": "industry", "rival.data": "rival"}
    with pytest.raises(InputError) as caught:
        read(tmp_path / "book.csv", columns)
    told = {
        (line.split("row ")[1].split(",")[0], line.split("column '")[1].split("'")[0]) for line in caught.value.problems
    }
    assert told == {(str(row + 2), column) for row, column in bad}
    assert len(caught.value.problems) == len(bad)


# ------------------------------------------------------------------------------------------------------ round trips

amounts = st.floats(0, 1e12, allow_nan=False).map(lambda amount: amount + 0.0)
customers = st.fixed_dictionaries(
    {
        "name": st.none() | st.text(st.characters(whitelist_categories=["L", "Nd"]), min_size=1, max_size=6),
        "spend.mobile": amounts,
        "rival_spend.data": st.none() | amounts,
        "rival.data": st.none() | st.sampled_from(RIVALS),
        "months_left.data": st.none() | st.integers(0, 60).map(float),
        "industry": st.none() | st.sampled_from(["retail", "school"]),
        "growth": st.none() | st.floats(-0.9, 5),
    }
)


@in_one_folder
@given(rows=st.lists(customers, min_size=1, max_size=6), ending=st.sampled_from(["csv", "parquet", "xlsx"]))
def test_a_table_written_to_any_kind_of_file_reads_back_equal(
    tmp_path: Path, rows: list[dict[str, Any]], ending: str
) -> None:
    frame = pd.DataFrame(rows)
    frame.insert(0, "id", [f"c{row}" for row in range(len(rows))])
    first = tmp_path / "book.csv"
    frame.to_csv(first, index=False)
    mapping = {name: name for name in frame.columns}
    table = read(first, mapping)
    path = tmp_path / f"again.{ending}"
    getattr(table.frame, {"csv": "to_csv", "parquet": "to_parquet", "xlsx": "to_excel"}[ending])(path, index=False)
    pd.testing.assert_frame_equal(read(path, {name: name for name in table.frame.columns}).frame, table.frame)
    assert table.frame["spend.mobile"].tolist() == [row["spend.mobile"] for row in rows]
