"""What an experiment would do: sizes and a rough time, without doing it."""

from __future__ import annotations

from typing import Any, NamedTuple

from experiments.experiment import Experiment, folder_of, name_of
from optimize.treatment import menu
from sim.composing.compose import Composed

LIVING = 6e-7
"""Seconds of one processor for a customer's month (measured, of the order of)."""
ESTIMATING = 1.6e-7
"""Seconds for a month of one treatment and type at one account (measured, of the order of)."""
PLANNING = 3e-3
"""Seconds for the allocation of one account (measured, of the order of)."""
STARTING = 4.0
"""Seconds until libraries are loaded."""


class Preview(NamedTuple):
    """What would run."""

    experiment: str
    customers: int
    source: str
    treatments: int
    choices: int
    """Accounts times treatments."""
    policies: int
    futures: int
    runs: int
    months: int
    seconds: float
    """On two processors, rough."""
    notes: tuple[str, ...]


def preview(experiment: Composed[Experiment]) -> Preview:
    """Return what would run; customers from a file are read and checked."""
    settings = experiment.settings
    customers, source, notes = _customers(experiment)
    treatments = len(menu(settings.treatments))
    plans = 2 if settings.book.information == "oracle" else 1
    policies = plans + len(settings.comparison.against)
    runs = policies * settings.comparison.replications
    return Preview(
        experiment=name_of(experiment),
        customers=customers,
        source=source,
        treatments=treatments,
        choices=customers * treatments,
        policies=policies,
        futures=settings.comparison.replications,
        runs=runs,
        months=settings.months,
        seconds=_seconds(settings, customers, treatments, runs),
        notes=notes,
    )


def _customers(experiment: Composed[Experiment]) -> tuple[int, str, tuple[str, ...]]:
    settings = experiment.settings
    if settings.customers is None:
        return settings.city.customers, "a synthetic city", ()
    from sim.city import found

    start = found(settings, folder_of(experiment))
    return len(start.book.ids), f"{settings.customers.path}, {len(start.book.ids)} rows read", start.notes


def _seconds(settings: Experiment, customers: int, treatments: int, runs: int) -> float:
    living = LIVING * customers * settings.months * runs / 2
    estimating = ESTIMATING * customers * treatments * settings.months * settings.response.draws / 2
    return float(f"{STARTING + living + estimating + PLANNING * customers:.1g}")


def as_dict(shown: Preview) -> dict[str, Any]:
    """Return a preview as JSON takes it."""
    return {**shown._asdict(), "notes": list(shown.notes)}
