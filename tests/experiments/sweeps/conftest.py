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
