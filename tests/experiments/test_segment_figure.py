"""The priority matrix of segments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from experiments.experiment import Experiment
from experiments.figures import png_bytes
from experiments.segment_figure import LOOKS, Segments, apart, segment_figure, segments
from sim.composing.compose import Composed
from sim.segment_priority import QUADRANTS

Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def ranking(tiny_experiment: Composed[Experiment]) -> Segments:
    """Return the segments of a tiny city's book."""
    return segments(tiny_experiment)


def test_every_segment_is_drawn(ranking: Segments) -> None:
    figure, drawn = segment_figure(ranking.table, ranking.settings)
    bubbles = figure.axes[0].collections
    assert len(bubbles) == len(drawn) == len(ranking.table)


def test_bubbles_are_as_large_as_the_spend(ranking: Segments) -> None:
    _, drawn = segment_figure(ranking.table, ranking.settings)
    large = drawn[drawn["area"] > drawn["area"].min()]
    assert (large["area"] / large["size"]).round(9).nunique() == 1


def test_a_bubble_stands_at_its_attractiveness_and_next_to_its_capability(ranking: Segments) -> None:
    figure, drawn = segment_figure(ranking.table, ranking.settings)
    places = {tuple(bubble.get_offsets()[0]) for bubble in figure.axes[0].collections}
    assert places == set(zip(drawn["x"], drawn["attractiveness"], strict=True))
    assert (drawn["capability"] - drawn["x"]).between(0, 0.11).all()


def test_bubbles_far_apart_are_not_moved_aside(ranking: Segments) -> None:
    _, drawn = segment_figure(ranking.table, ranking.settings)
    alone = drawn.head(1)
    assert apart(alone).tolist() == alone["capability"].tolist()


def test_quadrants_are_told_apart_without_colour() -> None:
    assert set(LOOKS) == set(QUADRANTS)
    hatches = [hatch for _, hatch, _ in LOOKS.values()]
    plain = [fill for fill, hatch, _ in LOOKS.values() if not hatch]
    darkness = sorted(int(fill[1:3], 16) for fill in plain)
    assert len(set(hatches)) == 3
    assert darkness[1] - darkness[0] > 128


def test_equal_rankings_give_equal_pictures(ranking: Segments) -> None:
    pictures = {png_bytes(segment_figure(ranking.table, ranking.settings)[0]) for _ in range(2)}
    assert len(pictures) == 1


def test_the_command_shows_the_ranking_and_writes_nothing(keystay: Ask, tmp_path: Path) -> None:
    done = keystay("segments", "shenzhen", tiny=True)
    assert done.exit_code == 0, done.stderr
    assert "Segments by priority" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_command_speaks_json(keystay: Ask) -> None:
    told = json.loads(keystay("segments", "shenzhen", "--json", tiny=True).stdout)
    assert [row["rank"] for row in told["segments"]] == list(range(1, len(told["segments"]) + 1))


def test_the_command_writes_table_and_picture_where_asked(keystay: Ask, tmp_path: Path) -> None:
    assert keystay("segments", "shenzhen", "--out", "priorities", tiny=True).exit_code == 0
    assert {file.name for file in (tmp_path / "priorities").iterdir()} == {"segments.csv", "segments.png"}


def test_an_earlier_ranking_is_not_overwritten(keystay: Ask, tmp_path: Path) -> None:
    (tmp_path / "priorities").mkdir()
    (tmp_path / "priorities" / "segments.csv").write_text("mine", encoding="utf-8")
    done = keystay("segments", "shenzhen", "--out", "priorities", tiny=True)
    assert done.exit_code == 2
    assert "is there already" in done.stderr
