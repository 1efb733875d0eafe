"""What a settings model allows at each key path, read from its annotations."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar, Union, get_args, get_origin, runtime_checkable

from pydantic import BaseModel
from pydantic.fields import FieldInfo

KeyPath = tuple[Any, ...]


def dotted(path: KeyPath) -> str:
    """Return a key path the way users write it.

    >>> dotted(("rivals", "netcom", "price_index"))
    'rivals.netcom.price_index'
    """
    return ".".join(str(key) for key in path)


def paths(tree: Any, above: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every key and element of a tree, that of the tree itself first."""
    yield above
    items = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    for key, item in items:
        yield from paths(item, (*above, key))


def shortened(value: Any, most: int = 60) -> str:
    """Return a value in one line as a message shows it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= most else text[: most - 4] + " ..."


@runtime_checkable
class Alternatives(Protocol):
    """Settings classes of which one is chosen by the name under `key`."""

    @property
    def key(self) -> str:
        """Return the key of the name."""

    def choices(self) -> Mapping[str, type[BaseModel]]:
        """Return the classes by name."""

    def name_of(self, part: object) -> str:
        """Return the name under which the class of a part is chosen."""


@dataclass(frozen=True)
class _Tagged:
    """The members of a discriminated union, chosen by the value of their common field."""

    key: str
    members: tuple[Any, ...]

    def choices(self) -> dict[str, type[BaseModel]]:
        models = [Shape.of(member).annotation for member in self.members]
        return {str(name): model for model in models for name in get_args(model.model_fields[self.key].annotation)}

    def name_of(self, part: object) -> str:
        return str(getattr(part, self.key))


@dataclass(frozen=True)
class Shape:
    """What may stand at one place of a settings file: the annotation, what was declared with it, the default.

    The default is `...` where there is none.
    """

    annotation: Any = Any
    metadata: tuple[Any, ...] = ()
    default: Any = ...

    @classmethod
    def of(cls, annotation: Any, metadata: Sequence[Any] = (), default: Any = ...) -> Shape:
        """Return the shape of an annotation; what `Annotated` adds goes before the given metadata."""
        if get_origin(annotation) is Annotated:
            inner, *extra = get_args(annotation)
            return cls.of(inner, (*extra, *metadata), default)
        if isinstance(annotation, TypeVar):
            annotation = annotation.__bound__ or Any
        return cls(annotation, tuple(metadata), default)

    @cached_property
    def members(self) -> tuple[Any, ...]:
        """The annotations of which one must hold, without None."""
        united = get_origin(self.annotation) in (Union, types.UnionType)
        given = get_args(self.annotation) if united else (self.annotation,)
        return tuple(member for member in given if member is not type(None))

    @cached_property
    def nullable(self) -> bool:
        """Whether null is a value here, and not just the lack of one."""
        return self.annotation in (None, Any, object) or type(None) in get_args(self.annotation)

    @cached_property
    def alternatives(self) -> Alternatives | None:
        """The classes among which a name in the file chooses, if it does."""
        for extra in self.metadata:
            if isinstance(extra, Alternatives):
                return extra
            if isinstance(extra, FieldInfo) and isinstance(extra.discriminator, str):
                return _Tagged(extra.discriminator, self.members)
        plain = len(self.members) != 1 or self.members[0] == self.annotation
        return None if plain else Shape.of(self.members[0]).alternatives

    @property
    def tags_errors(self) -> bool:
        """Whether pydantic puts the chosen member of a union into an error's location."""
        return isinstance(self.alternatives, _Tagged) or (self.alternatives is None and len(self.members) > 1)

    def narrowed(self, value: Any) -> Shape:
        """Return the shape of the one member that reads such a value."""
        if self.alternatives:
            name = chosen_name(self.alternatives, value)
            return Shape(self.alternatives.choices().get(str(name), Any), (), self.default)
        shapes = [Shape.of(member, self.metadata, self.default) for member in self.members]
        fitting = (shape for shape in shapes if shape._reads(value))
        return next(fitting, shapes[0] if len(shapes) == 1 else Shape())

    def _reads(self, value: Any) -> bool:
        if isinstance(value, Mapping):
            return self.model is not None or self.is_mapping
        return isinstance(value, list | tuple) and self.is_sequence

    @property
    def is_mapping(self) -> bool:
        """Whether names of the user's choice may stand here."""
        return self.origin in (dict, Mapping)

    @property
    def is_sequence(self) -> bool:
        """Whether a list may stand here."""
        return self.origin in (tuple, list, set, frozenset, Sequence)

    @property
    def origin(self) -> Any:
        """The annotation without its parameters."""
        return get_origin(self.annotation) or self.annotation

    @property
    def model(self) -> type[BaseModel] | None:
        """The settings class, where the annotation is one."""
        annotation = self.origin
        return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None

    @property
    def element(self) -> Shape:
        """The shape of a mapping's values or of a list's elements."""
        inner = [part for part in get_args(self.annotation) if part is not Ellipsis]
        return Shape.of(inner[-1], self.metadata) if inner else Shape()

    def field(self, name: str) -> Shape:
        """Return the shape of a field of this settings class, with the default that it has here."""
        if self.model and not self.model.__pydantic_complete__:
            self.model.model_rebuild(raise_errors=False)  # it names a class that was defined after it
        info = self.model.model_fields.get(name) if self.model else None
        if info is None:
            return Shape()
        default = getattr(self.default, name) if type(self.default) is self.model else _default(info)
        union = [info] if info.discriminator else []
        return Shape.of(info.annotation, [*info.metadata, *union], default)

    def child(self, key: Any, value: Any) -> Shape:
        """Return the shape below a key, or at an element, of the value that stands here."""
        shape = self.narrowed(value)
        if shape.model:
            return shape.field(key) if isinstance(key, str) else Shape()
        if shape.is_mapping:
            known = shape.default.get(key, ...) if isinstance(shape.default, Mapping) else ...
            return Shape(shape.element.annotation, shape.element.metadata, known)
        fixed = get_args(shape.annotation)
        if shape.origin is tuple and Ellipsis not in fixed and key in range(len(fixed)):
            return Shape.of(fixed[key], shape.metadata)
        return shape.element if shape.is_sequence else Shape()

    def keys(self, value: Any) -> list[str] | None:
        """Return the keys that may stand in a mapping here; None where any name may."""
        model = self.narrowed(value).model
        if model is None:
            return None
        named = self.alternatives.key if self.alternatives else ""
        return sorted({*model.model_fields, named} - {""})


