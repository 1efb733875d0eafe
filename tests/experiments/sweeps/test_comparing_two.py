"""Two sweeps beside each other: paired run by run, and refused where they can't be."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from experiments.sweeps.comparing_two import check_comparable_sweeps, compare_sweeps
from optimize.worth import paired_difference
from sim.errors import InputError

SCENARIOS, POLICIES = ("base", "entry"), ("plan", "nothing")
MANIFEST: dict[str, Any] = {
    "schema": 1,
    "model": {"name": "market", "version": "0.1.0"},
    "design": {"name": "grid"},
    "inputs": {name: {"customers.csv": "ab12"} for name in SCENARIOS},
    "scenarios": {
        name: {
            "months": 24,
            "seed": 1,
            "comparison": {"seed": 5},
            "city": {"customers": 60},
            "visit": {"hour_cost": 80.0},
        }
        for name in SCENARIOS
    },
}
RNG = np.random.default_rng(1)
FIRST = 1e6 * RNG.standard_normal((2, 3, 12, 2))
GAIN = 1e5 + 1e4 * RNG.standard_normal((2, 3, 12, 2))


def changed(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return the manifest with something else at a path."""
    tree = copy.deepcopy(MANIFEST)
    inner = tree
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return tree


@pytest.fixture
def sweeps(tables):
    """Return two sweeps of which the second gains on the first, with one setting asked differently."""
    asked = changed(("scenarios", "entry", "visit", "hour_cost"), 90.0)
    names = {"scenarios": SCENARIOS, "policies": POLICIES}
    first = tables(FIRST, **names)._replace(manifest=MANIFEST)
    return first, tables(FIRST + GAIN, folder="results/second", **names)._replace(manifest=asked)


def test_a_sweep_differs_in_nothing_from_itself(sweeps) -> None:
    found = compare_sweeps(sweeps[0], sweeps[0])
    assert found.inputs.empty
    assert (found.outcomes[["mean", "low", "high"]] == 0).all(axis=None)
    assert found.sentences[0] == "Nothing was asked differently."


def test_what_was_asked_differently_is_told_by_scenario(sweeps) -> None:
    assert compare_sweeps(*sweeps).inputs.to_dict("records") == [
        {"scenario": "entry", "setting": "visit.hour_cost", "first": 80.0, "second": 90.0}
    ]


def test_runs_are_paired_by_scenario_point_policy_and_replication(sweeps) -> None:
    rows = compare_sweeps(*sweeps).outcomes.set_index(["scenario", "policy"])
    known = paired_difference(GAIN[1, :, :, 0].mean(axis=0), np.zeros(12))
    ours = rows.loc[("entry", "plan")]
    assert (ours["mean"], ours["error"]) == pytest.approx((known.mean, known.error))
    assert rows.loc[("mean of scenarios", "plan"), "mean"] == pytest.approx(GAIN[..., 0].mean())
    assert (ours["cells"], ours["replications"]) == (3, 12)


def test_points_are_paired_by_their_settings_not_by_their_numbers(tables, sweeps) -> None:
    turned = [{"visit.hour_cost": cost} for cost in (82, 81, 80)]  # whole numbers, as another file may hold them
    names = {"scenarios": SCENARIOS, "policies": POLICIES}
    second = tables((FIRST + GAIN)[:, ::-1], points=turned, **names)._replace(manifest=sweeps[1].manifest)
    ours, straight = compare_sweeps(sweeps[0], second).outcomes, compare_sweeps(*sweeps).outcomes
    assert ours["mean"].to_numpy() == pytest.approx(straight["mean"].to_numpy())


def test_what_only_one_sweep_has_is_left_out_and_told(tables, sweeps) -> None:
    more = tables(
        np.concatenate([FIRST + GAIN, FIRST[..., :1]], axis=3)[:, :2, :10],
        scenarios=SCENARIOS,
        policies=(*POLICIES, "equal_split"),
        failed=[("base", 0, 3, "nothing")],
    )._replace(manifest=MANIFEST)
    found = compare_sweeps(sweeps[0], more)
    assert set(found.outcomes["policy"]) == set(POLICIES)
    assert found.outcomes["replications"].tolist() == [10, 10, 10, 10, 10, 10]
    assert "Only the second has policy equal_split." in found.sentences
    assert found.sentences[-1].endswith("33 of the first, 1 of the second.")


def test_a_scenario_that_only_one_sweep_has_is_told(tables, sweeps) -> None:
    alone = tables(FIRST[:1], policies=POLICIES)._replace(manifest=MANIFEST)
    assert "Only the second has scenario entry." in compare_sweeps(alone, sweeps[1]).sentences


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("schema",), 2, "the schemas differ: 1 in results/a and 2 in results/b"),
        (("model", "version"), "0.2.0", "the models differ: name market, version 0.1.0 in results/a"),
        (
            ("scenarios", "entry", "months"),
            36,
            "the horizons differ: months is 24 in scenario entry of results/a and 36",
        ),
        (("scenarios", "base", "comparison", "seed"), 6, "the futures differ: comparison.seed is 5 in scenario base"),
        (("scenarios", "base", "seed"), 2, "the customers differ: seed isn't the same"),
        (("scenarios", "base", "city", "customers"), 61, r"the customers differ: city\.customers"),
        (("scenarios", "base", "lines"), {"mean": 2}, "the customers differ: lines"),
        (
            ("inputs", "entry", "customers.csv"),
            "cd34",
            "the customers differ: the results come from different customer files",
        ),
        (("scenarios",), {"war": {}}, "no scenario is in both: results/a has base and entry, results/b has war"),
    ],
)
def test_sweeps_that_cannot_be_paired_are_refused_with_the_reason(
    path: tuple[str, ...], value: Any, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        check_comparable_sweeps(MANIFEST, changed(path, value), ("results/a", "results/b"))


def test_sweeps_that_differ_in_what_is_asked_of_the_market_can_be_paired() -> None:
    check_comparable_sweeps(MANIFEST, changed(("scenarios", "base", "visit", "hour_cost"), 1.0))


def test_sweeps_without_a_common_policy_point_or_future_are_refused(tables, sweeps) -> None:
    other = {"scenarios": SCENARIOS, "policies": ("equal_split", "today")}
    with pytest.raises(InputError, match="no policy is in both"):
        compare_sweeps(sweeps[0], tables(FIRST, **other)._replace(manifest=MANIFEST))
    far = [{"visit.hour_cost": 1.0 + point} for point in range(3)]
    with pytest.raises(InputError, match="no point of the design is in both"):
        compare_sweeps(sweeps[0], tables(FIRST, scenarios=SCENARIOS, points=far)._replace(manifest=MANIFEST))
    late = tables(FIRST, scenarios=SCENARIOS)
    late = late._replace(manifest=MANIFEST, runs=late.runs.assign(replication=late.runs["replication"] + 50))
    with pytest.raises(InputError, match="no replication is in both"):
        compare_sweeps(sweeps[0], late)
