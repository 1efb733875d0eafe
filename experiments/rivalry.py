"""Rivals that answer, for a scenario: the game of carriers, and what our plan is worth before and after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from experiments.answer import caveats
from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.places import told_with_places
from experiments.run import Progress
from experiments.sheets import csv_bytes
from experiments.store import write_new
from optimize.answered import answers_table, in_words, rounds_table, worth_table
from optimize.answering import answer_our_plan
from sim.city import found
from sim.composing.compose import Composed

TRIAL = "plans are made by the model's response here: a trial's can't tell what rivals' moves would change of it"


class Rivalry(NamedTuple):
    """How carriers answered each other, and what came of it."""

    rounds: pd.DataFrame
    """Who did what, round by round."""
    answers: pd.DataFrame
    """What each rival could have done at the end, and what that would have brought it."""
    worth: pd.DataFrame
    """Paired differences on fresh futures, yuan over the horizon."""
    words: tuple[str, ...]
    """How it ended, a sentence each."""
    endings: tuple[str, ...]
    """Of the game with our plan kept, and of the one in which we plan again."""
    futures: int
    """Lived through while carriers judged their answers."""
    notes: tuple[str, ...]


def let_rivals_answer(
    experiment: Composed[Experiment], *, workers: int = 1, progress: Progress | None = None
) -> Rivalry:
    """Return how rivals answer the plan of a scenario; nothing is written, nor does the result depend on workers."""
    settings, tell = experiment.settings, progress or (lambda *_: None)
    with executor(workers) as pool:
        tell("founding the city", 0, 0)
        start = found(settings, folder_of(experiment))
        with told_with_places(experiment):
            played = answer_our_plan(settings, start, pool, tell)
        answers = answers_table(played)
        count, done = settings.comparison.replications, 0

        def advance(steps: int) -> None:
            nonlocal done
            done += steps
            tell("trying out on fresh futures", done, count)

        worth = worth_table(played, count, settings.comparison.seed, pool, advance)
    return Rivalry(
        rounds=rounds_table(played),
        answers=answers,
        worth=worth,
        words=(*in_words(played), *caveats(settings)),
        endings=(played.held.ending, played.replanned.ending),
        futures=played.arena.lived,
        notes=(*start.notes, *([TRIAL] if settings.trial is not None else [])),
    )


def rivalry_json(done: Rivalry) -> dict[str, Any]:
    """Return it as JSON takes it."""
    from experiments.shown import records

    tables = {name: records(getattr(done, name)) for name in ("rounds", "answers", "worth")}
    told = {"words": list(done.words), "endings": list(done.endings), "futures": done.futures}
    return {**tables, **told, "notes": list(done.notes)}


def write_rivalry(done: Rivalry, folder: Path) -> None:
    """Write rounds.csv, answers.csv and worth.csv into a folder that has none of them."""
    files = {f"{name}.csv": csv_bytes(getattr(done, name)) for name in ("rounds", "answers", "worth")}
    write_new(folder, files, "name another folder with --out, or move it away")
