"""Figures."""

from __future__ import annotations

from experiments.figures import answer_figure, png_bytes
from experiments.run import Result


def test_the_figure_draws_every_rule_in_both_measures(answered: Result) -> None:
    figure, drawn = answer_figure(answered.comparison)
    assert len(figure.axes) == 2
    assert len(drawn) == 2 * (len(answered.trials.policies) - 1)


def test_what_is_drawn_is_the_comparison_in_million_yuan(answered: Result) -> None:
    _, drawn = answer_figure(answered.comparison)
    first = drawn.iloc[0]
    rows = answered.comparison
    told = rows[(rows["against"] == first["against"]) & (rows["measure"] == first["measure"])].iloc[0]
    assert first["mean"] == told["mean"] / 1e6


def test_equal_comparisons_give_equal_pictures(answered: Result) -> None:
    pictures = {png_bytes(answer_figure(answered.comparison)[0]) for _ in range(2)}
    assert len(pictures) == 1
