"""A run as tidy tables: one row a month, group, carrier, line and measure, and one a flow of lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.history import COUNTS_BY_GROUP, MONEY_BY_GROUP, STANDINGS, History, yuan
from sim.kernels.behaviour import MONEY_UNIT
from sim.names import CLASSES, STAGES
from sim.record_groups import GROUPS, LEVELS
from sim.segment import KNOWN, PATHS, SIZES

MONEY, LINES, CUSTOMERS = "yuan/month", "lines", "customers"
UNITS = {"complaints": "complaints", "on_plan": CUSTOMERS}
"""Units of counts; the others are visits."""
NOWHERE = -1
"""The place on an axis that a measure doesn't have."""


class Grid(NamedTuple):
    """One measure over months, groups, and carriers or lines, or both, where it has them."""

    measure: str
    unit: str
    values: NDArray[Any]
    """Shape (months, groups, carriers or 1, lines or 1)."""
    carrier: bool = False
    line: bool = False


def history_table(histories: Mapping[str, History], carriers: Iterable[str], lines: Iterable[str]) -> pd.DataFrame:
    """Return runs in long form, by policy: month, group, carrier, line, measure, value and unit.

    A group is a value class and the three levels of a segment; groups that nobody is in are left out. Where a measure
    has no carrier or no line, and where nothing was recorded by group, the column is empty. Satisfaction is the mean
    over the customers that the carrier serves, whose number is the measure `served`.
    """
    words = (tuple(carriers), tuple(lines))
    tables = [_measures(history, *words).assign(policy=policy) for policy, history in histories.items()]
    return _by_policy(tables, histories)


def flows_table(histories: Mapping[str, History], carriers: Iterable[str], lines: Iterable[str]) -> pd.DataFrame:
    """Return lines that went from carrier to carrier, by policy, month, group and line; those that stayed too."""
    names, lines = tuple(carriers), tuple(lines)
    tables = []
    for policy, history in histories.items():
        flows = _grouped(history, history.flows_by_group, history.flows)
        month, group, line, before, after = np.indices(flows.shape, dtype=np.int32)
        columns = {
            **_group_columns(history, group.ravel()),
            "line": _words(line.ravel(), lines),
            "from": _words(before.ravel(), names),
            "to": _words(after.ravel(), names),
            "lines": flows.ravel(),
        }
        tables.append(pd.DataFrame({"month": month.ravel(), **columns}).assign(policy=policy))
    return _by_policy(tables, histories)


def _measures(history: History, carriers: tuple[str, ...], lines: tuple[str, ...]) -> pd.DataFrame:
    grids = [*_grids(history)]
    parts = [_cells(number, grid) for number, grid in enumerate(grids)]
    month, group, carrier, line, measure, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    units = tuple(dict.fromkeys(grid.unit for grid in grids))
    unit = np.array([units.index(grid.unit) for grid in grids])[measure]
    columns = {
        **_group_columns(history, group),
        "carrier": _words(carrier, carriers),
        "line": _words(line, lines),
        "measure": _words(measure, tuple(grid.measure for grid in grids)),
        "value": value,
        "unit": _words(unit, units),
    }
    return pd.DataFrame({"month": month, **columns})


def _cells(number: int, grid: Grid) -> list[NDArray[Any]]:
    """Return month, group, carrier, line, the measure's number and its value, one entry a known value."""
    place: NDArray[np.int32] = np.array(np.indices(grid.values.shape, dtype=np.int32))
    place[2] = place[2] if grid.carrier else NOWHERE
    place[3] = place[3] if grid.line else NOWHERE
    known = ~np.isnan(grid.values)
    return [*place[:, known], np.full(known.sum(), number), grid.values[known]]


def _grids(history: History) -> Iterator[Grid]:
    revenue = _grouped(history, history.revenue_by_group, history.revenue)
    yield Grid("revenue", MONEY, yuan(revenue), carrier=True, line=True)
    for number, name in enumerate(MONEY_BY_GROUP):
        money = _grouped(history, history.money_by_group[..., number], getattr(history, name))
        yield Grid(name, MONEY, yuan(money)[..., None, None])
    for number, name in enumerate(COUNTS_BY_GROUP):
        counts = _grouped(history, history.counts_by_group[..., number], getattr(history, name))
        yield Grid(name, UNITS.get(name, "visits"), counts.astype(float)[..., None, None])
    if not _is_grouped(history):
        return
    some = _peopled(history)
    for number, name in enumerate(STANDINGS):
        standing = history.standing_by_group[:, some][..., number].astype(float)
        yield Grid(f"lines_{name}", LINES, standing[:, :, None], line=True)
    for stage in range(len(STAGES)):
        counted = history.stages_by_group[:, some][..., stage].astype(float)
        yield Grid(f"stage.{STAGES[stage]}", CUSTOMERS, counted[..., None, None])
    served = history.served_by_group[:, some].astype(float)
    felt = history.satisfaction_by_group[:, some] / MONEY_UNIT
    mean = np.divide(felt, served, out=np.full_like(felt, np.nan), where=served > 0)
    yield Grid("served", CUSTOMERS, served[..., None], carrier=True)
    yield Grid("satisfaction", "0 to 1", mean[..., None], carrier=True)


def _is_grouped(history: History) -> bool:
    return bool(history.stages_by_group.shape[1])


def _peopled(history: History) -> NDArray[np.intp]:
    """Return the groups that somebody is in."""
    return np.flatnonzero(history.stages_by_group.sum(axis=(0, 2)))


def _grouped(history: History, by_group: NDArray[Any], total: NDArray[Any]) -> NDArray[Any]:
    """Return what was recorded by group, else the total as that of a single group."""
    return by_group[:, _peopled(history)] if _is_grouped(history) else total[:, None]


def _group_columns(history: History, place: NDArray[Any]) -> dict[str, Any]:
    """Return the columns of value class and segment, given places among the groups that somebody is in."""
    if not _is_grouped(history):
        nobody = np.full(place.size, NOWHERE)
        return {level: _words(nobody, _of_level(level)) for level in LEVELS}
    names = [GROUPS[group] for group in _peopled(history)]
    return {
        level: _words(np.array([_of_level(level).index(name[k]) for name in names])[place], _of_level(level))
        for k, level in enumerate(LEVELS)
    }


def _of_level(level: str) -> tuple[str, ...]:
    locations = tuple(dict.fromkeys(path[-1] for path in PATHS))
    return {"class": CLASSES, "known": KNOWN, "size": SIZES, "location": locations}[level]


def _words(index: NDArray[Any], words: tuple[str, ...]) -> Any:
    return pd.Categorical.from_codes(index.astype(np.int64), categories=pd.Index(words))


def _by_policy(tables: list[pd.DataFrame], policies: Iterable[str]) -> pd.DataFrame:
    """Return the tables of several policies one below another, the policy in the first column."""
    joined = pd.concat(tables, ignore_index=True)
    joined["policy"] = pd.Categorical(joined["policy"], categories=list(policies))
    return joined[["policy", *joined.columns.drop("policy")]]
