"""The study of accuracy: what plans were expected to bring, against what the market does on fresh futures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from experiments.accuracy_shown import account_rows, city_rows, part_rows, seed_rows
from experiments.console import table
from experiments.executor import executor
from experiments.experiment import Experiment, folder_of
from experiments.money import money_for
from experiments.run import Progress
from optimize.accuracy import accuracy_table, judged, live_through
from optimize.calibration import RANK_BAR, calibration, deviations_table, ranks_table
from optimize.deviation import choose, copied, predicted, realise
from optimize.plan import Plan, make_plan
from sim.book import Book
from sim.city import Start, found
from sim.composing.compose import Composed
from sim.oracle import true_book

if TYPE_CHECKING:
    from rich.table import Table


class Sizes(NamedTuple):
    """How much is lived."""

    futures: int
    """Of the scenario's own city."""
    cities: int
    """Further ones, each with a seed of its own."""
    city_futures: int
    """Of each of them."""
    accounts: int
    copies: int
    copy_futures: int
    """Of the city of copies: times `copies`, the replications of each account."""


FULL, QUICK = Sizes(120, 2, 40, 520, 40, 40), Sizes(8, 1, 3, 60, 4, 5)


class Accuracy(NamedTuple):
    """Predicted against realised."""

    city: pd.DataFrame
    """By seed of the city, plan, group of accounts, measure and quantity: see `optimize.accuracy.accuracy_table`."""
    accounts: pd.DataFrame
    """Single accounts whose treatment alone is changed."""
    ranks: pd.DataFrame
    """Rank correlations of them all, and of parts."""
    calibration: pd.DataFrame
    """Means of tenths of them."""
    words: tuple[str, ...]
    """What was judged, a sentence each."""
    sizes: Sizes
    scenario: str
    customers: int
    overrides: tuple[str, ...]


def accuracy_of(
    experiment: Composed[Experiment],
    *,
    quick: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
    overrides: tuple[str, ...] = (),
) -> Accuracy:
    """Return how near plans' predictions come, from the truth and from the book; nothing is written.

    Results don't depend on the number of workers. `overrides` are only told.
    """
    settings, tell, sizes = experiment.settings, progress or (lambda *_: None), QUICK if quick else FULL
    seed, tables = settings.comparison.seed, []
    with executor(workers) as pool:
        for number in range(sizes.cities + 1):
            name = f"city {number + 1} of {sizes.cities + 1}"
            market = settings.model_copy(update={"seed": settings.seed + number})
            tell(f"{name}: founding", 0, 0)
            start = found(market, folder_of(experiment))
            plans = plans_by_book(market, start, name, tell)
            futures = sizes.city_futures if number else sizes.futures
            advance = _counter(tell, f"{name}: living fresh futures", futures)
            lived = live_through(market, start.city, judged(plans), futures, seed, pool, advance)
            rows = accuracy_table(lived)
            rows.insert(0, "city", market.seed)
            tables.append(rows)
            if number == 0:
                alone = single_accounts(market, start, *plans["oracle"], sizes, pool, tell)
                customers = start.book.key.size
    ranks = ranks_table(alone, seed)
    return Accuracy(
        city=pd.concat(tables, ignore_index=True),
        accounts=alone,
        ranks=ranks,
        calibration=calibration(alone),
        words=(*sentences(tables[0]), *rank_sentences(ranks)),
        sizes=sizes,
        scenario=experiment.files[-1].stem if experiment.files else settings.title,
        customers=customers,
        overrides=overrides,
    )


def plans_by_book(settings: Experiment, start: Start, city: str, tell: Progress) -> dict[str, tuple[Plan, Book]]:
    """Return the plan made from the truth and the one made from the carrier's own book, each with that book."""
    own = start.own_book or start.book
    books = {"oracle": true_book(own, start.city, settings), "crm": own}
    plans = {}
    for name, book in books.items():
        tell(f"{city}: planning from the {name} book", 0, 0)
        plans[name] = (make_plan(settings, book), book)
    return plans


def single_accounts(
    settings: Experiment,
    start: Start,
    plan: Plan,
    book: Book,
    sizes: Sizes,
    pool: Executor | None,
    tell: Progress,
) -> pd.DataFrame:
    """Return predicted and realised deviations of single accounts, one row each."""
    seed = settings.comparison.seed
    chosen = choose(plan, book, sizes.accounts, seed)
    city = copied(settings, start.city, plan, book, chosen, sizes.copies)
    tell("single accounts: estimating", 0, 0)
    guess = predicted(chosen, city)
    advance = _counter(tell, "single accounts: living fresh futures", sizes.copy_futures)
    return deviations_table(plan, book, chosen, guess, realise(city, sizes.copy_futures, seed, pool, advance))


def _counter(tell: Progress, stage: str, total: int) -> Callable[[int], None]:
    """Return what counts the steps of a stage, which begins now."""
    done = 0
    tell(stage, 0, total)

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        tell(stage, done, total)

    return advance


def sentences(rows: pd.DataFrame) -> Iterator[str]:
    """Yield what was judged of plans and how it came out, a sentence each."""
    for row in rows[rows["bar"].notna()].to_dict("records"):
        what = {"nothing": "doing nothing", "plan": "the plan", "uplift": "the plan over doing nothing"}
        money = money_for(row["predicted"], row["realised"])
        yield (
            f"{row['book']}: what {what[row['quantity']]} brings in retained revenue was predicted at "
            f"{money.full(row['predicted'])} and came out at {money.full(row['realised'])}, off by {row['off']:+.2%} "
            f"with a standard error of {row['noise']:.2%}; {row['bar']:.1%} is allowed: {row['verdict']}."
        )


def rank_sentences(ranks: pd.DataFrame) -> Iterator[str]:
    """Yield how well single accounts are put in order, in yuan and per yuan of spend."""
    row = ranks.iloc[0]
    for unit, name in (("yuan", "yuan"), ("per_spend", "yuan per yuan of spend")):
        found, allowed = row[unit], row[f"{unit}_allowed"]
        missed = "not met" if allowed >= RANK_BAR else "more replications are needed to tell"
        verdict = "met" if found >= RANK_BAR else missed
        yield (
            f"oracle: what a treatment alone brings at {row['accounts']:,} single accounts is put in order with a rank "
            f"correlation of {found:.3f} in {name}, where noise alone would leave {allowed:.3f} of a perfect "
            f"prediction's; {RANK_BAR:g} is asked for: {verdict}."
        )


def accuracy_tables(done: Accuracy) -> Iterator[Table]:
    """Yield the tables of the screen."""
    yield table("Predicted against realised in the whole city", city_rows(done.city), texts=2)
    yield table("Uplift in retained revenue over doing nothing, by part", part_rows(done.city), texts=2)
    yield table("The same in cities with other seeds", seed_rows(done.city), texts=2)
    yield table("Single accounts: rank correlation of predicted and realised", account_rows(done.ranks), texts=1)
