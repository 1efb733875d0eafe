"""Policies of a sweep compared: known differences, who is best, and sentences that say no more than the tables."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.sweeps.comparing import compare_policies
from experiments.sweeps.comparing_one import compare_sweep
from optimize.worth import paired_difference
from sim.errors import InputError

POLICIES = ("plan", "nothing", "biggest_spenders_first")
SCENARIOS = ("base", "entry", "price_war")
MEANS = np.array([[3.0, 0.0, 2.0], [3.0, 0.0, 4.0], [5.0, 0.0, 2.0]]) * 1e6


def lived(replications: int = 20, points: int = 1, spread: float = 2e5, seed: int = 1) -> np.ndarray:
    """Return values of three policies in three scenarios, on futures that are the same luck for all."""
    rng = np.random.default_rng(seed)
    common = 2e6 * rng.standard_normal((1, 1, replications, 1))
    own = spread * rng.standard_normal((3, points, replications, 3))
    return 7e7 + MEANS[:, None, None] + common + own


@pytest.fixture(scope="module")
def compared(tables):
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES)
    return compare_policies(swept.runs, swept.cells)


def test_the_plan_is_compared_with_each_rule_in_each_scenario_and_in_their_mean(compared) -> None:
    rows = compared.differences
    assert rows["scenario"].tolist() == [name for name in (*SCENARIOS, "mean of scenarios") for _ in range(2)]
    assert set(rows["policy"]) == {"plan"}
    assert rows["against"].tolist() == ["nothing", "biggest_spenders_first"] * 4


def test_a_difference_is_the_paired_one_and_the_mean_that_of_scenarios(compared) -> None:
    values, rows = lived()[:, 0], compared.differences.set_index(["scenario", "against"])
    gained = values[..., 0] - values[..., 1]
    known = paired_difference(gained[1], np.zeros(20))
    ours = rows.loc[("entry", "nothing")]
    assert (ours["mean"], ours["error"]) == pytest.approx((known.mean, known.error))
    whole = paired_difference(gained.mean(axis=0), np.zeros(20))
    ours = rows.loc[("mean of scenarios", "nothing")]
    assert (ours["mean"], ours["error"]) == pytest.approx((whole.mean, whole.error))


def test_intervals_that_hold_together_are_wider_than_one_alone(compared) -> None:
    values = lived()[0, 0]
    alone, ours = paired_difference(values[:, 0], values[:, 1]), compared.differences.iloc[0]
    assert ours["high"] - ours["low"] > 1.1 * (alone.high - alone.low)


def test_against_a_named_policy_each_other_one_is_what_is_gained(tables) -> None:
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES)
    rows = compare_policies(swept.runs, swept.cells, against="nothing").differences
    assert rows["policy"].tolist()[:2] == ["plan", "biggest_spenders_first"]
    assert set(rows["against"]) == {"nothing"}
    assert (rows["mean"] > 0).all()
    assert rows["relative"].iloc[0] == pytest.approx(rows["mean"].iloc[0] / lived()[0, 0, :, 1].mean())


def test_the_best_of_each_scenario_is_told_with_its_share_of_resamples(compared) -> None:
    shares = compared.best.set_index(["scenario", "policy"])["probability_best"]
    assert shares["base", "plan"] == shares["entry", "biggest_spenders_first"] == 1
    assert shares["all scenarios at once"].sum() == 0
    assert shares["mean of scenarios", "plan"] == 1


def test_the_headline_names_where_the_plan_is_best_and_who_leads_it_elsewhere(compared) -> None:
    assert compared.sentences[0].startswith(
        "On retained revenue the plan is best in 2 of 3 scenarios: base and price_war; "
        "in entry biggest spenders first leads the plan by 1."
    )
    assert compared.sentences[1].startswith(
        "In the mean of scenarios, each counted alike, the plan leads the closest, biggest spenders first, by 0.95"
    )
    assert "surely better in 5 of 6 comparisons by scenario and surely worse in 1" in compared.sentences[2]


def test_one_scenario_needs_no_mean_of_scenarios(tables) -> None:
    swept = tables(lived()[:1], policies=POLICIES)
    found = compare_policies(swept.runs, swept.cells)
    assert set(found.differences["scenario"]) == set(found.best["scenario"]) == {"base"}
    assert found.sentences[0].startswith("On retained revenue the plan is best in base: it leads the closest, biggest")


def test_what_luck_may_explain_is_called_so(tables) -> None:
    values = lived(replications=10, spread=3e6, seed=3)
    swept = tables(values[:1, ..., [0, 2]], policies=("plan", "biggest_spenders_first"))
    assert "which luck may explain" in compare_policies(swept.runs, swept.cells).sentences[0]


def test_weights_move_the_mean_of_scenarios(tables) -> None:
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES)
    rows = compare_policies(swept.runs, swept.cells, weights={"entry": 2.0}).differences
    means = rows.set_index(["scenario", "against"])["mean"]
    assert means["mean of scenarios", "nothing"] == pytest.approx(means["entry", "nothing"])


def test_a_future_that_one_policy_failed_in_is_left_out_for_all_and_told(tables) -> None:
    values = lived()
    swept = tables(values, scenarios=SCENARIOS, policies=POLICIES, failed=[("base", 0, 4, "nothing")])
    found = compare_policies(swept.runs, swept.cells)
    gained = np.delete(values[0, 0, :, 0] - values[0, 0, :, 2], 4)
    assert found.differences["mean"].iloc[1] == pytest.approx(gained.mean())
    assert found.differences["replications"].tolist() == [19, 19, 20, 20, 20, 20, 19, 19]
    assert found.left_out["left_out"].tolist() == [1, 0, 0]
    assert found.sentences[-1].startswith("1 of 60 pairs of cell and future are left out")


def test_a_cost_is_better_where_it_is_less(tables) -> None:
    values = np.random.default_rng(4).normal([[0.02, 0.05]], 0.001, (1, 1, 20, 2))
    swept = tables(values, measure="yearly_loss")
    found = compare_policies(swept.runs, swept.cells, "yearly_loss")
    assert found.best.set_index("policy")["probability_best"].to_dict() == {"plan": 1.0, "nothing": 0.0}
    assert found.differences["mean"].iloc[0] < 0
    assert found.sentences[0].startswith("On yearly loss the plan is best in base: it leads the closest, doing nothing")


def test_a_single_future_has_no_intervals_and_no_shares(tables) -> None:
    swept = tables(lived(replications=1), scenarios=SCENARIOS, policies=POLICIES)
    found = compare_policies(swept.runs, swept.cells)
    assert np.isinf(found.differences["high"]).all()
    assert found.best["probability_best"].isna().all()
    assert "no interval" in found.sentences[0]


def test_cells_of_a_random_design_widen_intervals_and_are_told_as_a_sample(tables) -> None:
    values = lived(points=15) + 1e6 * np.random.default_rng(5).standard_normal((3, 15, 1, 3))
    swept = tables(values, scenarios=SCENARIOS, policies=POLICIES)
    fixed, drawn = (compare_policies(swept.runs, swept.cells, sampled=sampled) for sampled in (False, True))
    assert (drawn.differences["error"] > 1.5 * fixed.differences["error"]).all()
    assert any("these very 15 cells" in sentence for sentence in fixed.sentences)
    assert any("15 cells a scenario are a random sample" in sentence for sentence in drawn.sentences)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"against": "nothin"}, "did you mean 'nothing'"),
        ({"measure": "contribution"}, "measure 'contribution': the sweep has none of that name"),
        ({"weights": {"war": 1.0}}, "no scenario 'war'"),
        ({"weights": {"base": -1.0}}, "base has -1.0"),
        ({"weights": {"base": 0.0}}, "all are 0"),
    ],
)
def test_names_that_are_not_there_are_told_with_what_is(tables, asked: dict[str, object], reason: str) -> None:
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES)
    with pytest.raises(InputError, match=reason):
        compare_policies(swept.runs, swept.cells, **asked)


def test_a_sweep_of_one_policy_has_nothing_to_compare(tables) -> None:
    swept = tables(lived()[..., :1], scenarios=SCENARIOS, policies=("plan",))
    with pytest.raises(InputError, match="only plan in the sweep"):
        compare_policies(swept.runs, swept.cells)


def test_a_sweep_tells_first_what_its_scenarios_were_asked_differently(tables) -> None:
    trees = {name: {"months": 24, "rival": {"price": at}} for at, name in enumerate(SCENARIOS)}
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES)
    found = compare_sweep(swept._replace(manifest={"scenarios": trees}))
    assert found.inputs.to_dict("records") == [{"setting": "rival.price", "base": 0, "entry": 1, "price_war": 2}]


def test_a_setting_that_a_scenario_lacks_is_absent_there(tables) -> None:
    trees = {"base": {"rival": {}}, "entry": {"rival": {"price": 1}}, "price_war": {"rival": {"price": 1}}}
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES)
    rows = compare_sweep(swept._replace(manifest={"scenarios": trees})).inputs
    assert [str(value) for value in rows.set_index("setting").loc["rival.price"]] == ["ABSENT", "1", "1"]


def test_scenarios_of_different_horizons_are_averaged_with_a_warning(tables) -> None:
    trees = {name: {"months": months} for name, months in zip(SCENARIOS, (24, 24, 36), strict=True)}
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES)
    assert (
        compare_sweep(swept._replace(manifest={"scenarios": trees}))
        .comparison.sentences[-1]
        .startswith("Scenarios have different horizons, 24 and 36 months")
    )


def test_the_design_in_the_manifest_says_whether_cells_are_a_sample(tables) -> None:
    swept = tables(lived(points=4), scenarios=SCENARIOS, policies=POLICIES)
    for design, sampled in (
        ({"name": "sobol", "points": 4}, True),
        ({"name": "grid"}, False),
        ("latin_hypercube", True),
    ):
        assert compare_sweep(swept._replace(manifest={"design": design})).comparison.sampled is sampled


def test_a_model_of_ones_own_is_compared_on_its_first_measure(tables) -> None:
    swept = tables(lived(), scenarios=SCENARIOS, policies=POLICIES, measure="y")
    found = compare_sweep(swept).comparison
    assert found.measure == "y"
    assert "yuan" not in found.sentences[0]


def test_in_a_notebook_the_sentences_come_before_the_tables(compared) -> None:
    page = compared._repr_html_()
    assert page.index("the plan is best") < page.index("<table")
