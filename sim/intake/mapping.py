"""How a scenario says which of a customer file's columns is which of ours; loads no heavy library."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from sim.quantities import Settings

NEVER = '"\r\n\0'  # means something else in a CSV file
Word = str | int | float


class ColumnMap(Settings):
    """Where one column of ours comes from: a `column` of the file, a `value` for all rows, or (for id) the `row`.

    >>> ColumnMap(column="Decides", words={"1": "owner", "2": "group", "9": ""}, missing="person").column
    'Decides'
    """

    column: str | None = Field(None, description="the heading of the file's column")
    value: Word | None = Field(None, description="a constant for all rows")
    row: bool = Field(False, description="number the customers by row, for id only")
    scale: float = Field(1.0, gt=0, allow_inf_nan=False, description="multiplies the file's numbers")
    words: dict[Word, Word] = Field(
        default_factory=dict, description="the file's words and what they mean here; '' means unknown"
    )
    missing: Word | None = Field(None, description="what an empty cell means; without it: unknown, or an error")

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> ColumnMap:
        if (self.column is not None) + (self.value is not None) + self.row != 1:
            raise ValueError("give exactly one of column (of the file), value (for all rows) and row: true (for id)")
        if self.column is None and (self.words or self.missing is not None or self.scale != 1):
            raise ValueError("scale, words and missing go with column only")
        return self


def _spelled_out(given: Any) -> Any:
    return {"column": given} if isinstance(given, str) else given


class CustomerFile(Settings):
    """The customers' file and its columns; a column may be given by its heading alone.

    >>> spec = CustomerFile.model_validate({"path": "book.csv", "columns": {"id": "Account", "spend.data": "Bill"}})
    >>> spec.columns["spend.data"].column
    'Bill'
    """

    path: str = Field(description="a .csv, .parquet or .xlsx file, relative to the scenario's folder or KEYSTAY_DATA")
    sheet: str | None = Field(None, description="the sheet of an Excel file that has several")
    encoding: str | None = Field(None, description="of a CSV file that isn't UTF-8, such as gb18030")
    delimiter: str = Field(",", description="what stands between the cells of a CSV file")
    columns: dict[str, Annotated[ColumnMap, BeforeValidator(_spelled_out, json_schema_input_type=ColumnMap | str)]] = (
        Field(description="our columns and where each comes from")
    )
    ignore_other_columns: bool = Field(True, description="whether columns that nothing uses are only noted")

    @model_validator(mode="after")
    def _delimiter_is_one_character(self) -> CustomerFile:
        if (
            len(self.delimiter) != 1
            or not self.delimiter.isascii()
            or self.delimiter.isalnum()
            or self.delimiter in NEVER
        ):
            raise ValueError(f"delimiter: {self.delimiter!r} must be one character such as ',' ';' '|' or a tab")
        return self
