"""Scenario discovery finds the region that was planted, and says so where there is none."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from experiments.sweeps.box import End, Share, box_words, inside, quasi_p, share, without_chance
from experiments.sweeps.discovery import discover
from experiments.sweeps.failures import failures
from experiments.sweeps.outcomes import IncompleteError
from experiments.sweeps.understanding_shown import discovery_json, discovery_tables
from sim.errors import InputError

CELLS = 200


@pytest.fixture(scope="module")
def over(between):
    return {name: between(0, 1) for name in ("price", "months", "reach")}


def cornered(points):
    """Return a lead that is lost where the price is low and the months are many, in 16 of 100 cases."""
    return np.where((points["price"] < 0.4) & (points["months"] > 0.6), -1.0, 1.0)


@pytest.fixture(scope="module")
def planted(sweep_of, over):
    shares = np.random.default_rng(3).random((CELLS, 3))
    swept = sweep_of(shares, over, cornered, replications=3, policies={"plan": 0.0})
    rivals = swept.runs.assign(policy="biggest_spenders_first", outcome=swept.runs["outcome"] - cornered(swept.runs))
    rivals["run"] += "r"
    runs = pd.concat([swept.runs, rivals], ignore_index=True)
    return swept._replace(runs=runs), failures(swept.cells, runs, "outcome", "plan")


@pytest.fixture(scope="module")
def found(planted, over):
    return discover(planted[0].cells, planted[1], over, shuffles=0)


def test_a_policy_fails_where_it_does_not_lead_the_best_of_its_rivals(planted):
    swept, failing = planted
    assert (failing.failed == (cornered(swept.cells) < 0)).all()
    assert failing.meaning == "brings no more outcome than biggest spenders first"


def test_a_planted_box_is_found_with_its_limits(found):
    ends = {(end.input, end.side): end.value for end in found.regions[0].ends}
    assert set(ends) == {("price", "below"), ("months", "above")}
    assert ends["price", "below"] == pytest.approx(0.4, abs=0.05)  # some 10 gaps between 200 points
    assert ends["months", "above"] == pytest.approx(0.6, abs=0.05)


def test_what_lies_in_the_box_is_counted(found, planted):
    first, failed = found.regions[0], planted[1].failed
    assert first.share.coverage > 0.9
    assert first.share.density > 0.9
    assert first.share.cases == pytest.approx(first.share.mass * CELLS)
    assert first.share.failures == round(first.share.coverage * failed.sum())


def test_ends_that_are_no_chance_have_small_quasi_p_values(found):
    assert max(found.regions[0].quasi_p) < 1e-6


@pytest.mark.slow
def test_no_shuffle_of_the_failures_gives_a_region_as_good_as_the_planted_one(planted, over):
    told = []
    done = discover(planted[0].cells, planted[1], over, progress=lambda at, of: told.append((at, of)))
    assert done.regions[0].chance == 0.05
    assert told[:19] == [(at, 19) for at in range(1, 20)]


def test_the_region_is_said_in_words(found):
    assert found.words[0].startswith("The plan brings no more outcome than biggest spenders first in ")
    assert "It fails mostly when " in found.words[1]
    assert "price is at most 0.4" in found.words[1] or "price is at most 0.39" in found.words[1]
    assert found.words[-1].startswith("Elsewhere ")


def test_the_way_to_the_box_shows_what_else_could_be_chosen(found):
    assert found.tradeoff["coverage"].iloc[0] == 1
    assert found.tradeoff["chosen"].sum() == 1
    assert found.tradeoff["mass"].is_monotonic_decreasing or found.tradeoff["mass"].iloc[-1] < 0.5


@pytest.mark.slow
def test_failures_without_a_cause_are_no_region(sweep_of, over):
    shares = np.random.default_rng(5).random((120, 3))
    lead = np.where(np.random.default_rng(6).random(120) < 0.25, -1.0, 1.0)
    swept = sweep_of(shares, over, lambda _: lead)
    failing = failures(swept.cells, swept.runs, "outcome", "plan", against=[], below=0.0 + swept.runs["outcome"].mean())
    told = discover(swept.cells, failing, over, shuffles=19)
    assert not told.regions or told.regions[0].chance > 0.05
    assert any("No region stands out" in sentence or "this may be chance" in sentence for sentence in told.words)


def test_words_and_whole_numbers_are_told_as_such(sweep_of, between):
    class Policy:
        def at(self, share):
            return [("static", "answer", "price_war")[int(2.999 * one)] for one in share]

    class Months(between):
        def at(self, share):
            return [int(12 * one) for one in share]

    over = {"policy": Policy(), "months": Months(0, 12), "reach": between(0, 1)}
    swept = sweep_of(
        np.random.default_rng(4).random((300, 3)),
        over,
        lambda p: np.where((p["policy"] == "price_war") & (p["months"] >= 6), -1.0, 1.0),
    )
    failing = failures(swept.cells, swept.runs, "outcome", "plan", below=float(swept.runs["outcome"].mean()))
    told = discover(swept.cells, failing, over, shuffles=0)
    assert told.regions[0].words == "months is at least 6 and policy is price_war" or told.regions[0].words == (
        "policy is price_war and months is at least 6"
    )
    assert told.regions[0].share.density == told.regions[0].share.coverage == 1
    assert np.isnan(told.regions[0].chance)


def test_scenarios_may_be_part_of_the_region(sweep_of, over):
    shares = np.random.default_rng(4).random((100, 3))
    swept = sweep_of(
        shares,
        over,
        lambda p: np.where((p["scenario"] == "war") & (p["price"] < 0.4), -1.0, 1.0),
        scenarios=("today", "war"),
    )
    failing = failures(swept.cells, swept.runs, "outcome", "plan", below=float(swept.runs["outcome"].mean()))
    told = discover(swept.cells, failing, over, shuffles=0)
    assert {(end.input, end.side) for end in told.regions[0].ends} == {("scenario", "among"), ("price", "below")}


@pytest.mark.parametrize(
    ("below", "told"),
    [(-1e9, "fails nowhere"), (1e9, "fails everywhere"), ("few", "are too few to tell a region from chance")],
)
def test_no_region_is_made_of_nothing(planted, over, below, told):
    swept, _ = planted
    shifted = swept.runs.assign(outcome=swept.runs["outcome"] + swept.runs["cell"] * 1e-3)
    values = shifted[shifted["policy"] == "plan"].groupby("cell")["outcome"].mean().sort_values()
    threshold = float(values.iloc[5] if below == "few" else below)
    failing = failures(swept.cells, shifted, "outcome", "plan", against=[], below=threshold)
    done = discover(swept.cells, failing, over)
    assert done.regions == ()
    assert told in " ".join(done.words)
    assert discovery_json(done)["regions"] == []
    assert len(list(discovery_tables(done))) == 1


def test_few_cells_are_too_few(sweep_of, over):
    swept = sweep_of(np.random.default_rng(4).random((30, 3)), over, cornered)
    failing = failures(swept.cells, swept.runs, "outcome", "plan", worst=0.4)
    assert "30 cells are too few" in " ".join(discover(swept.cells, failing, over).words)


def test_equal_values_fail_together_but_never_all(sweep_of, over):
    swept = sweep_of(np.random.default_rng(4).random((100, 3)), over, cornered)
    failing = failures(swept.cells, swept.runs, "outcome", "plan", worst=0.6)
    assert (failing.failed == (cornered(swept.cells) < 0)).all()


def test_the_worst_quarter_fails_where_nothing_is_compared(sweep_of, over):
    swept = sweep_of(np.random.default_rng(4).random((100, 3)), over, lambda p: p["price"].to_numpy())
    failing = failures(swept.cells, swept.runs, "outcome", "plan")
    assert failing.failed.sum() == 25
    assert failing.meaning.startswith("is in the worst 25 % of cells by its outcome")


def test_cells_that_other_futures_may_move_are_counted(sweep_of, over):
    swept = sweep_of(np.random.default_rng(4).random((60, 3)), over, cornered, replications=3, luck=5.0)
    failing = failures(swept.cells, swept.runs, "outcome", "plan", worst=0.5)
    assert failing.cells["unsure"].sum() > 15
    assert any("other futures" in sentence for sentence in discover(swept.cells, failing, over, shuffles=0).words)


def test_doing_nothing_is_no_rival_where_rules_are(planted):
    swept, _ = planted
    idle = swept.runs[swept.runs["policy"] == "plan"].assign(policy="nothing", outcome=1e9)
    runs = pd.concat([swept.runs, idle], ignore_index=True)
    assert set(failures(swept.cells, runs, "outcome", "plan").cells["rival"]) == {"biggest_spenders_first"}
    assert failures(swept.cells, runs, "outcome", "plan", against=["nothing"]).failed.all()


@pytest.mark.parametrize("asked", [{"below": 0.0, "worst": 0.1}, {"worst": 1.5}])
def test_what_cannot_be_asked_is_told(planted, asked):
    with pytest.raises(InputError):
        failures(planted[0].cells, planted[0].runs, "outcome", "plan", **asked)


def test_missing_runs_are_not_dropped(planted):
    swept, _ = planted
    with pytest.raises(IncompleteError, match="1 of 200 cells lack runs of plan or biggest_spenders_first"):
        failures(swept.cells, swept.runs[swept.runs["cell"] != 7], "outcome", "plan")


def test_a_quasi_p_value_is_that_of_a_binomial_test():
    points = pd.DataFrame({"a": [0.0] * 4 + [1.0] * 4})
    failed = np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=bool)
    assert quasi_p(points, failed, (End("a", "below", 0.5),)) == pytest.approx((0.5**4,))


def test_an_end_that_changes_nothing_is_dropped():
    rng = np.random.default_rng(1)
    points = pd.DataFrame({"a": rng.random(200), "b": rng.random(200)})
    failed = (points["a"] < 0.5).to_numpy()
    ends = (End("a", "below", 0.5), End("b", "above", 0.1))
    assert without_chance(points, failed, ends) == (End("a", "below", 0.5),)


def test_everything_is_a_box_without_ends():
    points = pd.DataFrame({"a": [0.0, 1.0]})
    assert share(inside(points, ()), np.array([True, False])) == Share(2, 1, 1.0, 0.5, 1.0, 1.0)
    assert box_words([End("a", "above", 0.25), End("a", "below", 0.75)]) == "a is 0.25 to 0.75"


def test_the_screen_and_json_have_every_region(found):
    assert [len(table.rows) for table in discovery_tables(found)][1:] == [len(found.regions), len(found.limits)]
    assert discovery_json(found)["limits"][0]["region"] == 1
    assert json.dumps(discovery_json(found), allow_nan=False)
