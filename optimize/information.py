"""What perfect information would be worth: the plan made from the truth against the plan made from the book (D30)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

import pandas as pd

from optimize.decision import FROM_BOOK, FROM_TRUTH, Decision
from optimize.plan import make_plan
from optimize.worth import Trials, comparison_table, try_out
from sim.founding import Start
from sim.oracle import true_book
from sim.programme import Programme


def plans_by_information(decision: Decision, start: Start) -> dict[str, Programme]:
    """Return the plan made from the truth and the one made from the carrier's own book, in the same city."""
    own = start.own_book or start.book
    return {
        FROM_TRUTH: make_plan(decision, true_book(own, start.city, decision)).programme,
        FROM_BOOK: make_plan(decision, own).programme,
    }


def information_trials(
    decision: Decision,
    start: Start,
    replications: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trials:
    """Simulate both plans on the same fresh futures, whichever information the decision itself asks for."""
    return try_out(decision, start.city, plans_by_information(decision, start), replications, seed, executor, progress)


def information_worth(trials: Trials) -> pd.DataFrame:
    """Return what perfect information is worth, one row a measure: paired differences with 95 % intervals.

    It is what the plan from the truth brings more. No study of the customers can be worth more than that to this
    optimiser; it may come out below zero by luck, by the solver's gap, or where the expectation behind plans is wrong.
    """
    return comparison_table(trials, FROM_TRUTH)
