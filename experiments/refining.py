"""Plans made again around what they do: the rounds of the loop as tables and a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.money import money_for
from optimize.refine import Refined, refine, rounds_table
from sim.city import found
from sim.composing.compose import Composed
from sim.founding import Start

Progress = Callable[[str, int, int], None]
ROUNDS = 6
"""Most rounds where the scenario doesn't ask for several."""


class Refining(NamedTuple):
    """What the rounds of a scenario came to."""

    start: Start
    refined: Refined
    table: pd.DataFrame
    words: str

    def _repr_html_(self) -> str:
        """Return the rounds for a notebook."""
        return f"<p>{self.words}</p>{self.table.to_html(index=False)}"


def refine_plan(experiment: Composed[Experiment], *, workers: int = 1, progress: Progress | None = None) -> Refining:
    """Return a scenario's plan made again around itself until that brings no more; nothing is written."""
    tell = progress or (lambda *_: None)
    settings = experiment.settings
    rounds = settings.refine.rounds if settings.refine.rounds > 1 else ROUNDS
    decision = settings.model_copy(update={"refine": settings.refine.model_copy(update={"rounds": rounds})})
    tell("founding the city", 0, 0)
    start = found(settings, folder_of(experiment))
    tell("planning", 0, 0)
    done = 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        tell("living in imagined cities", done, rounds * decision.refine.replications)

    with executor(workers) as pool:
        refined = refine(decision, start.book, start.city, seed=settings.seed, executor=pool, progress=advance)
    return Refining(start, refined, rounds_table(refined), in_words(refined, decision.refine.replications))


def in_words(refined: Refined, cities: int) -> str:
    """Return what the rounds came to, in two sentences."""
    first, best = refined.rounds[0], refined.rounds[refined.best]
    money = money_for(first.lived.mean, first.expected)
    interval = money.interval(first.lived.low, first.lived.high)
    said = (
        f"In {cities} cities imagined from the book the first plan brings {money.full(first.lived.mean)} over doing "
        f"nothing ({interval}, 95 %), of {money.short(first.expected)} expected."
    )
    if refined.best == 0:
        return f"{said} Made again around itself it brings no more there: the first plan is kept."
    low, high = best.gain.low, best.gain.high
    return (
        f"{said} Plan {refined.best + 1} of {len(refined.rounds)} brings {money.full(best.gain.mean)} more than the "
        f"best before it ({money.interval(low, high)}), and is kept."
    )
