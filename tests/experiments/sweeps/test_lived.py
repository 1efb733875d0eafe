"""Runs as an array: only what all policies lived through, whatever order the rows come in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.sweeps.lived import lived, measures_of
from sim.errors import InputError

VALUES = np.arange(2 * 3 * 4 * 2, dtype=float).reshape(2, 3, 4, 2)
SCENARIOS = ("base", "entry")


def test_every_run_comes_to_its_scenario_point_replication_and_policy(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS)
    found = lived(swept.runs, swept.cells, "retained_revenue")
    assert (found.values == VALUES).all()
    assert (found.scenarios, found.policies, found.replications) == (SCENARIOS, ("plan", "nothing"), (0, 1, 2, 3))


def test_the_order_of_rows_within_a_policy_changes_nothing(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS)
    mixed = swept.runs.sample(frac=1, random_state=1).sort_values("policy", ascending=False, kind="stable")
    assert (lived(mixed, swept.cells, "retained_revenue").values == VALUES).all()


def test_where_one_policy_failed_all_are_left_out_and_counted(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS, failed=[("entry", 1, 2, "plan"), ("entry", 0, 2, "nothing")])
    found = lived(swept.runs, swept.cells, "retained_revenue")
    assert np.isnan(found.values[1, [0, 1], 2]).all()
    assert np.isfinite(found.values).sum() == VALUES.size - 4
    assert (found.left_out.tolist(), found.kept.tolist()) == ([0, 2], [12, 10])


def test_a_future_that_no_policy_has_lived_yet_is_not_left_out(tables) -> None:
    values = VALUES.copy()
    values[0, 0, 3] = np.nan
    swept = tables(values, scenarios=SCENARIOS)
    found = lived(swept.runs, swept.cells, "retained_revenue")
    assert (found.left_out.tolist(), found.kept.tolist()) == ([0, 0], [11, 12])


def test_scenarios_share_a_point_where_their_settings_are_the_same(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS)
    assert lived(swept.runs, swept.cells, "retained_revenue").points == (
        "visit.hour_cost=80.0",
        "visit.hour_cost=81.0",
        "visit.hour_cost=82.0",
    )


def test_a_point_that_a_design_has_twice_stays_two_points(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS, points=[{"x": 1}, {"x": 1.0}, {"x": 2}])
    assert lived(swept.runs, swept.cells, "retained_revenue").points == ("x=1.0", "x=1.0 (2)", "x=2.0")


def test_measures_are_what_is_neither_of_the_run_nor_of_the_cell(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS, measure="contribution")
    assert measures_of(swept.runs.assign(yearly_loss=0.1), swept.cells) == ("contribution", "yearly_loss")


def test_a_measure_that_the_sweep_lacks_is_told_with_those_it_has(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS)
    with pytest.raises(InputError, match="did you mean 'retained_revenue'"):
        lived(swept.runs, swept.cells, "retained_revenues")


def test_a_scenario_without_a_common_future_is_refused_with_the_policy_it_lacks(tables) -> None:
    values = VALUES.copy()
    values[1, :, :, 0] = np.nan
    swept = tables(values, scenarios=SCENARIOS)
    with pytest.raises(
        InputError, match="scenario entry: no future that all policies lived through, as plan has no run"
    ):
        lived(swept.runs, swept.cells, "retained_revenue")


def test_runs_of_another_sweep_are_refused(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS)
    with pytest.raises(InputError, match="runs are of a cell 5"):
        lived(swept.runs, swept.cells[swept.cells["cell"] != 5], "retained_revenue")


def test_a_duplicate_row_of_overlapping_shards_counts_once(tables) -> None:
    swept = tables(VALUES, scenarios=SCENARIOS)
    twice = pd.concat([swept.runs, swept.runs.head(3)], ignore_index=True)
    assert (lived(twice, swept.cells, "retained_revenue").values == VALUES).all()
