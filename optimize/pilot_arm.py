"""An arm of a trial: what a treatment tried on an account for some months tells of its family's uplift, and costs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.pilot_settings import FAMILIES, Family
from optimize.plan import programme_of
from optimize.response import Response
from optimize.treatment import Treatment
from sim import draws
from sim.book import Book
from sim.errors import InputError, did_you_mean
from sim.history import account_retained
from sim.market import simulate
from sim.names import CLASSES
from sim.programme import Programme
from sim.state import City

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Arm(NamedTuple):
    """A treatment to be tried: what one account tells, and costs, in a trial of some months, on average."""

    family: Family
    treatment: str
    accounts: int
    """Accounts that it may be tried on."""
    information: float
    """Inverse variance of x, by the trial of one account."""
    hours: float
    """Of managers, for an account in the trial, as the next three."""
    channel: float
    """Yuan."""
    discount: float
    """Yuan."""
    cost: float
    """Yuan for visits, letters and calls, and discounts."""


def family_of(treatment: Treatment) -> Family | None:
    """Return the family whose uplift a treatment's goes with: its strongest lever; None for doing nothing.

    >>> family_of(Treatment(4, "decider", 1, 0.0, 0, 0)), family_of(Treatment(0, "decider", 0, 0.0, 2, 2))
    ('offers', 'calls')
    """
    levers = (treatment.visits, treatment.offer, treatment.discount, treatment.mail, treatment.calls)
    has = dict(zip(FAMILIES, levers, strict=True))
    strongest: tuple[Family, ...] = ("offers", "discounts", "visits", "calls", "letters")
    return next((family for family in strongest if has[family]), None)


def luck(
    decision: Decision,
    city: City,
    book: Book,
    response: Response,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Floats:
    """Return how far accounts that nobody treats fall from what is expected of them, by luck and by what isn't known.

    A variance, of the retained revenue as a share of what is expected, shape (customers,), seen in futures lived
    without treatments over the decision's horizon; nil where nothing is expected. What a whole value class is off by is
    alike in both arms and doesn't count.
    """
    market = decision.model_copy(update={"recording": {"groups": False}})
    idle = programme_of(response, np.zeros(book.key.size, dtype=np.int64))
    task = partial(_lived, market, city, idle, seed)
    expected, lived = response.retained[0], []
    for retained in (executor.map if executor else map)(task, range(decision.pilot.futures)):
        lived.append(retained)
        if progress:
            progress(1)
    share = np.array(lived) / np.where(expected > 0, expected, np.inf)
    for index in range(len(CLASSES)):
        members = (book.value_class == index) & (expected > 0)
        if members.any():
            share[:, members] -= share[:, members].mean()
    return np.asarray((share**2).mean(axis=0))


def _lived(market: Decision, city: City, idle: Programme, seed: int, number: int) -> Floats:
    future = int(draws.stream(seed, "luck of a pilot", number) >> np.uint64(1))
    return account_retained(simulate(market, city, {0: idle}, seed=future))


def during(decision: Decision, months: int) -> Decision:
    """Return the decision over the months of a trial alone; raises InputError where it takes longer than the plan."""
    period = min(decision.period, decision.months)
    if not 1 <= months <= period:
        raise InputError(f"--months: a trial of {months} months; give 1 to {period}, the months of the plan (period)")
    return decision.model_copy(update={"months": months, "period": months})


def arm_of(tried: Response, book: Book, variance: Floats, row: int, treated: float) -> Arm:
    """Return what a trial of a treatment, a row of the menu, tells and costs; `tried` is over its months.

    The trial weights accounts by what is expected of them and by the luck of their value class; what it tells goes by
    the luck that accounts have: those that a treatment helps most are those that might leave.
    """
    treatment, expected = tried.treatments[row], tried.retained[0]
    family = family_of(treatment)
    assert family is not None
    uplift = tried.retained[row] - expected
    who = tried.choices.allowed[row] & (expected > 0)
    uplift, kind = uplift[who] / expected[who], book.value_class[who]
    usual = np.bincount(kind, weights=variance[who]) / np.maximum(np.bincount(kind), 1)
    weight = uplift / np.maximum(usual[kind], np.finfo(float).tiny)
    noise = float((weight**2 * variance[who]).sum())
    told = treated * (1 - treated) * float((weight * uplift).sum()) ** 2 / noise if noise > 0 else 0.0
    means = [
        float(table[row, who].mean()) if who.any() else 0.0 for table in (tried.hours, tried.channel, tried.discount)
    ]
    cost = float((tried.cost + tried.discount)[row, who].mean()) if who.any() else 0.0
    hours, channel, discount = (treated * mean for mean in means)
    return Arm(
        family=family,
        treatment=treatment.name,
        accounts=int(who.sum()),
        information=told / max(int(who.sum()), 1),
        hours=hours,
        channel=channel,
        discount=discount,
        cost=treated * cost,
    )


def usual_row(tried: Response, chosen: Whole, family: Family) -> int | None:
    """Return the row of the menu that stands for a family in a trial, None where the menu has none.

    It is what a plan, `chosen`, does most of it, or if it does none what is expected to bring most.
    """
    rows = [b for b, treatment in enumerate(tried.treatments) if family_of(treatment) == family]
    if not rows:
        return None
    used = np.bincount(chosen, minlength=len(tried.treatments))[rows]
    if used.any():
        return rows[int(used.argmax())]
    gain = np.where(tried.choices.allowed[rows], np.maximum(tried.retained[rows] - tried.retained[0], 0.0), 0.0)
    return rows[int(gain.sum(axis=1).argmax())]


def row_of(response: Response, name: str) -> int:
    """Return the row of a treatment by its name in words; raises InputError where the menu has none of that name."""
    names = [treatment.name for treatment in response.treatments]
    if name not in names[1:]:
        hint = did_you_mean(name, names[1:])
        more = hint if hint.startswith("did") else f"there are {len(names) - 1}, such as '{names[-1]}'"
        raise InputError(f"--treatment: the menu has no '{name}'; {more}")
    return names.index(name)
