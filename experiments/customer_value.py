"""Customer value of a scenario: the table, the picture, and a trial of losing an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.figures import OPEN, SHOWN, png_bytes
from experiments.money import money_for
from experiments.run import Progress
from experiments.sheets import csv_bytes
from experiments.store import write_new
from optimize.customer_value import CustomerValue, class_table, customer_values, parts_table, value_table
from optimize.influence import MEASURES
from optimize.loss_trial import loss_trials
from optimize.response import estimate
from optimize.selection import Selection
from sim.city import found
from sim.composing.compose import Composed
from sim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure
    from rich.table import Table

    from sim.founding import Start

PANELS = {
    "what it brings itself": {"current": SHOWN, "growth": "#6FA8DC", "potential": OPEN},
    "what others bring because it is there": {"praise": SHOWN, "blame": OPEN, "news": "#6FA8DC"},
}
"""Parts of value by panel, as their sizes are far apart."""
HATCHES = {"growth": "///", "potential": "...", "blame": "...", "news": "///"}


class Valued(NamedTuple):
    """What the accounts of a book are worth, yuan over the horizon."""

    table: pd.DataFrame
    """One row an account (`optimize.customer_value.value_table`)."""
    parts: pd.DataFrame
    """One row an account and part."""
    classes: pd.DataFrame
    loss: pd.DataFrame
    """What others bring because an account is with us, by measure: predicted, and simulated with its interval."""
    words: tuple[str, ...]
    notes: tuple[str, ...]


def value_of(
    experiment: Composed[Experiment],
    *,
    lose: str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Valued:
    """Return what each account is worth; with `lose`, live the experiment's futures with and without that account.

    Raises InputError where the book has no such account.
    """
    settings, tell = experiment.settings, progress or (lambda *_: None)
    tell("founding the city", 0, 0)
    start = found(settings, folder_of(experiment))
    account = None if lose is None else _place(lose, start)
    tell("estimating what treatments would bring", 0, 0)
    response = estimate(settings, start.book)
    tell("valuing the accounts", 0, 0)
    value = customer_values(settings, start.book, response)
    table = value_table(value, start.book)
    loss = pd.DataFrame(columns=LOSS_COLUMNS)
    if account is not None:
        loss = _lose(settings, start, value, account, workers, tell)
    classes = class_table(table)
    words = (*sentences(settings, classes), *loss_sentences(loss))
    return Valued(table, parts_table(table), classes, loss, words, start.notes)


LOSS_COLUMNS = ["account", "hearers", "measure", "predicted", "mean", "low", "high", "replications"]


def _place(name: str, start: Start) -> int:
    try:
        return int(np.flatnonzero(Selection(ids=(name,)).of(start.book, "lose"))[0])
    except InputError as error:
        raise InputError(str(error).replace("lose.ids", "--lose")) from None


def _lose(
    settings: Experiment, start: Start, value: CustomerValue, account: int, workers: int, tell: Progress
) -> pd.DataFrame:
    count, done = settings.comparison.replications, 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        tell("living with and without the account", done, count)

    tell("living with and without the account", 0, count)
    with executor(workers) as pool:
        trials = loss_trials(settings, start.city, np.array([account]), count, settings.comparison.seed, pool, advance)
    heard = int(trials.others.sum())
    rows = []
    for row, measure in enumerate(MEASURES):
        seen = trials.difference(measure)
        predicted = float(value.influence.total[row, account])
        rows.append((start.book.ids[account], heard, measure, predicted, seen.mean, seen.low, seen.high, count))
    return pd.DataFrame(rows, columns=LOSS_COLUMNS)


def sentences(settings: Experiment, classes: pd.DataFrame) -> list[str]:
    """Return what the accounts are worth together, in words."""
    total = {name: float(classes[name].sum()) for name in ("current", "growth", "potential", "value")}
    others = float(classes[["praise", "blame", "news"]].to_numpy().sum())
    money = money_for(total["value"])
    few = money_for(others)
    now = (
        f"Over {settings.months} months {int(classes['accounts'].sum()):,} accounts are expected to contribute "
        f"{money.full(total['current'])} under today's practice, their growth {money.short(total['growth'])} more."
    )
    return [
        now,
        f"The best treatment of each would add {money.short(total['potential'])}, if hours and money were no limit.",
        f"What accounts say of us to others is worth {few.full(others)} more, in what these contribute.",
    ]


def loss_sentences(loss: pd.DataFrame) -> list[str]:
    """Return what others bring because an account is with us, in words; nothing where none was lost."""
    told = []
    for row in loss[loss["measure"] == MEASURES[0]].to_dict("records"):
        money = money_for(row["predicted"], row["mean"], row["low"], row["high"])
        told.append(
            f"Because {row['account']} is with us, {row['hearers']:,} who hear it are expected to pay us "
            f"{money.full(row['predicted'])} more; simulated on {row['replications']} futures with and without it: "
            f"{money.short(row['mean'])} (95 % interval {money.interval(row['low'], row['high'])})."
        )
    return told


def write_value(done: Valued, folder: Path) -> None:
    """Write the tables and the picture into a folder that has none of them."""
    document = {"accounts": _records(done.table), "loss": _records(done.loss), "words": list(done.words)}
    files = {
        "customer_value.csv": csv_bytes(done.table),
        "value_parts.csv": csv_bytes(done.parts),
        "value_classes.csv": csv_bytes(done.classes),
        "customer_value.json": (json.dumps(document, indent=1) + "\n").encode(),
        "customer_value.png": png_bytes(value_figure(done.classes)),
    }
    if len(done.loss):
        files["loss.csv"] = csv_bytes(done.loss)
    write_new(folder, files, "name another folder with --out, or move it away")


def value_figure(classes: pd.DataFrame) -> Figure:
    """Return the value of each class by part: what accounts bring themselves, and what others bring because of them."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 1.8 + 0.5 * len(classes)), layout="constrained")
    axes: Any = figure.subplots(1, len(PANELS), sharey=True)
    for panel, (title, parts) in zip(axes, PANELS.items(), strict=True):
        _bars(panel, classes, parts)
        panel.set_title(title[0].upper() + title[1:], loc="left", fontsize=12)
    axes[0].set_yticks(range(len(classes)), [f"class {name}" for name in classes["class"]])
    axes[0].invert_yaxis()
    figure.suptitle("What customers are worth, by value class", x=0.01, ha="left", fontsize=14, fontweight="bold")
    figure.supxlabel("Contribution over the horizon, expected; not tried out.", fontsize=9, color="#444444")
    return figure


