"""The study of worth as a picture: every policy's lead over doing nothing, by scenario and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.figures import OPEN, SHOWN
from experiments.study_tables import JUDGED
from experiments.study_worth_words import called

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.study_worth import ScenarioWorth, WorthStudy

MARKS = {
    "plan": ("o", SHOWN, SHOWN, "plans"),
    "other": ("D", SHOWN, "white", "other ways of planning"),
    "part": ("^", "#444444", "white", "one kind of treatment only"),
    "greedy": ("s", "#444444", "#444444", "incremental greedy"),
    "rule": ("X", OPEN, OPEN, "rules of thumb"),
}
"""By kind: marker, colour, face and what the legend calls it; markers differ, so that no colour is needed."""
HEADS = {"retained_revenue": "retained revenue", "contribution": "contribution"}


def worth_figure(done: WorthStudy) -> Figure:
    """Return leads over doing nothing with 95 % intervals, million yuan, a row a scenario and a column a measure."""
    from matplotlib.figure import Figure

    parts = list(done.scenarios)
    most = max((part.leads["policy"].nunique() for part in parts), default=1)
    figure = Figure(figsize=(11, 1.4 + 0.26 * most * max(len(parts), 1)), layout="constrained")
    grid: Any = figure.subplots(max(len(parts), 1), len(HEADS), squeeze=False)
    for row, part in zip(grid, parts, strict=False):
        order = _order(part)
        for axes, measure in zip(row, HEADS, strict=True):
            _panel(axes, part, measure, order)
        row[0].set_yticks(range(len(order)), [called(policy) for policy in order], fontsize=8)
        row[1].set_yticks(range(len(order)), [""] * len(order))
    if parts:
        figure.legend(handles=_legend(), loc="outside lower center", ncols=len(MARKS), frameon=False, fontsize=9)
    figure.suptitle("What policies bring over doing nothing", x=0.01, ha="left", fontsize=14, fontweight="bold")
    return figure


def _order(part: ScenarioWorth) -> list[str]:
    rows = part.leads[(part.leads["measure"] == JUDGED[0]) & (part.leads["against"] == "nothing")]
    return [str(name) for name in rows.sort_values(["mean", "policy"])["policy"]]


def _panel(axes: Any, part: ScenarioWorth, measure: str, order: list[str]) -> None:
    rows: pd.DataFrame = part.leads[(part.leads["measure"] == measure) & (part.leads["against"] == "nothing")]
    for row in rows.to_dict("records"):
        at, (marker, colour, face, _) = order.index(row["policy"]), MARKS[row["kind"]]
        axes.plot([row["low"] / 1e6, row["high"] / 1e6], [at, at], color=colour, linewidth=1.5)
        axes.plot([row["mean"] / 1e6], [at], marker=marker, color=colour, markerfacecolor=face, linestyle="none")
    axes.axvline(0, color="black", linewidth=1)
    axes.set_title(f"{part.title}: {HEADS[measure]}", loc="left", fontsize=11)
    axes.set_xlabel(f"million yuan over {part.months} months, 95 % intervals", fontsize=9)
    axes.grid(color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _legend() -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], marker=marker, color=colour, markerfacecolor=face, linestyle="none", label=label)
        for marker, colour, face, label in MARKS.values()
    ]
