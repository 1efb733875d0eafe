"""Sensitivity indices against closed forms, and what is to be doubted about them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from experiments.sweeps.design import designs
from experiments.sweeps.outcomes import FailedRunsError, IncompleteError
from experiments.sweeps.sensitivity import indices
from experiments.sweeps.sensitivity_design import Morris, Saltelli
from experiments.sweeps.uncertainty import whole
from experiments.sweeps.understanding_shown import sensitivity_json, sensitivity_tables
from sim.errors import InputError

A, B = 7.0, 0.1


def ishigami(points: pd.DataFrame) -> np.ndarray:
    x1, x2, x3 = (points[name].to_numpy() for name in ("x1", "x2", "x3"))
    return np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1)


def ishigami_indices() -> tuple[np.ndarray, np.ndarray]:
    """Return first-order and total indices in closed form (Ishigami & Homma 1990)."""
    first = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    second = A**2 / 8
    meeting = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = first + second + meeting
    return np.array([first, second, 0]) / variance, np.array([first + meeting, second, meeting]) / variance


@pytest.fixture(scope="module")
def circle(between):
    return {name: between(-np.pi, np.pi) for name in ("x1", "x2", "x3")}


@pytest.fixture(scope="module")
def ishigami_swept(sweep_of, circle):
    design = Saltelli(base=512, second_order=True)
    swept = sweep_of(design.unit(tuple(circle)), circle, ishigami, replications=2)
    return indices(*swept, design, circle, "outcome", "plan"), swept, design


def of(table: pd.DataFrame, index: str, column: str = "value") -> np.ndarray:
    return table[table["index"] == index][column].to_numpy()


def test_designs_are_registered_by_name():
    assert {designs["morris"], designs["saltelli"]} == {Morris, Saltelli}


def test_the_closed_form_of_ishigami_is_the_published_one():
    first, total = ishigami_indices()
    assert first == pytest.approx([0.3139, 0.4424, 0], abs=5e-5)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=5e-5)


@pytest.mark.parametrize(("index", "which"), [("S1", 0), ("ST", 1)])
def test_sobol_indices_of_ishigami_lie_within_their_confidence(ishigami_swept, index, which):
    table = ishigami_swept[0].table
    error = np.abs(of(table, index) - ishigami_indices()[which])
    assert (error <= 1.5 * of(table, index, "half_width")).all()  # 2.9 standard errors
    assert of(table, index, "half_width").max() < 0.14


def test_second_order_indices_find_the_one_pair_that_meets(ishigami_swept):
    rows = ishigami_swept[0].table.query("index == 'S2'")
    largest = rows.loc[rows["value"].idxmax()]
    assert (largest["input"], largest["with"]) == ("x1", "x3")
    first, total = ishigami_indices()
    assert largest["value"] == pytest.approx(total[0] - first[0], abs=1.5 * largest["half_width"])


def test_what_a_future_does_to_all_cells_alike_is_no_luck(ishigami_swept):
    assert of(ishigami_swept[0].table, "luck") == pytest.approx(0, abs=1e-12)


def test_what_is_settled_is_not_doubted(sweep_of, between):
    over = {"a": between(0, 1), "b": between(0, 1)}
    design = Saltelli(base=1024)
    swept = sweep_of(design.unit(("a", "b")), over, lambda p: (p["a"] + 3 * p["b"]).to_numpy(), replications=2)
    found = indices(*swept, design, over, "outcome", "plan")
    assert found.doubts == ()
    assert of(found.table, "ST") == pytest.approx([0.1, 0.9], abs=0.05)


def test_luck_is_the_share_of_variance_that_was_put_in(sweep_of, between):
    over = {"a": between(0, 1), "b": between(0, 1)}
    design = Saltelli(base=256)
    swept = sweep_of(design.unit(("a", "b")), over, lambda p: p["a"].to_numpy() * 12**0.5, replications=4, luck=1.0)
    found = indices(*swept, design, over, "outcome", "plan")
    assert of(found.table, "luck") == pytest.approx(0.25 / 1.25, rel=0.15)
    assert of(found.table, "ST")[1] == pytest.approx(0.25 / 1.25, rel=0.2)  # an input without effect shows luck's share
    assert any("of the variance between cells is luck of the futures" in doubt for doubt in found.doubts)


def test_one_future_leaves_luck_unknown_and_says_so(sweep_of, circle):
    design = Saltelli(base=64)
    found = indices(*sweep_of(design.unit(tuple(circle)), circle, ishigami), design, circle, "outcome", "plan")
    assert np.isnan(of(found.table, "luck")).all()
    assert any("With one future" in doubt for doubt in found.doubts)


def test_a_small_base_is_doubted(sweep_of, circle):
    design = Saltelli(base=16)
    swept = sweep_of(design.unit(tuple(circle)), circle, ishigami, replications=2)
    found = indices(*swept, design, circle, "outcome", "plan")
    assert any(doubt.startswith("Not settled") and "larger base than 16, such as 32" in doubt for doubt in found.doubts)


def test_an_unsettled_order_is_told(sweep_of, between):
    over = {name: between(0, 1) for name in "abcdef"}
    design = Saltelli(base=32)
    swept = sweep_of(
        design.unit(tuple(over)), over, lambda p: p.sum(axis=1, numeric_only=True).to_numpy(), replications=2
    )
    assert any(
        doubt.startswith("The order isn't settled") for doubt in indices(*swept, design, over, "outcome", "plan").doubts
    )


def test_morris_effects_of_a_linear_function_are_its_slopes(sweep_of, between):
    over = {"a": between(0, 2), "b": between(-1, 1), "c": between(0, 1)}
    design = Morris(trajectories=6)
    swept = sweep_of(design.unit(tuple(over)), over, lambda p: (3 * p["a"] - 2 * p["b"]).to_numpy(), replications=3)
    table = indices(*swept, design, over, "outcome", "plan").table
    assert of(table, "mu") == pytest.approx([6, -4, 0], abs=1e-9)
    assert of(table, "mu_star") == pytest.approx([6, 4, 0], abs=1e-9)
    assert of(table, "sigma") == pytest.approx(0, abs=1e-9)


def test_morris_shows_an_effect_by_luck_no_larger_than_the_floor(sweep_of, between):
    over = {name: between(0, 1) for name in "abcdef"}  # many enough that trajectories hardly share cells
    design = Morris(trajectories=200)
    swept = sweep_of(design.unit(tuple(over)), over, lambda p: 20 * p["a"].to_numpy(), replications=4, luck=1.0)
    table = indices(*swept, design, over, "outcome", "plan").table
    assert of(table, "mu_star")[1:] == pytest.approx(of(table, "luck_floor")[0], rel=0.15)


def test_an_effect_that_luck_may_have_made_is_told(sweep_of, between):
    over = {"a": between(0, 1), "b": between(0, 1)}
    design = Morris(trajectories=20)
    swept = sweep_of(design.unit(("a", "b")), over, lambda p: 20 * p["a"].to_numpy(), replications=4, luck=1.0)
    doubts = indices(*swept, design, over, "outcome", "plan").doubts
    assert next(doubt for doubt in doubts if "luck of the futures alone" in doubt).startswith("b has")


def test_the_fewest_trajectories_are_enough_to_compute(sweep_of, circle):
    design = Morris(trajectories=4)
    swept = sweep_of(design.unit(tuple(circle)), circle, ishigami, replications=2)
    assert np.isfinite(of(indices(*swept, design, circle, "outcome", "plan").table, "mu_star", "half_width")).all()


def test_a_paired_difference_is_what_is_explained(sweep_of, circle):
    design = Saltelli(base=64)
    swept = sweep_of(design.unit(tuple(circle)), circle, ishigami, policies={"plan": 3.0, "nothing": 0.0})
    found = indices(*swept, design, circle, "outcome", "plan", against="nothing")
    assert found.doubts == ("The outcome is the same in every cell, so there is nothing to explain.",)
    assert (of(found.table, "ST") == 0).all()


def test_scenarios_are_told_apart(sweep_of, circle):
    design = Morris(trajectories=4)
    swept = sweep_of(design.unit(tuple(circle)), circle, ishigami, scenarios=("today", "war"))
    found = indices(*swept, design, circle, "outcome", "plan")
    assert list(found.table["scenario"].unique()) == ["today", "war"]
    assert all(doubt.startswith(("today: ", "war: ")) for doubt in found.doubts)


def test_runs_in_any_order_give_the_same_indices(ishigami_swept, circle):
    found, (cells, runs), design = ishigami_swept
    again = indices(cells, runs.sample(frac=1, random_state=1), design, circle, "outcome", "plan")
    pd.testing.assert_frame_equal(again.table, found.table)


def test_missing_runs_are_counted_and_nothing_is_told(ishigami_swept, circle):
    _, (cells, runs), design = ishigami_swept
    gone = runs[~runs["cell"].isin([3, 8])]
    with pytest.raises(
        IncompleteError, match=r"2 of 4096 cells lack runs of plan \(cells 3, 8\).*same keystay sweep command"
    ):
        indices(cells, gone, design, circle, "outcome", "plan")


def test_a_replication_short_is_missing_where_a_number_was_asked_for(ishigami_swept, circle):
    _, (cells, runs), design = ishigami_swept
    short = runs.drop(runs[(runs["cell"] == 5) & (runs["replication"] == 1)].index)
    assert indices(cells, short, design, circle, "outcome", "plan").futures == 1
    with pytest.raises(IncompleteError, match="1 of 4096 cells"):
        indices(cells, short, design, circle, "outcome", "plan", replications=2)


def test_a_failed_run_is_named_with_the_command_that_lives_it_again(ishigami_swept, circle):
    _, (cells, runs), design = ishigami_swept
    failed = runs.copy()
    failed.loc[9, ["status", "error"]] = ["failed", "ValueError: no"]
    with pytest.raises(
        FailedRunsError, match=r"run9 \(cell 4, plan, replication 1: ValueError: no\).*keystay rerun mine run9"
    ):
        indices(cells, failed, design, circle, "outcome", "plan", folder="mine")


def test_cells_of_equal_content_share_their_runs(sweep_of, circle):
    design = Morris(trajectories=60, levels=2)
    cells, runs = sweep_of(design.unit(tuple(circle)), circle, ishigami)
    first = cells.drop_duplicates("id")
    assert len(first) == 8
    once = indices(cells, runs[runs["cell"].isin(first["cell"])], design, circle, "outcome", "plan")
    pd.testing.assert_frame_equal(once.table, indices(cells, runs, design, circle, "outcome", "plan").table)
    alone = indices(first, runs[runs["cell"].isin(first["cell"])], design, circle, "outcome", "plan")
    pd.testing.assert_frame_equal(once.table, alone.table)


def test_settings_that_were_made_whole_are_found_again(sweep_of, between):
    class Whole(between):
        def at(self, share):
            return [whole(value, 1, 6) for value in between(1, 6).at(share)]

    over = {"months": between(1, 6), "price": between(0, 1)}
    design = Morris(trajectories=8)
    made = {"months": Whole(1, 6), "price": between(0, 1)}
    swept = sweep_of(design.unit(tuple(over)), made, lambda p: (p["months"] + 20 * p["price"]).to_numpy())
    table = indices(*swept, design, over, "outcome", "plan").table
    assert of(table, "mu_star") == pytest.approx([5, 20], rel=0.25)


@pytest.mark.parametrize("change", [{"seed": 1}, {"base": 256}])
def test_cells_of_another_design_are_refused(ishigami_swept, circle, change):
    _, swept, design = ishigami_swept
    with pytest.raises(InputError, match="not of this design"):
        indices(*swept, design.model_copy(update=change), circle, "outcome", "plan")


@pytest.mark.parametrize(
    ("measure", "policy", "told"),
    [("outcom", "plan", "did you mean 'outcome'"), ("outcome", "plam", "did you mean 'plan'")],
)
def test_a_wrong_name_is_told_with_the_right_one(ishigami_swept, circle, measure, policy, told):
    _, swept, design = ishigami_swept
    with pytest.raises(InputError, match=told):
        indices(*swept, design, circle, measure, policy)


def test_a_number_that_is_none_is_refused(ishigami_swept, circle):
    _, (cells, runs), design = ishigami_swept
    odd = runs.assign(outcome=runs["outcome"].where(runs["cell"] != 2))
    with pytest.raises(InputError, match="no number in 2 runs"):
        indices(cells, odd, design, circle, "outcome", "plan")


@pytest.mark.parametrize(
    ("design", "wrong", "told"), [(Saltelli, {"base": 48}, "give 32 or 64"), (Morris, {"levels": 5}, "an even number")]
)
def test_a_design_that_would_not_be_balanced_is_refused(design, wrong, told):
    with pytest.raises(ValidationError, match=told):
        design(**wrong)


@pytest.mark.parametrize("design", [Morris(), Saltelli()])
def test_a_design_of_nothing_is_refused(design):
    with pytest.raises(ValueError, match="nothing is uncertain"):
        design.unit(())


@pytest.mark.parametrize("design", [Morris(trajectories=7), Saltelli(base=16), Saltelli(base=16, second_order=True)])
@pytest.mark.parametrize("inputs", [1, 4])
def test_designs_stay_in_the_unit_cube_and_depend_on_their_seed_alone(design, inputs):
    names = tuple("abcd"[:inputs])
    points = design.unit(names)
    assert np.abs(points - 0.5).max() <= 0.5
    assert points.shape == (design.unit(names).shape[0], inputs)
    assert (points == design.unit(names)).all()
    assert (points != design.model_copy(update={"seed": 0}).unit(names)).any()


@pytest.mark.parametrize("design", [Morris(trajectories=7), Saltelli(base=16)])
def test_one_input_makes_all(sweep_of, between, design):
    over = {"a": between(0, 1)}
    swept = sweep_of(design.unit(("a",)), over, lambda p: p["a"].to_numpy(), replications=2)
    table = indices(*swept, design, over, "outcome", "plan").table
    assert of(table, "mu_star" if isinstance(design, Morris) else "ST") == pytest.approx(1, abs=0.25)


def test_tables_and_json_show_every_input_and_doubt(ishigami_swept):
    found = ishigami_swept[0]
    shown = list(sensitivity_tables(found))
    assert [len(table.rows) for table in shown] == [4, 3, 1]
    told = sensitivity_json(found)
    assert json.dumps(told, allow_nan=False)
    assert len(told["indices"]) == len(found.table)
    assert told["method"] == "sobol"
