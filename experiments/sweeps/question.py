"""What a sweep asks: named scenarios, what is uncertain about them, at which points to look, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from experiments.experiment import PLAN, SHELF, Experiment, load
from experiments.sweeps import sensitivity_design as _sensitivity_design  # noqa: F401  it registers designs
from experiments.sweeps.design import Design, Middle, designs
from experiments.sweeps.uncertainty import Uncertainty, uncertainties
from sim.composing.compose import Composed, compose, compose_layers
from sim.composing.yaml_source import EXTENDS, Layer, bases_of, layers
from sim.errors import InputError
from sim.quantities import Settings, quantity
from sim.shape import KeyPath, dotted, paths

SHIPPED = Path(__file__).parent / "shipped"
"""The shipped sweeps."""
SHELVES = (SHIPPED, SHELF)
SCENARIOS = "scenarios"
SWEEP_KEYS = (SCENARIOS, "over", "design", "policies", "precision", "replications", "decided")
"""Keys that tell a sweep's file from a scenario's."""


class Precision(Settings):
    """Replications until a difference is known well enough; both limits are of its interval's half-width."""

    relative: float | None = quantity(None, "share of the difference", 1e-4, 10)
    absolute: float | None = quantity(None, "yuan", 1e-9)
    measure: str = Field(default="retained_revenue", description="what the difference is of")
    policy: str = Field(default=PLAN, description="whose difference to every other policy has to be known")
    level: float = quantity(0.95, "share", 0.5, 0.999, help="confidence of the interval")
    most: int = quantity(1000, "futures", 2, 1_000_000, help="of a cell, whether that is enough or not")

    @model_validator(mode="after")
    def _some_limit(self) -> Precision:
        if self.relative is None and self.absolute is None:
            raise ValueError("no limit; give relative, such as 0.1, or absolute, in yuan")
        return self


