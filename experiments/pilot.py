"""Whether a pilot is worth it: what trials of a scenario's treatments would cost, and bring in decisions changed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from experiments.console import table
from experiments.executor import executor
from experiments.experiment import Experiment
from experiments.money import money_for
from experiments.run import Progress, optimise
from experiments.sheets import csv_bytes
from experiments.store import write_new
from optimize.pilot import pilots_of, prepared
from optimize.pilot_arm import during, row_of, usual_row
from optimize.pilot_settings import FAMILIES
from sim.composing.compose import Composed
from sim.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table


MONEY = ("cost", "worth", "perfect", "net")


class Pilot(NamedTuple):
    """What pilots cost and are worth, by treatment and number of accounts; nothing of it is tried out."""

    table: pd.DataFrame
    """The columns of `optimize.pilot.COLUMNS`, a row a treatment and number of accounts."""
    words: tuple[str, ...]
    """Whether a pilot is worth it, and what makes the answer unsure, a sentence each."""


def pilot_of(
    experiment: Composed[Experiment],
    *,
    months: int = 3,
    accounts: int | None = None,
    treatment: str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Pilot:
    """Return what pilots of some months would cost and be worth; nothing is written.

    By default one treatment of each family is tried, the one that the plan does most, on as many accounts as
    `pilot.sizes` says. Raises InputError where months, accounts or treatment can't be had.
    """
    settings, tell = experiment.settings, progress or _silent
    during(settings, months)
    if accounts is not None and accounts < 2:
        raise InputError(f"--accounts: {accounts}; a trial needs 2 or more, one to treat and one to compare it with")
    made, futures, lived = optimise(experiment, progress=progress), settings.pilot.futures, 0

    def advance(steps: int) -> None:
        nonlocal lived
        lived += steps
        tell("living without treatments", lived, futures)

    tell("living without treatments", 0, futures)
    start, plan, seed = made.start, made.plan, settings.comparison.seed
    with executor(workers) as pool:
        trying = prepared(settings, start.city, start.book, plan, months, seed, pool, advance)
    if treatment is not None:
        rows = [row_of(trying.tried, treatment)]
    else:
        usual = [usual_row(trying.tried, plan.allocation.treatment, family) for family in FAMILIES]
        rows = [row for row in usual if row is not None]
    sizes, tables = None if accounts is None else np.array([accounts], dtype=np.int64), []
    for done, row in enumerate(rows):
        tell("planning for other uplifts", done, len(rows))
        found = pilots_of(trying, row, sizes)
        tables += [found] if len(found) else []
    tell("planning for other uplifts", len(rows), len(rows))
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if not len(whole):
        raise InputError(
            "no pilot fits: no account of ours can have a treatment, or managers have no hours for it; name another "
            "with --treatment, or raise pilot.most_hours"
        )
    return Pilot(whole, tuple(in_words(whole)))


def in_words(pilots: pd.DataFrame) -> list[str]:
    """Return whether a pilot is worth it in a sentence, and one more where the solver can't tell.

    It is about the pilot that brings most beyond its cost, or where none does the one that brings most for its cost.
    """
    net, cost = pilots["net"].to_numpy(), pilots["cost"].to_numpy()
    best = pilots.iloc[int(net.argmax() if net.max() > 0 else (net / np.maximum(cost, 1.0)).argmax())]
    money = money_for(best["cost"], best["worth"])
    what = f"a pilot of {best['treatment']} on {best['accounts']:,} accounts for {best['months']} months"
    facts = (
        f"it costs {money.full(best['cost'])} and is worth {money.full(best['worth'])} in decisions changed (certainty "
        f"would be worth {money.full(best['perfect'])})"
    )
    if best["share_of_hours"] > 0:
        facts += f", and takes {best['share_of_hours']:.0%} of managers' hours in these months"
    if best["net"] > 0:
        told = [f"Worth it, by {money.full(best['net'])}: {what}; {facts}."]
    else:
        told = [f"No pilot is worth it: the best would be {what}; {facts}."]
    if abs(best["net"]) < best["missing"]:
        told.append(f"The solver leaves {money.full(best['missing'])} of that open; lower solver.gap to know for sure.")
    return told


def pilot_tables(done: Pilot) -> Iterable[Table]:
    """Yield what pilots cost and are worth, for the screen: one table a treatment."""
    for treatment, rows in done.table.groupby("treatment", sort=False):
        shown = pd.DataFrame(
            {
                "accounts": [f"{count:,}" for count in rows["accounts"]],
                "error": [f"{error:.0%}" for error in rows["error"]],
                "hours": [f"{hours:,.0f}" for hours in rows["hours"]],
                "of all": [f"{share:.0%}" for share in rows["share_of_hours"]],
                **{
                    column: [f"{yuan / 1000:,.1f}" for yuan in rows[column]]
                    for column in ("cost", "worth", "perfect", "net")
                },
            }
        )
        yield table(f"Pilots of {treatment} for {rows['months'].iloc[0]} months, thousand yuan", shown, texts=0)


def write_pilot(done: Pilot, folder: Path) -> None:
    """Write pilots into a folder that has none: pilots.csv."""
    write_new(folder, {"pilots.csv": csv_bytes(done.table)}, "name another folder with --out, or move it away")


def _silent(stage: str, done: int, total: int) -> None:
    """Say nothing."""
