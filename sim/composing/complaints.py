"""Sentences about settings that cannot be used: what was given, what is allowed, what to do, and where."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.composing.yaml_source import EXTENDS, kind_of
from sim.errors import did_you_mean
from sim.quantities import Measure, plain_number
from sim.shape import KeyPath, Shape, dotted, shortened

LIMITS = {
    "greater_than_equal": "is below the least allowed {ge}",
    "less_than_equal": "is above the most allowed {le}",
    "greater_than": "is not above {gt}",
    "less_than": "is not below {lt}",
    "multiple_of": "is not a multiple of {multiple_of}",
    "string_too_short": "has fewer than {min_length} characters",
    "string_too_long": "has more than {max_length} characters",
    "string_pattern_mismatch": "does not have the form {pattern}",
}
LENGTHS = {
    "too_short": "{actual_length} entries are too few; give at least {min_length}",
    "too_long": "too many entries; give at most {max_length}",
}
WORDS: dict[Any, str] = {
    bool: "true or false",
    str: "text",
    Path: "a path",
    datetime.date: "a date such as 2026-01-31",
    datetime.datetime: "a date and time such as 2026-01-31 08:00:00",
}


class Complaint(NamedTuple):
    """One problem, the key path it is about, and whether another member of a union could still explain it better."""

    path: KeyPath
    text: str
    of_union: bool = False


def complaints(error: ValidationError, model: type[BaseModel], tree: Any, places: Mapping[KeyPath, str]) -> list[str]:
    """Return one line for each problem of a validation, with the place where the value, or its parent, was written."""
    found = [_complaint(details, Shape(model), tree) for details in error.errors(include_url=False)]
    lines = (_line(problem, places) for problem in found if not _better_told(problem, found))
    return list(dict.fromkeys(lines))


def place_of(path: KeyPath, places: Mapping[KeyPath, str]) -> str:
    """Return where a key path, or the nearest above it, was written; empty where nothing was."""
    above = (path[:length] for length in range(len(path), -1, -1))
    return next((places[known] for known in above if known in places), "")


def told(place: str, path: KeyPath, text: str) -> str:
    """Return a problem as one line, without the parts that are empty."""
    line = ": ".join(part for part in (place, dotted(path), text) if part)
    return " ".join(line.splitlines())


def wanted(shape: Shape) -> str:
    """Return in words what may be given at a place; empty where nothing is known about it.

    >>> wanted(Shape(tuple[float, ...], (Measure("hours", 0, 8, "assumed"),)))
    'a list, each entry a number from 0 to 8 (hours)'
    """
    if shape.alternatives:
        return f"a mapping with {shape.alternatives.key}: " + " or ".join(shape.alternatives.choices())
    options = [_wanted(Shape.of(member, shape.metadata, shape.default)) for member in shape.members]
    return " or ".join(dict.fromkeys(option for option in options if option))


def _wanted(shape: Shape) -> str:
    annotation = shape.origin
    if annotation in (int, float):
        return _number(shape, "a whole number" if annotation is int else "a number")
    if names := _choices(shape):
        return "one of " + ", ".join(names) if len(names) > 1 else names[0]
    if shape.model:
        return "a mapping with the keys " + ", ".join(shape.model.model_fields)
    if shape.is_mapping or shape.is_sequence:
        each, kind = wanted(shape.element), "a mapping, each value" if shape.is_mapping else "a list, each entry"
        return f"{kind} {each}" if each else kind.partition(",")[0]
    return WORDS.get(annotation, "")


def _number(shape: Shape, kind: str) -> str:
    measure = _measure(shape)
    return " ".join(part for part in (kind, measure.range(), f"({measure.unit})") if part) if measure else kind


def _measure(shape: Shape) -> Measure | None:
    return next((extra for extra in shape.metadata if isinstance(extra, Measure)), None)


def _choices(shape: Shape) -> list[str]:
    if shape.origin is Literal:
        return [str(choice) for choice in get_args(shape.annotation)]
    if isinstance(shape.origin, type) and issubclass(shape.origin, Enum):
        return [str(choice.value) for choice in shape.origin]
    return []


class _Found(NamedTuple):
    """What an error's location stands for in the tree."""

    path: KeyPath
    shape: Shape
    parent: Shape
    parent_value: Any
    value: Any
    of_union: bool


def _found(shape: Shape, tree: Any, location: KeyPath) -> _Found:
    """Follow an error's location, leaving out the steps that name the member of a union instead of a key."""
    found = _Found((), shape, shape, tree, tree, False)
    within = shape
    for step in location:
        if within.tags_errors:
            within = within.narrowed(found.value)
            found = found._replace(of_union=True)
        elif step != "[key]":
            below = within.child(step, found.value)
            found = _Found((*found.path, step), below, within, found.value, _entry(found.value, step), False)
            within = below
    return found


