"""The study of accuracy: what plans were expected to bring, against what the market does on fresh futures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from experiments.console import table
from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.money import money_for
from experiments.run import Progress
from optimize.accuracy import accuracy_table, judged, live_through
from optimize.plan import Plan, make_plan
from sim.city import Start, found
from sim.composing.compose import Composed
from sim.oracle import true_book

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = ("retained", "contribution")
"""Measures on the screen; files and JSON have all."""


class Sizes(NamedTuple):
    """How much is lived."""

    futures: int


FULL, QUICK = Sizes(100), Sizes(8)


class Accuracy(NamedTuple):
    """Predicted against realised."""

    city: pd.DataFrame
    """By plan, group of accounts, measure and quantity: see `optimize.accuracy.accuracy_table`."""
    words: tuple[str, ...]
    """What was judged, a sentence each."""
    sizes: Sizes


def accuracy_of(
    experiment: Composed[Experiment],
    *,
    quick: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
) -> Accuracy:
    """Return how near plans' predictions come, from the truth and from the book; nothing is written."""
    settings, tell, sizes = experiment.settings, progress or (lambda *_: None), QUICK if quick else FULL
    with executor(workers) as pool:
        tell("founding the city", 0, 0)
        start = found(settings, folder_of(experiment))
        plans = plans_by_book(settings, start, tell)
        tell("living fresh futures", 0, sizes.futures)
        done = 0

        def advance(steps: int) -> None:
            nonlocal done
            done += steps
            tell("living fresh futures", done, sizes.futures)

        todo = judged(plans, start.book)
        lived = live_through(settings, start.city, todo, sizes.futures, settings.comparison.seed, pool, advance)
    rows = accuracy_table(lived)
    return Accuracy(rows, tuple(sentences(rows)), sizes)


def plans_by_book(settings: Experiment, start: Start, tell: Progress) -> dict[str, Plan]:
    """Return the plan made from the truth and the one made from the carrier's own book, in the same city."""
    own = start.own_book or start.book
    books = {"oracle": true_book(own, start.city, settings), "crm": own}
    plans = {}
    for name, book in books.items():
        tell(f"planning from the {name} book", 0, 0)
        plans[name] = make_plan(settings, book)
    return plans


def sentences(rows: pd.DataFrame) -> Iterator[str]:
    """Yield what was judged and how it came out, a sentence each."""
    for row in rows[rows["bar"].notna()].to_dict("records"):
        what = {"nothing": "doing nothing", "plan": "the plan", "uplift": "the plan over doing nothing"}
        money = money_for(row["predicted"], row["realised"])
        yield (
            f"{row['book']}: what {what[row['quantity']]} brings in retained revenue was predicted at "
            f"{money.full(row['predicted'])} and came out at {money.full(row['realised'])}, off by {row['off']:+.2%} "
            f"with a standard error of {row['noise']:.2%}; {row['bar']:.1%} is allowed: {row['verdict']}."
        )


def accuracy_tables(done: Accuracy) -> Iterator[Table]:
    """Yield the tables of the screen: the whole city, then uplifts by kind of treatment and by value class."""
    rows = done.city[done.city["measure"].isin(SHOWN) & (done.city["accounts"] > 0)]
    whole = shown_rows(rows[rows["by"] == "all"]).drop(columns="accounts")
    yield table("Predicted against realised in the whole city", whole, texts=2)
    parts = rows[(rows["by"] != "all") & (rows["quantity"] == "uplift") & (rows["measure"] == "retained")]
    shown = shown_rows(parts).drop(columns=["what", "bar", "verdict"])
    yield table("Uplift in retained revenue over doing nothing, by part", shown, texts=2)


def shown_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a screen or a page shows them."""
    money = money_for(*rows["predicted"], *rows["realised"])
    what = [f"{m}, {q}".replace("_", " ") for m, q in zip(rows["measure"], rows["quantity"], strict=True)]
    off = [f"{off:+.1%} ± {noise:.1%}" if off == off else "" for off, noise in rows[["off", "noise"]].to_numpy()]
    return pd.DataFrame(
        {
            "book": rows["book"],
            "accounts": [f"{name} ({count:,})" for name, count in zip(rows["group"], rows["accounts"], strict=True)],
            "what": what,
            f"predicted, {money.scale} yuan".replace(",  ", ", "): [money.number(value) for value in rows["predicted"]],
            "realised": [money.number(value) for value in rows["realised"]],
            "off ± standard error": off,
            "bar": [f"{value:.1%}" if value == value else "" for value in rows["bar"]],
            "verdict": rows["verdict"],
        }
    )
