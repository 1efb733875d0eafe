"""The plan: who gets what, what it is expected to bring, and how far from the best it can be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.allocation import Allocation, allocate
from optimize.baselines import RuleOfThumb, TodaysPractice, hand_out, uses
from optimize.beside import Beside, nobody
from optimize.binding import as_decided
from optimize.budget import Limits, limits
from optimize.capacity import Hired, cost_of, menu_of_capacity, with_capacity
from optimize.decision import Decision
from optimize.infeasible import single_rules, why
from optimize.limit import Limit
from optimize.moving import city_with_managers, with_managers
from optimize.objective import weight_of_cost
from optimize.posing import pose_all
from optimize.problem import Problem, used_by
from optimize.response import Response, estimate
from optimize.staff_time import expected_hours
from sim.book import Book, names_of
from sim.errors import InfeasibleError, KeystayError
from sim.names import CLASSES, LEVELS, PLANS
from sim.programme import Programme, nothing
from sim.state import City

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


ROUNDING = 1e-9
"""What is committed is added up in another order when a plan is made."""


class Plan(NamedTuple):
    """A decision as a value."""

    allocation: Allocation
    response: Response
    limits: Limits
    objective: str
    contribution_floor: float | None
    """Least expected contribution asked for, yuan over the horizon: today's practice, with or without offers."""
    used: pd.DataFrame
    """Limit by limit: what was used, or reached, of what there is, or must be."""
    problem: Problem
    """What was solved."""
    shared: tuple[Limit, ...]
    """Limits that all accounts share, in the order of the problem's budgets."""
    idle: Response
    """What treatments would bring if no group decided anything; its first row is doing nothing at all."""
    beside: Beside
    """What group decisions bring to accounts beside their treatments."""
    decisions: pd.DataFrame
    """What groups have decided: columns group, accounts, decision; only those that decided something."""
    hired: Hired
    """Capacity hired for the whole city."""
    market: Decision
    """The decision with what is hired in it: what the plan is simulated in."""
    manager: Whole
    """Manager of each account under the plan, shape (customers,)."""

    def book(self, book: Book) -> Book:
        """Return the book with accounts at the plan's managers."""
        return with_managers(book, self.manager)

    def city(self, city: City) -> City:
        """Return the city with customers at the plan's managers."""
        return city_with_managers(city, self.manager)

    @property
    def programme(self) -> Programme:
        """Return the plan as the market takes it."""
        return programme_of(self.response, self.allocation.treatment, self.beside)

    @property
    def expected_uplift(self) -> float:
        """Return the optimiser's own figure: expected objective over doing nothing, yuan. Never the headline."""
        return self.allocation.value - self.allocation.nothing


def make_plan(decision: Decision, book: Book, response: Response | None = None) -> Plan:
    """Return the best plan for the book under the decision's budgets, rules and objective.

    Where capacity may be hired, a plan is made with each amount, and the best of them returned.
    """
    response = estimate(decision, book) if response is None else response
    floor = contribution_floor(decision, book, response)
    plans = [plan_with(decision, hired, book, response, floor) for hired in menu_of_capacity(decision)]
    best = max(plans, key=lambda plan: plan.allocation.value)
    bound = max(plan.allocation.bound for plan in plans)
    best = best._replace(allocation=best.allocation._replace(bound=bound, nothing=plans[0].allocation.nothing))
    audit(best)
    return best


def contribution_floor(decision: Decision, book: Book, response: Response) -> float | None:
    """Return the least contribution that a plan must bring, yuan: that of today's practice, with or without offers."""
    if not decision.rules.contribution_floor or decision.objective.maximise == "contribution":
        return None
    return max(
        expected_contribution(response, thumb_choice(decision, book, response, TodaysPractice(offers=offers)))
        for offers in (False, True)
    )


def plan_with(decision: Decision, hired: Hired, book: Book, response: Response, floor: float | None) -> Plan:
    """Return the best plan with some capacity hired; `response` and `floor` are those without."""
    customers = book.key.size
    market, cost = with_capacity(decision, hired, customers), cost_of(decision, hired, customers)
    brings = estimate(market, book) if hired.hall_hours else response
    least = None if floor is None else floor + cost
    bounds = book_limits(market, book, brings)
    posed = pose_all(market, book, brings, bounds, least)
    limits, bound = posed.limits, posed.bound
    try:
        found = allocate(bound, decision.solver)
    except InfeasibleError as error:
        singles = single_rules(brings, book, bounds, decision.rules)
        raise InfeasibleError(why(posed.free, limits, singles, brings, book)) from error
    lowers = cost * weight_of_cost(decision.objective)
    treatments, account = len(brings.treatments), np.arange(customers)
    manager = bound.managers_of_options[found.treatment, account]
    return Plan(
        allocation=found._replace(
            treatment=found.treatment % treatments, value=found.value - lowers, bound=found.bound - lowers
        ),
        response=posed.as_decided(found.alternative),
        idle=response,
        limits=bounds,
        objective=decision.objective.maximise,
        contribution_floor=least,
        used=usage(book, limits, bound, found),
        problem=as_decided(bound, treatments, found.alternative)._replace(manager=manager),
        shared=tuple(limits),
        beside=posed.beside(found.alternative),
        decisions=posed.decisions(found.alternative),
        hired=hired,
        market=market,
        manager=manager,
    )


def expected_contribution(response: Response, treatment: Whole) -> float:
    """Return the expected contribution of these treatments, yuan over the horizon."""
    return float(response.contribution[treatment, np.arange(treatment.size)].sum())


