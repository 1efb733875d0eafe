"""A randomised trial lived in the market: who gets what by lot, and what came of it, as a table to learn from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.pilot_arm import during, row_of
from optimize.plan import programme_of
from optimize.response import Response, estimate
from optimize.trial_settings import TrialSettings
from optimize.trial_table import TrialTable, tabulate
from sim import draws
from sim.book import Book
from sim.errors import InputError
from sim.founding import Start
from sim.history import account_retained
from sim.market import simulate
from sim.names import CLASSES

Whole = NDArray[np.int64]
CONTROL = "nothing"


def simulated_trial(
    decision: Decision,
    start: Start,
    response: Response,
    treatments: tuple[str, ...],
    months: int,
    accounts: int,
    seed: int,
) -> TrialTable:
    """Return a trial of treatments of the menu, by their names, against nothing, lived for some months.

    Accounts of ours that could have every treatment are drawn by lot and dealt to the arms; nobody else is treated. The
    outcome is retained revenue as a share of what the account spends in a month; covariate: its value class. Raises
    InputError where months, accounts or treatments can't be had.
    """
    book, market = start.book, during(decision, months)
    rows = [row_of(response, name) for name in treatments]
    able = np.flatnonzero((book.own_spend > 0) & response.choices.allowed[rows].all(axis=0))
    if not 2 * (len(rows) + 1) <= accounts <= able.size:
        raise InputError(
            f"accounts: {accounts:,} in a trial of {len(rows)} treatments and nothing; give {2 * (len(rows) + 1)} to "
            f"{able.size:,}, the accounts of ours that could have each"
        )
    lot = draws.uniform(draws.stream(seed, "accounts of a trial"), book.key[able])
    chosen = able[np.argsort(lot, kind="stable")[:accounts]]
    arm = np.arange(accounts) % (len(rows) + 1)
    treatment: Whole = np.zeros(book.key.size, dtype=np.int64)
    treatment[chosen] = np.array([0, *rows])[arm]
    quiet = market.model_copy(update={"recording": {"groups": False}})
    future = int(draws.stream(seed, "future of a trial") >> np.uint64(1))
    lived = account_retained(simulate(quiet, start.city, {0: programme_of(response, treatment)}, seed=future))
    return tabulate(
        treatment=np.array([CONTROL, *treatments])[arm],
        outcome=lived[chosen] / book.own_spend[chosen].astype(float),
        covariates={"class": np.array(CLASSES)[book.value_class[chosen]]},
        control=CONTROL,
        ids=book.ids[chosen],
    )


def settings_of(
    decision: Decision, book: Book, response: Response, treatments: tuple[str, ...], months: int
) -> TrialSettings:
    """Return the settings with which a simulated trial speaks to the plan.

    Uplifts build up, so that those of a trial's months are worth more over the horizon than months by months: as many
    times as the response expects of these treatments together.
    """
    rows, short = [row_of(response, name) for name in treatments], estimate(during(decision, months), book)
    over_horizon, within = (float((brings.retained[rows] - brings.retained[0]).sum()) for brings in (response, short))
    fields = ("visits", "audience", "discount", "mail", "calls")
    offers = ("none", "A", "B", "C")
    tried: Mapping[str, object] = {
        name: {
            **{field: getattr(response.treatments[row_of(response, name)], field) for field in fields},
            "offer": offers[response.treatments[row_of(response, name)].offer],
        }
        for name in treatments
    }
    return TrialSettings.model_validate(
        {
            "path": "simulated",
            "treatment": "treatment",
            "control": CONTROL,
            "outcome": "retained",
            "covariates": {"class": "class"},
            "treatments": tried,
            "worth": over_horizon / within if within > 0 and over_horizon > 0 else decision.months / months,
            "per_spend": True,
            "halvings": 0,
        }
    )
