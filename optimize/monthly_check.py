"""How well the monthly process agrees with the response that it was derived from: schedules that both can follow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.monthly import Monthly, free, nothing_but, priced
from optimize.response import estimate
from sim.book import Book
from sim.kernels.monthly_records import ACTIONS, CALL, CHANNEL, DECIDER, HOURS, LETTER, OFFER, WORKING

Floats = NDArray[np.float64]
REWARD = 1e5
"""Yuan for an hour or a yuan of channels, so large that what is asked for is done in every state."""


class Schedule(NamedTuple):
    """What is done every month, as actions of the process and as a treatment of the yearly menu."""

    name: str
    actions: tuple[int, ...]
    """An offer comes with the action that is done between its rounds."""


def schedules(offer: str) -> list[Schedule]:
    """Return what both can follow."""
    found = [
        Schedule("12 visits to the decider", (4 * DECIDER,)),
        Schedule("12 visits to the working level", (4 * WORKING,)),
        Schedule("12 letters", (LETTER,)),
        Schedule("12 calls", (CALL,)),
        Schedule("12 visits to the decider, 12 letters", (4 * DECIDER + LETTER,)),
    ]
    if offer != "none":
        found.append(Schedule(f"12 visits to the decider, offer {offer}", (4 * DECIDER, OFFER)))
    return found


def worth_of(model: Monthly, actions: tuple[int, ...]) -> Floats:
    """Return the expected worth of accounts if these actions are done in every month, yuan, in the model's order."""
    allowed = np.zeros(ACTIONS, dtype=bool)
    allowed[list(actions)] = True
    prices = free(model)
    prices.hours[:] = -REWARD
    prices.shared[CHANNEL - 1] = -REWARD
    found = priced(model._replace(costs=model.costs._replace(actions=allowed)), prices)
    return np.asarray(found.worth - REWARD * found.used[:, [HOURS, CHANNEL]].sum(axis=(1, 2)))


def agreement(decision: Decision, book: Book, model: Monthly) -> pd.DataFrame:
    """Return one row a schedule: schedule, accounts, process, response (yuan over doing nothing), ratio, correlation.

    The first row is doing nothing itself, in yuan of retained revenue. The correlation is over accounts, per yuan of
    what they bring if nothing is done, for doing nothing itself per yuan of what they pay at the start.
    """
    asked = schedules(decision.monthly.offer)
    treatments = decision.treatments.model_copy(
        update={
            "visits": (0, 12),
            "audiences": ("decider", "working"),
            "offers": () if decision.monthly.offer == "none" else (decision.monthly.offer,),
            "offer_visits": 12,
            "unit_discounts": (),
            "mail": (0, 12),
            "mail_visits": 12,
            "calls": (0, 12),
        }
    )
    response = estimate(decision.model_copy(update={"treatments": treatments}), book)
    names = [treatment.name for treatment in response.treatments]
    idle, order = priced(nothing_but(model), free(model)).worth, model.order
    base, spend = response.retained[0][order], model.process.revenue[:, 0].sum(axis=1)
    rows: list[tuple[str, int, float, float, float, float]] = [
        ("nothing", int((base > 0).sum()), idle.sum(), base.sum(), idle.sum() / base.sum(), _alike(idle, base, spend))
    ]
    for name, actions in asked:
        if name not in names:
            continue
        b = names.index(name)
        some = response.choices.allowed[b][order] & (model.process.lines > 0)
        mine = (worth_of(model, actions) - idle)[some]
        theirs = (response.retained[b] - response.retained[0])[order][some]
        ratio = mine.sum() / theirs.sum() if theirs.sum() else np.nan
        rows.append((name, int(some.sum()), mine.sum(), theirs.sum(), ratio, _alike(mine, theirs, base[some])))
    return pd.DataFrame(rows, columns=["schedule", "accounts", "process", "response", "ratio", "correlation"])


def _alike(one: Floats, other: Floats, base: Floats) -> float:
    some = base > 0
    if some.sum() < 3:
        return np.nan
    first, second = one[some] / base[some], other[some] / base[some]
    return float(np.corrcoef(first, second)[0, 1]) if first.std() > 0 and second.std() > 0 else np.nan