def book_limits(decision: Decision, book: Book, response: Response) -> Limits:
    """Return the limits of a plan for this book; a budget is never less than what is already committed to plans."""
    managers = int(book.manager.max(initial=0)) + 1
    period = min(decision.period, decision.months)
    bounds = limits(
        book, managers, decision.months, period, decision.budgets, decision.rules, decision.visit, decision.channel
    )
    bounds = bounds._replace(hours=expected_hours(decision, book, bounds.hours, period))
    committed = float(response.discount[0].sum()) * (1 + ROUNDING)
    return bounds._replace(discount=max(bounds.discount, committed))


def thumb_choice(decision: Decision, book: Book, response: Response, rule: RuleOfThumb) -> Whole:
    """Return the treatment of each account under a rule of thumb, with the same menu, budgets and hours."""
    wish = rule.wish(book, response.treatments, decision.practice)
    return hand_out(wish, response.choices.allowed, uses(response), book.manager, book_limits(decision, book, response))


def programme_of(response: Response, treatment: Whole, beside: Beside | None = None) -> Programme:
    """Return chosen treatments, and what comes beside them, as the market takes them."""
    more = nobody(treatment.size) if beside is None else beside
    chosen = [response.treatments[b] for b in treatment]
    account = np.arange(treatment.size)
    return nothing(treatment.size)._replace(
        visits=np.array([t.visits for t in chosen], dtype=np.int16),
        level=response.choices.level[treatment, account],
        offer=np.array([t.offer for t in chosen], dtype=np.int8),
        offer_x=response.choices.offer_x[treatment, account].astype(np.float32),
        discount=np.array([t.discount for t in chosen], dtype=np.float32),
        mail=(np.array([t.mail for t in chosen]) + more.letters).astype(np.int16),
        calls=np.array([t.calls for t in chosen], dtype=np.int16),
        agents=more.agents.astype(np.int16),
        events=more.events.astype(np.int8),
        tier=response.tier,
    )


def usage(book: Book, limits: list[Limit], problem: Problem, found: Allocation) -> pd.DataFrame:
    """Return what a plan uses or reaches of each limit: columns budget, unit, used, limit, at_least, key."""
    hours, used = used_by(problem, found.treatment, found.alternative)
    rows: list[tuple[str, str, float, float, bool, str]] = [
        (limit.name, limit.unit, float(-use if limit.at_least else use), limit.bound, limit.at_least, limit.key)
        for limit, use in zip(limits, used, strict=True)
    ]
    rows += [
        (f"manager {name}", "hours over the period", float(spent), float(most), False, "visit.hours")
        for name, spent, most in zip(book.manager_names, hours, problem.available, strict=True)
    ]
    return pd.DataFrame(rows, columns=["budget", "unit", "used", "limit", "at_least", "key"])


def audit(plan: Plan, tolerance: float = 1e-6) -> None:
    """Raise an error if a plan exceeds or misses a limit, whatever the solver said."""
    used = plan.used
    beyond = np.where(used["at_least"], used["limit"] - used["used"], used["used"] - used["limit"])
    over = used[beyond > np.abs(used["limit"]) * tolerance + tolerance]
    if len(over):
        first = over.iloc[0]
        raise KeystayError(
            f"the plan {'reaches' if first['at_least'] else 'uses'} {first['used']:.2f} of {first['budget']} "
            f"({first['unit']}), {'less' if first['at_least'] else 'more'} than {first['limit']:.2f}: this is an error "
            "in the solver or in Keystay, please report it with the scenario"
        )
    if plan.contribution_floor is not None:
        reached = expected_contribution(plan.response, plan.allocation.treatment)
        if reached < plan.contribution_floor - tolerance * abs(plan.contribution_floor):
            raise KeystayError(f"the plan's expected contribution {reached:.0f} is below the floor")
    if not plan.problem.allowed[plan.allocation.treatment, np.arange(plan.allocation.treatment.size)].all():
        raise KeystayError("the plan gives an account what a rule forbids: please report it with the scenario")


def plan_table(plan: Plan, book: Book) -> pd.DataFrame:
    """Return who gets what and what it is expected to bring, one row an account, best uplift first."""
    chosen, response = plan.allocation.treatment, plan.response
    account = np.arange(chosen.size)
    picked = [response.treatments[b] for b in chosen]
    level = response.choices.level[chosen, account]
    brought = {
        f"expected_{name}_uplift": getattr(response, name)[chosen, account] - getattr(plan.idle, name)[0]
        for name in ("retained", "won_back", "contribution")
    }
    table = pd.DataFrame(
        {
            "id": book.ids,
            "class": [CLASSES[c] for c in book.value_class],
            "manager": names_of(book.manager, book.manager_names),
            "building": names_of(book.building, book.building_names),
            "spend": book.own_spend.astype(float),
            "treatment": [t.name for t in picked],
            "visits_per_year": [t.visits for t in picked],
            "level": [LEVELS[i] if t.visits else "" for i, t in zip(level, picked, strict=True)],
            "offer": [PLANS[t.offer] if t.offer else "" for t in picked],
            "offer_x": np.where([t.offer > 0 for t in picked], response.choices.offer_x[chosen, account], np.nan),
            "discount": [t.discount for t in picked],
            "letters_per_year": [t.mail for t in picked],
            "calls_per_year": [t.calls for t in picked],
            "hours": response.hours[chosen, account],
            **brought,
        }
    )
    return table.sort_values(["expected_retained_uplift", "id"], ascending=[False, True], ignore_index=True)
