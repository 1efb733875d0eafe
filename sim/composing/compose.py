"""Settings composed from files that extend each other and from overrides, with the place of everything given.

A file is YAML 1.2 and says what differs from its base and from the model's defaults. Mappings are merged, lists and
single values replaced. A null takes away what a base or a default gives: an entry of a mapping is gone, a setting is
back at its default, or is null where null is a value of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from sim.composing.complaints import complaints, place_of
from sim.composing.layering import filled, merge, with_removals
from sim.composing.override import override_layer
from sim.composing.yaml_source import EXTENDS, Layer, layers
from sim.errors import InputError
from sim.quantities import Settings
from sim.registry import Registry, load_extensions
from sim.shape import KeyPath, Shape, dotted, paths, tree_of

M = TypeVar("M", bound=Settings)
EXTENSIONS = "extensions"


@dataclass(frozen=True)
class Composed(Generic[M]):
    """Settings and what they were composed from."""

    settings: M
    tree: dict[Any, Any]
    """What was given, merged, before the model checked it."""
    origin: dict[str, str]
    """Dotted key path to 'file:line' or 'override -s …'; what no file gave is not in it."""
    files: tuple[Path, ...]
    """The files read, base first."""


def compose(
    model: type[M], source: str | Path | Mapping[Any, Any], overrides: Sequence[str] = (), shelves: Sequence[Path] = ()
) -> Composed[M]:
    """Compose settings from a shipped name, a file or a mapping, and from overrides such as `plans.A.pay=1.2`.

    A text without a folder and an ending is a name, looked up in the shelves, which are folders of shipped files; any
    other text is a path. Raises `InputError` with all problems, each with its file and line.

    >>> class Fee(Settings):
    ...     monthly: float = 99.0
    >>> compose(Fee, {}, ["monthly=89"]).settings
    Fee(monthly=89.0)
    """
    return compose_layers(model, layers(source, shelves), overrides)


def compose_layers(model: type[M], found: Sequence[Layer], overrides: Sequence[str] = ()) -> Composed[M]:
    """Compose settings from layers, those that others are laid over first, as `compose` does from what it reads."""
    given, problems = _overridden(_laid(found, Shape(model)), overrides, Shape(model))
    if failures := _failing_extensions(model, given):
        raise InputError([*failures, *problems])
    tree = filled(given.tree, Shape(model))
    try:
        settings = model.model_validate(tree)
    except ValidationError as error:
        problems += complaints(error, model, tree, given.places)
    if problems:
        raise InputError(problems)
    files = dict.fromkeys(layer.file for layer in found if layer.file)
    return Composed(settings, tree, _origin(tree, given.places), tuple(files))


def laid_over(settings: M, change: Mapping[Any, Any], places: Mapping[KeyPath, str]) -> M:
    """Return settings with a change laid over them as a file is over the one that it extends.

    `places` tells where each key path of the change was written; raises `InputError` with all problems.

    >>> class Fee(Settings):
    ...     monthly: float = 99.0
    >>> laid_over(Fee(monthly=89.0), {"monthly": None}, {})
    Fee(monthly=99.0)
    """
    shape = Shape(type(settings))
    tree = filled(merge(with_removals(tree_of(settings, shape), shape), change, shape), shape)
    try:
        return type(settings).model_validate(tree)
    except ValidationError as error:
        raise InputError(complaints(error, type(settings), tree, places)) from None


def _laid(found: Sequence[Layer], shape: Shape) -> Layer:
    laid = Layer({})
    for layer in found:
        laid = Layer(merge(laid.tree, layer.tree, shape), {**laid.places, **layer.places})
    return laid


def _failing_extensions(model: type[BaseModel], given: Layer) -> list[str]:
    """Import the modules asked for, before names of parts are looked up, and return what went wrong."""
    modules = given.tree.get(EXTENSIONS)
    problems: list[str] = []
    if EXTENSIONS not in model.model_fields or not isinstance(modules, list | tuple):
        return problems
    for index, module in enumerate(modules):
        try:
            load_extensions([module] if isinstance(module, str) else [])
        except InputError as error:
            place = place_of((EXTENSIONS, index), given.places)
            problems += [f"{place}: {problem}".removeprefix(": ") for problem in error.problems]
    return problems


def _overridden(given: Layer, overrides: Sequence[str], shape: Shape) -> tuple[Layer, list[str]]:
    problems: list[str] = []
    for override in overrides:
        try:
            over = override_layer(override, filled(given.tree, shape), shape)
            places = {**over.parents, **given.places, **over.layer.places}
            given = Layer(merge(given.tree, over.layer.tree, shape), places)
        except InputError as error:
            problems += error.problems
    return given, problems


def _origin(tree: Any, places: Mapping[KeyPath, str]) -> dict[str, str]:
    known = ((path, places[path]) for path in paths(tree) if path and places.get(path))
    return {dotted(path): f"override {place}" if place.startswith("-s ") else place for path, place in known}


class _FileSchema(GenerateJsonSchema):
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Show a default part with its name, which only its registry can write."""
        shown = super().default_schema(schema)
        default = schema.get("default")
        read: Any = schema["schema"]
        registry = getattr(read["function"]["function"], "__self__", None) if read["type"] == "function-plain" else None
        if isinstance(registry, Registry) and isinstance(default, Settings):
            shown["default"] = {registry.key: registry.name_of(default), **default.model_dump(mode="json")}
        return shown


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of the files that a settings model reads, for editors and for the reference."""
    schema = model.model_json_schema(schema_generator=_FileSchema)
    text: dict[str, Any] = {"type": "string"}
    extends = {"anyOf": [text, {"type": "array", "items": text}], "description": "file or shipped name to start from"}
    properties = {EXTENDS: extends, **schema.get("properties", {})}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "properties": properties}


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands in a difference for an entry that one side does not have."""


