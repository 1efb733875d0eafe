"""What the optimiser makes of the book: the truth where it sees it, experience, and what an offer's visit will find."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimize.beside import let_in
from optimize.decision import Decision
from optimize.hall_lift import expected_hall_lift
from optimize.treatment import level_weight
from sim.bond import SOLUTION
from sim.book import Book, expected_demand, expected_growth
from sim.channel import call_gain, welcome
from sim.desk import expected_lateness
from sim.event import event_phase
from sim.experience import complaint_scar, performance
from sim.founding import behaviour
from sim.kernels.expect import Known, Types
from sim.knowledge import YEAR
from sim.names import OWN
from sim.programme import practice, service_tiers
from sim.rates import posted_tariff
from sim.service import ALIKE, by_tier
from sim.tastes import usual_satisfaction
from sim.visit import contact_phase

Floats = NDArray[np.float64]


def true_types(book: Book, carriers: int) -> Types:
    """Return an oracle's one draw of tastes, and carriers that are certain."""
    assert book.truth is not None
    truth = book.truth
    serves = np.where(book.ours, OWN, book.rival)
    return Types(
        price_sensitivity=truth.price_sensitivity[None].astype(float),
        rapport_weight=truth.rapport_weight[None].astype(float),
        hassle_weight=truth.hassle_weight[None].astype(float),
        switching_cost=truth.switching_cost[None].astype(float),
        desire=truth.desire[None].astype(float),
        unseen=np.ones((1, book.key.size)),
        weight=np.ones((1, book.key.size)),
        law=(np.arange(carriers)[:, None, None] == serves)[None].astype(float),
    )


def account_knowledge(decision: Decision, book: Book, types: Types) -> Known:
    """Return the book as the arrays that the recursion takes; who serves what isn't ours is by `types`."""
    posted = posted_tariff(decision)
    shares = np.array([line.share for line in decision.lines.values()])
    tier = service_tiers(book.value_class, decision.practice)
    service = decision.service if decision.mechanisms.tiers else ALIKE
    slow = decision.desk.slowness * expected_lateness(decision.desk) if decision.mechanisms.desk else 0.0
    faults = by_tier(service.faults, tier) * (1 + slow)
    lift = by_tier(service.lift, tier) + expected_hall_lift(decision, book)
    if book.truth is not None:
        satisfaction, expectation = book.truth.satisfaction.astype(float), book.truth.expectation.astype(float)
    else:
        satisfaction, expectation = settled_experience(decision, book, types, faults, lift)
    return Known(
        demand=expected_demand(book, posted.price, shares, decision.city.mean_spend),
        ours=book.ours,
        kept=book.since_start,
        months_left=book.months_left,
        growth=expected_growth(book, decision.city, decision.book),
        goodwill=book.goodwill.astype(float),
        level_weight=level_weight(decision.city, book),
        adstock=book.adstock.astype(float),
        satisfaction=satisfaction,
        expectation=expectation,
        plan=book.plan,
        plan_x=book.plan_x.astype(float),
        plan_age=book.plan_age,
        oldest=np.where(book.ours, book.tenure, -1).max(axis=0).astype(np.int16),
        solved=book.step == SOLUTION,
        points=book.points.astype(float),
        ip_share=book.ip_share.astype(float),
        call_gain=call_gain(book.expected_channel, decision.channel),
        faults=faults,
        lift=lift,
        lets_in=let_in(book.expected_channel, decision.agent),
        agent_gain=decision.agent.gain * welcome(book.expected_channel, "agent", decision.channel.unexpected),
        phase=np.stack(
            [
                *(contact_phase(book.key, purpose) for purpose in ("visit", "letter", "call")),
                event_phase(book.centre),
                contact_phase(book.key, "agent"),
            ]
        )
        + book.month,
    )


def settled_experience(
    decision: Decision, book: Book, types: Types, faults: Floats, lift: Floats
) -> tuple[Floats, Floats]:
    """Return satisfaction with each carrier and what is expected of it, each of shape (carriers, customers).

    It is what the lines that the carrier serves settle at, ours under today's practice; of a carrier that serves none,
    what is usual. Faults that were complained of still count.
    """
    posted, settings = posted_tariff(decision), behaviour(decision).experience
    served = (types.weight[:, None, None] * types.law).sum(axis=0)
    held = served.sum(axis=1)
    mean = np.einsum("cln,cl->cn", served, posted.quality) / np.maximum(held, 1e-9)
    quality = np.where(held > 0.05, mean, posted.quality.mean(axis=1)[:, None])
    seen = performance(quality, posted.service[:, None], settings)
    missed = settings.incidents * (1 - quality) * settings.incident_shock
    missed[OWN] *= faults
    seen = seen - missed
    today = practice(book.value_class, np.zeros_like(book.decision), decision.practice)
    visits = today.visits * decision.mechanisms.visits
    visited = np.minimum(visits / YEAR, 1.0)
    met = np.minimum((visits + today.mail + today.calls) / YEAR, 1.0)
    seen[OWN] += lift + visited * settings.visit_lift
    settled = seen + settings.desire_weight * (seen - settings.desire)
    told = settings.information_weight * met if decision.mechanisms.information else np.zeros_like(met)
    settled[OWN] += told * (settings.candour - settled[OWN])
    usual = usual_satisfaction(posted, settings)[:, None]
    share = np.minimum(held, 1.0)
    satisfaction = np.clip(usual + share * (settled - usual), 0, 1)
    satisfaction[OWN] = np.maximum(0, satisfaction[OWN] - complaint_scar(settings) * book.complaints)
    return satisfaction, np.clip(usual + share * (seen - usual), 0, 1)


def offer_x_expected(decision: Decision, book: Book, proposed: Floats) -> Floats:
    """Return the X that offers are expected to be made with, yuan/month, shape (treatments, customers).

    The visit that makes an offer may find rival spend that the book doesn't show; X is then set from it.
    """
    if not decision.mechanisms.revealing or book.truth is not None:
        return proposed
    price = posted_tariff(decision).price
    shares = np.array([line.share for line in decision.lines.values()])
    usual = expected_demand(book, price, shares, decision.city.mean_spend) * price[OWN + 1 :].mean(axis=0)[:, None]
    unseen = ~book.ours & np.isnan(book.rival_spend)
    rival = np.where(unseen, usual, np.nan_to_num(book.rival_spend)).sum(axis=0)
    found = book.recent_usage.mean(axis=0) + decision.contract.rival_share * rival
    more = np.where(unseen.any(axis=0), np.maximum(found - proposed, 0.0), 0.0)
    return np.asarray(np.where(proposed > 0, proposed + decision.book.visit_reveals * more, proposed))
