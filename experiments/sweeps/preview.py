"""What a sweep would do: cells, runs and a rough time, without doing it."""

from __future__ import annotations

from typing import Any, NamedTuple

from experiments.experiment import PLAN, Experiment
from experiments.preview import ESTIMATING, LIVING, PLANNING, STARTING
from experiments.sweeps.agenda import Sweep
from experiments.sweeps.asking import sweep_of, usual_folder
from experiments.sweeps.question import Asked
from experiments.sweeps.setting import with_values
from optimize.treatment import menu
from sim.errors import InputError


class SweepPreview(NamedTuple):
    """What would be swept."""

    sweep: str
    id: str
    scenarios: int
    points: int
    """Of the design, in each scenario."""
    cells: int
    policies: int
    replications: str
    runs: int
    """Or at least so many, where replications go on until differences are known."""
    runs_at_most: int
    seconds: float
    """On two processors, rough."""
    folder: str


def sweep_preview(asked: Asked) -> SweepPreview:
    """Return what a question would sweep; its cells' values are checked together, not only one at a time."""
    found = sweep_of(asked)
    settings, precision = asked.settings, asked.settings.precision
    _check_cells(asked, found)
    until = f"{settings.replications} to {precision.most}" if precision else str(settings.replications)
    folder = usual_folder(found)
    return SweepPreview(
        sweep=found.name,
        id=folder.name,
        scenarios=len(asked.scenarios),
        points=len(found.cells) // len(asked.scenarios),
        cells=len(found.cells),
        policies=len(found.policies),
        replications=until,
        runs=found.least,
        runs_at_most=found.most,
        seconds=_seconds(asked, found),
        folder=folder.as_posix(),
    )


MOST_CHECKED = 200


def _check_cells(asked: Asked, found: Sweep) -> None:
    """Raise `InputError` with what is wrong about cells, of the first couple of hundred."""
    problems: list[str] = []
    for cell in found.cells[:MOST_CHECKED]:
        try:
            with_values(asked.scenarios[cell.scenario].settings, cell.point, f"cell {cell.number} ({cell.scenario})")
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems[:20])


def _seconds(asked: Asked, found: Sweep) -> float:
    total = STARTING
    for name, composed in asked.scenarios.items():
        cells = sum(cell.scenario == name for cell in found.cells)
        each = found.least // max(len(found.cells), 1)
        decided = cells if asked.settings.decided == "cell" else 1
        living, deciding = _costs(composed.settings, PLAN in found.policies)
        total += cells * (living * (each + _FOUNDING) + decided / cells * deciding) / 2
    return float(f"{total:.2g}")


_FOUNDING = 2
"""Founding a city costs about as much as so many runs, for its burn-in."""


def _costs(settings: Experiment, plans: bool) -> tuple[float, float]:
    """Return seconds of one processor for a run, and for deciding the policies of a book; rough."""
    customers = settings.city.customers
    treatments = len(menu(settings.treatments))
    living = LIVING * customers * settings.months
    estimating = ESTIMATING * customers * treatments * settings.months * settings.response.draws
    return living, estimating + (PLANNING * customers if plans else 0.0)


def as_dict(shown: SweepPreview) -> dict[str, Any]:
    """Return a preview as JSON takes it."""
    return shown._asdict()
