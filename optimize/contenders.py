"""Contenders: every policy that a plan's worth is studied beside, made from one book and one response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.baselines import RuleOfThumb
from optimize.decision import FROM_TRUTH, Decision
from optimize.greedy import greedy_choice
from optimize.monthly import monthly_process
from optimize.monthly_planner import monthly_policy
from optimize.monthly_prices import best_prices
from optimize.plan import Plan, make_plan, programme_of, thumb_choice
from optimize.policy import Policy
from optimize.response import Response, estimate
from optimize.robust_plan import make_robust_plan
from optimize.rolling import rolling_policy
from optimize.treatment import Treatment
from optimize.worth import World
from sim.errors import InfeasibleError, InputError
from sim.founding import Start
from sim.oracle import true_book

Whole = NDArray[np.int64]
Kind = Literal["rule", "greedy", "plan", "part", "other"]
Told = Callable[[str], None]
PLAN, CONTRIBUTION, BLEND = "plan", "plan_for_contribution", "plan_for_both"
GREEDY, GREEDY_CONTRIBUTION = "incremental_greedy", "incremental_greedy_for_contribution"
LETTERS, ROLLING = "plan_with_more_letters", "planned_again"
MONTHLY, ROBUST = "month_by_month", "robust_plan"
PARTS = ("visits_only", "channels_only", "discounts_only")
PREDICTED = {"retained_revenue": "retained", "contribution": "contribution", "own_revenue": "own_revenue"}
"""Measures of the market, and what the response calls them."""
WIDE = {"mail": (0, 2, 6, 12), "mail_visits": 12}
"""The yearly menu with as many letters as the monthly policy may write."""


class Contender(NamedTuple):
    """A policy with what it was made for."""

    policy: Policy
    kind: Kind
    predicted: dict[str, float]
    """Uplift over doing nothing by measure, as the response expects it, yuan; empty where it doesn't tell."""
    world: World | None = None
    slow: bool = False
    """Whether it decides again within each future, so that fewer futures can be afforded."""


class Contenders(NamedTuple):
    """Policies by name, and why others could not be made."""

    made: dict[str, Contender]
    left_out: dict[str, str]


def contenders(
    decision: Decision,
    start: Start,
    rules: Mapping[str, RuleOfThumb],
    *,
    unsure: Decision | None = None,
    slow: bool = True,
    more: bool = True,
    tell: Told | None = None,
) -> Contenders:
    """Return every policy for the city of `start`.

    `unsure` is the decision with outlooks that the robust plan is made for, from the same book; without it there is
    none. Without `slow` none that decides again within a future is made, without `more` no plan but the three by
    objective and the one from the truth.
    """
    say, book = tell or (lambda _: None), start.own_book or start.book
    say("estimating what treatments would bring")
    response = estimate(decision, book)
    made: dict[str, Contender] = {}
    for name, rule in rules.items():
        made[name] = chosen(response, thumb_choice(decision, book, response, rule), "rule")
    left_out: dict[str, str] = {}

    def try_to(name: str, make: Callable[[], Contender]) -> None:
        say(f"making {name.replace('_', ' ')}")
        try:
            made[name] = make()
        except (InputError, InfeasibleError) as error:
            left_out[name] = str(error)

    by_goal = {PLAN: "retained", CONTRIBUTION: "contribution", BLEND: "blend"}
    for name, goal in by_goal.items():
        aimed = aimed_at(decision, goal)
        try_to(name, lambda aimed=aimed: planned(start, make_plan(aimed, book, response)))  # type: ignore[misc]
    greedy = {GREEDY: "retained", GREEDY_CONTRIBUTION: "contribution"}
    for name, goal in greedy.items():
        aimed = aimed_at(decision, goal)
        try_to(name, lambda aimed=aimed: chosen(response, greedy_choice(aimed, book, response), "greedy"))  # type: ignore[misc]
    for part in PARTS:
        some = only(response, part)
        plain = aimed_at(decision, "retained")
        try_to(part, lambda some=some, plain=plain: planned(start, make_plan(plain, book, some), "part"))  # type: ignore[misc]
    plain = aimed_at(decision, "retained")
    truth = true_book(book, start.city, decision)
    try_to(FROM_TRUTH, lambda: planned(start, make_plan(plain, truth), "other"))
    if more:
        try_to(LETTERS, lambda: with_more_letters(plain, start))
    if more and unsure is not None:
        try_to(ROBUST, lambda: robust(aimed_at(unsure, "retained"), start, response))
    if slow:
        try_to(ROLLING, lambda: planned_again(plain, start, response))
        try_to(MONTHLY, lambda: month_by_month(plain, start))
    return Contenders(made, left_out)


