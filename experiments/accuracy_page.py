"""The study of accuracy as a page of the documentation, its tables and its picture, each replaced whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.accuracy_shown import account_rows, city_rows, part_rows, seed_rows
from experiments.figures import OPEN, SHOWN, png_bytes
from experiments.sheets import csv_bytes
from experiments.validation_page import markdown, replace_file, rounded
from optimize.accuracy import BARS, ERRORS
from optimize.calibration import RANK_BAR
from sim.errors import KeystayError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.study_accuracy import Accuracy

PAGE, TABLE, ACCOUNTS, PICTURE = "accuracy.md", "accuracy.csv", "accuracy-accounts.csv", "images/accuracy.png"
HEAD = """\
# Accuracy: predicted against realised

A plan is as good as what it expects of treatments. This page holds what plans expected against what the market then
did, on fresh futures. It is written by `keystay study accuracy --out docs` and by nobody's hand.

- **oracle** is a plan made from the truth: every line's carrier and demand, tastes and satisfaction. What it is off
  by is the fault of the expected-value recursion, of what accounts do to each other, and of managers' skill, which no
  book has.
- **crm** is a plan made from the carrier's own book. It errs in what the book doesn't show, too; and as it takes what
  looks best, it takes what looks better than it is.

Predicted is what is expected *around the plan itself*, with waits for visits where managers' hours bind and with news
of discounts (`optimize.refine.expected_around`). Doing nothing has the service of each value class, as the plan has.
The plan lasts for the planning period; today's practice follows, as after doing nothing.
"""
JUDGED = f"""\
*Off* is predicted over realised, less 1, with the standard error that the futures leave. Judged are retained revenue
of the whole city: from the truth the totals within {BARS["oracle", "plan"]:.1%} and the plan's uplift over doing
nothing within {BARS["oracle", "uplift"]:.0%}, from the book the uplift within {BARS["crm", "uplift"]:.0%}; each
within {ERRORS:g} standard errors if that is more, which is told as *within noise*. Everything else is shown and not
judged. Contribution is an uplift only: what is predicted of it leaves out what later contacts and service cost, the
same under every plan.
"""
ALONE = f"""\
One account at a time is given a treatment while everybody else is left alone: every other one what the plan from the
truth gives it, the others one drawn from what the menu allows, each family alike. Accounts are drawn evenly from
value classes A to D, which go by spend. A single account's luck dwarfs what a treatment does, so each stands in a
city of copies, equal in all but the key that luck and the weeks of contacts go by; nobody talks there, and hours are
ample. Each copy has a manager of its own, so that skill is averaged over. The prediction is the mean of the copies'
own estimates, from the truth.

The first figure is Spearman's rank correlation of predicted and realised uplift in retained revenue, the second what
the noise of the realised ones alone would leave of a perfect prediction's. At least {RANK_BAR:g} is asked for of all
accounts together, in yuan and per yuan of monthly spend; parts are shown and not judged.
"""
FOOT = """\
The picture: single accounts as dots, tenths of them in the order of what was predicted as circles with 95 %
intervals, and the line on which they would lie if every prediction were right. Axes are logarithmic but near nought,
where they are even.

