"""Tables of measured figures: printed, and written to results/benchmarks/<subject>.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Literal, NamedTuple

RESULTS = Path(__file__).parent.parent / "results" / "benchmarks"


class Figure(NamedTuple):
    """One measured figure; `target` is None where none is set."""

    name: str
    size: int
    value: float
    unit: str
    target: float | None = None
    wanted: Literal["at most", "at least"] = "at most"
    """Which side of the target is good."""

    @property
    def met(self) -> bool | None:
        """Return whether the figure is on the good side of its target."""
        if self.target is None:
            return None
        return bool(self.value <= self.target if self.wanted == "at most" else self.value >= self.target)

    def row(self) -> dict[str, Any]:
        """Return the figure as it is written."""
        fields = ("name", "size", "value", "unit", "target", "met")
        row = {field: getattr(self, field) for field in fields}
        return row if isfinite(self.value) else {**row, "value": None}

    @property
    def shown(self) -> str:
        """Return the value as the table shows it."""
        return f"{self.value:,.2f}" if self.value == 0 or abs(self.value) >= 0.1 else f"{self.value:.2g}"


def report(subject: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> Path:
    """Print the figures as a table, and notes below it; write the figures and return the file's path."""
    width = max(len(figure.name) for figure in figures)
    for f in figures:
        aim = "" if f.target is None else f"  {f.wanted} {f.target:g}: {'met' if f.met else 'not met'}"
        print(f"{f.name:{width}}  {f.size:>9,}  {f.shown:>12} {f.unit:{18 if aim else 0}}{aim}")
    for note in notes:
        print(note)
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{subject}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps([figure.row() for figure in figures], indent=2) + "\n", encoding="utf-8")
    part.replace(path)
    return path
