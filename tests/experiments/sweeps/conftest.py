"""A sweep's tables made from numbers that a test knows, as its folder would be read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest


class Tables(NamedTuple):
    """What is read back from a sweep's folder."""

    folder: Path
    manifest: dict[str, Any]
    cells: pd.DataFrame
    runs: pd.DataFrame


def made_tables(
    values: np.ndarray,
    *,
    scenarios: Sequence[str] = ("base",),
    policies: Sequence[str] = ("plan", "nothing"),
    measure: str = "retained_revenue",
    points: Sequence[Mapping[str, Any]] | None = None,
    failed: Sequence[tuple[str, int, int, str]] = (),
    folder: str = "results/first",
    **manifest: Any,
) -> Tables:
    """Return tables of values of shape (scenarios, points, replications, policies); what is nan was never lived.

    `failed` names runs by scenario, point, replication and policy.
    """
    settings = points or [{"visit.hour_cost": 80.0 + point} for point in range(values.shape[1])]
    cells, runs = [], []
    for (scenario, point, replication, policy), value in np.ndenumerate(values):
        cell = scenario * len(settings) + point
        if not (replication or policy):
            cells.append({"cell": cell, "scenario": scenarios[scenario], "id": f"cell{cell}", **settings[point]})
        lost = (scenarios[scenario], point, replication, policies[policy]) in failed
        if np.isfinite(value) or lost:
            run = {"run": f"run{len(runs)}", "scenario": scenarios[scenario], "cell": cell, **settings[point]}
            run |= {"policy": policies[policy], "replication": replication, "seed": 1000 + replication}
            run |= {"status": "failed" if lost else "done", measure: np.nan if lost else value}
            runs.append(run | {"error": "boom" if lost else None, "traceback": None})
    return Tables(Path(folder), manifest, pd.DataFrame(cells), pd.DataFrame(runs))


@pytest.fixture(scope="session")
def tables() -> Callable[..., Tables]:
    """Return what makes a sweep's tables from an array."""
    return made_tables


class Between(NamedTuple):
    """An uncertainty: every value between two equally likely."""

    low: float
    high: float

    def at(self, share: np.ndarray) -> list[Any]:
        return [float(value) for value in self.low + share * (self.high - self.low)]


class Swept(NamedTuple):
    """A sweep's tables."""

    cells: pd.DataFrame
    runs: pd.DataFrame


def swept(
    shares: np.ndarray,
    over: Mapping[str, Any],
    outcome: Callable[[pd.DataFrame], np.ndarray],
    *,
    replications: int = 1,
    policies: Mapping[str, float] | None = None,
    luck: float = 0.0,
    scenarios: tuple[str, ...] = ("today",),
) -> Swept:
    """Return the tables of a sweep in which each policy's offset is added to a function of the cell, and luck.

    Every future adds the same to all cells and policies; `luck` is what it adds to each run alone.
    """
    rng = np.random.default_rng(7)
    points = pd.DataFrame({name: unknown.at(shares[:, at]) for at, (name, unknown) in enumerate(over.items())})
    blocks = [points.assign(scenario=scenario) for scenario in scenarios]
    cells = pd.concat(blocks, ignore_index=True)
    cells.insert(0, "cell", np.arange(len(cells)))
    values = np.concatenate([outcome(block) for block in blocks])
    keys = cells[[*over, "scenario"]].astype(str).agg("|".join, axis=1)
    cells.insert(1, "id", [f"id {key}" for key in keys])
    cells = cells[["cell", "scenario", "id", *over]]
    future = rng.normal(size=replications)
    parts = []
    for policy, offset in (policies or {"plan": 0.0}).items():
        for replication in range(replications):
            own = luck * rng.normal(size=len(cells))
            part = cells.drop(columns="id").assign(policy=policy, replication=replication, seed=1, status="done")
            parts.append(part.assign(outcome=values + offset + 10 * future[replication] + own, error="", traceback=""))
    runs = pd.concat(parts, ignore_index=True).sort_values(["cell", "policy", "replication"], ignore_index=True)
    runs.insert(0, "run", [f"run{at}" for at in range(len(runs))])
    return Swept(cells, runs)


@pytest.fixture(scope="session")
def sweep_of() -> Callable[..., Swept]:
    """Return the function that makes a sweep's tables."""
    return swept


@pytest.fixture(scope="session")
def between() -> type[Between]:
    """Return an uncertainty between two numbers."""
    return Between
