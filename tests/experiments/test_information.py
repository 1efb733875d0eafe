"""A run whose plan saw the truth, and how it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.experiment import load
from experiments.preview import preview
from experiments.run import run
from optimize.decision import FROM_BOOK

TINY = ("city.customers=60", "months=6", "burn_in=3", "comparison.replications=3", "book.information=oracle")


@pytest.fixture(scope="module")
def informed(tmp_path_factory):
    return run(load("shenzhen", TINY), root=tmp_path_factory.mktemp("results"))


def test_an_oracles_plan_is_compared_with_the_plan_from_the_book(informed):
    rules = list(informed.experiment.settings.comparison.against)
    assert informed.trials.policies == ("plan", FROM_BOOK, *rules)
    rows = informed.comparison[informed.comparison["against"] == FROM_BOOK]
    assert set(rows["measure"]) == set(informed.trials.measures)
    assert preview(informed.experiment).policies == 2 + len(rules)


def test_the_answer_says_that_the_plan_saw_the_truth_and_what_that_is_worth(informed):
    assert "saw the truth (book.information is oracle), which no carrier does" in informed.answer
    worth = informed.comparison.set_index(["against", "measure"]).loc[(FROM_BOOK, "contribution"), "mean"]
    assert "perfect information is worth" in informed.answer
    sign = "-" if worth < 0 else ""
    assert f"{sign}{abs(worth) / 1e3:.1f} thousand yuan of contribution" in informed.answer
    assert any("made from the truth" in note for note in informed.start.notes)


def test_the_plan_from_the_book_is_no_rule_of_thumb_to_be_beaten(informed):
    _, _, after = informed.answer.partition("perfect information is worth")
    assert "plan from the book" not in after


def test_the_answer_of_a_plan_from_the_book_mentions_no_truth(answered):
    assert "truth" not in answered.answer
    assert answered.start.own_book is None


def test_a_rule_may_not_take_the_name_of_the_plan_from_the_book(keystay, tmp_path: Path):
    (tmp_path / "s.yaml").write_text(
        f"extends: shenzhen\ncomparison: {{against: {{{FROM_BOOK}: nothing}}}}\n", encoding="utf-8"
    )
    done = keystay("validate", "s.yaml")
    assert done.exit_code != 0
    assert "give this rule another name" in done.output


def test_the_command_notes_that_the_plan_saw_the_truth(keystay):
    done = keystay("optimize", "shenzhen", "-s", "book.information=oracle", tiny=True)
    assert done.exit_code == 0
    assert "note: book.information is oracle" in done.output
