"""The cells of a sweep: every scenario at every point of the design, with the values that settings take there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.sweeps.design import Design
from experiments.sweeps.model import Cell, Value, cell_id
from experiments.sweeps.question import Asked
from experiments.sweeps.setting import Setting, setting_at, with_values
from experiments.sweeps.uncertainty import Bounds, Uncertainty, Uniform, Values, ends, whole
from sim.errors import InputError

Point = tuple[tuple[str, Value], ...]


def known_uncertainties(asked: Asked) -> dict[str, Uncertainty]:
    """Return what is uncertain by setting, with its bounds looked up, checked against every scenario.

    Raises `InputError` with all that no scenario could take: unknown settings, values out of bounds.
    """
    problems: list[str] = []
    found: dict[str, Uncertainty] = {}
    for path, unknown in asked.settings.over.items():
        place = asked.place("over", path)
        try:
            found[path] = _checked(asked, path, unknown, place)
        except InputError as error:
            problems += [text if text.startswith(place) else f"{place}: {text}" for text in error.problems]
    if problems:
        raise InputError(problems)
    return found


def _checked(asked: Asked, path: str, unknown: Uncertainty, place: str) -> Uncertainty:
    scenarios = {name: composed.settings for name, composed in asked.scenarios.items()}
    settings = [setting_at(scenario, path) for scenario in scenarios.values()]
    if isinstance(unknown, Bounds):
        unknown = _between_bounds(settings[0])
    tried = unknown.of if isinstance(unknown, Values) else ends(unknown)
    for scenario in scenarios.values():
        for value in tried:
            with_values(scenario, [(path, fitted(value, settings[0], unknown))], place)
    return unknown


def _between_bounds(setting: Setting) -> Uniform:
    measure = setting.measure
    if measure is None or measure.low is None or measure.high is None:
        raise InputError("declares no bounds at both ends; give {name: uniform, low: ..., high: ...} instead")
    return Uniform(low=float(measure.low), high=float(measure.high))


def cells_of(asked: Asked, known: Mapping[str, Uncertainty], texts: Mapping[str, str], version: str) -> list[Cell]:
    """Return the cells, scenario by scenario in the design's order; a point that comes again is the same cell.

    `texts` are the resolved scenarios with the digests of their inputs, by name; `version` is the model's.
    """
    shares = points(asked, known)
    first = next(iter(asked.scenarios.values())).settings
    settings = {path: setting_at(first, path) for path in known}
    columns = {
        path: [fitted(value, settings[path], known[path]) for value in known[path].at(shares[:, at])]
        for at, path in enumerate(known)
    }
    rows = _distinct([tuple((path, columns[path][at]) for path in columns) for at in range(len(shares))])
    made = [(name, row) for name in asked.scenarios for row in rows]
    return [
        Cell(number, name, point, cell_id(texts[name], point, version)) for number, (name, point) in enumerate(made)
    ]


def cells_over(over: Mapping[str, Uncertainty], design: Design, version: str, scenario: str = "function") -> list[Cell]:
    """Return the cells of a model of one's own, whose inputs are uncertain; a point that comes again is the same cell.

    >>> from experiments.sweeps.design import OneAtATime
    >>> cells_over({"x": Uniform(low=0, high=2)}, OneAtATime(), "1")[1].point
    (('x', 0.0),)
    """
    shares = np.asarray(design.unit(tuple(over)), dtype=float)
    columns = {path: unknown.at(shares[:, at]) for at, (path, unknown) in enumerate(over.items())}
    rows = _distinct([tuple((path, columns[path][at]) for path in over) for at in range(len(shares))])
    return [Cell(at, scenario, row, cell_id(scenario, row, version)) for at, row in enumerate(rows)]


def _distinct(points: list[Point]) -> list[Point]:
    """Return points as they first come, each once."""
    return list({repr(point): point for point in reversed(points)}.values())[::-1]


def points(asked: Asked, known: Mapping[str, Uncertainty]) -> Any:
    """Return the design's points, shape (points, uncertain settings); one where nothing is uncertain."""
    if not known:
        return np.empty((1, 0))
    try:
        return np.asarray(asked.settings.design.unit(tuple(known)), dtype=float)
    except (ValueError, ImportError) as error:
        raise InputError(f"{asked.place('design')}: {error}") from None


def fitted(value: Any, setting: Setting, unknown: Uncertainty) -> Any:
    """Return a value as the setting takes it: whole, where it takes whole numbers only."""
    if not setting.is_whole or isinstance(unknown, Values) or not isinstance(value, float):
        return value
    return whole(value, *ends(unknown))


def cells_table(cells: list[Cell] | tuple[Cell, ...]) -> pd.DataFrame:
    """Return one row a cell: cell, scenario, id, then what each uncertain setting is there."""
    paths = [path for path, _ in cells[0].point] if cells else []
    table = pd.DataFrame(
        {
            "cell": np.array([cell.number for cell in cells], dtype=np.int64),
            "scenario": [cell.scenario for cell in cells],
            "id": [cell.id for cell in cells],
        }
    )
    for at, path in enumerate(paths):
        table[path] = [_told(cell.point[at][1]) for cell in cells]
    return table


def _told(value: Any) -> Any:
    """Return a value as a table holds it: a mapping or a list as text."""
    return value if isinstance(value, str | int | float | bool) or value is None else repr(value)
