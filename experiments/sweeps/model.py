"""What a sweep lives: cells, runs, and the model that lives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from experiments.store import identity

Value = Any
"""Of a setting: a number, a word, or a mapping."""


class Cell(NamedTuple):
    """A scenario at one point of the design."""

    number: int
    """Its place in the sweep, from 0; nothing random depends on it."""
    scenario: str
    point: tuple[tuple[str, Value], ...]
    """Setting and value of each thing that is uncertain."""
    id: str
    """Stands for all that its runs depend on but their policy and replication."""


class Run(NamedTuple):
    """One policy on one future of a cell."""

    id: str
    cell: int
    policy: str
    replication: int


@runtime_checkable
class Model(Protocol):
    """What is lived: a value that can be pickled, such as the market, or a researcher's own model.

    Equal cells, policies and replications give equal numbers in whatever process, and in whatever order.
    """

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured of a run, the first being what a sweep is mostly about."""
        ...

    @property
    def version(self) -> str:
        """Changes when the same cell might give other numbers."""
        ...

    def prepare(self, cell: Cell) -> Any:
        """Return what the runs of a cell share; it is kept while runs of the same cell follow."""
        ...

    def seed(self, cell: Cell, replication: int) -> int:
        """Return the seed of a cell's future; equal numbers mean the same luck."""
        ...

    def live(self, prepared: Any, policy: str, replication: int) -> Sequence[float]:
        """Return what was measured of a run, in the order of `measures`."""
        ...


def cell_id(scenario: str, point: Sequence[tuple[str, Value]], version: str) -> str:
    """Return what stands for a cell: `scenario` is the text of all its settings."""
    return identity(scenario, *(f"{path}={value!r}" for path, value in sorted(point)), version)


def run_of(cell: Cell, policy: str, replication: int) -> Run:
    """Return a run of a cell, named by its content."""
    return Run(identity(cell.id, policy, str(replication)), cell.number, policy, replication)


def runs_of(cell: Cell, policies: Sequence[str], replications: Iterable[int]) -> Iterator[Run]:
    """Yield the runs of a cell, all policies of a future together, as they are compared in pairs."""
    return (run_of(cell, policy, number) for number in replications for policy in policies)