class Difference(NamedTuple):
    """A key path at which two settings objects differ, and what each has there."""

    path: str
    a: Any
    b: Any


def difference(a: Settings, b: Settings) -> list[Difference]:
    """Return where two settings objects differ; lists are compared whole.

    >>> class Fee(Settings):
    ...     monthly: float = 99.0
    >>> difference(Fee(), Fee(monthly=89))
    [Difference(path='monthly', a=99.0, b=89.0)]
    """
    return tree_difference(tree_of(a, Shape(type(a))), tree_of(b, Shape(type(b))))


def tree_difference(a: Mapping[Any, Any], b: Mapping[Any, Any]) -> list[Difference]:
    """Return where two trees of plain values differ, such as settings read back from a file; lists are compared whole.

    >>> tree_difference({"months": 24, "visit": {"cost": 80}}, {"months": 24, "visit": {"cost": 90}})
    [Difference(path='visit.cost', a=80, b=90)]
    """
    return list(_differences((), a, b))


def _differences(path: KeyPath, a: Any, b: Any) -> Iterator[Difference]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in dict.fromkeys([*a, *b]):
            yield from _differences((*path, key), a.get(key, ABSENT), b.get(key, ABSENT))
    elif a != b:
        yield Difference(dotted(path), a, b)


def dump_yaml(settings: Settings) -> str:
    """Return the YAML of a file without a base that composes to equal settings, every value spelled out."""
    shape = Shape(type(settings))
    yaml = YAML(pure=True)
    yaml.default_flow_style = False
    yaml.width = 1_000_000
    yaml.representer.ignore_aliases = lambda *_: True
    text = StringIO()
    yaml.dump(_quoted(with_removals(tree_of(settings, shape), shape)), text)
    return text.getvalue()


def _quoted(tree: Any) -> Any:
    """Return a tree whose texts with odd line breaks are escaped, as they would be read back as spaces otherwise."""
    if isinstance(tree, Mapping):
        return {_quoted(key): _quoted(item) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_quoted(item) for item in tree]
    return DoubleQuotedScalarString(tree) if isinstance(tree, str) and "\x85" in tree else tree
