"""What a director should be told of a plan at once: that it changes nothing, or is pinned at its bounds."""

from __future__ import annotations

import numpy as np

from optimize.baselines import EqualSplit, TodaysPractice
from optimize.decision import Decision
from optimize.plan import Plan, thumb_choice
from sim.book import Book

ALIKE = 0.98
"""Share of accounts that are treated alike from which on two plans are said to be the same."""
PINNED = 0.9


def plan_notes(plan: Plan, decision: Decision, book: Book) -> list[str]:
    """Return what is remarkable about how a plan spreads its means, a sentence each; often nothing."""
    chosen, response = plan.allocation.treatment, plan.response
    notes = []
    if not chosen.any():
        notes.append("the plan does nothing at any account: under these limits nothing is worth its cost")
    for name, rule in (("today's practice", TodaysPractice()), ("an equal split", EqualSplit())):
        same = float((thumb_choice(decision, book, response, rule) == chosen).mean())
        if same >= ALIKE and chosen.any():
            notes.append(f"nothing changes: the plan is {name} at {same:.0%} of accounts")
    visits = np.array([t.visits for t in response.treatments])
    visited = visits[chosen] > 0
    if visited.any():
        levels, counts = np.unique(visits[chosen][visited], return_counts=True)
        if counts.max() / visited.sum() >= ALIKE and visited.mean() >= ALIKE:
            notes.append(f"an equal split: all get {levels[counts.argmax()]} visits a year")
        pinned = float((visits[chosen][visited] == visits.max()).mean())
        if pinned >= PINNED:
            notes.append(
                f"pinned at its bounds: {pinned:.0%} of the accounts visited get the most that the menu has, "
                f"{visits.max()} visits a year; add more to treatments.visits"
            )
    return notes
