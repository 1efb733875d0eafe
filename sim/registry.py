"""Parts by name: what a scenario file may choose between, and what a researcher adds to."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar, cast

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, core_schema

from sim.errors import InputError, KeystayError, did_you_mean
from sim.quantities import Settings, located
from sim.shape import chosen_name, shortened, with_name

T = TypeVar("T")
PartClass = TypeVar("PartClass", bound=type[Settings])


class Registry(Generic[T]):
    """Settings classes by the name that scenario files give them.

    A field annotated with the registry, such as `greeting: Annotated[Greeting, greetings]`, reads a name, or a mapping
    with a `name` and the part's settings, and looks the name up when it is read.

    >>> greetings: Registry[Any] = Registry("greeting")
    >>> @greetings.register("polite")
    ... class Polite(Settings):
    ...     words: int = 3
    >>> class Letter(Settings):
    ...     greeting: Annotated[Any, greetings] = Polite()
    >>> Letter.model_validate({"greeting": {"name": "polite", "words": 5}}).greeting
    Polite(words=5)
    """

    key = "name"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._parts: dict[str, type[Settings]] = {}

    def register(self, name: str) -> Callable[[PartClass], PartClass]:
        """Return a decorator that gives a settings class its name; a class defined anew replaces itself."""

        def enter(part: PartClass) -> PartClass:
            known = self._parts.get(name)
            if known and (known.__module__, known.__qualname__) != (part.__module__, part.__qualname__):
                taken = f"{known.__module__}.{known.__qualname__}"
                raise InputError(f"{self.kind} '{name}' is already {taken}; choose another name")
            if self.key in cast(type[Settings], part).model_fields:
                raise InputError(f"{self.kind} '{name}': its setting '{self.key}' would hide its name; rename it")
            self._parts[name] = part
            return part

        return enter

    def __getitem__(self, name: str) -> type[T]:
        """Return the class of a name, or raise an `InputError` that names what exists."""
        if name not in self._parts:
            raise InputError(self._unknown(name))
        return cast(type[T], self._parts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def choices(self) -> Mapping[str, type[BaseModel]]:
        """Return the classes by name, in the order of registration."""
        return dict(self._parts)

    def name_of(self, part: object) -> str:
        """Return the name under which the class of a part is registered."""
        for name, known in self._parts.items():
            if type(part) is known:
                return name
        raise InputError(f"{type(part).__name__} is no registered {self.kind}; {did_you_mean('', self._parts)}")

    @property
    def field(self) -> Any:
        """The type of a settings field that holds a part, for where `Annotated[Part, registry]` is not wanted."""
        return Annotated[Any, self]

    def _unknown(self, name: object) -> str:
        return f"unknown {self.kind} '{name}'; {did_you_mean(str(name), self._parts)}"

    def _read(self, given: Any) -> Any:
        if type(given) in self._parts.values():
            return given
        if not isinstance(given, str | Mapping):
            raise located([((), f"{shortened(given)} is no {self.kind}; give a name, or a mapping with a name")])
        name = chosen_name(self, given)
        if name is None:
            raise located([((self.key,), f"missing; name a {self.kind}; {did_you_mean('', self._parts)}")])
        if name not in self._parts:
            raise located([((self.key,), self._unknown(name))])
        settings = {key: value for key, value in with_name(self, given).items() if key != self.key}
        return self._parts[name].model_validate(settings)

    def _write(self, part: BaseModel, info: SerializationInfo) -> dict[str, Any]:
        return {self.key: self.name_of(part), **part.model_dump(mode=info.mode)}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read and write a part whose class is looked up only then, so that it may be registered late."""
        write = core_schema.plain_serializer_function_ser_schema(self._write, info_arg=True)
        return core_schema.no_info_plain_validator_function(self._read, serialization=write)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """List the parts that are registered by now."""
        parts = [self._part_schema(name, part, handler) for name, part in self._parts.items()]
        return {"anyOf": [{"enum": list(self._parts)}, *parts], "description": self.kind}

    def _part_schema(self, name: str, part: type[Settings], handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(part.__pydantic_core_schema__))
        properties = {self.key: {"const": name}, **schema.get("properties", {})}
        return {**schema, "properties": properties, "required": [self.key, *schema.get("required", ())]}


def load_extensions(modules: Sequence[str]) -> None:
    """Import the modules that register a researcher's own parts; an `InputError` names those that fail."""
    problems = [problem for module in modules if (problem := _import(module))]
    if problems:
        raise InputError(problems)


def _import(module: str) -> str | None:
    if not all(part.isidentifier() for part in module.split(".")):
        return f"extensions: '{module}' is no module name; give one such as experiments.extensions.poach_renewals"
    try:
        importlib.import_module(module)
    except KeystayError:
        raise
    except ImportError as error:
        return f"extensions: cannot import '{module}' ({error}); check its spelling"
    except Exception as error:  # noqa: BLE001  a researcher's file may fail in any way
        return f"extensions: '{module}' fails while it is imported: {type(error).__name__}: {error}"
    return None
