"""The runs that a sweep still needs, told from those that are there: a fixed number, or until differences are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.folder import DONE, FACTS
from experiments.sweeps.model import Cell, Model, Run, runs_of
from experiments.sweeps.question import Precision
from experiments.sweeps.stopping import enough

Floats = NDArray[np.float64]


class Sweep(NamedTuple):
    """What is to be swept: every policy on every future of every cell."""

    name: str
    model: Model
    cells: tuple[Cell, ...]
    policies: tuple[str, ...]
    replications: int
    """Futures of each cell; the least of them with precision."""
    precision: Precision | None = None
    question: str = ""
    """The question as YAML, for a reader."""
    facts: dict[str, Any] = {}
    """What is to be known about it beside that: title, resolved scenarios, what is uncertain, the design."""

    @property
    def least(self) -> int:
        """How many runs there will be, or at least."""
        return len(self.cells) * len(self.policies) * self.replications

    @property
    def most(self) -> int:
        """How many runs there can be."""
        each = self.precision.most if self.precision else self.replications
        return len(self.cells) * len(self.policies) * each


class Agenda:
    """What is there of a sweep, and what is wanted next; it depends on results alone, not on their order."""

    def __init__(self, sweep: Sweep, part: tuple[int, int] = (1, 1), measure: str | None = None) -> None:
        self.sweep, self.part = sweep, part
        self.seen: list[dict[tuple[str, int], float]] = [{} for _ in sweep.cells]
        """By cell: policy and replication, and a measure; not a number where a run failed."""
        measures = sweep.model.measures
        named = measure or (sweep.precision.measure if sweep.precision else measures[0])
        self.column = len(FACTS) + measures.index(named)

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take in runs that are there, as rows of a shard."""
        for row in rows:
            value = row[self.column] if row[len(FACTS) - 1] == DONE else None
            self.seen[row[1]][row[2], row[3]] = float("nan") if value is None else value

    def wanted(self) -> Iterator[Run]:
        """Yield the runs that are missing by now, of this part of the sweep."""
        for cell in self.sweep.cells:
            yield from self.wanted_of(cell)

    def wanted_of(self, cell: Cell) -> Iterator[Run]:
        """Yield the runs of a cell that are missing; none where its differences are known well enough."""
        if not self._is_ours(cell.id, self.sweep.precision is not None):
            return
        seen = self.seen[cell.number]
        for run in runs_of(cell, self.sweep.policies, range(self._count(cell))):
            if (run.policy, run.replication) not in seen and self._is_ours(run.id, self.sweep.precision is None):
                yield run

    def is_complete(self) -> bool:
        """Return whether nothing is wanted, of any part."""
        whole = Agenda(self.sweep)
        whole.seen = self.seen
        return next(whole.wanted(), None) is None

    def _is_ours(self, content: str, decides: bool) -> bool:
        number, of = self.part
        return not decides or int(content, 16) % of == number - 1

    def _count(self, cell: Cell) -> int:
        """Return up to how many replications of a cell are wanted by what is there."""
        count, precision = self.sweep.replications, self.sweep.precision
        while precision and self._has(cell, count):
            known = enough(
                self._differences(cell, count, precision),
                relative=precision.relative,
                absolute=precision.absolute,
                level=precision.level,
                least=self.sweep.replications,
                most=precision.most,
            )
            if known.stop:
                return count
            count = known.replications
        return count

    def _has(self, cell: Cell, count: int) -> bool:
        seen = self.seen[cell.number]
        return all((policy, number) in seen for number in range(count) for policy in self.sweep.policies)

    def _differences(self, cell: Cell, count: int, precision: Precision) -> Floats:
        """Return one policy minus each other, shape (others, count); not a number where one of the two failed."""
        seen = self.seen[cell.number]
        values = {policy: np.array([seen[policy, number] for number in range(count)]) for policy in self.sweep.policies}
        rest = [policy for policy in self.sweep.policies if policy != precision.policy]
        return np.array([values[precision.policy] - values[policy] for policy in rest])
