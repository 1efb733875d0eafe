"""Figures for files: readable in black and white, with colours that colour-blind readers can tell apart."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.answer import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = {"retained_revenue": "Retained revenue", "contribution": "Contribution"}
SHOWN = "#0B5394"
OPEN = "#B45F06"


def answer_figure(comparison: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Return how far the plan leads every other policy, with 95 % intervals, and the numbers drawn, million yuan."""
    from matplotlib.figure import Figure

    drawn = drawn_table(comparison)
    policies = list(dict.fromkeys(drawn["against"]))
    figure = Figure(figsize=(10, 1.9 + 0.42 * len(policies)), layout="constrained")
    axes: Any = figure.subplots(1, len(PANELS), sharey=True)
    for panel, measure in zip(axes, PANELS, strict=True):
        _panel(panel, drawn[drawn["measure"] == measure], PANELS[measure])
    axes[0].set_yticks(range(len(policies)), [words(policy).capitalize() for policy in policies])
    axes[0].invert_yaxis()
    figure.suptitle("The plan's lead over each alternative", x=0.01, ha="left", fontsize=14, fontweight="bold")
    figure.supxlabel(_legend(comparison), fontsize=9, color="#444444")
    return figure, drawn


def drawn_table(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return the plan's leads by policy and measure, million yuan, the policy it leads most first."""
    rows = comparison[comparison["measure"].isin(list(PANELS))]
    first = rows[rows["measure"] == next(iter(PANELS))].sort_values(["mean", "against"], ascending=[False, True])
    rank = {name: position for position, name in enumerate(first["against"])}
    table = rows[["against", "measure", "mean", "low", "high"]].copy()
    table[["mean", "low", "high"]] /= 1e6
    order = table["against"].map(rank)
    return table.assign(order=order).sort_values(["measure", "order"], ignore_index=True).drop(columns="order")


def png_bytes(figure: Figure) -> bytes:
    """Return a figure as PNG; equal figures give equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()


def _panel(panel: Axes, rows: pd.DataFrame, title: str) -> None:
    panel.axvline(0, color="black", linewidth=1)
    places = 2 if rows["mean"].abs().max() >= 0.2 else 4
    for position, (mean, low, high) in enumerate(zip(rows["mean"], rows["low"], rows["high"], strict=True)):
        shown = low > 0 or high < 0
        colour, face = (SHOWN, SHOWN) if shown else (OPEN, "white")
        panel.plot([low, high], [position, position], color=colour, linewidth=2, solid_capstyle="butt")
        panel.plot([mean], [position], marker="o", markersize=8, color=colour, markerfacecolor=face, linestyle="none")
        panel.annotate(
            f"{mean:+.{places}f}", (mean, position), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=9
        )
    panel.set_title(title, loc="left", fontsize=12)
    panel.set_xlabel("million yuan over the horizon")
    panel.margins(x=0.08, y=0.08)
    panel.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params(axis="y", length=0)


def _legend(comparison: pd.DataFrame) -> str:
    futures = int(comparison["replications"].iloc[0])
    return (
        f"Dot: mean paired difference over {futures} fresh futures; line: its 95 % interval. "
        "Filled: the interval excludes zero; hollow: it doesn't."
    )
