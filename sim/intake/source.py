"""Finds the customers' file and opens it by its ending."""

from __future__ import annotations

import os
from pathlib import Path

from sim.errors import InputError
from sim.intake.csv_file import read_csv
from sim.intake.excel_file import read_excel
from sim.intake.mapping import CustomerFile
from sim.intake.parquet_file import read_parquet
from sim.intake.sheet import Sheet

DATA_FOLDER = "KEYSTAY_DATA"
ENDINGS = (".csv", ".parquet", ".xlsx")


def find_file(path: str, folder: Path) -> Path:
    """Return where a file is: at an absolute path, in the scenario's folder, or in the folder KEYSTAY_DATA.

    Raises InputError that names every place looked in.
    """
    data_folder = os.environ.get(DATA_FOLDER)
    places = [folder / path, *([Path(data_folder) / path] if data_folder and not Path(path).is_absolute() else [])]
    for place in places:
        if place.is_file():
            return place
    if places[0].is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    looked = " and ".join(str(place) for place in places)
    told = "" if data_folder else f", or set the environment variable {DATA_FOLDER} to the data's folder"
    raise InputError(f"{path}: isn't there; looked for {looked}; give a path relative to the scenario's folder{told}")


def open_sheet(data: bytes, file: str, spec: CustomerFile) -> Sheet:
    """Return the cells of a file, read by what the name `file` ends in; raises InputError when it can't be read."""
    ending = Path(file).suffix.lower()
    _refuse_idle_settings(spec, file, ending)
    if ending == ".csv":
        return read_csv(data, file, spec.delimiter, spec.encoding)
    if ending == ".parquet":
        return read_parquet(data, file)
    if ending == ".xlsx":
        return read_excel(data, file, spec.sheet)
    old = "an old Excel file; " if ending == ".xls" else ""
    raise InputError(f"{file}: {old}customers are read from {', '.join(ENDINGS)}; save it as one of these")


def _refuse_idle_settings(spec: CustomerFile, file: str, ending: str) -> None:
    problems = []
    if spec.sheet is not None and ending != ".xlsx":
        problems.append(f"{file}: sheet: goes with an Excel file only")
    if (spec.encoding is not None or spec.delimiter != ",") and ending != ".csv":
        problems.append(f"{file}: encoding and delimiter: go with a CSV file only")
    if problems:
        raise InputError(problems)
