"""What is wrong with a scenario's mapping of columns, before any row is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.errors import did_you_mean
from sim.intake.cells import constant, word_text
from sim.intake.columns import CustomerColumn
from sim.intake.mapping import ColumnMap, CustomerFile, Word


def mapping_problems(spec: CustomerFile, columns: Mapping[str, CustomerColumn], place: str) -> list[str]:
    """Return what is wrong with a mapping before any row is read, a line each, led by `place`."""
    found = [f"columns: {problem}" for problem in _gaps(spec, columns)]
    for name, given in spec.columns.items():
        problems = _problems_of(columns[name], given) if name in columns else _unknown(name, columns)
        found += [f"columns.{name}{problem}" for problem in problems]
    return [f"{place}: customers.{problem}" for problem in found]


def sound_columns(spec: CustomerFile, columns: Mapping[str, CustomerColumn]) -> dict[str, ColumnMap]:
    """Return the part of a mapping that nothing is wrong with, so that rows can be checked against it."""
    known = {name: given for name, given in spec.columns.items() if name in columns}
    return {name: given for name, given in known.items() if not any(_problems_of(columns[name], given))}


def _gaps(spec: CustomerFile, columns: Mapping[str, CustomerColumn]) -> Iterator[str]:
    if "id" not in spec.columns:
        yield "id is needed; a file that has none can say id: {row: true}"
    spends = [name for name in columns if name.startswith("spend.")]
    if not any(name in spec.columns for name in spends):
        yield f"at least one of {', '.join(spends)} is needed"
    if "plan" in spec.columns and "plan_x" not in spec.columns:
        yield "plan_x, the plan's base amount, is needed beside plan"


def _unknown(name: str, columns: Mapping[str, CustomerColumn]) -> Iterator[str]:
    yield f": unknown column; {did_you_mean(name, columns)}"


def _problems_of(column: CustomerColumn, given: ColumnMap) -> Iterator[str]:
    if given.row and column.name != "id":
        yield ".row: goes with id only"
    if given.value is not None and column.name == "id":
        yield ".value: every customer needs an id of its own"
    if given.scale != 1 and not column.is_number:
        yield ".scale: goes with numbers only"
    yield from _constants(column, {"value": given.value, "missing": given.missing})
    yield from _constants(column, {f"words.{word}": ours for word, ours in given.words.items() if ours != ""})


def _constants(column: CustomerColumn, given: Mapping[str, Word | None]) -> Iterator[str]:
    for key, value in given.items():
        refusals = () if value is None else constant(column, value).refusals
        if value is not None and not word_text(value):
            yield f".{key}: must not be empty"
        elif refusals:
            yield f".{key}: '{value}' {refusals[0].rule(str(value))}"
