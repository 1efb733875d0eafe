"""The robust plan: best under an attitude to risk over outlooks, beside the plan made as if the scenario were sure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimize.allocation import Allocation
from optimize.beside import nobody
from optimize.capacity import Hired
from optimize.decision import Decision
from optimize.hedge import best_by_outlook, hedge
from optimize.hedged import Hedged, Uncertain, worth_of
from optimize.outlook import under
from optimize.plan import Plan, audit, make_plan, programme_of, usage
from optimize.problem import excess
from optimize.response import Response, estimate
from optimize.risk import caps
from optimize.robust_pose import PosedRobustly, pose_robustly, refuse_unfit
from sim.book import Book
from sim.programme import Programme

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
NOMINAL, ROBUST, NOTHING = "nominal", "robust", "nothing"
"""What plans are called: that for the scenario as it stands, that for all outlooks, and leaving accounts alone."""
Told = Callable[[str, int, int], None]


class RobustPlan(NamedTuple):
    """Plans for a market whose outlook isn't known."""

    robust: Plan
    nominal: Plan
    hedged: Hedged
    """How good the robust plan is, and its bound."""
    outlooks: dict[str, Decision]
    """The decision under each outlook that is possible."""
    choices: dict[str, Whole]
    """Treatments by plan: nothing, nominal, robust, and `best_for(outlook)` if it were known, each (customers,)."""
    worth: Floats
    """Expected objective of each of these, yuan, shape (plans, outlooks)."""
    cap: Floats
    """Largest weight of each outlook, shape (outlooks,)."""
    exceeded: tuple[str, ...]
    """Limits under some outlook that the nominal plan exceeds, in words."""

    def programmes(self, outlook: str) -> dict[str, Programme]:
        """Return the plans to be tried out under an outlook: all but those that are best for another one."""
        tried = (NOTHING, NOMINAL, ROBUST, best_for(outlook))
        return {name: programme_of(self.robust.response, self.choices[name]) for name in tried}


def best_for(outlook: str) -> str:
    """Return what the plan for a known outlook is called."""
    return f"best_for_{outlook}"


def make_robust_plan(
    decision: Decision,
    book: Book,
    outlooks: Mapping[str, Decision] | None = None,
    executor: Executor | None = None,
    progress: Told | None = None,
) -> RobustPlan:
    """Return the best plan for the decision's outlooks under `risk`, beside the nominal one.

    `outlooks` are the decisions under each possible one, where they have been composed already by
    `optimize.outlook.under`. Raises InputError where accounts are bound together, capacity is hired or the response
    was learnt from a trial.
    """
    refuse_unfit(decision)
    tell = progress or (lambda *_: None)
    risk = decision.risk
    if outlooks is None:
        outlooks = {name: under(decision, risk, name) for name in risk.probabilities}
    names = list(outlooks)
    tell("estimating what treatments would bring", 0, 0)
    response = estimate(decision, book)
    posed = pose_robustly(
        decision,
        book,
        response,
        outlooks,
        lambda name: tell("estimating under outlooks", names.index(name), len(names)),
    )
    tell("planning for the scenario as it stands", 0, 0)
    nominal = make_plan(decision, book, response)
    idle = np.zeros(book.key.size, dtype=np.int64)
    given = Uncertain(posed.problem, posed.worth, np.zeros(len(names)), caps(risk), posed.worth[:, 0].sum(axis=1))
    tell("planning for each outlook", 0, 0)
    informed = best_by_outlook(given, decision.solver, executor)
    fits = [choice for choice in (*informed, nominal.allocation.treatment) if not excess(posed.problem, choice)]
    given = given._replace(less=taken_off(given, risk.measure, risk.counted, fits))
    given = given._replace(nothing=given.nothing - given.less)
    tell("planning for all outlooks", 0, 0)
    hedged = hedge(
        given, risk, decision.solver, fits, executor, lambda done, most: tell("planning for all outlooks", done, most)
    )
    choices = {NOTHING: idle, NOMINAL: nominal.allocation.treatment, ROBUST: hedged.option}
    choices |= {best_for(name): choice for name, choice in zip(names, informed, strict=True)}
    return RobustPlan(
        robust=plan_of(decision, book, response, posed, given, hedged),
        nominal=nominal,
        hedged=hedged,
        outlooks=dict(outlooks),
        choices=choices,
        worth=np.array([worth_of(given, choice) for choice in choices.values()]),
        cap=given.cap,
        exceeded=tuple(excess(posed.problem, nominal.allocation.treatment)),
    )


def taken_off(given: Uncertain, measure: str, counted: str, met: list[Whole]) -> Floats:
    """Return what is taken off the worth in each outlook: of the best choice met there for regret, of doing nothing."""
    if measure == "max_regret":
        return np.asarray(np.max([worth_of(given, choice) for choice in met], axis=0))
    return given.nothing if counted == "uplift" else np.zeros(len(given.worth))


def plan_of(
    decision: Decision, book: Book, response: Response, posed: PosedRobustly, given: Uncertain, hedged: Hedged
) -> Plan:
    """Return a hedged choice as a plan; its value, bound and that of nothing are guarded worth, yuan."""
    weight = hedged.weight if np.isfinite(hedged.weight).all() else given.cap / given.cap.sum()
    problem = posed.problem._replace(value=np.tensordot(weight, posed.worth, axes=1))
    found = Allocation(hedged.option, hedged.status, hedged.value, hedged.bound, hedged.nothing, hedged.method)
    used = usage(book, posed.limits, problem, found)
    plan = Plan(
        allocation=found,
        response=response,
        limits=posed.bounds,
        objective=decision.objective.maximise,
        contribution_floor=None,
        used=used,
        problem=problem,
        shared=tuple(posed.limits),
        idle=response,
        beside=nobody(book.key.size),
        decisions=pd.DataFrame(columns=["group", "accounts", "decision"]),
        hired=Hired(0.0, 0.0),
        market=decision,
        manager=book.manager.astype(np.int64),
    )
    audit(plan)
    return plan


def expected_table(made: RobustPlan) -> pd.DataFrame:
    """Return what the optimiser expects, one row a plan and outlook: objective, uplift over nothing, regret, yuan."""
    plans, outlooks = list(made.choices), list(made.outlooks)
    best = made.worth.max(axis=0)
    rows = [
        (
            plan,
            outlook,
            made.worth[i, s],
            made.worth[i, s] - made.worth[plans.index(NOTHING), s],
            best[s] - made.worth[i, s],
        )
        for i, plan in enumerate(plans)
        for s, outlook in enumerate(outlooks)
    ]
    return pd.DataFrame(rows, columns=["plan", "outlook", "objective", "uplift", "regret"])
