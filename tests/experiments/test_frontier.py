"""The frontier as tables and a picture: what is drawn is what was found."""

from __future__ import annotations

import pandas as pd
import pytest

from experiments.experiment import load
from experiments.frontier import frontier_figure, frontier_of, write_frontier
from experiments.shown import frontier_tables
from optimize.marginal import FACTORS
from sim.errors import InputError


@pytest.fixture(scope="module")
def done():
    return frontier_of(load("shenzhen", ["city.customers=60", "burn_in=3", "months=6", "period=6"]))


def test_a_frontier_has_a_row_for_each_factor_and_a_manager_each_an_hour(done):
    assert list(done.frontier["factor"]) == list(FACTORS)
    assert done.frontier["bound"].is_monotonic_increasing
    assert len(done.hours) >= 1
    assert done.words


def test_the_picture_shows_every_plan_found(done):
    axes = frontier_figure(done.frontier).axes[0]
    assert len(axes.lines[0].get_xdata()) == done.frontier["uplift"].notna().sum()


def test_a_factor_without_a_plan_is_left_out_of_the_picture_and_told_in_the_table(done):
    partly = done.frontier.copy()
    partly.loc[0, ["cost", "discount", "uplift", "bound", "gap"]] = float("nan")
    assert len(frontier_figure(partly).axes[0].lines[0].get_xdata()) == len(FACTORS) - 1
    shown = next(iter(frontier_tables(done._replace(frontier=partly))))
    assert "no plan" in list(shown.columns[1].cells)


def test_files_are_written_once(done, tmp_path):
    write_frontier(done, tmp_path / "new")
    assert {file.name for file in (tmp_path / "new").iterdir()} == {
        "frontier.csv",
        "marginals.csv",
        "hours.csv",
        "frontier.png",
    }
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "new" / "hours.csv"), done.hours)
    with pytest.raises(InputError, match="--out"):
        write_frontier(done, tmp_path / "new")
