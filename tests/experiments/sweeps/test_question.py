"""What a sweep asks is read with its scenarios, and what is wrong is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.sweeps.asking import notes_on, sweep_of, sweep_question, usual_folder
from experiments.sweeps.cells import known_uncertainties
from experiments.sweeps.preview import sweep_preview
from experiments.sweeps.question import SHIPPED, read_question
from experiments.sweeps.uncertainty import Uniform
from sim.errors import InputError

ASKED = """
title: Two outlooks
common:
  city: {customers: 60}
scenarios:
  today: {extends: shenzhen}
  dear:
    extends: today
    visit: {offer: 0.5}
over:
  visit.journey: {name: uniform, low: 0.1, high: 1.0}
design: {name: latin_hypercube, points: 4}
policies: [nothing, equal_split]
replications: 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a sweep's file."""
    place = tmp_path / "outlooks.yaml"
    place.write_text(ASKED)
    return place


def test_a_scenario_extends_another_of_the_same_file_and_common_settings_lie_over_all(file: Path) -> None:
    scenarios = {name: composed.settings for name, composed in read_question(file).scenarios.items()}
    assert [settings.city.customers for settings in scenarios.values()] == [60, 60]
    assert scenarios["dear"].visit.offer == 0.5
    assert scenarios["today"].visit.offer != 0.5


def test_every_scenario_meets_every_point_of_the_design(file: Path) -> None:
    asked = sweep_of(read_question(file))
    assert asked.least == 2 * 4 * 2 * 3
    assert [cell.point for cell in asked.cells[:4]] == [cell.point for cell in asked.cells[4:]]
    assert len({cell.id for cell in asked.cells}) == 8


def test_a_scenario_alone_is_a_sweep_of_one_cell() -> None:
    asked = sweep_of(read_question("price_war", ["replications=7"]))
    assert (asked.name, len(asked.cells), asked.replications) == ("price_war", 1, 7)
    assert "plan" in asked.policies


def test_a_cell_is_named_by_what_it_is_and_not_by_what_stands_beside_it(file: Path) -> None:
    whole = sweep_of(read_question(file))
    alone = sweep_of(read_question(file, ["replications=9", "title=Other"]))
    assert [cell.id for cell in alone.cells] == [cell.id for cell in whole.cells]
    changed = sweep_of(read_question(file, ["common.months=12"]))
    assert not {cell.id for cell in changed.cells} & {cell.id for cell in whole.cells}


def test_what_a_setting_takes_in_a_latin_hypercube_does_not_depend_on_other_settings(file: Path) -> None:
    few = sweep_of(read_question(file))
    more = sweep_of(read_question(file, ["over={visit.offer: {name: uniform, low: 0.1, high: 0.2}}"]))
    assert set(dict(more.cells[0].point)) == {"visit.journey", "visit.offer"}
    taken = [[dict(cell.point)["visit.journey"] for cell in asked.cells] for asked in (few, more)]
    assert taken[0] == taken[1]


