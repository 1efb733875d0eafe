"""A decision as an allocation problem: every limit, every rule, and what binds accounts together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.beside import Beside, nobody
from optimize.binding import stacked
from optimize.budget import Limits
from optimize.decision import Decision
from optimize.fairness import fair
from optimize.group import Groups, alternative, beside, capacities, costs, decided, groups_of
from optimize.group_menu import Contacts, menu_of_groups
from optimize.limit import Limit, limits_of
from optimize.moving import movable
from optimize.objective import weight_of_cost, worth
from optimize.problem import Problem
from optimize.response import Response, estimate
from optimize.rules import check_least_visits, permitted, pose
from sim.book import Book
from sim.errors import InputError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Posed(NamedTuple):
    """A decision as an allocation problem."""

    free: Problem
    """Without what binds accounts together."""
    bound: Problem
    """With it: option `a treatments + b` is treatment b under its unit's alternative a."""
    limits: list[Limit]
    """In the order of the problems' budgets."""
    menu: list[Contacts]
    """What groups may decide, nothing first; empty where nothing is to be decided."""
    groups: Groups
    responses: list[Response]
    """What treatments would bring under each, or without decisions the one that there is."""

    def as_decided(self, alternative: Whole) -> Response:
        """Return what treatments bring each account under what its group has decided."""
        if not self.menu:
            return self.responses[0]
        at = np.where(self.groups.of >= 0, np.append(alternative, 0)[self.groups.of], 0)
        account, shape = np.arange(at.size), self.responses[0].hours.shape
        merged: dict[str, Any] = {}
        for name in Response._fields:
            first = getattr(self.responses[0], name)
            if isinstance(first, np.ndarray) and first.shape == shape:
                merged[name] = np.stack([getattr(one, name) for one in self.responses])[at, :, account].T
        return self.responses[0]._replace(**merged)

    def beside(self, alternative: Whole) -> Beside:
        """Return what accounts get beside their treatments."""
        return decided(self.menu, alternative, self.groups) if self.menu else nobody(self.free.value.shape[1])

    def decisions(self, alternative: Whole) -> pd.DataFrame:
        """Return what groups have decided, one row each that decided something."""
        columns = ["group", "accounts", "decision"]
        if not self.menu:
            return pd.DataFrame(columns=columns)
        size = self.groups.size
        rows = [(self.groups.names[u], int(size[u]), self.menu[a].name) for u, a in enumerate(alternative) if a]
        return pd.DataFrame(rows, columns=columns)


def pose_all(decision: Decision, book: Book, response: Response, bounds: Limits, floor: float | None) -> Posed:
    """Return the allocation problem with every limit and rule; `floor` is the least contribution, yuan.

    Raises InputError where a rule names what the book doesn't have, InfeasibleError where visits that must be made
    don't fit into managers' hours.
    """
    check_least_visits(response, book, bounds)
    allowed = permitted(response, book, bounds, decision.rules)
    limits = limits_of(decision, book, response, bounds, floor)
    problem = pose(response, book, worth(response, decision.objective), bounds, limits, allowed)
    nobody_decides = Groups(np.full(book.key.size, -1), ())
    posed = Posed(problem, problem, limits, [], nobody_decides, [response])
    fairness = decision.rules.building_fairness
    fairly = fairness != "off" and any(t.discount for t in response.treatments) and len(book.building_names) > 0
    tying = {"decisions": decision.decisions.any, "rules.building_fairness": fairly}
    tying["rules.move_accounts"] = decision.rules.move_accounts
    asked = [key for key, on in tying.items() if on]
    if len(asked) > 1:
        raise InputError(f"{asked[1]}: can't be asked for together with {asked[0]}; switch one of them off")
    if decision.rules.move_accounts:
        return posed._replace(bound=movable(problem, book))
    if decision.decisions.any:
        return with_groups(posed, decision, book, bounds, floor, allowed)
    if fairly and fairness != "off":
        return posed._replace(bound=fair(problem, response.treatments, limits, decision, book, fairness))
    return posed


def with_groups(
    posed: Posed, decision: Decision, book: Book, bounds: Limits, floor: float | None, allowed: NDArray[np.bool_]
) -> Posed:
    """Return the problem in which groups decide too: what treatments bring is estimated for each decision."""
    groups, menu = groups_of(decision.decisions, book), menu_of_groups(decision.decisions)
    months = min(decision.period, decision.months)
    shape = (posed.free.value.shape[0], posed.free.value.shape[1])
    room = capacities(decision.decisions, groups, months, decision.event, decision.agent, shape)
    alternatives, responses = [], []
    for contacts in menu:
        response = posed.responses[0]
        if any(contacts):
            response = paying(estimate(decision, book, beside(contacts, groups)))
        limits = [*limits_of(decision, book, response, bounds, floor), *room]
        problem = pose(response, book, worth(response, decision.objective), bounds, limits, allowed)
        spent = costs(contacts, groups, months, decision.event, decision.agent, decision.channel)
        yuan = weight_of_cost(decision.objective)
        alternatives.append(alternative(contacts, problem, groups, limits, spent, months, yuan))
        responses.append(response)
    free = alternatives[0].problem._replace(nothing=posed.free.nothing)
    bound = stacked(alternatives, groups.of, groups.names)._replace(nothing=posed.free.nothing)
    return Posed(free, bound, [*posed.limits, *room], menu, groups, responses)


def paying(response: Response) -> Response:
    """Return a response in which attendance and commissions are part of cost and contribution."""
    return response._replace(
        cost=response.cost + response.group_cost, contribution=response.contribution - response.group_cost
    )
