"""The priority matrix: which segments are attractive, and which of them the carrier is able to serve (D5)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.experiment import Experiment, folder_of
from experiments.figures import png_bytes
from experiments.sheets import csv_bytes
from experiments.store import write_new
from sim.city import found
from sim.composing.compose import Composed
from sim.segment_priority import PrioritySettings
from sim.segment_table import segment_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = {
    "target": ("#0B5394", "", "white"),
    "build": ("#F6B26B", "/////", "black"),
    "serve": ("#A2C4C9", ".....", "black"),
    "pass": ("#F3F3F3", "", "black"),
}
"""Fill, hatch and colour of the number by quadrant: told apart by hatch and darkness where there is no colour."""
CORNERS = {"target": (1, 1), "build": (0, 1), "serve": (1, 0), "pass": (0, 0)}
"""Side of the quadrant: capable, attractive."""
LARGEST = 1500.0
"""Area of the largest bubble, square points."""
READABLE = 130.0
"""Least area that a number fits in."""
SMALLEST = 14.0
"""Area of a bubble that would else not be seen."""
CLOSE = 0.06
"""Attractiveness by which two bubbles of one capability must differ to stand above each other."""
ASIDE = 0.05
"""Capability by which a bubble is moved aside."""
ROW = 0.062
"""Height of a row of the key, share of the panel."""
NOTE = (
    "Area: spend that the book knows of, ours and rivals'.\n"
    "Where bubbles would cover each other, one stands a little to the left."
)


class Segments(NamedTuple):
    """Segments of a book by priority, and what was assumed of its customers."""

    table: pd.DataFrame
    settings: PrioritySettings
    notes: tuple[str, ...]


def segments(experiment: Composed[Experiment]) -> Segments:
    """Return the segments of an experiment's book by priority; nothing is simulated past the start or written."""
    settings = experiment.settings
    start = found(settings, folder_of(experiment))
    return Segments(segment_table(start.book, settings.segment), settings.segment.priority, start.notes)


def write_segments(done: Segments, folder: Path) -> None:
    """Write the ranking and the matrix into a folder that has none."""
    figure, _ = segment_figure(done.table, done.settings)
    files = {"segments.csv": csv_bytes(done.table), "segments.png": png_bytes(figure)}
    write_new(folder, files, "name another folder with --out, or move it away")


def segment_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ranking as a screen has room for it; spend is in thousand yuan a month."""
    return pd.DataFrame(
        {
            "rank": table["rank"].astype(str),
            "segment": [readable(segment) for segment in table["segment"]],
            "quadrant": table["quadrant"],
            "attract.": [f"{value:.2f}" for value in table["attractiveness"]],
            "capable": [f"{value:.2f}" for value in table["capability"]],
            "spend": [f"{spend / 1e3:,.0f}" for spend in table["size"]],
        }
    )


def segment_figure(table: pd.DataFrame, settings: PrioritySettings) -> tuple[Figure, pd.DataFrame]:
    """Return the priority matrix and the numbers drawn: place, and area of the bubble by spend."""
    from matplotlib.figure import Figure

    drawn = drawn_table(table)
    figure = Figure(figsize=(12, 7), layout="constrained")
    matrix, key = figure.subplots(1, 2, width_ratios=(1.35, 1))
    _quadrants(matrix, settings.capable_from, settings.attractive_from)
    _bubbles(matrix, drawn)
    _key(key, drawn)
    figure.suptitle("Where to put effort: segments by priority", x=0.01, ha="left", fontsize=14, fontweight="bold")
    return figure, drawn


def drawn_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return what is drawn, by rank: `x` is the capability, a little aside where bubbles would cover each other."""
    columns = ["rank", "segment", "quadrant", "capability", "attractiveness", "size"]
    drawn = table[columns].sort_values("rank", ignore_index=True)
    largest = max(float(drawn["size"].max()), 1e-9)
    drawn["area"] = np.maximum(SMALLEST, LARGEST * drawn["size"] / largest)
    return drawn.assign(x=apart(drawn))


def apart(drawn: pd.DataFrame) -> NDArray[np.float64]:
    """Return capability, a little less where the next bubble above has the same and nearly the same attractiveness."""
    capability, height = (drawn[name].to_numpy(dtype=float) for name in ("capability", "attractiveness"))
    x = capability.copy()
    for value in np.unique(capability):
        above, aside = np.inf, 0
        for place in sorted(np.flatnonzero(capability == value), key=lambda place: -height[place]):
            aside = (aside + 1) % 3 if above - height[place] < CLOSE else 0
            x[place] -= ASIDE * aside
            above = height[place]
    return x


def _quadrants(axes: Axes, capable: float, attractive: float) -> None:
    axes.axvline(capable, color="#444444", linewidth=1)
    axes.axhline(attractive, color="#444444", linewidth=1)
    axes.set(xlim=(-0.12, 1.12), ylim=(-0.03, 1.03))
    for name, (right, top) in CORNERS.items():
        axes.annotate(
            name.upper(),
            (0.985 if right else 0.015, 0.985 if top else 0.015),
            xycoords="axes fraction",
            ha="right" if right else "left",
            va="top" if top else "bottom",
            fontsize=12,
            fontweight="bold",
            color="#666666",
        )
    axes.set_xlabel("Capability: sales ability and network support, 0 hard to get, 1 have both")
    axes.set_ylabel("Attractiveness: weighted mean of six criteria")
    axes.spines[["top", "right"]].set_visible(False)


def _bubbles(axes: Axes, drawn: pd.DataFrame) -> None:
    for row in drawn.sort_values("area", ascending=False).to_dict("records"):
        fill, hatch, ink = LOOKS[row["quadrant"]]
        place = (row["x"], row["attractiveness"])
        axes.scatter(*place, s=row["area"], facecolor=fill, hatch=hatch, edgecolor="black", linewidth=0.9, zorder=2)
        small = row["area"] < READABLE
        axes.annotate(
            str(row["rank"]),
            place,
            xytext=(np.sqrt(row["area"] / np.pi) + 2, 0) if small else (0, 0),
            textcoords="offset points",
            ha="left" if small else "center",
            va="center",
            fontsize=9,
            fontweight="bold",
            color="black" if small else ink,
            zorder=3,
            bbox=None if small or not hatch else {"boxstyle": "round,pad=0.12", "facecolor": fill, "edgecolor": "none"},
        )


def _key(axes: Axes, drawn: pd.DataFrame) -> None:
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.text(0, 1, "Segment", fontweight="bold", fontsize=10, va="top")
    axes.text(1, 1, "spend, thousand\nyuan a month", fontsize=9, va="top", ha="right")
    height = min(ROW, 0.84 / len(drawn))
    for place, row in enumerate(drawn.to_dict("records")):
        y = 0.9 - height * place
        fill, hatch, _ = LOOKS[row["quadrant"]]
        axes.scatter(0.02, y, s=60, facecolor=fill, hatch=hatch, edgecolor="black", linewidth=0.8)
        axes.text(0.05, y, f"{row['rank']}  {readable(row['segment'])}", fontsize=9, va="center")
        axes.text(1, y, f"{row['size'] / 1e3:,.0f}", fontsize=9, va="center", ha="right")
    axes.text(0, 0.0, NOTE, fontsize=8.5, color="#444444")


def readable(segment: str) -> str:
    """Return a segment's path in words.

    >>> readable("existing / sole_trader / own_premises")
    'existing, sole trader, own premises'
    """
    return segment.replace(" / ", ", ").replace("_", " ")
