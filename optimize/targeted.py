"""Targeted programmes: what to do at an account by why, and on what occasion, it is expected to leave (D18B).

A rule, not an optimiser: it looks at reasons and at revenue at risk, and not at what treatments would bring. The same
remedies also narrow the menu of the optimiser, so that its plan can be compared with the one that is free to choose.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.baselines import TodaysPractice, Wish, by_score, hand_out, uses
from optimize.calendar import Calendar, by_quarter, timed
from optimize.decision import Decision
from optimize.leaving import Leaving
from optimize.plan import book_limits
from optimize.policy import Policy, Replanning
from optimize.remedy import TargetedSettings
from optimize.response import Response
from optimize.treatment import Treatment
from sim.book import Book
from sim.names import PLANS, REASONS, TIERS, TRIGGERS
from sim.programme import Programme

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
VISITING = ("offer", "decider", "working", "timed")


class Causes(NamedTuple):
    """What each account's programme is aimed at."""

    reason: Whole
    """Index into `sim.names.REASONS` of that with most revenue at risk, -1 where nothing is ours, (customers,)."""
    occasion: Whole
    """Index into `sim.names.TRIGGERS` of that which stands out beside other accounts, likewise."""
    kinds: NDArray[np.str_]
    """Kinds of remedy in the order in which they are tried, "none" for no more, shape (places, customers)."""


def causes(leaving: Leaving, settings: TargetedSettings) -> Causes:
    """Return each account's main reason, the trigger that stands out, and the remedies that these ask for.

    Nearly everywhere rivals' calls are the commonest trigger; what sets an account apart is told by the ratio of its
    share to the book's. Remedies are those of the reasons that matter, the largest first, then of the trigger that
    stands out, last of the commonest one.
    """
    by_reason, by_trigger = leaving.yuan.sum(axis=1), leaving.yuan.sum(axis=0)
    held = by_trigger.sum(axis=0) > 0
    share = by_trigger / np.maximum(by_trigger.sum(axis=0), 1e-12)
    usual = by_trigger.sum(axis=1) / max(float(by_trigger.sum()), 1e-12)
    ratio = np.where(share >= settings.least_share, share / np.maximum(usual, 1e-12)[:, None], 0.0)
    occasion = np.where(held, ratio.argmax(axis=0), -1)
    against = np.array([*(settings.reasons.get(name, "none") for name in REASONS), "none"])  # type: ignore[call-overload]
    upon = np.array([*(settings.occasions.get(name, "none") for name in TRIGGERS), "none"])  # type: ignore[call-overload]
    order = np.argsort(-by_reason, axis=0, kind="stable")
    shares = np.take_along_axis(by_reason, order, axis=0) / np.maximum(by_reason.sum(axis=0), 1e-12)
    ranked = np.where(shares >= settings.least_share, order, -1)
    kinds = np.concatenate([against[ranked], upon[np.stack([occasion, leaving.main("trigger")])]])
    return Causes(leaving.main("reason"), occasion, kinds)


def fits(kind: str, treatment: Treatment) -> bool:
    """Return whether a treatment of the menu is of a kind of remedy.

    >>> fits("offer", Treatment(2, "decider", 1, 0.0, 0, 0)), fits("calls", Treatment(2, "decider", 1, 0.0, 0, 0))
    (True, False)
    """
    t = treatment
    plain = t.visits > 0 and not t.offer and not t.mail
    match kind:
        case "offer":
            return t.offer > 0
        case "decider" | "timed":
            return plain and t.audience == "decider"
        case "working":
            return plain and t.audience == "working"
        case "letters":
            return t.mail > 0 and not (t.visits or t.calls or t.discount)
        case "calls":
            return t.calls > 0 and not (t.visits or t.mail or t.discount)
    return False


def narrowed(decision: Decision, book: Book, response: Response, found: Causes) -> Response:
    """Return a response in which only an account's remedies and what today's practice gives its class are allowed.

    `make_plan` then plans with these. Where the working level decides, a visit to the decider is one to it.
    """
    allowed = np.zeros_like(response.choices.allowed)
    allowed[0] = True
    for account, steps in enumerate(TodaysPractice().wish(book, response.treatments, decision.practice).ladder):
        allowed[steps, account] = True
    for kind in np.unique(found.kinds):
        asked = (found.kinds == kind).any(axis=0)
        for b, treatment in enumerate(response.treatments):
            if fits(str(kind), treatment) or (kind == "working" and fits("decider", treatment)):
                allowed[b] |= asked
    return response._replace(choices=response.choices._replace(allowed=allowed & response.choices.allowed))