def _bars(panel: Any, classes: pd.DataFrame, parts: dict[str, str]) -> None:
    money = money_for(*classes[list(parts)].to_numpy().ravel())
    up, down = np.zeros(len(classes)), np.zeros(len(classes))
    for name, colour in parts.items():
        width = classes[name].to_numpy(dtype=float) / money.size
        left = np.where(width >= 0, up, down)
        panel.barh(
            range(len(classes)), width, left=left, label=name, color=colour, hatch=HATCHES.get(name), edgecolor="white"
        )
        up, down = up + np.maximum(width, 0), down + np.minimum(width, 0)
    panel.margins(x=0.06)
    panel.axvline(0, color="black", linewidth=1)
    panel.set_xlabel(f"{money.scale} yuan".strip())
    panel.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.legend(frameon=False, fontsize=9)


def value_tables(done: Valued) -> Iterable[Table]:
    """Yield the value of classes, and the accounts worth most."""
    from experiments.console import table

    others = done.classes[["praise", "blame", "news"]].sum(axis=1)
    classes = done.classes.drop(columns=["praise", "blame", "news"]).assign(others=others)
    classes = classes[["class", "accounts", "current", "growth", "potential", "others", "value"]]
    yield table("Contribution over the horizon by value class, thousand yuan", _thousands(classes, ["class"]))
    columns = ["id", "class", "spend", "current", "potential", "praise", "value"]
    top = done.table[columns].head(10)
    yield table("Accounts worth most, thousand yuan", _thousands(top, ["id", "class"]), texts=2)


def _thousands(rows: pd.DataFrame, texts: list[str]) -> pd.DataFrame:
    shown = {name: rows[name].astype(str) for name in texts}
    for name in rows.columns.drop(texts):
        whole = name == "accounts"
        shown[name] = pd.Series([f"{x:,}" if whole else f"{x / 1e3:,.1f}" for x in rows[name]], dtype=object)
    return pd.DataFrame(shown)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    from experiments.shown import records

    return records(frame)
