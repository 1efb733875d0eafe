"""The efficient frontier of a scenario: what more or less of everything would bring, and one more of each thing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from experiments.experiment import Experiment
from experiments.figures import OPEN, SHOWN, png_bytes
from experiments.run import Progress, optimise
from experiments.sheets import csv_bytes
from experiments.store import write_new
from experiments.tried_frontier import try_frontier
from optimize.marginal import FACTORS, frontier, hour_values, in_words, marginal_values
from optimize.notes import plan_notes
from sim.composing.compose import Composed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Frontier(NamedTuple):
    """What means bring, by the optimiser's own expectation; nothing of it is tried out."""

    frontier: pd.DataFrame
    marginals: pd.DataFrame
    hours: pd.DataFrame
    """By manager."""
    words: tuple[str, ...]
    """What binds, and what is remarkable, a sentence each."""
    tried: pd.DataFrame | None = None
    """What the plans brought in the simulator, where they were tried out (`try_frontier`)."""


def frontier_of(
    experiment: Composed[Experiment], *, tried: bool = False, workers: int = 1, progress: Progress | None = None
) -> Frontier:
    """Return the frontier of a scenario, with `tried` lived on fresh futures as well; nothing is written."""
    tell = progress or (lambda *_: None)
    made = optimise(experiment, progress=progress)
    settings = experiment.settings
    rows = []
    for done, factor in enumerate(FACTORS):
        tell("planning with more and less", done, len(FACTORS))
        rows.append(frontier(made.plan, settings.solver, (factor,)))
    tell("what one more would bring", 0, 0)
    marginals = marginal_values(made.plan, settings.solver)
    return Frontier(
        frontier=pd.concat(rows, ignore_index=True),
        marginals=marginals,
        hours=hour_values(made.plan, made.start.book),
        words=(*in_words(marginals), *plan_notes(made.plan, settings, made.start.book)),
        tried=try_frontier(experiment, workers=workers, progress=progress) if tried else None,
    )


def write_frontier(done: Frontier, folder: Path) -> None:
    """Write a frontier into a folder that has none: frontier.csv, marginals.csv, hours.csv and frontier.png."""
    files = {
        "frontier.csv": csv_bytes(done.frontier),
        "marginals.csv": csv_bytes(done.marginals),
        "hours.csv": csv_bytes(done.hours),
        "frontier.png": png_bytes(frontier_figure(done.frontier, done.tried)),
        **({} if done.tried is None else {"tried.csv": csv_bytes(done.tried)}),
    }
    write_new(folder, files, "name another folder with --out, or move it away")


def frontier_figure(table: pd.DataFrame, tried: pd.DataFrame | None = None) -> Figure:
    """Return expected gain over the cost of plans, with the bound on the best, and what they brought; million yuan.

    What they brought is retained revenue, with its 95 % interval over what it cost.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.8), layout="constrained")
    axes: Any = figure.subplots()
    rows = table.dropna(subset=["uplift"])
    cost, uplift, bound = (rows[name] / 1e6 for name in ("cost", "uplift", "bound"))
    axes.fill_between(cost, uplift, bound, color=OPEN, alpha=0.35, linewidth=0, label="up to the best possible")
    axes.plot(cost, uplift, color=SHOWN, linewidth=2, marker="o", markersize=7, label="plan")
    for factor, x, y in zip(rows["factor"], cost, uplift, strict=True):
        today = factor == 1
        axes.annotate(
            f"×{factor:g}",
            (x, y),
            xytext=(6, -14),
            textcoords="offset points",
            fontweight="bold" if today else "normal",
        )
    if tried is not None:
        _draw_tried(axes, rows, tried)
    axes.margins(0.07)
    axes.set_title(
        "What more and less of all hours and budgets would bring", loc="left", fontsize=13, fontweight="bold"
    )
    axes.set_xlabel("cost of visits, letters and calls, million yuan over the period")
    axes.set_ylabel("gain over doing nothing, million yuan")
    axes.grid(color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    told = "By the optimiser's own expectation; not tried out in the simulator."
    if tried is not None:
        told = f"Expected by the optimiser, and retained in {tried['replications'].iloc[0]} fresh futures."
    figure.supxlabel(told, fontsize=9, color="#444444")
    return figure


def _draw_tried(axes: Any, expected: pd.DataFrame, tried: pd.DataFrame) -> None:
    """Draw what plans retained, each below what was expected of it, with intervals."""
    kept = tried[tried["measure"] == "retained_revenue"].merge(expected[["factor", "cost"]], on="factor")
    kept[["mean", "low", "high", "cost"]] /= 1e6
    reach = [kept["mean"] - kept["low"], kept["high"] - kept["mean"]]
    style = {"fmt": "s", "markersize": 6, "capsize": 4, "linewidth": 1.4, "markerfacecolor": "white"}
    axes.errorbar(kept["cost"], kept["mean"], yerr=reach, color="#333333", label="retained in the simulator", **style)
