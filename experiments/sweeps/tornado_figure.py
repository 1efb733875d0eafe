"""The tornado as a picture: a row an input, the widest on top, bars from the centre to both ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.answer import words
from experiments.experiment import PLAN
from experiments.figures import SHOWN
from experiments.sweeps.amounts import Amounts, amounts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 15
"""Inputs drawn of a scenario; the table has all."""
LOOKS = {"low": ("white", "////"), "high": ("#8FB4DE", "")}
"""Fill and hatch by end of the input, so that no colour is needed."""
OFFSET = {"low": -0.19, "high": 0.19}
THICK = 0.34


def tornado_figure(table: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Return the picture of a tornado's table, a panel a scenario, and the rows drawn."""
    from matplotlib.figure import Figure

    drawn = table.groupby("scenario", sort=False).head(MOST).reset_index(drop=True)
    scenarios = list(drawn["scenario"].unique())
    counts = [int((drawn["scenario"] == name).sum()) for name in scenarios]
    height = 1.7 + sum(1.0 + 0.52 * count for count in counts)
    figure = Figure(figsize=(10, height), layout="constrained")
    panels: Any = figure.subplots(
        len(scenarios),
        1,
        squeeze=False,
        sharex=True,
        gridspec_kw={"height_ratios": [1 + 0.52 * count for count in counts]},
    )[:, 0]
    scale = amounts(str(drawn["measure"].iloc[0]), *_numbers(drawn))
    for panel, name in zip(panels, scenarios, strict=True):
        _panel(panel, drawn[drawn["scenario"] == name].reset_index(drop=True), scale)
        hidden = int((table["scenario"] == name).sum()) - MOST
        more = f" (the {MOST} widest; {hidden} more in the table)" if hidden > 0 else ""
        panel.set_title((words(name) if len(scenarios) > 1 else "") + more, loc="left", fontsize=11)
    panels[-1].set_xlabel(_outcome(drawn, scale), fontsize=10)
    figure.suptitle("What each input does alone", x=0.01, ha="left", fontsize=14, fontweight="bold")
    figure.legend(handles=_legend(drawn), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure, drawn


def _panel(panel: Axes, rows: pd.DataFrame, scale: Amounts) -> None:
    for at, row in enumerate(rows.to_dict("records")):
        for side in LOOKS:
            _bar(panel, at, side, row, scale)
    panel.axvline(float(rows["outcome_centre"].iloc[0]) / scale.size, color="black", linewidth=1)
    panel.set_yticks(range(len(rows)), list(rows["input"]), fontsize=9)
    panel.invert_yaxis()
    panel.margins(x=0.16, y=0.03)
    panel.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params(axis="y", length=0)


def _bar(panel: Axes, at: int, side: str, row: Mapping[Any, Any], scale: Amounts) -> None:
    """Draw the way from the centre to one end, the interval of the change, and what the input is there."""
    start, change, height = row["outcome_centre"] / scale.size, row[f"change_{side}"] / scale.size, at + OFFSET[side]
    fill, hatch = LOOKS[side]
    panel.barh(height, change, THICK, left=start, color=fill, edgecolor=SHOWN, hatch=hatch, linewidth=1)
    low, high = row[f"change_{side}_from"] / scale.size, row[f"change_{side}_to"] / scale.size
    known = math.isfinite(low) and math.isfinite(high)
    if known:
        panel.plot(
            [start + low, start + high], [height, height], color="black", linewidth=1.6, marker="|", markersize=7
        )
    right = change >= 0
    edge = start + ((max(change, high) if right else min(change, low)) if known else change)
    panel.annotate(
        setting(row[side]),
        (edge, height),
        xytext=(5 if right else -5, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=8,
    )


def setting(value: Any) -> str:
    """Return an input's value as a label.

    >>> setting(0.30000000000000004), setting(12), setting("price_war")
    ('0.3', '12', 'price war')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = str(value).replace("_", " ")
        return text if len(text) <= 24 else f"{text[:21]}..."
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def named(policy: str) -> str:
    """Return a policy as sentences name it.

    >>> named("plan"), named("nothing")
    ('the plan', 'doing nothing')
    """
    return "the plan" if policy == PLAN else words(policy)


def _numbers(rows: pd.DataFrame) -> list[float]:
    columns = ["outcome_low", "outcome_centre", "outcome_high"]
    return [float(value) for value in rows[columns].to_numpy().ravel()]


def _outcome(rows: pd.DataFrame, scale: Amounts) -> str:
    first = rows.iloc[0]
    what = f"{words(first['measure'])} of {named(first['policy'])}"
    against = f" less that of {named(first['against'])}" if first["against"] else ""
    return f"{what}{against}{', ' + scale.unit if scale.unit else ''}"


def _legend(rows: pd.DataFrame) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    futures = int(rows["futures"].min())
    told = f"95 % interval of the change, {futures} futures in pairs" if futures > 1 else "one future: no intervals"
    return [
        *(
            Patch(facecolor=fill, edgecolor=SHOWN, hatch=hatch, label=f"input at its {side}est")
            for side, (fill, hatch) in LOOKS.items()
        ),
        Line2D([], [], color="black", linewidth=1.6, marker="|", label=told),
    ]
