"""One setting of a scenario by its path: what it may be, and the scenario with another value of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from pydantic import ValidationError

from experiments.experiment import Experiment
from sim.composing.compose import laid_over
from sim.composing.override import override_layer
from sim.errors import InputError
from sim.quantities import Measure, Settings
from sim.shape import KeyPath, Shape, tree_of


class Setting(NamedTuple):
    """A place in a scenario."""

    path: str
    keys: KeyPath
    measure: Measure | None
    """Unit, bounds and source, where it is a declared number."""
    is_whole: bool
    """Whether it takes whole numbers only."""
    value: Any
    """What it is in the scenario, plain."""


def setting_at(scenario: Experiment, path: str) -> Setting:
    """Return the setting at a dotted path; an unknown one raises `InputError` with what there is."""
    shape, tree = Shape(Experiment), tree_of(scenario, Shape(Experiment))
    try:
        layer = override_layer(f"{path}=0", tree, shape).layer
    except InputError as error:
        raise InputError([problem.removeprefix(f"-s {path}=0: ") for problem in error.problems]) from None
    keys = next(iter(layer.places))
    for key in keys:
        shape = shape.child(key, tree)
        tree = tree[key] if isinstance(tree, Mapping) and key in tree else None
    measure = next((extra for extra in shape.metadata if isinstance(extra, Measure)), None)
    return Setting(path, keys, measure, int in shape.members and float not in shape.members, tree)


def with_values(scenario: Experiment, values: Sequence[tuple[str, Any]], place: str = "") -> Experiment:
    """Return a scenario with other values of some settings, each given by its dotted path.

    Raises `InputError` where a value, or all of them together, aren't allowed; `place` is put before its problems.
    """
    with suppress(_NotPlainError, ValidationError):
        quick = scenario
        for path, value in values:
            quick = _changed(quick, path.split("."), value)
        return quick
    change: dict[Any, Any] = {}
    for path, value in values:
        _put(change, setting_at(scenario, path).keys, value)
    try:
        return laid_over(scenario, change, {})
    except InputError as error:
        raise InputError([f"{place}: {text}".removeprefix(": ") for text in error.problems]) from None


class _NotPlainError(Exception):
    """A change that has to be laid over as a file is."""


def _changed(settings: Any, keys: Sequence[str], value: Any) -> Any:
    """Return settings with another number at a path: some ten times faster than laying a file over them."""
    if not keys:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(settings, int | float):
            raise _NotPlainError
        return value
    if isinstance(settings, Settings) and keys[0] in type(settings).model_fields:
        below = _changed(getattr(settings, keys[0]), keys[1:], value)
        return settings.model_copy(update={keys[0]: below})
    if isinstance(settings, Mapping) and keys[0] in settings:
        return {**settings, keys[0]: _changed(settings[keys[0]], keys[1:], value)}
    raise _NotPlainError


def _put(tree: dict[Any, Any], keys: KeyPath, value: Any) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
    tree[keys[-1]] = value
