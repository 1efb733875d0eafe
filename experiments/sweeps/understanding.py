"""Analyses of a sweep that was read back: its design and what is uncertain come from its manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from experiments.sweeps.design import Design, designs
from experiments.sweeps.discovery import SHUFFLES, Discovery, discover
from experiments.sweeps.failures import failures
from experiments.sweeps.folder import Swept
from experiments.sweeps.sensitivity import Sensitivity, indices
from experiments.sweeps.tornado import tornado
from experiments.sweeps.uncertainty import Uncertainty, uncertainties
from sim.errors import InputError


def sensitivity_of(
    swept: Swept, measure: str | None = None, policy: str | None = None, against: str | None = None
) -> Sensitivity:
    """Return the indices of a sweep over morris or saltelli, of its first measure and policy unless named."""
    design: Design = TypeAdapter(designs.field).validate_python(_asked(swept, "design"))
    return indices(
        swept.cells, swept.runs, design, _over(swept), *_of(swept, measure, policy), against, **_whole(swept)
    )


def tornado_of(
    swept: Swept, measure: str | None = None, policy: str | None = None, against: str | None = None
) -> pd.DataFrame:
    """Return the tornado of a sweep over one_at_a_time."""
    return tornado(swept.cells, swept.runs, _over(swept), *_of(swept, measure, policy), against, **_whole(swept))


def discovery_of(
    swept: Swept,
    measure: str | None = None,
    policy: str | None = None,
    against: Sequence[str] | None = None,
    *,
    below: float | None = None,
    worst: float | None = None,
    shuffles: int = SHUFFLES,
    progress: Callable[[int, int], None] | None = None,
) -> Discovery:
    """Return where a policy of a sweep fails; any design with many points will do."""
    told = _of(swept, measure, policy)
    failing = failures(swept.cells, swept.runs, *told, against, below=below, worst=worst, **_whole(swept))
    return discover(swept.cells, failing, _asked(swept, "over"), shuffles=shuffles, progress=progress)


def _over(swept: Swept) -> dict[str, Uncertainty]:
    reads: TypeAdapter[Uncertainty] = TypeAdapter(uncertainties.field)
    return {path: reads.validate_python(unknown) for path, unknown in _asked(swept, "over").items()}


def _of(swept: Swept, measure: str | None, policy: str | None) -> tuple[str, str]:
    return measure or swept.manifest["measures"][0], policy or swept.manifest["policies"][0]


def _whole(swept: Swept) -> dict[str, Any]:
    """Return what tells whether all runs are there: with precision cells may have more than these."""
    return {"replications": swept.manifest["replications"], "folder": swept.folder.as_posix()}


def _asked(swept: Swept, key: str) -> Any:
    if not swept.manifest.get(key):
        raise InputError(f"{swept.folder}: this sweep has no '{key}', so there is nothing uncertain to look at")
    return swept.manifest[key]