def _entry(value: Any, key: Any) -> Any:
    inside = isinstance(value, Mapping) and key in value
    inside = inside or (isinstance(value, list | tuple) and key in range(len(value)))
    return value[key] if inside else None


def _complaint(details: ErrorDetails, shape: Shape, tree: Any) -> Complaint:
    found = _found(shape, tree, details["loc"])
    context = details.get("ctx", {})
    if details["type"].startswith("union_tag"):
        return _of_tag(found, context)
    about_key = "[key]" in details["loc"] or details["type"] == "invalid_key"
    text = _of_key(found) if about_key else _sentence(details, context, found)
    return Complaint(found.path, text, found.of_union)


def _sentence(details: ErrorDetails, context: Mapping[str, Any], found: _Found) -> str:
    kind, given = details["type"], details["input"]
    allowed = wanted(found.shape)
    if kind == "missing":
        return "missing; give " + (allowed or "it a value")
    if kind == "extra_forbidden":
        return _unknown_key(found)
    if kind in LIMITS and not found.of_union:
        return _beyond(LIMITS[kind].format_map(_plain(context)), given, found.shape)
    if kind in LENGTHS:
        return LENGTHS[kind].format_map(_plain(context))
    if kind in ("literal_error", "enum") and isinstance(given, str) and not found.of_union:
        return f"{shortened(given)} is not allowed; {_closest(given, found.shape)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error")) or "is not allowed"
    if kind == "problem":
        return details["msg"]
    return _wrong_kind(given, allowed or _rephrased(details["msg"]))


def _wrong_kind(given: Any, allowed: str) -> str:
    what = kind_of(given)
    if allowed.startswith("a whole number") and isinstance(given, float):
        what = f"{given!r} is not a whole number"
    elif isinstance(given, float) and given - given != 0:
        what = f"{given!r} is not finite"
    elif what.startswith("a "):
        what = f"{what} is given"
    quoted = isinstance(given, str) and "number" in allowed.partition(",")[0] and _reads_as_number(given)
    return f"{what}; give {allowed}" + (", without quotes" if quoted else "")


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _beyond(limit: str, given: Any, shape: Shape) -> str:
    measure = _measure(shape)
    shown = plain_number(given) if isinstance(given, float) else shortened(given)
    unit = f" ({measure.unit})" if measure else ""
    whole = int in shape.members and float not in shape.members
    bounds = f"; give a {'whole ' * whole}number {measure.range()}" if measure else "; change it"
    return f"{shown} {limit}{unit}{bounds}"


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain_number(value) if isinstance(value, float) else value for key, value in context.items()}


def _unknown_key(found: _Found) -> str:
    allowed = found.parent.keys(found.parent_value) or []
    extra = [EXTENDS] if len(found.path) == 1 else []
    return "unknown key; " + did_you_mean(str(found.path[-1]), [*allowed, *extra])


def _of_key(found: _Found) -> str:
    key = found.path[-1]
    keys = Shape.of((get_args(found.parent.narrowed(found.parent_value).annotation) or (str,))[0])
    if _choices(keys):
        return f"unknown name; {_closest(key, keys)}"
    quotes = f"put it in quotes: '{key}'" if str in keys.members or found.parent.model else f"give {wanted(keys)}"
    return f"the name {kind_of(key)}; {quotes}"


def _closest(given: Any, shape: Shape) -> str:
    names = [name for member in shape.members for name in _choices(Shape.of(member))]
    return did_you_mean(str(given), names)


def _of_tag(found: _Found, context: Mapping[str, Any]) -> Complaint:
    key = found.shape.alternatives.key if found.shape.alternatives else str(context["discriminator"]).strip("'")
    names = list(found.shape.alternatives.choices()) if found.shape.alternatives else []
    given = context.get("tag")
    text = "missing" if given is None else f"{shortened(given)} is unknown"
    return Complaint((*found.path, key), f"{text}; {did_you_mean(str(given or ''), names)}")


def _rephrased(message: str) -> str:
    return message.removeprefix("Input should be ").removeprefix("a valid ").replace("dictionary", "mapping")


def _better_told(problem: Complaint, found: list[Complaint]) -> bool:
    """Whether an error deeper inside says what is wrong with a value that some member of a union nearly reads."""
    length = len(problem.path)
    deeper = (other for other in found if len(other.path) > length and other.path[:length] == problem.path)
    return problem.of_union and any(deeper)


def _line(problem: Complaint, places: Mapping[KeyPath, str]) -> str:
    return told(place_of(problem.path, places), problem.path, problem.text)
