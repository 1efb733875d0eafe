"""SQL over results: every Parquet table below a folder by its name, read only and with no way out of that folder."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.store import MANIFEST
from experiments.sweeps.folder import LEDGER, RUNS, SHARDS, read_sweep
from sim.errors import InputError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


def query(folder: Path, sql: str) -> pd.DataFrame:
    """Return the rows of a SELECT over the tables of all results below a folder.

    A result's tables have the names of their files, such as `runs` and `cells` of sweeps, `trials` and `plan` of runs;
    `folder` tells which result a row is of. `ledger` has the events of sweeps. Raises `InputError` for a statement
    that isn't a question, or that names what isn't there.
    """
    import duckdb

    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name the one that results were written to")
    with duckdb.connect(":memory:") as connection:
        try:
            names = _views(connection, folder)
            _close_in(connection, folder)
            _check_is_question(duckdb.extract_statements(sql))
            table: pd.DataFrame = connection.execute(sql).df()
        except duckdb.Error as error:
            told = " ".join(str(error).split())
            raise InputError(f"{told}; tables here: {', '.join(names) if names else 'none'}") from None
    return table


def _check_is_question(statements: list[Any]) -> None:
    kinds = [statement.type.name for statement in statements]
    if len(kinds) != 1 or kinds[0] not in ("SELECT", "EXPLAIN"):
        given = ", ".join(kinds).lower() or "nothing"
        raise InputError(f"one SELECT can be asked, and {given} was given; results are never changed by a query")


def _close_in(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Let the connection read below the folder only, for good."""
    quoted = _quoted(folder.resolve().as_posix())
    connection.execute(f"SET allowed_directories=[{quoted}]")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")


def _views(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Make a view of each table's name, and return the names."""
    parts: dict[str, list[str]] = defaultdict(list)
    files: dict[str, list[Path]] = defaultdict(list)
    for result in sorted(manifest.parent for manifest in folder.resolve().rglob(MANIFEST)):
        for place in sorted(result.glob("*.parquet")):
            files[place.stem].append(place)
        if (result / LEDGER).exists():
            files["ledger"].append(result / LEDGER)
        if (result / SHARDS).is_dir() and not (result / RUNS).exists():
            name = f"unfinished {len(parts['runs'])}"
            connection.register(name, read_sweep(result).runs)
            parts["runs"].append(f'SELECT {_quoted(result.as_posix())} AS folder, * FROM "{name}"')  # noqa: S608
    for name, places in files.items():
        parts[name].append(_reading(places))
    for name, selects in parts.items():
        connection.execute(f'CREATE VIEW "{name}" AS {" UNION ALL BY NAME ".join(selects)}')
    return sorted(parts)


def _reading(places: list[Path]) -> str:
    """Return the SELECT over files of one name, with the folder that each row is from."""
    listed = ", ".join(_quoted(place.as_posix()) for place in places)
    kind = "read_json" if places[0].suffix == ".jsonl" else "read_parquet"
    read = f"{kind}([{listed}], union_by_name=true, filename=true)"
    return f"SELECT parse_dirpath(filename) AS folder, * EXCLUDE (filename) FROM {read}"  # noqa: S608


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
