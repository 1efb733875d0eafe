"""The frontier proven: plans with more and less, on the futures that they share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.experiment import Experiment, load
from experiments.frontier import Frontier, frontier_figure
from experiments.shown import frontier_tables
from experiments.tried_frontier import IDLE, frontier_rows, name_of, try_frontier
from optimize.means import with_means
from optimize.worth import COLUMNS
from sim.composing.compose import Composed

FACTORS = (0.5, 1.0, 1.5)


@pytest.fixture(scope="module")
def tried(tiny_experiment: Composed[Experiment]) -> pd.DataFrame:
    """Return the tiny experiment's frontier, lived."""
    return try_frontier(tiny_experiment, FACTORS)


def test_every_plan_has_a_row_for_what_it_kept_and_cost(tried: pd.DataFrame) -> None:
    assert tried["factor"].tolist() == [factor for factor in FACTORS for _ in range(3)]
    cost = tried[tried["measure"] == "programme_cost"]["mean"]
    assert cost.is_monotonic_increasing
    assert cost.iloc[0] > 0


def test_the_plan_as_it_is_differs_from_itself_in_nothing(tried: pd.DataFrame) -> None:
    today = tried[tried["factor"] == 1.0]
    assert (today[["more", "more_low", "more_high"]] == 0).to_numpy().all()


def test_differences_are_paired() -> None:
    luck = np.array([[5.0], [1.0], [3.0]]) * np.ones(len(COLUMNS))
    values = {IDLE: luck, name_of(1.0): luck + 2.0, name_of(0.5): luck + 1.5}
    rows = frontier_rows(values, FACTORS).set_index(["factor", "measure"])
    assert rows.loc[(1.0, "contribution"), ["mean", "low", "high"]].tolist() == [2.0, 2.0, 2.0]
    assert rows.loc[(0.5, "retained_revenue"), ["more", "more_low", "more_high"]].tolist() == [-0.5, -0.5, -0.5]
    assert 1.5 not in rows.index.get_level_values("factor")


def test_half_of_everything_is_half_of_each_budget_and_hour() -> None:
    settings = load("shenzhen", ["budgets.mail=1000.0"]).settings
    half = with_means(settings, 0.5)
    assert half.budgets.discount == settings.budgets.discount / 2
    assert half.budgets.mail == 500.0
    assert half.budgets.total is None
    assert half.visit.hours == settings.visit.hours / 2
    assert with_means(load("shenzhen", ["budgets.discount=0.6"]).settings, 2.0).budgets.discount == 1.0


def test_the_picture_and_the_screen_show_what_was_lived(tried: pd.DataFrame) -> None:
    expected = pd.DataFrame({"factor": FACTORS, "cost": [1e5, 2e5, 3e5], "uplift": [2e5, 3e5, 3.5e5]})
    expected = expected.assign(discount=0.0, bound=expected["uplift"] + 1e3, gap=0.0)
    done = Frontier(expected, expected, expected, ("nothing binds",), tried)
    axes = frontier_figure(done.frontier, done.tried).axes[0]
    assert "retained in the simulator" in [text.get_text() for text in axes.get_legend().get_texts()]
    assert [table.title for table in frontier_tables(done)][1] == "What they brought in 3 fresh futures"
