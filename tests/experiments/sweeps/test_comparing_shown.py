"""What the screen and machines are given of a comparison."""

from __future__ import annotations

import json

import numpy as np
import pytest
from rich.console import Console

from experiments.sweeps.comparing_one import compare_sweep
from experiments.sweeps.comparing_shown import (
    compared_scenarios_json,
    compared_scenarios_tables,
    compared_sweeps_json,
    compared_sweeps_tables,
    selected_tables,
)
from experiments.sweeps.comparing_two import compare_sweeps
from experiments.sweeps.selection import select_best

VALUES = 7e7 + 1e6 * np.random.default_rng(1).standard_normal((2, 1, 6, 2))
SCENARIOS = {"base": {"months": 24, "rival": {}}, "entry": {"months": 24, "rival": {"price": 0.9}}}


@pytest.fixture
def swept(tables):
    return tables(VALUES, scenarios=tuple(SCENARIOS))._replace(manifest={"scenarios": SCENARIOS})


def printed(shown) -> str:
    """Return tables as a wide screen has them."""
    console = Console(width=200, record=True, force_terminal=False)
    with console.capture() as text:
        for one in shown:
            console.print(one)
    return text.get()


def test_the_screen_shows_what_was_asked_then_differences_then_sentences(swept) -> None:
    text = printed(compared_scenarios_tables(compare_sweep(swept)))
    order = [
        "What was asked differently",
        "rival.price",
        "Differences in retained revenue",
        "doing nothing",
        "In words",
    ]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "all intervals hold together, 95 %" in text


def test_a_sweep_as_json_has_every_row_and_no_number_that_json_lacks(tables) -> None:
    alone = tables(VALUES[:, :, :1], scenarios=tuple(SCENARIOS))._replace(manifest={"scenarios": SCENARIOS})
    found = compared_scenarios_json(compare_sweep(alone))
    told = json.loads(json.dumps(found, allow_nan=False))
    assert told["differences"][0]["low"] is None
    assert told["best"][0]["probability_best"] is None
    assert [row["setting"] for row in told["inputs"]] == ["rival", "rival.price"]
    assert len(told["differences"]) == 3


def test_an_interval_without_end_is_shown_as_none(tables) -> None:
    alone = tables(VALUES[:, :, :1], scenarios=tuple(SCENARIOS))
    assert "no interval" in printed(compared_scenarios_tables(compare_sweep(alone)))


def test_two_sweeps_are_shown_with_what_differs_first(swept) -> None:
    done = compare_sweeps(swept, swept)
    text = printed(compared_sweeps_tables(done))
    assert text.index("Nothing was asked differently") < text.index("Second minus first in retained revenue")
    told = json.loads(json.dumps(compared_sweeps_json(done), allow_nan=False))
    assert {row["mean"] for row in told["outcomes"]} == {0}


def test_a_selection_is_shown_with_what_is_promised() -> None:
    lived = np.random.default_rng(2).standard_normal((2, 100)) + np.array([[2.0], [0.0]])
    rows = {"plan": 0, "nothing": 1}
    chosen = select_best(
        lambda names, numbers: lived[np.ix_([rows[name] for name in names], numbers)], tuple(rows), ahead_by=1.0
    )
    text = " ".join(printed(selected_tables(chosen)).split())
    assert "Best: plan" in text
    assert "With probability 95 %" in text
    assert f"after {chosen.table['replications'].iloc[1]}" in text