class Question(Settings):
    """A sweep: every policy in every scenario, at every point of the design, on the same fresh futures."""

    title: str = ""
    scenarios: dict[str, dict[str, Any]] = Field(
        description="by name, each as a scenario's file says it; extends names another of these, a shipped one, a file"
    )
    common: dict[str, Any] = Field(default={}, description="settings laid over every scenario")
    over: dict[str, Annotated[Uncertainty, uncertainties]] = Field(
        default={}, description="what is uncertain, by the path of the setting, such as visit.offer"
    )
    design: Annotated[Design, designs] = Middle()
    policies: tuple[str, ...] = Field(
        default=(), description="the plan and rules of thumb of comparison.against by name; all if none is given"
    )
    decided: Literal["cell", "scenario"] = Field(
        default="cell",
        description="whether policies are decided in every cell from its own book, or once a scenario, as it stands, "
        "before what is uncertain shows",
    )
    replications: int = quantity(20, "futures", 1, 1_000_000, help="of each cell; the least of them with precision")
    precision: Precision | None = None
    notes: str = Field(default="", description="caveats that belong to the answer")

    @field_validator(SCENARIOS)
    @classmethod
    def _some(cls, scenarios: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if not scenarios:
            raise ValueError("none given; give at least one, such as 'today: {extends: shenzhen}'")
        return scenarios

    @model_validator(mode="after")
    def _counts_fit(self) -> Question:
        if self.precision and self.precision.most < self.replications:
            raise ValueError(
                f"precision.most {self.precision.most} is below replications {self.replications}, the least of them"
            )
        if self.precision and self.replications < 2:
            raise ValueError("with precision, replications is the least number and has to be 2 or more")
        return self


class Asked:
    """A question that was read, and its scenarios composed."""

    def __init__(self, question: Composed[Question], scenarios: Mapping[str, Composed[Experiment]]) -> None:
        self.question, self.scenarios = question, dict(scenarios)

    @property
    def settings(self) -> Question:
        """The question itself."""
        return self.question.settings

    def place(self, *keys: str) -> str:
        """Return where a key was written, 'file:line: key', or the key alone."""
        path = dotted(keys)
        where = self.question.origin.get(path, "")
        return f"{where}: {path}" if where else path


def read_question(source: str | Path | Mapping[Any, Any], overrides: Sequence[str] = ()) -> Asked:
    """Return a sweep's question from its file or mapping, or a sweep of the one scenario that is named.

    Raises `InputError` with all problems of the question or of its scenarios, each with file and line.

    >>> asked = read_question("shenzhen", ["replications=3"])
    >>> list(asked.scenarios), asked.settings.replications
    (['shenzhen'], 3)
    """
    tree = source if is_question(source) else {SCENARIOS: {_called(source): {EXTENDS: str(source)}}}
    question = compose(Question, tree, overrides, SHELVES)
    problems: list[str] = []
    scenarios = {}
    for name in question.settings.scenarios:
        try:
            scenarios[name] = compose_layers(Experiment, [*_layers(question, name, ()), _common(question)])
        except InputError as error:
            problems += [text if _placed(text) else f"{SCENARIOS}.{name}: {text}" for text in error.problems]
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return Asked(question, scenarios)


def is_question(source: str | Path | Mapping[Any, Any]) -> bool:
    """Return whether a source is a sweep's, rather than that of one scenario."""
    if isinstance(source, Mapping):
        return any(key in source for key in SWEEP_KEYS)
    given = [layer.tree for layer in layers(source, SHELVES)]
    return any(key in tree for tree in given for key in SWEEP_KEYS)


def _called(source: Any) -> str:
    if isinstance(source, Mapping):
        raise InputError(f"{SCENARIOS}: missing; give at least one, such as 'today: {{extends: shenzhen}}'")
    load(source)  # tells what is wrong with a scenario in its own words
    return Path(source).stem


def _placed(text: str) -> bool:
    return ".yaml:" in text or ".yml:" in text


def _layers(question: Composed[Question], name: str, above: tuple[str, ...]) -> list[Layer]:
    """Return the layers of a scenario of the question, those it extends first."""
    if name in above:
        way = " → ".join((*above, name))
        place = f"{_at(question, (SCENARIOS, name))}: extends".removeprefix(": ")
        raise InputError(f"{place}: '{name}' leads back to itself ({way}); remove one 'extends'")
    own = _layer(question, (SCENARIOS, name), question.settings.scenarios[name])
    found: list[Layer] = []
    for base, place in bases_of(own, _at(question, (SCENARIOS, name))):
        if base in question.settings.scenarios and base != name:
            found += _layers(question, base, (*above, name))
        else:
            found += _outside(question, base, place)
    tree = {key: value for key, value in own.tree.items() if key != EXTENDS}
    return [*found, Layer(tree, own.places, own.file)]


def _outside(question: Composed[Question], base: str, place: str) -> list[Layer]:
    is_path = base.endswith((".yaml", ".yml")) or "/" in base
    try:
        return layers(_folder(question) / base if is_path else base, (SHELF,))
    except InputError as error:
        raise InputError([f"{place}: {problem}" for problem in error.problems]) from None


def _common(question: Composed[Question]) -> Layer:
    return _layer(question, ("common",), question.settings.common)


def _layer(question: Composed[Question], above: KeyPath, tree: dict[str, Any]) -> Layer:
    places = {path: _at(question, (*above, *path)) for path in paths(tree)}
    return Layer(tree, places, question.files[-1] if question.files else None)


def _at(question: Composed[Question], path: KeyPath) -> str:
    """Return the place of a key path, or of the nearest one above it that has a place."""
    return next((question.origin[key] for key in _upwards(path) if key in question.origin), "")


def _upwards(path: KeyPath) -> list[str]:
    return [dotted(path[:length]) for length in range(len(path), 0, -1)]


def _folder(question: Composed[Question]) -> Path:
    return question.files[-1].parent if question.files else Path()