All figures stand in `accuracy.csv`, a row for each city, plan, group, measure and quantity, and in
`accuracy-accounts.csv`, a row for each single account.
"""


def write_accuracy(done: Accuracy, folder: Path) -> list[Path]:
    """Write page, tables and picture into a folder and return their places; older ones are replaced, one by one."""
    files = {
        TABLE: csv_bytes(rounded(done.city)),
        ACCOUNTS: csv_bytes(rounded(done.accounts)),
        PICTURE: png_bytes(accuracy_figure(done.accounts, done.calibration)),
        PAGE: page(done).encode(),
    }
    try:
        (folder / PICTURE).parent.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            replace_file(folder / name, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeystayError(f"{folder}: can't be written ({reason}); name another folder with --out") from None
    return [folder / name for name in files]


def page(done: Accuracy) -> str:
    """Return the page; it holds no date and nothing of the machine it was made on."""
    others = seed_rows(done.city)
    parts = [
        HEAD,
        f"{sizes_told(done)}\n",
        "\n".join(f"- {_loud(sentence)}" for sentence in done.words),
        "\n## The whole city\n",
        JUDGED,
        markdown(city_rows(done.city)),
        "\nUplift in retained revenue by family of treatments and by value class, accounts in brackets:\n",
        markdown(part_rows(done.city)),
    ]
    if len(others):
        parts += ["\n## Cities with other seeds\n", markdown(others)]
    parts += ["\n## Single accounts\n", ALONE, markdown(account_rows(done.ranks))]
    parts += [f"\n![Predicted against realised at single accounts]({PICTURE})\n", FOOT]
    return "\n".join(parts)


def sizes_told(done: Accuracy) -> str:
    """Return in words how much was simulated, and what was set differently."""
    n = done.sizes
    told = f"Measured in `{done.scenario}`, {done.customers:,} customers, on {n.futures} futures"
    if n.cities:
        cities = "one further city" if n.cities == 1 else f"{n.cities} further cities"
        told += f", and in {cities} with {n.city_futures} futures each"
    told += (
        f"; {len(done.accounts):,} single accounts with {n.copies} copies on {n.copy_futures} futures, "
        f"{n.copies * n.copy_futures:,} replications each."
    )
    if not done.overrides:
        return told
    changed = ", ".join(f"`{setting}`" for setting in done.overrides)
    return f"{told} These settings differ from the shipped scenario: {changed}."


def _loud(sentence: str) -> str:
    return sentence.replace(": not met.", ": **not met**.")


def accuracy_figure(accounts: pd.DataFrame, tenths: pd.DataFrame) -> Figure:
    """Return predicted against realised deviations of single accounts, in yuan and per yuan of spend."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 5.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    units = (
        (left, "yuan", np.ones(len(accounts)), "In yuan", "yuan over the horizon", 100.0),
        (right, "per_spend", accounts["spend"].to_numpy(), "Per yuan of spend", "yuan per yuan of monthly spend", 0.1),
    )
    for axes, unit, per, title, label, even in units:
        _panel(axes, accounts, per, tenths[tenths["unit"] == unit], even)
        axes.set_title(title, loc="left", fontsize=12)
        axes.set_xlabel(f"predicted, {label}")
        axes.set_ylabel(f"realised, {label}")
    left.legend(frameon=False, loc="upper left")
    figure.suptitle(
        "What a treatment alone brings at single accounts, retained revenue",
        x=0.01,
        ha="left",
        fontsize=14,
        fontweight="bold",
    )
    return figure


def _panel(axes: Axes, accounts: pd.DataFrame, per: Any, tenths: pd.DataFrame, even: float) -> None:
    """Draw one unit; axes are even up to `even` on both sides of nought."""
    guess, real = accounts["predicted"] / per, accounts["realised"] / per
    axes.plot(guess, real, ".", color="#999999", markersize=3.5, label="account", zorder=2)
    ends = [float(min(guess.min(), real.min())), float(max(guess.max(), real.max()))]
    axes.plot(ends, ends, color="black", linewidth=1, linestyle="--", label="as predicted", zorder=1)
    axes.errorbar(
        tenths["predicted"],
        tenths["realised"],
        yerr=1.96 * tenths["error"],
        fmt="o",
        color=SHOWN,
        ecolor=OPEN,
        markerfacecolor="white",
        markeredgewidth=1.6,
        markersize=8,
        capsize=3,
        linewidth=1.6,
        label="tenth of accounts, 95 %",
        zorder=3,
    )
    axes.set_xscale("symlog", linthresh=even)
    axes.set_yscale("symlog", linthresh=even)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
