"""The tornado: what each input does alone."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from experiments.figures import png_bytes
from experiments.sweeps.design import Grid, OneAtATime
from experiments.sweeps.outcomes import IncompleteError
from experiments.sweeps.tornado import tornado
from experiments.sweeps.tornado_figure import LOOKS, MOST, tornado_figure
from experiments.sweeps.understanding_shown import tornado_json, tornado_tables
from sim.errors import InputError


def one_at_a_time(inputs: int, levels: int = 2) -> np.ndarray:
    return OneAtATime(levels=levels).unit(tuple(map(str, range(inputs))))


def hill(points):
    """Return a function that rises in a, is highest in the middle of b, and knows nothing of c."""
    return (3 * points["a"] - 8 * (points["b"] - 0.5) ** 2).to_numpy()


@pytest.fixture(scope="module")
def over(between):
    return {"c": between(0, 1), "b": between(0, 1), "a": between(0, 2)}


@pytest.fixture(scope="module")
def hilly(sweep_of, over):
    return sweep_of(one_at_a_time(3), over, hill, replications=5, policies={"plan": 0.0, "nothing": -1.0})


def test_the_widest_input_comes_first(hilly, over):
    table = tornado(*hilly, over, "outcome", "plan")
    assert list(table["input"]) == ["a", "b", "c"]
    assert table["width"].to_numpy() == pytest.approx([6, 2, 0], abs=1e-9)


def test_changes_are_those_of_the_function(hilly, over):
    table = tornado(*hilly, over, "outcome", "plan").set_index("input")
    assert table.loc["a", ["low", "centre", "high"]].tolist() == [0, 1, 2]
    assert table.loc["a", ["change_low", "change_high"]].tolist() == pytest.approx([-3, 3])
    assert table.loc["b", ["change_low", "change_high"]].tolist() == pytest.approx([-2, -2])


def test_what_a_future_does_to_all_alike_leaves_no_interval(hilly, over):
    table = tornado(*hilly, over, "outcome", "plan")
    assert (table["change_low_to"] - table["change_low_from"]).to_numpy() == pytest.approx(0, abs=1e-9)
    assert table.set_index("input")["shown"].to_dict()["a"]


def test_the_difference_of_two_policies_may_be_what_is_changed(hilly, over):
    table = tornado(*hilly, over, "outcome", "plan", against="nothing")
    assert table["outcome_centre"].to_numpy() == pytest.approx(1)
    assert table["width"].to_numpy() == pytest.approx(0, abs=1e-9)


def test_intervals_hold_the_true_change_as_often_as_they_say(sweep_of, between):
    over = {f"x{at}": between(0, 1) for at in range(60)}
    swept = sweep_of(one_at_a_time(60), over, lambda p: p["x0"].to_numpy(), replications=6, luck=1.0)
    table = tornado(*swept, over, "outcome", "plan")
    rest = table[table["input"] != "x0"]
    held = ((rest["change_low_from"] <= 0) & (rest["change_low_to"] >= 0)).mean()
    assert held == pytest.approx(0.95, abs=0.12)  # they share one centre, so misses come together


def test_one_future_has_no_intervals(sweep_of, over):
    table = tornado(*sweep_of(one_at_a_time(3), over, hill), over, "outcome", "plan")
    assert np.isneginf(table["change_low_from"]).all()
    assert json.dumps(tornado_json(table), allow_nan=False)
    assert not table["shown"].any()
    assert "unknown" in next(iter(tornado_tables(table))).columns[2]._cells[0]
    tornado_figure(table)


def test_more_levels_than_two_give_the_same_ends(sweep_of, over):
    swept = sweep_of(one_at_a_time(3, levels=5), over, hill, replications=5)
    assert tornado(*swept, over, "outcome", "plan")["width"].to_numpy() == pytest.approx([6, 2, 0], abs=1e-9)


@pytest.mark.parametrize("shares", [np.random.default_rng(1).random((7, 3)), np.full((6, 3), 0.5)])
def test_another_design_is_refused(sweep_of, over, shares):
    with pytest.raises(InputError, match="one_at_a_time"):
        tornado(*sweep_of(shares, over, hill), over, "outcome", "plan")


def test_a_grid_that_holds_the_middle_and_the_ends_will_do(sweep_of, over):
    swept = sweep_of(Grid(levels=3).unit(tuple(over)), over, hill)
    assert tornado(*swept, over, "outcome", "plan")["width"].to_numpy() == pytest.approx([6, 2, 0], abs=1e-9)


def test_points_that_a_design_repeats_may_be_one_cell(sweep_of, over):
    cells, runs = sweep_of(one_at_a_time(3, levels=3), over, hill)
    once = cells.drop_duplicates("id")
    assert len(once) == 7
    once = tornado(once, runs[runs["cell"].isin(once["cell"])], over, "outcome", "plan")
    pd.testing.assert_frame_equal(once, tornado(cells, runs, over, "outcome", "plan"))


def test_missing_runs_are_not_dropped(hilly, over):
    cells, runs = hilly
    with pytest.raises(IncompleteError, match="1 of 7 cells"):
        tornado(cells, runs[runs["cell"] != 4], over, "outcome", "plan")


def test_every_input_is_drawn_up_to_a_limit_that_the_title_tells(sweep_of, between):
    over = {f"x{at:02}": between(0, 1) for at in range(MOST + 3)}
    swept = sweep_of(one_at_a_time(MOST + 3), over, lambda p: p["x00"].to_numpy(), scenarios=("today", "war"))
    figure, drawn = tornado_figure(tornado(*swept, over, "outcome", "plan"))
    assert len(figure.axes) == 2
    assert len(drawn) == 2 * MOST
    assert len(figure.axes[0].patches) == 2 * MOST
    assert "3 more in the table" in figure.axes[0].get_title(loc="left")


def test_ends_are_told_apart_without_colour():
    assert len({hatch for _, hatch in LOOKS.values()}) == len(LOOKS)


def test_equal_tables_give_equal_pictures(hilly, over):
    table = tornado(*hilly, over, "outcome", "plan")
    assert png_bytes(tornado_figure(table)[0]) == png_bytes(tornado_figure(table)[0])


def test_the_screen_and_json_have_all_rows(hilly, over):
    table = tornado(*hilly, over, "outcome", "plan")
    assert [len(shown.rows) for shown in tornado_tables(table)] == [3]
    assert [row["input"] for row in tornado_json(table)["tornado"]] == ["a", "b", "c"]
