"""Learnt uplifts in place of the model's response, for the accounts of a book whose like the trial had."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.capacity import menu_of_capacity
from optimize.decision import Decision
from optimize.response import Response
from optimize.treatment import NOTHING
from optimize.trial import Learnt, check_names
from optimize.trial_factor import corrected, expected_by_cell, factors, in_words
from optimize.trial_settings import TrialSettings
from optimize.trial_table import binned, cell_of
from sim.book import Book
from sim.errors import InputError
from sim.names import CHANNELS, CLASSES, DECISIONS, INDUSTRIES, LOCATIONS, OWNERSHIPS, PLANS

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Words = NDArray[np.str_]


class Taught(NamedTuple):
    """A response with a trial's uplifts in it."""

    response: Response
    matched: int
    """Accounts whose like the trial had."""
    notes: tuple[str, ...]


def taught(decision: Decision, book: Book, response: Response, learnt: Learnt, settings: TrialSettings) -> Taught:
    """Return a response in which the trial's treatments bring what the trial says instead of what the model says.

    With `use: to_correct` the model's uplifts are multiplied instead, by a factor for each family of treatments
    (`optimize.trial_factor`). What a tried treatment takes (hours, letters, discount) stays the model's, as do all
    treatments that were not tried and all accounts unlike those of the trial. All revenue that a tried treatment brings
    counts as retained.
    """
    _refuse_what_is_estimated_again(decision)
    rows = menu_rows(response, learnt, settings)
    cell = account_cells(book, learnt, settings)
    known = cell >= 0
    if settings.use == "to_correct":
        spend = book.own_spend.astype(float) if settings.per_spend else np.ones(book.key.size)
        expected = expected_by_cell(
            response, list(rows.values()), cell, len(learnt.trial.cells), settings.worth * spend
        )
        told = factors(decision, response, learnt.measured, rows, expected)
        return Taught(corrected(response, told), int(known.sum()), (in_words(told),))
    uplift = learnt.posterior.uplift[cell] * settings.worth
    if settings.per_spend:
        uplift = uplift * book.own_spend.astype(float)[:, None]
    changed = {name: getattr(response, name).copy() for name in CHANGED}
    margin = 1 - decision.money.cost_to_serve
    for treatment, row in rows.items():
        gain = np.where(known, uplift[:, treatment], 0.0)
        gain = np.maximum(gain, -response.retained[0])
        for name, more in (("retained", gain), ("contribution", margin * gain - response.cost[row] + response.cost[0])):
            changed[name][row] = np.where(known, getattr(response, name)[0] + more, getattr(response, name)[row])
        for name in ("won_back", "shortfall", "breakage"):
            changed[name][row] = np.where(known, getattr(response, name)[0], getattr(response, name)[row])
    names = ", ".join(response.treatments[row].name for row in rows.values())
    note = f"the trial says what {names} brings at {known.sum():,} of {known.size:,} accounts; all else is the model's"
    return Taught(response._replace(**changed), int(known.sum()), (note,))


CHANGED = ("retained", "won_back", "shortfall", "breakage", "contribution")


def menu_rows(response: Response, learnt: Learnt, settings: TrialSettings) -> dict[int, int]:
    """Return the row of the menu for each treatment of the trial that has one, both counted from 0."""
    check_names(learnt.trial, settings.treatments, "treatments")
    if not settings.treatments:
        raise InputError(
            "trial.treatments: say what the trial's treatments are in the menu, such as {letter: {mail: 2}}"
        )
    rows, problems = {}, []
    for name, tried in settings.treatments.items():
        wanted = tried.treatment
        if wanted == NOTHING:
            problems.append(f"trial.treatments.{name}: does nothing; give visits, offer, discount, mail or calls")
        elif wanted not in response.treatments:
            problems.append(
                f"trial.treatments.{name}: the menu has no '{wanted.name}'; add it under treatments, or name one of "
                f"its {len(response.treatments)}, such as '{response.treatments[-1].name}'"
            )
        else:
            rows[learnt.trial.treatments.index(name)] = response.treatments.index(wanted)
    if problems:
        raise InputError(problems)
    return rows


def account_cells(book: Book, learnt: Learnt, settings: TrialSettings) -> Whole:
    """Return the trial's cell of each account, shape (customers,): by its id, else by covariates; -1 unmatched."""
    trial, people = learnt.trial, book.key.size
    cell = np.full(people, -1, dtype=np.int64)
    known = {name: words for name in trial.covariates if (words := book_words(book, name, settings)) is not None}
    if len(known) == len(trial.covariates):
        cell = cell_of(trial, known, people)
    if trial.ids is not None:
        place = pd.Index(trial.ids).get_indexer(pd.Index(book.ids))
        cell = np.where(place >= 0, trial.cell[place], cell)
    if (cell < 0).all():
        missing = [name for name in trial.covariates if name not in known]
        why = (
            f"the book doesn't know {', '.join(missing)}, only {', '.join(KNOWN)}" if missing else "no account is alike"
        )
        raise InputError(
            f"trial.covariates: no account of the book can be matched: {why}; rename them, or give trial.id"
        )
    return cell


KNOWN = (
    "class", "industry", "location", "ownership", "decision", "expected_channel", "plan", "centre", "in_building",
    "spend", "tenure", "growth", "complaints",
)  # fmt: skip
"""Covariates that the book knows, as its words; from spend on numbers, in its units (growth is a year's)."""


def book_words(book: Book, name: str, settings: TrialSettings) -> Words | None:
    """Return a covariate of each account as the trial's table writes it, None where the book doesn't know it."""
    worded = {
        "class": (CLASSES, book.value_class),
        "industry": (INDUSTRIES, book.industry),
        "location": (LOCATIONS, book.location),
        "ownership": (OWNERSHIPS, book.ownership),
        "decision": (DECISIONS, book.decision),
        "expected_channel": (CHANNELS, book.expected_channel),
        "plan": (PLANS, book.plan),
        "in_building": (("no", "yes"), book.building >= 0),
    }
    if name in worded:
        names, index = worded[name]
        return np.asarray(np.array(names)[index.astype(np.int64)])
    if name == "centre":
        return book.centre.astype(np.str_)
    numbers = {
        "spend": book.own_spend,
        "tenure": np.where(book.ours, book.tenure, 0).max(axis=0),
        "growth": np.expm1(12 * np.log1p(book.growth.astype(float))),
        "complaints": book.complaints,
    }
    if name not in numbers:
        return None
    edges = settings.covariates[name].edges
    values = numbers[name].astype(float)
    return binned(values, edges) if edges else np.array([f"{value:g}" for value in values])


def _refuse_what_is_estimated_again(decision: Decision) -> None:
    if decision.decisions.any or len(menu_of_capacity(decision)) > 1:
        raise InputError(
            "trial: can't be asked for together with decisions, whose effects are the model's; leave one of them out"
        )
