"""Search over the parameters of a policy: which settings gain most over the policy as it stands, by Optuna.

The best of many candidates on some futures is partly the luckiest there. So the leading ones are tried again on futures
that the search didn't see, one is chosen on these, and what it is worth is judged on others still.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweeps.extra import library
from experiments.sweeps.sensitivity_design import library_seed
from optimize.worth import Difference, paired_difference
from sim.errors import InputError, KeystayError

Floats = NDArray[np.float64]
FINALISTS = 5
"""Candidates that are tried again on futures the search didn't see."""
EDGE = 0.02
"""Share of the range from an end of it within which the best counts as lying at the edge."""
Values = dict[str, Any]
Evaluate = Callable[[Values, range], Sequence[float] | Floats]
"""Paired differences of a candidate to the unchanged policy, one a replication."""


class Span(Protocol):
    """What a parameter may be: any uncertainty of a sweep."""

    def at(self, share: Floats) -> list[Any]:
        """Return the values below which shares of the range lie."""
        ...


class Searched(NamedTuple):
    """What a search found."""

    measure: str
    trials: pd.DataFrame
    """One row a trial: trial, the parameters, mean, error, same_as (an earlier trial of equal values, -1 for none),
    problem (why it has no value)."""
    finalists: pd.DataFrame
    """One row a leading candidate: trial, the parameters, mean on the futures of the search, on those it was chosen
    by, on those it is judged by with its 95 % interval, and chosen."""
    best: Values
    worth: Difference
    """Of the best over the unchanged policy, on futures that neither search nor choice has seen."""
    at_edge: tuple[str, ...]
    """Parameters of which the best lies at an end of what was allowed."""
    words: tuple[str, ...]


class _Search(NamedTuple):
    evaluate: Evaluate
    space: Mapping[str, Span]
    fit: Callable[[str, Any], Any]
    futures: range