def targeted_choice(decision: Decision, book: Book, response: Response, leaving: Leaving, found: Causes) -> Whole:
    """Return each account's treatment: down the order, the first of its ladder that fits hours and budgets.

    On the ladder visits come first: those of its remedies, then those that today's practice gives its class, so that an
    account which no visit is a remedy for is not forgotten.
    """
    settings = decision.targeted
    rivals = np.nan_to_num(book.rival_spend).sum(axis=0)
    known = rivals > settings.plan_a_from * (book.own_spend + rivals)
    usual = TodaysPractice().wish(book, response.treatments, decision.practice).ladder
    ladders: dict[tuple[object, ...], list[int]] = {}
    wanted = []
    for today, elsewhere, *kinds in zip(usual, known.tolist(), *found.kinds.tolist(), strict=True):
        asked = (tuple(today), elsewhere, *kinds)
        if asked not in ladders:
            plans = ("A", *settings.plans) if elsewhere else settings.plans
            steps = [step for kind in kinds for step in rungs(kind, response.treatments, settings, plans)]
            steps = sorted([*steps, *today], key=lambda b: response.treatments[b].visits == 0)
            ladders[asked] = list(dict.fromkeys(steps))
        wanted.append(ladders[asked])
    score = book.own_spend.astype(float) if settings.first == "spend" else leaving.at_risk
    wish = Wish(by_score(score, book.key), wanted)
    return hand_out(wish, response.choices.allowed, uses(response), book.manager, book_limits(decision, book, response))


def rungs(kind: str, menu: tuple[Treatment, ...], settings: TargetedSettings, plans: tuple[str, ...]) -> list[int]:
    """Return the treatments of a kind of remedy, most wanted first."""
    fitting = [b for b, t in enumerate(menu) if fits(kind, t)]
    if kind == "offer":
        order = {PLANS.index(plan): place for place, plan in enumerate(plans)}
        fitting = [b for b in fitting if menu[b].offer in order and menu[b].visits <= settings.offer_visits]
        return sorted(fitting, key=lambda b: (order[menu[b].offer], -menu[b].visits))
    if kind in VISITING:
        few = [b for b in fitting if menu[b].visits <= settings.visits]
        steps = sorted(few, key=lambda b: -menu[b].visits)
        return steps if kind != "working" else [*steps, *rungs("decider", menu, settings, plans)]
    return sorted(fitting, key=lambda b: -(menu[b].calls + menu[b].mail))


def stands_out(found: Causes, kind: str, settings: TargetedSettings) -> NDArray[np.bool_]:
    """Return whose main reason, or the trigger that stands out, asks for a kind of remedy, shape (customers,)."""
    asking = [REASONS.index(name) for name, remedy in settings.reasons.items() if remedy == kind]
    prompting = [TRIGGERS.index(name) for name, remedy in settings.occasions.items() if remedy == kind]
    return np.asarray(np.isin(found.reason, asking) | np.isin(found.occasion, prompting))


def served_better(programme: Programme, found: Causes, settings: TargetedSettings) -> Programme:
    """Return the programme in which accounts that are served better have at least the service tier of the settings."""
    least = TIERS.index(settings.service)
    asks = stands_out(found, "working", settings)
    return programme._replace(tier=np.where(asks, np.maximum(programme.tier, least), programme.tier).astype(np.int8))


def as_policy(decision: Decision, book: Book, programme: Programme, found: Causes) -> Policy:
    """Return a programme as a policy in which the visits of accounts whose terms end come in the quarter before."""
    asks = stands_out(found, "timed", decision.targeted)
    months = min(decision.period, decision.months)
    left = np.where(book.ours, np.maximum(book.months_left, 0), 0)
    ends = np.where((left > 0) & (left <= months), left, np.iinfo(np.int16).max).min(axis=0)
    asks &= ends <= months
    quarters = by_quarter(programme, book.key, months, decision.visit.offer_every)
    quarters = timed(quarters, asks, np.maximum(ends - 2, 0) // 3)
    return Replanning(make=partial(Calendar, quarters), every=3, first=quarters[0])
