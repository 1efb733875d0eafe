"""The market held against regularities that others published: measured over cities, with intervals and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from experiments.executor import executor
from experiments.experiment import Experiment, load
from experiments.outside_data import outside_file
from experiments.run import Progress
from experiments.validation_allocation import PROBLEMS, certified, published_measures, published_rows
from experiments.validation_building import RATES, building_measures, turning_rate
from experiments.validation_exact import exact_measures
from experiments.validation_expected import ALLOCATION, BUILDING, EFFORT, EXACT, MARKET, SERVICE, Expected, churn_row
from experiments.validation_market import effort_measures, market_measures
from experiments.validation_plan import plan_measures
from experiments.validation_service import service_measures
from sim.scenario import Scenario

Floats = NDArray[np.float64]
Part = Literal["market", "service", "effort", "plan", "building", "exact", "published"]
Verdict = Literal["met", "not met", "skipped", "reported"]
FIRST_SEED = 400
"""Of the cities; the shipped scenario's own city is none of them, nor is any that settings were chosen on.

Settings that were changed after a validation are held against cities that it hasn't seen: take other seeds then.
"""
PUBLISHED = Path("published") / "us_wireless_monthly_churn_2006_2007.csv"


class Sizes(NamedTuple):
    """How much is simulated."""

    cities: int
    customers: int
    futures: int
    planned_cities: int
    planned_customers: int
    planned_futures: int
    buildings: int
    copies: int
    exact_copies: int
    gap: float = 4e-3
    """Certified gap at which published knapsacks are left, a share of their value."""


FULL = Sizes(20, 4000, 4, 12, 1500, 8, 24, 20, 2000)
QUICK = Sizes(2, 500, 2, 2, 120, 2, 3, 4, 100, 2e-2)


class Estimate(NamedTuple):
    """A figure and its 95 % interval; NaN where it can't be measured."""

    observed: float
    low: float
    high: float


class Validation(NamedTuple):
    """What was measured, and on how much."""

    table: pd.DataFrame
    """Columns key, name, unit, observed, low, high, expected_low, expected_high, source, how, verdict."""
    sizes: Sizes
    overrides: tuple[str, ...]


class Task(NamedTuple):
    """One city, building, published problem or set of closed forms to measure."""

    part: Part
    settings: Experiment
    seed: int
    sizes: Sizes


def validate_model(
    overrides: Sequence[str] = (), *, quick: bool = False, workers: int = 1, progress: Progress | None = None
) -> Validation:
    """Return the shipped market's figures beside the published ones; they don't depend on the number of workers."""
    sizes = QUICK if quick else FULL
    settings = load("shenzhen", overrides).settings
    todo = list(tasks(settings, load("building", overrides).settings, sizes))
    measured: dict[str, list[float]] = {}
    with executor(workers) as pool:
        mapped = pool.map(measure, todo) if pool else map(measure, todo)
        for done, found in enumerate(mapped, 1):
            for key, value in found.items():
                measured.setdefault(key, []).append(value)
            if progress:
                progress("measuring", done, len(todo))
    estimates = {key: estimate(np.array(values)) for key, values in measured.items()} | turns(measured)
    estimates |= {key: Estimate(*span) for key, span in certified(measured).items()}
    return Validation(validation_table(estimates, rows(settings)), sizes, tuple(overrides))


def tasks(settings: Experiment, building: Experiment, sizes: Sizes) -> Iterator[Task]:
    """Yield what is to be measured, the longest work first."""
    counts: dict[Part, int] = {
        "published": len(PROBLEMS),
        "plan": sizes.planned_cities,
        "market": sizes.cities,
        "effort": sizes.cities,
        "service": sizes.cities,
        "building": sizes.buildings,
        "exact": 1,
    }
    for part, count in counts.items():
        for number in range(count):
            yield Task(part, building if part == "building" else settings, FIRST_SEED + number, sizes)


def measure(task: Task) -> dict[str, float]:
    """Return a task's figures by the name of the measure."""
    settings, seed, sizes = task.settings, task.seed, task.sizes
    parts: Mapping[Part, Callable[[], dict[str, float]]] = {
        "market": lambda: market_measures(settings, seed, sizes.customers, sizes.futures),
        "service": lambda: service_measures(settings, seed, sizes.customers, sizes.futures),
        "effort": lambda: effort_measures(settings, seed, sizes.customers, sizes.futures),
        "plan": lambda: plan_measures(settings, seed, sizes.planned_customers, sizes.planned_futures),
        "building": lambda: building_measures(settings, seed, sizes.copies),
        "exact": lambda: exact_measures(sizes.exact_copies),
        "published": lambda: published_measures(PROBLEMS[seed - FIRST_SEED], sizes.gap),
    }
    return parts[task.part]()


def rows(scenario: Scenario) -> tuple[Expected, ...]:
    """Return the rows of the validation in their order."""
    band = published_churn()
    churn = (churn_row(name, carrier.label or name, band) for name, carrier in scenario.carriers.items())
    return (*MARKET, *churn, *SERVICE, *EFFORT, *ALLOCATION, *published_rows(), *BUILDING, *EXACT)


def published_churn() -> tuple[float, float] | None:
    """Return the least and the most monthly churn in the published table below KEYSTAY_DATA, None without it."""
    place = outside_file(PUBLISHED)
    if place is None:
        return None
    percent = pd.read_csv(place, comment="#").drop(columns="quarter")
    return float(percent.min().min() / 100), float(percent.max().max() / 100)


def estimate(values: Floats, level: float = 0.95) -> Estimate:
    """Return the mean and its t interval; a single value, which chance has no part in, is its own interval.

    >>> estimate(np.array([8800.0])), estimate(np.array([1.0, 2.0, 3.0])).observed
    (Estimate(observed=8800.0, low=8800.0, high=8800.0), 2.0)
    """
    mean = float(values.mean())
    if values.size == 1:
        return Estimate(mean, mean, mean)
    half = float(stats.t.ppf(0.5 + level / 2, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size))
    return Estimate(mean, mean - half, mean + half)


def turns(measured: Mapping[str, Sequence[float]]) -> dict[str, Estimate]:
    """Return the talk rates at which a discount's gain turns, from the mean gains and the ends of their intervals."""
    found = {}
    for who in ("mean", "largest"):
        curve = [estimate(np.array(measured[f"discount_{who}_at_{rate:g}"])) for rate in RATES]
        found[f"turn_{who}"] = Estimate(*(turning_rate(np.array(gains)) for gains in zip(*curve, strict=True)))
    return found


def verdict(found: Estimate, row: Expected) -> Verdict:
    """Return met only where the whole interval lies in the expected range."""
    if row.low is None and row.high is None:
        return "skipped" if row.source else "reported"
    if np.isnan(found).any():
        return "skipped"
    low = -np.inf if row.low is None else row.low
    high = np.inf if row.high is None else row.high
    return "met" if low <= found.low and found.high <= high else "not met"


def validation_table(estimates: Mapping[str, Estimate], expected: Sequence[Expected]) -> pd.DataFrame:
    """Return one row a regularity."""
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    table = []
    for row in expected:
        found = estimates.get(row.key, nothing)
        judged = verdict(found, row)
        table.append((row.key, row.name, row.unit, *found, row.low, row.high, row.source, row.how, judged))
    names = ["key", "name", "unit", *Estimate._fields, "expected_low", "expected_high", "source", "how", "verdict"]
    frame = pd.DataFrame(table, columns=names)
    return frame.astype({"expected_low": float, "expected_high": float})
