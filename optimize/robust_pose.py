"""A decision under outlooks as an allocation problem: what is spent fits in each, what is reached holds in the mean.

Commitments (discounts, letters, calls, cost) are made before anybody knows which outlook comes, so that their budgets
have to hold in each. Results (contribution, targets) can't be promised in each, and are asked for in expectation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.baselines import TodaysPractice
from optimize.budget import Limits
from optimize.decision import Decision
from optimize.limit import Limit, limits_of
from optimize.objective import worth
from optimize.plan import book_limits, thumb_choice
from optimize.problem import Problem
from optimize.response import Response, estimate
from optimize.rules import check_least_visits, permitted, pose
from sim.book import Book
from sim.errors import InputError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SPENT = ("budgets", "channel")
"""Settings whose limits are on commitments."""


class PosedRobustly(NamedTuple):
    """A decision under outlooks as an allocation problem; outlooks are in the order of their probabilities."""

    problem: Problem
    """Its value is the expected one."""
    limits: list[Limit]
    """In the order of the problem's budgets."""
    worth: Floats
    """Objective of each treatment, yuan, shape (outlooks, treatments, customers)."""
    bounds: Limits
    floor: float | None
    """Least expected contribution, yuan over the horizon."""


def pose_robustly(
    decision: Decision,
    book: Book,
    response: Response,
    outlooks: Mapping[str, Decision],
    progress: Callable[[str], None] | None = None,
) -> PosedRobustly:
    """Return the problem; `response` is that of the decision as planned, `outlooks` are decisions by outlook."""
    bounds = book_limits(decision, book, response)
    check_least_visits(response, book, bounds)
    practice = _todays_choices(decision, book, response)
    probability = [decision.risk.probabilities[name] for name in outlooks]
    account, reached = np.arange(book.key.size), np.zeros(len(practice))
    hours, table, slots = np.full(response.hours.shape, -np.inf), [], list[list[Limit]]()
    for (name, changed), p in zip(outlooks.items(), probability, strict=True):
        if progress:
            progress(name)
        there = response if changed is decision else estimate(changed, book)
        committed = bounds._replace(discount=max(bounds.discount, float(there.discount[0].sum())))
        limits = limits_of(changed, book, there, committed, 0.0 if practice else None)
        slots = slots or [[] for _ in limits]
        for slot, limit in zip(slots, limits, strict=True):
            join(slot, limit, name, p)
        reached += [p * there.contribution[choice, account].sum() for choice in practice]
        np.maximum(hours, there.hours, out=hours)
        table.append(worth(there, decision.objective))
    floor = float(reached.max()) if practice else None
    joint = [limit for slot in slots for limit in slot]
    if floor is not None:
        joint[-1] = joint[-1]._replace(bound=floor)
    allowed = permitted(response, book, bounds, decision.rules)
    worths = np.stack(table)
    expected = np.tensordot(probability, worths, axes=1)
    problem = pose(response._replace(hours=hours), book, expected, bounds, joint, allowed)
    return PosedRobustly(problem, joint, worths, bounds, floor)


def refuse_unfit(decision: Decision) -> None:
    """Raise InputError where accounts are bound together, capacity is hired or the response comes from a trial."""
    groups = decision.decisions
    asked = {
        "decisions": groups.any or bool(groups.seat_hours or groups.hall_hours),
        "rules.move_accounts": decision.rules.move_accounts,
        "rules.building_fairness": decision.rules.building_fairness != "off",
        "trial": decision.trial is not None,
    }
    for key, on in asked.items():
        if on:
            raise InputError(f"{key}: can't be asked for in a robust plan; leave it out, or use keystay run")


def join(slot: list[Limit], limit: Limit, outlook: str, probability: float) -> None:
    """Add an outlook's row to those of the same limit: one on commitments if it differs, else to their mean."""
    if limit.key.startswith(SPENT):
        if not any(np.array_equal(limit.use, other.use) and limit.bound == other.bound for other in slot):
            slot.append(limit._replace(name=f"{limit.name}, {outlook}" if slot else limit.name))
    elif slot:
        slot[0] = slot[0]._replace(use=slot[0].use + probability * limit.use)
    else:
        slot.append(limit._replace(use=probability * limit.use))


def _todays_choices(decision: Decision, book: Book, response: Response) -> list[Whole]:
    """Return what today's practice gives, without offers and with them; none where it sets no floor."""
    if not decision.rules.contribution_floor or decision.objective.maximise == "contribution":
        return []
    return [thumb_choice(decision, book, response, TodaysPractice(offers=offers)) for offers in (False, True)]