def aimed_at(decision: Decision, goal: str) -> Decision:
    """Return the decision with another objective; the weight of a blend stays."""
    return decision.model_copy(update={"objective": decision.objective.model_copy(update={"maximise": goal})})


def chosen(response: Response, treatment: Whole, kind: Kind) -> Contender:
    """Return chosen treatments as a contender."""
    return Contender(programme_of(response, treatment), kind, expected(response, treatment, response))


def planned(start: Start, plan: Plan, kind: Kind = "plan") -> Contender:
    """Return a plan as a contender, in the market that it hires for."""
    world = World(plan.market, plan.city(start.city))
    return Contender(plan.programme, kind, expected(plan.response, plan.allocation.treatment, plan.idle), world)


def expected(response: Response, treatment: Whole, idle: Response) -> dict[str, float]:
    """Return the uplift over doing nothing that the response expects of chosen treatments, yuan by measure."""
    account = np.arange(treatment.size)
    return {
        measure: float((getattr(response, name)[treatment, account] - getattr(idle, name)[0]).sum())
        for measure, name in PREDICTED.items()
    }


def only(response: Response, part: str) -> Response:
    """Return the response with one kind of treatment alone, and doing nothing.

    It is what the menu of that kind would give: an offer needs a visit that makes it, and has one a year.
    """
    keeps: dict[str, Callable[[Treatment], bool]] = {
        "visits_only": lambda t: not (t.offer or t.discount or t.mail or t.calls),
        "channels_only": lambda t: not (t.visits or t.offer or t.discount),
        "discounts_only": lambda t: t.discount > 0 or (t.offer > 0 and t.visits == least_offer(response)),
    }
    kept = np.array([b == 0 or keeps[part](t) for b, t in enumerate(response.treatments)])
    choices = response.choices
    return response._replace(choices=choices._replace(allowed=choices.allowed & kept[:, None]))


def least_offer(response: Response) -> int:
    """Return the fewest visits a year that an offer of the menu goes with, 0 where nothing is offered."""
    return min((t.visits for t in response.treatments if t.offer), default=0)


def with_more_letters(decision: Decision, start: Start) -> Contender:
    """Return the yearly plan from a menu with as many letters as the monthly policy may write."""
    wide = decision.model_copy(update={"treatments": decision.treatments.model_copy(update=WIDE)})
    return planned(start, make_plan(wide, start.own_book or start.book), "other")


def robust(unsure: Decision, start: Start, response: Response) -> Contender:
    """Return the plan for all outlooks, made from the same book; `response` is what the market at hand would bring."""
    made = make_robust_plan(unsure, start.own_book or start.book)
    treatment = made.robust.allocation.treatment
    programme = programme_of(made.robust.response, treatment)
    return Contender(programme, "other", expected(response, treatment, response))


def planned_again(decision: Decision, start: Start, response: Response) -> Contender:
    """Return the policy that makes the plan again at the decision's dates, from the book as it then is."""
    book = start.own_book or start.book
    plan = make_plan(decision, book, response)
    world = World(plan.market, plan.city(start.city))
    return Contender(rolling_policy(decision, book, plan), "other", {}, world, slow=True)


def month_by_month(decision: Decision, start: Start) -> Contender:
    """Return the policy that decides anew each month."""
    book = start.own_book or start.book
    model = monthly_process(decision, book)
    bound = best_prices(model, decision.monthly)
    return Contender(monthly_policy(decision, book, model, bound), "other", {}, slow=True)
