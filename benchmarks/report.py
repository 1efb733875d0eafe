"""Tables of measured figures: printed, and written to results/benchmarks/<subject>.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parent.parent / "results" / "benchmarks"


class Figure(NamedTuple):
    """One measured figure; `target` is None where none is set."""

    name: str
    size: int
    value: float
    unit: str
    target: float | None = None

    @property
    def met(self) -> bool | None:
        """Return whether the figure is at most its target."""
        return None if self.target is None else self.value <= self.target


def report(subject: str, figures: list[Figure]) -> Path:
    """Print the figures as a table and write them; return the file's path."""
    width = max(len(figure.name) for figure in figures)
    for f in figures:
        print(f"{f.name:{width}}  {f.size:>9,}  {f.value:12,.2f} {f.unit}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{subject}.json"
    rows = [{**figure._asdict(), "met": figure.met} for figure in figures]
    part = path.with_suffix(".part")
    part.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    part.replace(path)
    return path
