"""What doesn't fit in a customer file, kept until all of it can be told at once, in the order of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

SHOWN = 50


class Faults:
    """Counts every fault of a file and words the first ones.

    >>> faults = Faults("book.csv", "row")
    >>> faults.add("column 'Bill' (spend.data)", [7], lambda place: "'1,234' has thousands separators; write 1234")
    >>> faults.problems()
    ["book.csv: row 7, column 'Bill' (spend.data): '1,234' has thousands separators; write 1234"]
    """

    def __init__(self, name: str, counted: str) -> None:
        self._name = name
        self._counted = counted
        self._found: Counter[str] = Counter()
        self._worded: list[tuple[int, str, str]] = []

    def add(self, label: str, rows: Sequence[int] | npt.NDArray[np.int64], say: Callable[[int], str]) -> None:
        """Add a fault in each of these rows, in rising order; `say` words the one at a place of `rows`."""
        self._found[label] += len(rows)
        self._worded += [(int(row), label, say(place)) for place, row in enumerate(rows[:SHOWN])]

    def problems(self) -> list[str]:
        """Return a line for each fault, and past the first 50 one line that counts the others by column."""
        shown = sorted(self._worded, key=lambda fault: fault[0])[:SHOWN]
        lines = [f"{self._name}: {self._counted} {row}, {label}: {text}" for row, label, text in shown]
        left = self._found - Counter(label for _, label, _ in shown)
        if left:
            by_column = "; ".join(f"{label}: {count:,}" for label, count in left.items())
            lines.append(f"{self._name}: and {left.total():,} more ({by_column})")
        return lines
