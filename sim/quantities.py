"""A number of the model, declared with its unit, its bounds and its source."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError

from sim.shape import KeyPath, Shape, dotted

ASSUMED = "assumed"
# Strict validation would refuse these when they come from YAML, which has lists and text for them.
WRITTEN_AS_LIST_OR_TEXT = {"tuple", "set", "frozenset", "enum", "lax-or-strict"}


def _schemas(schema: Any) -> Iterator[Any]:
    """Yield a core schema and all within it, but not the fields' defaults and other user values."""
    is_schema = isinstance(schema, dict) and isinstance(schema.get("type"), str)
    if is_schema:
        yield schema
    if isinstance(schema, dict):
        beside = ("default", "metadata", "serialization") if is_schema else ()
        for key, item in schema.items():
            yield from _schemas(item) if key not in beside else ()
    elif isinstance(schema, list | tuple):
        for item in schema:
            yield from _schemas(item)


def _values(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield the core schemas of the values inside tuples, mappings and unions, but not those of names or models."""
    if isinstance(schema, list | tuple):
        for choice in schema:
            yield from _values(choice)
    elif isinstance(schema, dict) and schema.get("type") not in (None, "model"):
        yield schema
        for key in ("schema", "items_schema", "values_schema", "choices", "lax_schema", "strict_schema"):
            yield from _values(schema.get(key))


class Settings(BaseModel):
    """Base of every settings model: frozen, no unknown keys, no silent conversion of text to numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let a list stand for a tuple and a text for an enumerated value, as YAML has no other way to say them."""
        schema = handler(source)
        for part in _schemas(schema):
            meant: Any = handler.resolve_ref_schema(part) if part["type"] == "definition-ref" else part
            if meant["type"] in WRITTEN_AS_LIST_OR_TEXT:
                meant["strict"] = False
        return schema

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed; unlike pydantic's own, it checks the changed fields."""
        if not update:
            return super().model_copy(deep=deep)
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate({**given, **update})


@dataclass(frozen=True)
class Measure:
    """The unit, inclusive bounds and source of a number, or of every number in a tuple or a mapping."""

    unit: str
    low: float | None
    high: float | None
    source: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Put the bounds on each number inside, so that an error is located at the very element."""
        schema = handler(source)
        for part in _values(schema):
            if part["type"] in ("int", "float"):
                part |= self._limits(whole=part["type"] == "int")
        return schema

    def _limits(self, whole: bool) -> dict[str, float]:
        low = math.ceil(self.low) if whole and self.low is not None else self.low
        high = math.floor(self.high) if whole and self.high is not None else self.high
        return {limit: value for limit, value in (("ge", low), ("le", high)) if value is not None}

    def range(self) -> str:
        """Return the bounds in words.

        >>> Measure("months", 1, 600, "assumed").range()
        'from 1 to 600'
        """
        if self.low is not None and self.high is not None:
            return f"from {plain_number(self.low)} to {plain_number(self.high)}"
        if self.low is not None:
            return f"of at least {plain_number(self.low)}"
        return "" if self.high is None else f"of at most {plain_number(self.high)}"


def quantity(
    default: Any,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    source: str = ASSUMED,
    help: str = "",
) -> Any:
    """Declare a settings field with its unit, inclusive bounds and source; `...` as default makes it required.

    The bounds also hold for each element of a field that is a tuple or a mapping of numbers. The declaration feeds
    validation, error messages, the JSON schema, the reference page and designs of experiments.
    """
    if low is not None and high is not None and low > high:
        raise ValueError(f"quantity in {unit}: low {low} is above high {high}")
    limits = [limit for limit in (low, high) if limit is not None]
    if not all(math.isfinite(limit) for limit in limits):
        raise ValueError(f"quantity in {unit}: a bound must be finite; leave it out where there is none")
    extra: dict[str, Any] = {"unit": unit, "source": source}
    field = Field(default=default, description=help or None, json_schema_extra=extra)
    field.metadata.append(Measure(unit, low, high, source))
    return field


def plain_number(value: float) -> str:
    """Return a number without a needless fraction.

    >>> plain_number(5.0), plain_number(0.05)
    ('5', '0.05')
    """
    return str(int(value)) if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else repr(value)


def located(problems: Iterable[tuple[KeyPath, str]]) -> ValidationError:
    """Return an error for a validator to raise, with each problem at its own key path below the validated object.

    >>> raise located([(("price", "fixed"), "unknown line")])
    Traceback (most recent call last):
        ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for settings
    price.fixed
      unknown line [type=problem, input_value=None, input_type=NoneType]
    """
    return ValidationError.from_exception_data(
        "settings",
        [
            {"type": PydanticCustomError("problem", "{text}", {"text": text}), "loc": path, "input": None}
            for path, text in problems
        ],
    )


class Quantity(NamedTuple):
    """One declared number of a settings model and where it stands; a required one has the default `...`."""

    path: str
    default: Any
    unit: str
    low: float | None
    high: float | None
    source: str
    description: str


def quantities(model: type[BaseModel]) -> Iterator[Quantity]:
    """Yield every quantity of a settings model, those of nested settings included.

    `<name>` stands for a name that the user chooses, `<number>` for a place in a list, and `[price_war]` after a path
    for the registered part, or the member of a union, to which the quantities below belong.

    >>> class Fee(Settings):
    ...     monthly: float = quantity(99.0, "yuan/month", 0, 10_000)
    >>> [(number.path, number.unit, number.high) for number in quantities(Fee)]
    [('monthly', 'yuan/month', 10000)]
    """
    yield from _quantities(Shape(model), (), (), "")


def _quantities(shape: Shape, path: tuple[str, ...], above: tuple[type, ...], help: str) -> Iterator[Quantity]:
    measure = next((extra for extra in shape.metadata if isinstance(extra, Measure)), None)
    if measure:
        yield Quantity(dotted(path), shape.default, measure.unit, measure.low, measure.high, measure.source, help)
    elif shape.alternatives:
        for name, part in shape.alternatives.choices().items():
            yield from _quantities(Shape(part), (*path[:-1], f"{path[-1]}[{name}]"), above, "")
    elif shape.model and shape.model not in above:
        for name, field in shape.model.model_fields.items():
            inner = (*above, shape.model)
            yield from _quantities(shape.field(name), (*path, name), inner, field.description or "")
    elif len(shape.members) > 1 or shape.members != (shape.annotation,):
        for member in shape.members:
            yield from _quantities(Shape.of(member, default=shape.default), path, above, "")
    elif shape.is_mapping or shape.is_sequence:
        step = "<name>" if shape.is_mapping else "<number>"
        yield from _quantities(shape.element, (*path, step), above, "")
