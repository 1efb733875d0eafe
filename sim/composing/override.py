"""Overrides of single settings, such as `rivals.netcom.price_index=0.9`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from sim.composing.complaints import told
from sim.composing.yaml_source import Layer, parse
from sim.errors import InputError, did_you_mean
from sim.shape import KeyPath, Shape, tree_of


class Override(NamedTuple):
    """The layer that an override lays over the files, and the place of the mappings above it that no file has."""

    layer: Layer
    parents: dict[KeyPath, str]


def override_layer(text: str, tree: Any, shape: Shape) -> Override:
    """Return the layer that an override stands for.

    The tree, complete with defaults, tells which names there are: an override may add an entry to a mapping, but only
    with its whole value, so that a misspelt name is not taken for a new one.
    """
    place = "-s " + " ".join(text.splitlines())
    name, equals, written = text.partition("=")
    steps = name.strip().split(".")
    if not equals or not written.strip():
        raise InputError(f"{place}: no value; write it as path=value")
    if not all(steps):
        raise InputError(f"{place}: a key is missing; write the path as keys with one dot between them")
    path = _known_path(steps, tree, shape, place)
    value, below = parse(written, lambda _line: place)
    places = {(*path, *inner): place for inner in [(), *below]}
    parents = {path[:length]: place for length in range(1, len(path))}
    for key in reversed(path):
        value = {key: value}
    return Override(Layer(value, places), parents)


def _known_path(steps: list[str], tree: Any, shape: Shape, place: str) -> KeyPath:
    path: KeyPath = ()
    for index, step in enumerate(steps):
        key = _known_key(step, tree, shape, is_last=index == len(steps) - 1)
        if isinstance(key, _Unknown):
            raise InputError(told(place, (*path, step), key.why))
        shape, tree = _below(shape, tree, key)
        path = (*path, key)
    return path


class _Unknown(NamedTuple):
    why: str


def _known_key(step: str, value: Any, shape: Shape, is_last: bool) -> Any:
    """Return the key that a step of a path stands for, or why there is none."""
    inner = shape.narrowed(value)
    keys = shape.keys(value)
    if keys is not None:
        return step if step in keys else _Unknown(f"unknown key; {did_you_mean(step, keys)}")
    if inner.is_mapping:
        known = {str(key): key for key in value} if isinstance(value, Mapping) else {}
        if step not in known and not is_last:
            return _Unknown(f"unknown name; {did_you_mean(step, known)}" if known else "unknown name; give all of it")
        return known.get(step, _new_key(step, inner))
    if inner.is_sequence:
        return _Unknown("part of a list; give the whole list, such as [1, 2]")
    if shape.annotation is not Any and inner.annotation is not Any:
        return _Unknown("there are no keys below a single value; remove this one")
    return step


def _new_key(step: str, shape: Shape) -> Any:
    whole = get_args(shape.annotation)[:1] == (int,)
    return int(step) if whole and step.removeprefix("-").isdigit() else step


def _below(shape: Shape, value: Any, key: Any) -> tuple[Shape, Any]:
    child = shape.child(key, value)
    if isinstance(value, Mapping) and key in value:
        return child, value[key]
    return child, None if child.default is ... else tree_of(child.default, child)
