"""The market under today's practice, stored: tables by month, class and segment, and the ledger if it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.experiment import Experiment, name_of
from experiments.history_table import flows_table, history_table
from experiments.record import Clock, facts, question
from experiments.run import TODAY, MarketRun, Progress, simulate_market
from experiments.store import SCENARIO, LedgerFile, parquet_bytes, scratch_folder, write_result
from optimize.worth import trials_table
from sim.composing.compose import Composed

LEDGER = "ledger.parquet"


class Stored(NamedTuple):
    """The market under today's practice and the folder that holds it."""

    market: MarketRun
    folder: Path


def store_market(
    experiment: Composed[Experiment],
    *,
    ledger: bool = False,
    workers: int = 1,
    root: Path = Path("results"),
    progress: Progress | None = None,
    command: Sequence[str] = (),
) -> Stored:
    """Live through the market like `simulate_market` and store it below `root`, with every customer's month if asked.

    The ledger is of the first future, as are the tables by month; it streams to disk and takes no memory.
    """
    settings, clock = experiment.settings, Clock()
    with scratch_folder(root / name_of(experiment)) as scratch:
        place = scratch / LEDGER
        done = simulate_market(
            experiment,
            workers=workers,
            progress=progress,
            ledger=(lambda start: LedgerFile(place, start.city.ids)) if ledger else None,
        )
        resolved, inputs, name = question(experiment, done.start, "today's practice", *([LEDGER] if ledger else []))
        first, names = {TODAY: done.history}, (tuple(settings.carriers), tuple(settings.lines))
        tables = {
            "trials": trials_table(done.trials),
            "months": done.months,
            "history": history_table(first, *names),
            "flows": flows_table(first, *names),
        }
        files = {f"{table}.parquet": parquet_bytes(content) for table, content in tables.items()}
        manifest = {**facts(experiment, done.start, done.trials.seeds, inputs, command, clock), "id": name}
        folder = root / name_of(experiment) / name
        write_result(folder, {SCENARIO: resolved.encode(), **files}, manifest, {LEDGER: place} if ledger else None)
    return Stored(done, folder)
