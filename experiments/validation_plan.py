"""What allocation is worth: re-allocating the same hours, and how flat the optimum is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from experiments.experiment import Experiment
from experiments.validation_market import place
from optimize.baselines import EqualSplit
from optimize.plan import Plan, make_plan, programme_of, thumb_choice
from optimize.response import Response, estimate
from sim.book import Book
from sim.city import found
from sim.history import contribution
from sim.market import simulate
from sim.programme import Programme
from sim.state import City

BUDGET_STEP = 0.25


def plan_measures(settings: Experiment, seed: int, customers: int, futures: int) -> dict[str, float]:
    """Return shares of contribution over a year that allocation gains or loses in one city, by measure."""
    where = place(settings, seed, customers, futures)
    decision = visits_only(where.scenario)  # type: ignore[arg-type]
    whole = year(where.scenario)  # type: ignore[arg-type]
    book = found(where.scenario).book
    response = estimate(decision, book)
    plan = make_plan(decision, book, response)
    with_offers = make_plan(whole, book)
    hours = {"less": 1 - BUDGET_STEP, "more": 1 + BUDGET_STEP}
    by_hours = {name: with_hours(decision, factor) for name, factor in hours.items()}
    resized = {name: make_plan(changed, book, response).programme for name, changed in by_hours.items()}
    equal = programme_of(response, thumb_choice(decision, book, response, EqualSplit()))
    worth = {
        "today": mean_contribution(decision, where.city, where.today, where.seeds),
        "plan": mean_contribution(decision, where.city, plan.programme, where.seeds),
        "whole": mean_contribution(whole, where.city, with_offers.programme, where.seeds),
        "equal": mean_contribution(decision, where.city, equal, where.seeds),
        **{name: mean_contribution(by_hours[name], where.city, resized[name], where.seeds) for name in hours},
    }
    return {**gains(worth), "hours_used": hours_used(plan), **exactness(decision, book, response, plan)}


def year(settings: Experiment) -> Experiment:
    """Return the settings for a plan of a year that is judged over that year, by contribution."""
    objective = settings.objective.model_copy(update={"maximise": "contribution"})
    return settings.model_copy(update={"months": 12, "period": 12, "objective": objective})


def visits_only(settings: Experiment) -> Experiment:
    """Return the settings with no offers and no discounts, so that only contacts are allocated."""
    menu = settings.treatments.model_copy(update={"offers": (), "unit_discounts": ()})
    return year(settings).model_copy(update={"treatments": menu})


def with_hours(settings: Experiment, factor: float) -> Experiment:
    """Return the settings with managers' hours multiplied by a factor."""
    visit = settings.visit.model_copy(update={"hours": settings.visit.hours * factor})
    return settings.model_copy(update={"visit": visit})


def mean_contribution(settings: Experiment, city: City, programme: Programme, seeds: range) -> float:
    """Return contribution over the year, yuan, mean over futures."""
    return float(np.mean([contribution(simulate(settings, city, programme, seed=seed)) for seed in seeds]))


def gains(worth: Mapping[str, float]) -> dict[str, float]:
    """Return what contributions, yuan, say of allocation, as shares of a contribution.

    >>> found = gains({"today": 100.0, "plan": 104.0, "whole": 110.0, "equal": 98.8, "less": 102.96, "more": 105.04})
    >>> {name: round(share, 3) for name, share in found.items() if name.startswith(("re", "eq"))}
    {'reallocation': 0.04, 'equal_split': 0.05, 'equal_beyond': 0.04}
    """
    shares = {
        "reallocation": worth["plan"] / worth["today"] - 1,
        "whole_menu": worth["whole"] / worth["today"] - 1,
        "flat_less": worth["less"] / worth["plan"] - 1,
        "flat_more": worth["more"] / worth["plan"] - 1,
        "equal_split": 1 - worth["equal"] / worth["plan"],
    }
    moved = max(abs(shares["flat_less"]), abs(shares["flat_more"]))
    return {**shares, "equal_beyond": shares["equal_split"] - moved}


def hours_used(plan: Plan) -> float:
    """Return the share of managers' hours that a plan uses."""
    managers = plan.used[plan.used["budget"].str.startswith("manager ")]
    return float(managers["used"].sum() / managers["limit"].sum())


def exactness(decision: Experiment, book: Book, response: Response, plan: Plan) -> dict[str, float]:
    """Return how far the allocation exceeds its bound, and misses the best of each account without budgets; shares."""
    allocation = plan.allocation
    uplift = max(allocation.bound - allocation.nothing, 1.0)
    free = without_budgets(decision)
    open_plan = make_plan(free, book, response)
    best = np.where(response.choices.allowed, response.contribution, -np.inf).max(axis=0).sum()
    return {
        "over_bound": max(0.0, allocation.value - allocation.bound) / uplift,
        "short_of_best": abs(best - open_plan.allocation.value) / abs(best),
    }


def without_budgets(settings: Experiment) -> Experiment:
    """Return the settings with budgets that bind nobody."""
    visit = settings.visit.model_copy(update={"hours": 5000.0, "accounts_per_manager": 1})
    budgets = settings.budgets.model_copy(update={"discount": 1.0, "channel": 1.0})
    channel = settings.channel.model_copy(update={"seat_minutes": 1000.0})
    solver = settings.solver.model_copy(update={"gap": 0.0})
    return settings.model_copy(update={"visit": visit, "budgets": budgets, "channel": channel, "solver": solver})
