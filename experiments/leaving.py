"""Reasons for leaving of a scenario, the programme made from them, and what that is worth on fresh futures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from experiments.answer import words as in_words
from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.figures import OPEN, SHOWN, png_bytes
from experiments.money import money_for
from experiments.places import told_with_places
from experiments.run import Progress
from experiments.sheets import csv_bytes
from experiments.store import write_new
from optimize.leaving import expected_leaving
from optimize.leaving_table import accounts_table, causes_table, segments_table
from optimize.response import estimate
from optimize.targeted import causes
from optimize.targeted_trial import (
    BY_REASON,
    PLAN_BY_REASON,
    TODAY,
    TODAY_WITH_OFFERS,
    lived_causes,
    targeted,
    targeted_trials,
    targeted_worth,
)
from sim.city import found
from sim.composing.compose import Composed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure
    from rich.table import Table

MEASURES = ("retained_revenue", "contribution")
AGAINST = ("nothing", TODAY, TODAY_WITH_OFFERS, "plan")
LEAD = {BY_REASON: "the programme by reason", PLAN_BY_REASON: "the plan of the same remedies"}


class Reasons(NamedTuple):
    """Why customers are expected to leave, what is done about it, and what that is worth."""

    accounts: pd.DataFrame
    """`optimize.leaving_table.accounts_table`."""
    segments: pd.DataFrame
    causes: pd.DataFrame
    """By reason and by trigger, beside what was lived under today's practice."""
    worth: pd.DataFrame
    """Paired differences of the programme, and of the plan by reason, to the others."""
    words: tuple[str, ...]
    notes: tuple[str, ...]


def reasons_of_leaving(
    experiment: Composed[Experiment], *, workers: int = 1, progress: Progress | None = None
) -> Reasons:
    """Return reasons, programme and worth on the experiment's futures; nothing is written."""
    settings, tell = experiment.settings, progress or (lambda *_: None)
    tell("founding the city", 0, 0)
    start = found(settings, folder_of(experiment))
    tell("estimating what treatments would bring", 0, 0)
    response = estimate(settings, start.book)
    tell("asking why accounts would leave", 0, 0)
    leaving = expected_leaving(settings, start.book)
    aimed = causes(leaving, settings.targeted)
    tell("planning", 0, 0)
    with told_with_places(experiment):
        made = targeted(settings, start, response, leaving, aimed)
    count, seed, done = settings.comparison.replications, settings.comparison.seed, 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        tell("trying out on fresh futures", done, count)

    with executor(workers) as pool:
        tell("trying out on fresh futures", 0, count)
        trials = targeted_trials(settings, start.city, made, count, seed, pool, advance)
        tell("living under today's practice", 0, 0)
        lived = lived_causes(settings, start.city, leaving.months, count, seed, pool)
    accounts = accounts_table(start.book, response, leaving, aimed, made)
    why, worth = causes_table(leaving, lived), targeted_worth(trials)
    words = (*cause_sentences(why, leaving.months), *worth_sentences(worth))
    return Reasons(accounts, segments_table(accounts), why, worth, words, start.notes)


def cause_sentences(causes: pd.DataFrame, months: int) -> list[str]:
    """Return what is expected to leave and why, in words."""
    by_reason = causes[causes["cause"] == "reason"].sort_values("yuan", ascending=False)
    by_trigger = causes[causes["cause"] == "trigger"].sort_values("yuan", ascending=False)
    total = max(float(by_reason["yuan"].sum()), 1e-12)

    def largest(rows: pd.DataFrame) -> str:
        return ", ".join(
            f"{in_words(row['name'])} {row['yuan'] / total:.0%}" for row in rows.head(3).to_dict("records")
        )

    lines = (
        f"Within {months} months {by_reason['expected'].sum():,.0f} lines with {money_for(total).full(total)} a month "
        f"are expected to leave under today's practice; lived: {by_reason['lived'].sum():,.0f} lines."
    )
    return [lines, f"Reasons, by money: {largest(by_reason)}.", f"What sets it off: {largest(by_trigger)}."]


