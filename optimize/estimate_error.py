"""What estimates err by for how they are made: by following lines one by one, and by having so many draws of types."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.family import FAMILIES, family_of
from optimize.joint import MOST_STATES, held_by_frozen_stocks, ways_of_spreading
from optimize.objective import worth
from optimize.recursion import in_blocks, inputs_of
from optimize.response import estimate
from optimize.treatment import Treatment, choices, menu
from sim import draws
from sim.book import Book, rows_of_book
from sim.errors import InputError
from sim.kernels import expect as kernel
from sim.kernels.joint import expect_jointly

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
FOLLOWED, DOUBLED = 60, 100
"""Accounts that are looked at."""
OUTCOMES = ("retained", "won_back", "contribution", "lines_lost")
ROWS = (kernel.RETAINED, kernel.WON_BACK, kernel.SERVE, kernel.LEFT)


class DrawsError(NamedTuple):
    """How estimates change when twice as many types are drawn."""

    changes: pd.DataFrame
    """By outcome, relative to that with twice the draws: `nothing` of doing nothing, `best` of what the best treatments
    (chosen with the usual draws) gain over it; not a number where they gain nothing."""
    draws: int
    accounts: int
    effective: float
    """Effective number of draws, the mean over accounts; the next is what a tenth of them fall short of."""
    effective_lowest_tenth: float


def sampled(book: Book, accounts: int) -> Whole:
    """Return some accounts: one of each of so many layers of equal size by spend with us, drawn by its key."""
    order = np.lexsort((book.key, book.own_spend))
    luck = draws.uniform(draws.stream(0, "sampled accounts"), book.key)[order]
    edges = np.linspace(0, order.size, min(accounts, order.size) + 1).astype(np.int64)
    drawn = [first + int(luck[first:last].argmin()) for first, last in pairwise(edges)]
    return np.sort(order[drawn])


def draws_error(decision: Decision, book: Book, accounts: int = DOUBLED) -> DrawsError:
    """Return how estimates change on doubling the draws, on a sample of accounts, and how many draws are effective."""
    part = rows_of_book(book, sampled(book, accounts))
    few = estimate(decision, part)
    twice = decision.response.model_copy(update={"draws": min(2 * decision.response.draws, 1000)})
    many = few if book.truth is not None else estimate(decision.model_copy(update={"response": twice}), part)
    value = np.where(few.choices.allowed, worth(few, decision.objective), -np.inf)
    best = value.argmax(axis=0)
    rows = [(name, *_changed(getattr(few, name), getattr(many, name), best)) for name in OUTCOMES]
    return DrawsError(
        pd.DataFrame(rows, columns=["outcome", "nothing", "best"]),
        1 if book.truth is not None else decision.response.draws,
        best.size,
        float(few.effective_draws.mean()),
        float(np.quantile(few.effective_draws, 0.1)),
    )


def _changed(few: Floats, many: Floats, best: Whole) -> tuple[float, float]:
    """Return the relative change of totals of doing nothing, and of the gain of the best treatments over it."""
    who = np.arange(best.size)
    nothing, gain = [array[0].sum() for array in (few, many)], [(a[best, who] - a[0]).sum() for a in (few, many)]
    return _relative(*nothing), _relative(*gain)


def _relative(first: float, second: float) -> float:
    return float(first / second - 1) if second != 0 else float("nan")


def law_error(decision: Decision, book: Book, accounts: int = FOLLOWED) -> pd.DataFrame:
    """Return what following lines one by one errs by, against their joint law, on a sample of accounts.

    Both are worked out with stocks frozen, where the joint law holds; loyalty, too, stays then as it is, where lines
    followed one by one let go of it with the lines, and at once for a unit discount. One row for each number of lines
    that are ours at the start (-1 for all accounts) and each family of treatments: how many `accounts`; `retained`,
    `won_back`, `cost_to_serve` and `lines_lost` are relative errors of totals; `account` is the mean absolute error of
    an account's retained revenue as a share of the mean; `uplift` is that of the family's total gain in retained
    revenue over nothing.
    """
    if ways_of_spreading(decision) > MOST_STATES:
        raise InputError(
            f"{len(decision.lines)} lines at {len(decision.carriers)} carriers can be spread in "
            f"{ways_of_spreading(decision):,} ways, above the {MOST_STATES:,} whose joint law is followed; use fewer "
            "lines, or take estimates line by line as they are"
        )
    still = decision.model_copy(update={"mechanisms": decision.mechanisms.model_copy(update={"freeze_stocks": True})})
    part = rows_of_book(book, sampled(book, accounts))
    treatments = menu(still.treatments)
    offered = choices(part, treatments, still.treatments, still.city, still.contract.rival_share)
    inputs, held = inputs_of(still, part, treatments, offered), held_by_frozen_stocks(still, part)
    jointly = np.zeros((part.key.size, len(treatments), kernel.OUTCOMES))
    alone = np.zeros_like(jointly)
    in_blocks(lambda first, last: expect_jointly(first, last, *inputs, held, jointly), part.key.size)
    in_blocks(lambda first, last: kernel.expect(first, last, *inputs, alone), part.key.size)
    ours = part.ours.sum(axis=0)
    groups = [(-1, np.ones(ours.size, dtype=bool)), *((count, ours == count) for count in np.unique(ours))]
    rows = [
        row
        for count, who in groups
        for family in _families(treatments)
        if (row := _law_row(int(count), family, who, offered.allowed, treatments, jointly, alone)) is not None
    ]
    columns = ["lines", "treatments", "accounts", "retained", "won_back", "cost_to_serve", "lines_lost", "account"]
    return pd.DataFrame(rows, columns=[*columns, "uplift"])


def _families(treatments: tuple[Treatment, ...]) -> list[int]:
    """Return the families on the menu, nothing first."""
    return sorted({family_of(t) for t in treatments}, key=lambda family: (family < len(FAMILIES), family))


def _law_row(
    count: int,
    family: int,
    who: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
    treatments: tuple[Treatment, ...],
    jointly: Floats,
    alone: Floats,
) -> tuple[object, ...] | None:
    """Return a row of the table, or none where no account may have such a treatment."""
    columns = np.array([family_of(t) == family for t in treatments])
    pairs = (allowed & columns[:, None] & who).T
    if not pairs.any():
        return None
    right, wrong = jointly[pairs][:, list(ROWS)], alone[pairs][:, list(ROWS)]
    errors = [_relative(a, b) for a, b in zip(wrong.sum(axis=0), right.sum(axis=0), strict=True)]
    spread = float(np.abs(wrong[:, 0] - right[:, 0]).mean() / max(right[:, 0].mean(), 1e-12))
    gains = [((a[..., kernel.RETAINED] - a[:, :1, kernel.RETAINED])[pairs]).sum() for a in (alone, jointly)]
    named = FAMILIES[family] if family < len(FAMILIES) else "nothing"
    uplift = _relative(*gains) if family < len(FAMILIES) else float("nan")
    return (count, named, int(pairs.any(axis=1).sum()), *errors, spread, uplift)