def _default(info: FieldInfo) -> Any:
    if info.default_factory_takes_validated_data:
        return ...
    return ... if info.is_required() else info.get_default(call_default_factory=True)


def with_name(alternatives: Alternatives | None, value: Any) -> Any:
    """Return a part that is given by its name alone as a mapping with that name."""
    return {alternatives.key: value} if alternatives and isinstance(value, str) else value


def chosen_name(alternatives: Alternatives, value: Any) -> Any:
    """Return the name that a mapping, or a plain text, chooses among alternatives."""
    named = with_name(alternatives, value)
    return named.get(alternatives.key) if isinstance(named, Mapping) else None


def tree_of(value: Any, shape: Shape, only_set: bool = False) -> Any:
    """Return settings as the plain mappings, lists, texts and numbers that a file holds.

    With `only_set`, what a settings object leaves at its class's default is left out.
    """
    if isinstance(value, BaseModel):
        named = {shape.alternatives.key: shape.alternatives.name_of(value)} if shape.alternatives else {}
        own = Shape(type(value))
        names = [name for name in type(value).model_fields if not only_set or name in value.model_fields_set]
        return {**named, **{name: tree_of(getattr(value, name), own.field(name), only_set) for name in names}}
    if isinstance(value, Mapping):
        return {tree_of(key, Shape()): tree_of(item, shape.child(key, value), only_set) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((tree_of(item, shape.element, only_set) for item in value), key=repr)
    if isinstance(value, list | tuple):
        return [tree_of(item, shape.child(index, value), only_set) for index, item in enumerate(value)]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