def worth_sentences(worth: pd.DataFrame) -> list[str]:
    """Return what the programme and the plan by reason bring more than other policies, in words."""
    told = []
    for policy, leader in LEAD.items():
        for measure in MEASURES:
            rows = worth[(worth["policy"] == policy) & (worth["measure"] == measure)]
            money = money_for(*rows["mean"])
            leads = [
                f"{money.number(row['mean'])} ({money.interval(row['low'], row['high'])}) against {in_words(name)}"
                for name in AGAINST
                for row in rows[rows["against"] == name].to_dict("records")
            ]
            head = f"{leader[0].upper()}{leader[1:]}, {in_words(measure)} in {money.scale} yuan".replace("  ", " ")
            told.append(f"{head}: {', '.join(leads)}.")
    return [*told, f"Paired differences with 95 % intervals, on {int(worth['replications'].iloc[0])} fresh futures."]


def write_reasons(done: Reasons, folder: Path) -> None:
    """Write the tables and the picture into a folder that has none of them."""
    files = {
        "leaving.csv": csv_bytes(done.accounts),
        "leaving_segments.csv": csv_bytes(done.segments),
        "leaving_causes.csv": csv_bytes(done.causes),
        "targeted_worth.csv": csv_bytes(done.worth),
        "leaving.png": png_bytes(causes_figure(done.causes)),
    }
    write_new(folder, files, "name another folder with --out, or move it away")


def causes_figure(causes: pd.DataFrame) -> Figure:
    """Return lines expected to leave by reason and by trigger, beside those lived with their intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.4), layout="constrained")
    axes: Any = figure.subplots(1, 2)
    for panel, cause in zip(axes, ("reason", "trigger"), strict=True):
        rows = causes[causes["cause"] == cause]
        place = range(len(rows))
        panel.barh(place, rows["expected"], color=SHOWN, height=0.7, label="expected from the book")
        panel.errorbar(
            rows["lived"],
            place,
            xerr=[rows["lived"] - rows["low"], rows["high"] - rows["lived"]],
            fmt="o",
            color=OPEN,
            capsize=4,
            markersize=6,
            markerfacecolor="white",
            label="lived, mean and 95 % interval",
        )
        panel.set_yticks(place, [in_words(name) for name in rows["name"]])
        panel.invert_yaxis()
        panel.set_title(f"By {cause}", loc="left", fontsize=12)
        panel.set_xlabel("lines that leave")
        panel.grid(axis="x", color="#DDDDDD", linewidth=0.8)
        panel.set_axisbelow(True)
        panel.spines[["top", "right", "left"]].set_visible(False)
    axes[0].legend(frameon=False, loc="lower right")
    figure.suptitle("Why lines leave under today's practice", x=0.01, ha="left", fontsize=14, fontweight="bold")
    return figure


def reasons_tables(done: Reasons) -> Iterable[Table]:
    """Yield causes, segments and the worth of the programme as tables for the screen."""
    from experiments.console import table

    money = money_for(*done.causes["yuan"])
    causes = done.causes[(done.causes["expected"] >= 0.5) | (done.causes["lived"] >= 0.5)]
    shown = pd.DataFrame(
        {
            "cause": [f"{row['cause']}: {in_words(row['name'])}" for row in causes.to_dict("records")],
            f"{money.scale} yuan".strip(): [money.number(yuan) for yuan in causes["yuan"]],
            "lines": [f"{lines:,.0f}" for lines in causes["expected"]],
            "lived": [f"{lines:,.0f}" for lines in causes["lived"]],
            "interval": [f"{low:,.0f} to {high:,.0f}" for low, high in zip(causes["low"], causes["high"], strict=True)],
        }
    )
    yield table("Why lines are expected to leave, money a month, and how many did", shown)
    rows = done.segments
    shown = pd.DataFrame(
        {
            "segment": [in_words(name) if len(name) > 1 else f"class {name}" for name in rows["segment"]],
            "accounts": [f"{number:,}" for number in rows["accounts"]],
            "at risk, yuan": [f"{yuan:,.0f}" for yuan in rows["at_risk"]],
            "mainly for": [
                f"{in_words(why)} {part:.0%}" for why, part in zip(rows["reason"], rows["reason_share"], strict=True)
            ],
        }
    )
    yield table("By segment, a month", shown)
