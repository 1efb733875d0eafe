"""What commands do alike at a terminal: read a scenario, tell their progress, print tables, notes and documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from experiments import console

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.experiment import Experiment
    from experiments.run import Progress
    from sim.composing.compose import Composed

T = TypeVar("T")


def composed(
    scenario: str, overrides: list[str] | None, replications: int | None = None, seed: int | None = None
) -> Composed[Experiment]:
    """Return the experiment that a command line asks for."""
    from experiments.experiment import load

    short = {"comparison.replications": replications, "comparison.seed": seed}
    given = [f"{key}={value}" for key, value in short.items() if value is not None]
    return load(scenario, [*(overrides or ()), *given])


def told(work: Callable[[Progress], T]) -> T:
    """Return what some work returns, telling its stages while it lasts."""
    with console.progress() as tell:
        return work(tell)


def show(tables: Iterable[Table]) -> None:
    """Print tables."""
    screen = console.screen()
    for table in tables:
        screen.print(table)


def note(notes: Iterable[str]) -> None:
    """Print what a reader of the answer has to know, a line each."""
    for text in notes:
        print(f"note: {text}")


def document(content: dict[str, Any], indent: int | None = 2) -> None:
    """Print one JSON document, in ASCII so that any console can write it."""
    print(json.dumps(content, indent=indent, default=str))