def test_bounds_are_those_that_the_setting_declares(file: Path) -> None:
    found = known_uncertainties(read_question(file, ["over={visit.offer: bounds}"]))["visit.offer"]
    assert found == Uniform(low=0.0, high=100.0)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("customers: 60", "custmers: 60", r"outlooks.yaml:4: city.custmers: unknown key; did you mean 'customers'"),
        ("offer: 0.5", "ofer: 0.5", r"outlooks.yaml:9: visit.ofer: unknown key; did you mean 'offer'"),
        ("extends: today", "extends: todai", r"outlooks.yaml:8: extends: .*unknown name 'todai'"),
        ("extends: today", "extends: dear", r"outlooks.yaml:8: extends: unknown name 'dear'|leads back to itself"),
        ("visit.journey", "visit.jurney", r"outlooks.yaml:11: over.visit.jurney: .*did you mean 'journey'"),
        ("high: 1.0", "high: -1.0", r"outlooks.yaml:11: .*low 0.1 is not below high -1"),
        ("low: 0.1", "low: -0.1", r"outlooks.yaml:11: over.visit.journey: visit.journey: -0.1 is below the least"),
        ("name: uniform, low: 0.1, high: 1.0", "name: unifrm", r"outlooks.yaml:11: .*unknown uncertainty 'unifrm'"),
        ("latin_hypercube", "latin_cube", r"outlooks.yaml:12: .*unknown design 'latin_cube'"),
        ("equal_split", "equal", r"outlooks.yaml:13: policies: scenario today has no policy 'equal'"),
        ("[nothing, equal_split]", "[nothing, nothing]", r"outlooks.yaml:13: policies: a policy is named twice"),
        ("replications: 3", "replications: 0", r"outlooks.yaml:14: replications: 0 is below the least"),
        ("replications: 3", "replicatons: 3", r"outlooks.yaml:14: replicatons: unknown key"),
        (
            "replications: 3",
            "precision: {relative: 0.1, policy: nothing, most: 5}",
            r"precision.most 5 is below replications 20",
        ),
        ("replications: 3", "precision: {policy: nothing}", r"outlooks.yaml:14: precision: no limit; give relative"),
        (
            "replications: 3",
            "precision: {relative: 0.1}",
            r"outlooks.yaml:14: precision.policy: 'plan' is none of this sweep's|precision.policy: 'plan'",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(file: Path, before: str, after: str, told: str) -> None:
    assert before in ASKED
    file.write_text(ASKED.replace(before, after))
    with pytest.raises(InputError, match=told):
        sweep_of(read_question(file))


def test_a_grid_of_too_many_points_is_refused(file: Path) -> None:
    with pytest.raises(InputError, match="more than 1000000 points"):
        sweep_of(
            read_question(
                file,
                [
                    "design={name: grid, levels: 1000}",
                    "over={visit.journey: bounds, visit.offer: bounds, city.tenants: bounds}",
                ],
            )
        )


def test_whole_numbers_stay_whole(file: Path) -> None:
    asked = sweep_of(
        read_question(
            file,
            [
                "over={city.customers: {name: uniform, low: 50, high: 52}, visit.journey: null}",
                "design={name: grid, levels: 5}",
            ],
        )
    )
    assert {dict(cell.point)["city.customers"] for cell in asked.cells} == {50, 51, 52}


def test_what_would_be_swept_is_told_before_it_is(file: Path) -> None:
    shown = sweep_preview(read_question(file))
    assert (shown.scenarios, shown.points, shown.policies, shown.runs) == (2, 4, 2, 48)
    assert shown.folder == f"results/outlooks/{shown.id}"


def test_cells_that_are_wrong_only_together_are_told_before_they_are_lived(file: Path) -> None:
    threshold = "loyalty.threshold: {name: uniform, low: 0.5, high: 0.74}"
    over = f"over={{{threshold}, loyalty.full: {{name: uniform, low: 0.7, high: 0.9}}}}"
    with pytest.raises(InputError, match=r"cell 2 \(today\): loyalty.full"):
        sweep_preview(read_question(file, ["over={visit.journey: null}", over, "design={name: grid, levels: 2}"]))


def test_a_sweep_that_was_changed_is_told_apart_from_the_last_one(file: Path, tmp_path: Path) -> None:
    first = sweep_question(file, ["policies=[nothing]", "replications=1"], results=tmp_path / "results")
    assert first.notes == ()
    changed = sweep_of(read_question(file, ["policies=[nothing]", "replications=2"]))
    folder = usual_folder(changed, tmp_path / "results")
    assert folder != first.swept.folder
    notes = notes_on(changed, folder)
    assert first.swept.folder.as_posix() in notes[0]
    assert notes[1:] == ("  replications: 1, 2",)


@pytest.mark.parametrize("place", sorted(SHIPPED.glob("*.yaml")), ids=lambda place: place.stem)
def test_shipped_sweeps_are_right(place: Path) -> None:
    assert sweep_preview(read_question(place.stem)).runs > 100
