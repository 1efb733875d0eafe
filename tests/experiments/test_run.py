"""The whole job as functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.experiment import Experiment, load
from experiments.run import Result, optimise, optimise_and_double, run, simulate_market
from experiments.shown import optimised_json, optimised_tables
from sim.composing.compose import Composed
from sim.errors import InfeasibleError


def test_the_plan_is_compared_with_every_rule_on_every_future(answered: Result) -> None:
    rules = list(answered.experiment.settings.comparison.against)
    assert answered.trials.policies == ("plan", *rules)
    assert len(answered.trials.seeds) == 3
    assert set(answered.comparison["against"]) == set(rules)


def test_futures_have_seeds_of_their_own(tiny_experiment: Composed[Experiment], answered: Result) -> None:
    assert tiny_experiment.settings.seed not in answered.trials.seeds
    assert len(set(answered.trials.seeds)) == 3


def test_planning_tries_nothing_out_and_gives_the_same_plan(
    tiny_experiment: Composed[Experiment], answered: Result
) -> None:
    made = optimise(tiny_experiment)
    assert np.array_equal(made.plan.allocation.treatment, answered.plan.allocation.treatment)


def test_planning_tells_how_expectations_change_with_twice_the_draws(tiny_experiment: Composed[Experiment]) -> None:
    made = optimise_and_double(tiny_experiment)
    assert made.doubled is not None
    told = optimised_json(made)["twice_the_draws"]
    assert told["draws"] == tiny_experiment.settings.response.draws
    assert [row["outcome"] for row in told["changes"]] == ["retained", "won_back", "contribution", "lines_lost"]
    assert all(abs(row["nothing"]) < 0.5 for row in told["changes"])
    titles = [str(table.title) for table in optimised_tables(made)]
    assert any("twice as many" in title for title in titles)
    assert not any("twice as many" in str(table.title) for table in optimised_tables(optimise(tiny_experiment)))


def test_the_market_is_told_month_by_month(tiny_experiment: Composed[Experiment]) -> None:
    done = simulate_market(tiny_experiment)
    assert list(done.months["month"]) == list(range(6))
    assert (done.summary["low"] <= done.summary["mean"]).all()


def test_the_months_add_up_to_what_the_first_future_measured(tiny_experiment: Composed[Experiment]) -> None:
    done = simulate_market(tiny_experiment)
    measured = done.trials.values[0, 0, done.trials.measures.index("retained_revenue")]
    assert done.months["retained"].sum() == pytest.approx(measured)


def test_stages_are_told_while_it_runs(tiny_experiment: Composed[Experiment], tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    run(tiny_experiment, root=tmp_path, progress=lambda *stage: told.append(stage))
    assert told[0] == ("founding the city", 0, 0)
    assert ("trying out on fresh futures", 3, 3) in told
    assert told[-1] == ("writing the result", 0, 0)


def test_a_plan_that_cannot_be_leaves_nothing_behind(tmp_path: Path) -> None:
    impossible = ["city.customers=60", "burn_in=0", "rules.least_visits.A=24", "visit.hours=1"]
    with pytest.raises(InfeasibleError, match=r"rules\.least_visits"):
        run(load("shenzhen", impossible), root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_the_answer_and_the_comparison(answered: Result) -> None:
    shown = answered._repr_html_()
    assert "fresh futures" in shown
    assert "<table" in shown