def search(
    evaluate: Evaluate,
    space: Mapping[str, Span],
    trials: int,
    seed: int,
    replications: int,
    *,
    fresh: int | None = None,
    measure: str = "retained_revenue",
    fit: Callable[[str, Any], Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Searched:
    """Return the best parameters that `trials` candidates of a tree-structured Parzen estimator found.

    `evaluate` gets values by setting path and replications, of which it returns the paired differences to maximise:
    0 to `replications` - 1 in the search, then twice `fresh` others (as many, unless given). `fit` turns a value into
    what its setting takes, such as a whole number. The search looks at shares of each parameter's range, so that a
    logarithmic one is searched by ratios. Equal arguments give equal trials: a search that was broken off is continued
    by asking again, at no cost where `evaluate` keeps what it lived.

    A candidate that `evaluate` refuses with a `KeystayError` is noted and passed over.
    """
    fresh = replications if fresh is None else fresh
    _check(space, trials, replications, fresh)
    task = _Search(evaluate, space, fit or _as_given, range(replications))
    with _quiet() as optuna:
        table = _trials(task, optuna, trials, seed, progress)
    valued = table[table["problem"] == ""]
    if valued.empty:
        raise InputError(f"none of the {trials} candidates could be tried: {table['problem'].iloc[0]}")
    leading = valued[valued["same_as"] < 0].sort_values(["mean", "trial"], ascending=[False, True]).head(FINALISTS)
    finalists = _again(task, leading, replications, fresh)
    chosen = finalists[finalists["chosen"]].to_dict("records")[0]
    worth = Difference(*(float(chosen[name]) for name in ("mean", "low", "high", "error")))
    best = {path: chosen[path] for path in space}
    at_edge = tuple(path for path in space if not EDGE <= chosen[f"share of {path}"] <= 1 - EDGE)
    shares = [f"share of {path}" for path in space]
    from experiments.sweeps.search_words import search_words

    told = search_words(measure, best, worth, float(chosen["in_search"]), (len(table), len(valued)), fresh, at_edge)
    return Searched(
        measure, table.drop(columns=shares), finalists.drop(columns=shares), best, worth, at_edge, tuple(told)
    )


def _as_given(path: str, value: Any) -> Any:  # noqa: ARG001  what fits a value may ask whose it is
    return value


def _check(space: Mapping[str, Span], trials: int, replications: int, fresh: int) -> None:
    problems = []
    if not space:
        problems.append("space: no parameter to search over; give setting paths with what they may be")
    if trials < 1:
        problems.append(f"trials: {trials} is below 1; some 10 for each parameter and 20 more are a beginning")
    if min(replications, fresh) < 2:
        problems.append(f"replications: {min(replications, fresh)} is below 2, from which no interval can be told")
    if problems:
        raise InputError(problems)


def _trials(
    task: _Search, optuna: Any, trials: int, seed: int, progress: Callable[[int, int], None] | None
) -> pd.DataFrame:
    """Return every candidate in its order with what it gained in the search."""
    sampler = optuna.samplers.TPESampler(seed=library_seed(seed, "search"), multivariate=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    rows: list[dict[str, Any]] = []
    met: dict[str, int] = {}
    for number in range(trials):
        trial = study.ask()
        shares = {path: trial.suggest_float(path, 0.0, 1.0) for path in task.space}
        values = {path: task.fit(path, task.space[path].at(np.array([shares[path]]))[0]) for path in task.space}
        known = met.setdefault(repr(values), number)
        gained = _gained(task, values) if known == number else rows[known]
        row = {"trial": number, **values, **{f"share of {path}": shares[path] for path in shares}}
        rows.append({**row, **{name: gained[name] for name in ("mean", "error", "problem")}})
        rows[-1]["same_as"] = known if known < number else -1
        if rows[-1]["problem"]:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, rows[-1]["mean"])
        if progress:
            progress(number + 1, trials)
    return pd.DataFrame(rows)


def _gained(task: _Search, values: Values) -> dict[str, Any]:
    try:
        found = paired_difference(*_paired(task, values, task.futures))
    except KeystayError as error:
        return {"mean": float("nan"), "error": float("nan"), "problem": str(error) or type(error).__name__}
    return {"mean": found.mean, "error": found.error, "problem": ""}


def _paired(task: _Search, values: Values, futures: range) -> tuple[Floats, Floats]:
    gained = np.asarray(task.evaluate(dict(values), futures), dtype=float)
    if gained.shape != (len(futures),):
        raise InputError(f"evaluate returned {gained.shape} numbers for {len(futures)} replications; return one each")
    if not np.isfinite(gained).all():
        raise InputError("evaluate returned what is no number for some replications")
    return gained, np.zeros_like(gained)


def _again(task: _Search, leading: pd.DataFrame, replications: int, fresh: int) -> pd.DataFrame:
    """Return the leading candidates on futures the search didn't see: some to choose by, others to judge by."""
    choosing = range(replications, replications + fresh)
    judging = range(replications + fresh, replications + 2 * fresh)
    rows = []
    for row in leading.to_dict("records"):
        values: Values = {path: row[path] for path in task.space}
        chosen_by = paired_difference(*_paired(task, values, choosing)).mean
        kept = {str(name): row[name] for name in row if name not in ("mean", "error", "problem", "same_as")}
        judged = paired_difference(*_paired(task, values, judging))
        rows.append({**kept, "in_search": row["mean"], "in_choice": chosen_by, **judged._asdict()})
    table = pd.DataFrame(rows)
    return table.assign(chosen=table.index == table["in_choice"].idxmax())


@contextmanager
def _quiet() -> Iterator[Any]:
    """Yield Optuna, which tells of each trial and of each new feature, with its own logger kept to warnings."""
    import warnings

    optuna = library("optuna", "search", "a search")
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield optuna
    finally:
        optuna.logging.set_verbosity(before)
