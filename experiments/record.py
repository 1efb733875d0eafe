"""What a result's folder holds: tables, sheets, the answer, the figure, and how all of it came about."""

from __future__ import annotations

import datetime
import importlib.util
import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

import pandas as pd

from experiments.experiment import Experiment, name_of
from experiments.field_plan import lay_out, sheet_files
from experiments.figures import answer_figure, png_bytes
from experiments.history_table import flows_table, history_table
from experiments.sheets import csv_bytes, xlsx_bytes
from experiments.store import SCENARIO, identity, parquet_bytes, write_new, write_result
from experiments.tables import months_table
from optimize.marginal import hour_values, marginal_values
from optimize.plan import Plan, plan_table
from optimize.reasons import reasons_of
from optimize.worth import Trials, trials_table
from sim.book import Book, book_table
from sim.city import Start
from sim.composing.compose import Composed, dump_yaml
from sim.history import History
from sim.quantities import Settings
from sim.shape import Shape, tree_of

SHEETS = {"plan", "comparison", "budgets", "marginals", "hours", "decisions"}
LIBRARIES = ("numpy", "pandas", "numba", "simpy", "pulp", "highspy", "scipy", "pyarrow")


class Clock:
    """A clock that begins when it is made."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.created = datetime.datetime.now(datetime.UTC)

    @property
    def seconds(self) -> float:
        """Return how long ago that was, seconds."""
        return round(time.monotonic() - self.begun, 3)


def record(
    experiment: Composed[Experiment],
    start: Start,
    plan: Plan,
    trials: Trials,
    comparison: pd.DataFrame,
    first: Mapping[str, History],
    told: Sequence[str],
    root: Path,
    command: Sequence[str],
    clock: Clock,
) -> Path:
    """Store a result below `root` and return its folder, which is named after the question's content.

    `first` is the first future under some of the policies.
    """
    settings = experiment.settings
    resolved, inputs, name = question(experiment, start)
    folder = root / name_of(experiment) / name
    names = (tuple(settings.carriers), tuple(settings.lines))
    tables = {
        "plan": reasoned(plan, start.book),
        "comparison": comparison,
        "budgets": plan.used,
        "marginals": marginal_values(plan),
        "hours": hour_values(plan, start.book),
        **({"decisions": plan.decisions} if len(plan.decisions) else {}),
        "trials": trials_table(trials),
        "book": book_table(start.book, tuple(settings.lines), tuple(settings.carriers)),
        "months": months_table(first, settings.carriers),
        "history": history_table(first, *names),
        "flows": flows_table(first, *names),
    }
    manifest = {
        **facts(experiment, start, trials.seeds, inputs, command, clock),
        "id": name,
        "answer": " ".join(told),
        "plan": plan_facts(plan),
    }
    field = sheet_files(lay_out(settings, start.book, plan, reasons=reasons_of(plan, plan.book(start.book))))
    write_result(folder, {SCENARIO: resolved.encode(), **result_files(tables, told), **field}, manifest)
    return folder


def question(experiment: Composed[Experiment], start: Start, *purpose: str) -> tuple[str, dict[str, str], str]:
    """Return the resolved scenario, the digests of files that were read, and the id of what is asked of them."""
    settings = experiment.settings
    inputs = {**dict(start.inputs), **extension_digests(settings.extensions)}
    resolved = dump_yaml(settings)
    digests = (f"{file} {digest}" for file, digest in sorted(inputs.items()))
    return resolved, inputs, identity(resolved, *digests, keystay_version(), *purpose)


def facts(
    experiment: Composed[Experiment],
    start: Start,
    seeds: Sequence[int],
    inputs: dict[str, str],
    command: Sequence[str],
    clock: Clock,
) -> dict[str, Any]:
    """Return what is to be known about how any result came about."""
    settings = experiment.settings
    return {
        "experiment": name_of(experiment),
        "notes": [*([settings.notes] if settings.notes else []), *start.notes],
        "seeds": {"city": settings.seed, "futures": settings.comparison.seed, "replications": list(seeds)},
        "inputs": inputs,
        "command": portable(command),
        "versions": versions(),
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "created": clock.created.isoformat(timespec="seconds"),
        "seconds": clock.seconds,
        "scenario": plain(settings),
    }


def result_files(tables: dict[str, pd.DataFrame], told: Sequence[str]) -> dict[str, bytes]:
    """Return the files of a result by name, but for its scenario and manifest."""
    figure, _ = answer_figure(tables["comparison"])
    return {
        **{f"{name}.parquet": parquet_bytes(table) for name, table in tables.items()},
        **plan_files(tables, told),
        "answer.txt": ("\n".join(told) + "\n").encode(),
        "answer.png": png_bytes(figure),
    }


def plan_files(tables: dict[str, pd.DataFrame], told: Sequence[str]) -> dict[str, bytes]:
    """Return the plan as Excel and CSV files by name."""
    sheets = {name: table for name, table in tables.items() if name in SHEETS}
    return {"plan.csv": csv_bytes(tables["plan"]), "plan.xlsx": xlsx_bytes(told, sheets)}


def write_plan(plan: Plan, book: Book, folder: Path, more: Mapping[str, bytes] | None = None) -> None:
    """Write a plan that has not been tried out into a folder that has none, as Excel and CSV, and `more` files."""
    told = ["A plan that has not been tried out: its figures are the optimiser's own expectation."]
    tables = {"plan": reasoned(plan, book), "budgets": plan.used}
    tables |= {"decisions": plan.decisions} if len(plan.decisions) else {}
    write_new(folder, {**plan_files(tables, told), **(more or {})}, "name another folder with --out, or move it away")


def reasoned(plan: Plan, book: Book) -> pd.DataFrame:
    """Return who gets what, and for each account the next best, what decided against it, and that in a sentence."""
    book = plan.book(book)
    why = reasons_of(plan, book)[["id", "next_best", "next_brings", "next_hours", "next_cost", "decided_by", "reason"]]
    return plan_table(plan, book).merge(why, on="id", how="left", validate="one_to_one")


def plan_facts(plan: Plan) -> dict[str, Any]:
    """Return what is to be known about how a plan was found."""
    allocation = plan.allocation
    return {
        "objective": plan.objective,
        "status": allocation.status,
        "expected_uplift": plan.expected_uplift,
        "bound_on_uplift": allocation.bound - allocation.nothing,
        "gap": allocation.gap,
        "method": allocation.method,
        "hired": plan.hired.name,
        "group_decisions": len(plan.decisions),
    }


def plain(settings: Settings) -> dict[str, Any]:
    """Return settings as the mappings, lists, texts and numbers that a file holds."""
    tree: dict[str, Any] = tree_of(settings, Shape(type(settings)))
    return tree


def portable(command: Sequence[str]) -> list[str]:
    """Return a command line without places on a machine: of an absolute path only its name is left.

    >>> portable(["/opt/bin/keystay", "run", "city.yaml", "--results=/mnt/out", "-s", "customers.path=/mnt/book.csv"])
    ['keystay', 'run', 'city.yaml', '--results=out', '-s', 'customers.path=book.csv']
    """
    return [_portable(word) for word in command]


def _portable(word: str) -> str:
    before, equals, value = word.rpartition("=")
    absolute = PurePath(value).is_absolute() or PureWindowsPath(value).is_absolute() or value.startswith("~")
    return before + equals + (PureWindowsPath(value).name if absolute else value)


def extension_digests(modules: Sequence[str]) -> dict[str, str]:
    """Return the digest of each extension's file, as its parts move the result."""
    found = {module: importlib.util.find_spec(module) for module in modules}
    files = {module: Path(spec.origin) for module, spec in found.items() if spec and spec.origin}
    return {f"extension {module}": identity(file.read_text(encoding="utf-8")) for module, file in files.items()}


def keystay_version() -> str:
    """Return the version of keystay, 'unknown' where it isn't installed."""
    try:
        return version("keystay")
    except PackageNotFoundError:
        return "unknown"


def versions() -> dict[str, str]:
    """Return the versions of keystay, Python and the libraries that move numbers."""
    return {
        "keystay": keystay_version(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
