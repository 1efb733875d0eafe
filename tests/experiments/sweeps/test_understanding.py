"""Analyses of a sweep as it is read back from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from experiments.sweeps.luck import luck_share
from experiments.sweeps.outcomes import IncompleteError
from experiments.sweeps.sensitivity_design import Morris
from experiments.sweeps.understanding import discovery_of, sensitivity_of, tornado_of
from sim.errors import InputError

OVER = {name: {"name": "uniform", "low": 0.0, "high": 1.0} for name in ("a", "b")}


class Kept(NamedTuple):
    """What reading a sweep's folder gives."""

    folder: Path
    manifest: dict[str, Any]
    cells: pd.DataFrame
    runs: pd.DataFrame


@pytest.fixture
def kept(sweep_of, between):
    over = {name: between(0, 1) for name in OVER}
    swept = sweep_of(Morris(trajectories=5).unit(("a", "b")), over, lambda p: (2 * p["a"]).to_numpy(), replications=2)
    manifest = {
        "measures": ["outcome"],
        "policies": ["plan"],
        "replications": 2,
        "over": OVER,
        "design": {"name": "morris", "trajectories": 5},
    }
    return Kept(Path("results/mine"), manifest, *swept)


def test_design_and_inputs_come_from_the_manifest(kept):
    found = sensitivity_of(kept)
    assert found.table[found.table["index"] == "mu_star"]["value"].to_numpy() == pytest.approx([2, 0], abs=1e-9)


def test_what_is_missing_is_told_from_the_number_of_replications(kept):
    with pytest.raises(IncompleteError, match="1 of 15 cells"):
        sensitivity_of(kept._replace(runs=kept.runs.drop(kept.runs[kept.runs["cell"] == 3].index[:1])))


def test_failed_runs_name_the_folder(kept):
    runs = kept.runs.assign(status=np.where(kept.runs["cell"] == 3, "failed", "done"), error="ValueError: no")
    with pytest.raises(InputError, match="keystay rerun results/mine run6"):
        sensitivity_of(kept._replace(runs=runs))


def test_another_design_is_refused_with_the_one_that_will_do(kept):
    with pytest.raises(InputError, match="one_at_a_time"):
        tornado_of(kept)


def test_failures_are_looked_for_under_any_design(kept):
    assert "15 cells are too few" in " ".join(discovery_of(kept).words)


def test_a_sweep_of_nothing_uncertain_is_told(kept):
    with pytest.raises(InputError, match="no 'over'"):
        tornado_of(kept._replace(manifest={**kept.manifest, "over": {}}))


def test_luck_of_cells_with_unequal_futures_is_their_own_spread():
    rng = np.random.default_rng(2)
    brought = rng.normal(size=(4000, 1)) + rng.normal(size=(4000, 4))
    brought[:2000, 2:] = np.nan
    assert luck_share(brought) == pytest.approx((0.5 + 0.25) / 2 / (1 + (0.5 + 0.25) / 2), rel=0.06)
