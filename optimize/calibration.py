"""Calibration: how well predicted deviations order accounts, and how near they come, beside what noise allows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from optimize.accuracy import FAMILIES
from optimize.deviation import Deviations, Realised
from optimize.family import family_of
from optimize.plan import Plan
from sim import draws
from sim.book import Book
from sim.names import CLASSES

Floats = NDArray[np.float64]
RANK_BAR = 0.9
"""Least rank correlation of predicted and realised deviations."""
SHUFFLES = 200
"""Times that noise is drawn to see what correlation it allows."""


def deviations_table(plan: Plan, book: Book, chosen: Deviations, guess: Floats, found: Realised) -> pd.DataFrame:
    """Return predicted and realised deviations in retained revenue, one row an account, yuan over the horizon."""
    picked = [plan.response.treatments[b] for b in chosen.treatment]
    return pd.DataFrame(
        {
            "id": book.ids[chosen.account],
            "class": [CLASSES[c] for c in book.value_class[chosen.account]],
            "spend": book.own_spend[chosen.account].astype(float),
            "lines": book.ours[:, chosen.account].sum(axis=0),
            "family": [FAMILIES[family_of(t)] for t in picked],
            "treatment": [t.name for t in picked],
            "planned": chosen.planned,
            "predicted": guess,
            "realised": found.mean,
            "error": found.error,
        }
    )


class Ranked(NamedTuple):
    """How well predictions order accounts."""

    accounts: int
    correlation: float
    """Spearman's, of predicted and realised."""
    allowed: float
    """What noise in the realised ones alone would leave of a perfect prediction's, on average."""


def ranked(predicted: Floats, realised: Floats, error: Floats, seed: int) -> Ranked:
    """Return the rank correlation of predictions, and what noise alone would leave of it."""
    if predicted.size < 3 or np.ptp(predicted) == 0 or np.ptp(realised) == 0:
        return Ranked(predicted.size, np.nan, np.nan)
    key = np.arange(predicted.size, dtype=np.uint64)
    luck = np.stack([draws.normal(draws.stream(seed, "noise of ranks"), key, number) for number in range(SHUFFLES)])
    found = rank_correlations(predicted, np.vstack([realised[None], predicted + error * luck]))
    return Ranked(predicted.size, float(found[0]), float(found[1:].mean()))


def rank_correlations(one: Floats, others: Floats) -> Floats:
    """Return Spearman's rank correlation of `one`, shape (n,), with each row of `others`, shape (rows, n).

    >>> rank_correlations(np.array([1.0, 2.0, 9.0]), np.array([[2.0, 5.0, 6.0], [3.0, 2.0, 1.0]])).round(2).tolist()
    [1.0, -1.0]
    """
    first, rest = stats.rankdata(one), stats.rankdata(others, axis=1)
    first, rest = first - first.mean(), rest - rest.mean(axis=1, keepdims=True)
    return np.asarray(rest @ first / np.sqrt((rest**2).sum(axis=1) * (first**2).sum()))


def ranks_table(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return rank correlations in yuan and per yuan of spend: of all accounts, and of parts of them."""
    parts: list[tuple[str, str, Any]] = [("all", "all", np.ones(len(table), dtype=bool))]
    parts += [("family", name, table["family"] == name) for name in FAMILIES if (table["family"] == name).any()]
    parts += [("class", name, table["class"] == name) for name in CLASSES if (table["class"] == name).any()]
    parts += [("lines", str(n), table["lines"] == n) for n in sorted(table["lines"].unique())]
    parts += [("chosen by", "the plan", table["planned"]), ("chosen by", "lot", ~table["planned"])]
    rows = []
    for way, name, mask in parts:
        some = table[mask]
        guess, real, error = (some[column].to_numpy() for column in ("predicted", "realised", "error"))
        per = some["spend"].to_numpy()
        yuan, ratio = ranked(guess, real, error, seed), ranked(guess / per, real / per, error / per, seed)
        noise = float(np.sqrt((error**2).sum()))
        off = guess.sum() / real.sum() - 1 if real.sum() else np.nan
        told = (len(some), yuan.correlation, yuan.allowed, ratio.correlation, ratio.allowed)
        rows.append((way, name, *told, guess.sum(), real.sum(), noise, off))
    columns = ["by", "group", "accounts", "yuan", "yuan_allowed", "per_spend", "per_spend_allowed"]
    return pd.DataFrame(rows, columns=[*columns, "predicted", "realised", "error", "off"])


def calibration(table: pd.DataFrame, bins: int = 10) -> pd.DataFrame:
    """Return predicted and realised means per account by equal shares of accounts ordered by prediction.

    Both in yuan and per yuan of monthly spend (`per_spend`), each ordered by itself, with standard errors.
    """
    rows = []
    for unit, per in (("yuan", np.ones(len(table))), ("per_spend", table["spend"].to_numpy())):
        guess, real, error = (table[column].to_numpy() / per for column in ("predicted", "realised", "error"))
        for number, some in enumerate(np.array_split(np.argsort(guess, kind="stable"), min(bins, len(table)))):
            noise = float(np.sqrt((error[some] ** 2).sum()) / some.size)
            rows.append((unit, number + 1, some.size, guess[some].mean(), real[some].mean(), noise))
    return pd.DataFrame(rows, columns=["unit", "decile", "accounts", "predicted", "realised", "error"])
