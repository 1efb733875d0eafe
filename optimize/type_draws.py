"""Types of customers that the book doesn't tell apart: tastes and rival spend, drawn and weighted by what it shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtri

from optimize.decision import Decision
from optimize.knowledge import true_types
from sim import draws
from sim.book import Book
from sim.founding import behaviour, usual_rapport
from sim.kernels.expect import Types
from sim.knowledge import HEARSAY, error_spread
from sim.names import OWN
from sim.population import Spread, level_table
from sim.rates import posted_tariff
from sim.tastes import Tastes, long_run_shares, taste_priors

Floats = NDArray[np.float64]
SAMPLE = 4096
"""Customers that are looked at to see how far the carrier is favoured."""
PRIOR_CUSTOMERS = 20.0
"""How many customers' worth of belief in the scenario stands against the book's shares, assumed."""
ROUNDS, DAMPING = 12, 0.7


class Drawn(NamedTuple):
    """Points of the prior, before anything is made of the book's lines."""

    tastes: list[Tastes]
    """One set a draw."""
    surprise: Floats
    """Standard normal draws for what rivals are paid, shape (draws, customers)."""


def draw_types(decision: Decision, book: Book) -> Drawn:
    """Return evenly spread draws of tastes and of rival spend: a Sobol' net of points, moved for each customer.

    Each coordinate alone falls once into each of as many slices of its prior as there are draws (for powers of two),
    so that eight draws stand for their prior better than many independent ones (Owen 1995, Train 2009, chapter 9).
    """
    priors = taste_priors(behaviour(decision))
    net = stats.qmc.Sobol(len(priors) + 1, scramble=False)
    points = net.random_base2(max(decision.response.draws - 1, 0).bit_length())[: decision.response.draws]
    stream = draws.stream(0x5EED, "types")
    moved = [draws.uniform(stream, book.key, i) for i in range(points.shape[1])]
    luck = [
        [ndtri(np.clip((at + by) % 1.0, 1e-12, 1 - 1e-12)) for at, by in zip(p, moved, strict=True)] for p in points
    ]
    tastes = [Tastes(*(_taste(prior, z) for prior, z in zip(priors, drawn, strict=False))) for drawn in luck]
    return Drawn(tastes, np.array([drawn[-1] for drawn in luck]))


def _taste(prior: Spread, luck: Floats) -> Floats:
    return np.asarray(prior.mean * np.exp(prior.spread * luck - prior.spread**2 / 2))


def account_types(decision: Decision, book: Book) -> Types:
    """Return draws of types weighted by how likely they make the lines that are ours, and the law of the others."""
    if book.truth is not None:
        return true_types(book, len(decision.carriers))
    drawn = draw_types(decision, book)
    favour = own_favour(decision, book, drawn) if decision.response.match_shares else np.zeros(len(book.ours))
    laws = [law_given_others(decision, book, tastes, favour) for tastes in drawn.tastes]
    weight = np.array([np.where(book.ours, law[OWN], 1 - law[OWN]).prod(axis=0) for law in laws])
    weight /= weight.sum(axis=0)
    return Types(
        price_sensitivity=np.stack([tastes.price_sensitivity for tastes in drawn.tastes]),
        rapport_weight=np.stack([tastes.rapport_weight for tastes in drawn.tastes]),
        hassle_weight=np.stack([tastes.hassle_weight for tastes in drawn.tastes]),
        switching_cost=np.stack([tastes.switching_cost for tastes in drawn.tastes]),
        desire=np.full_like(weight, decision.experience.desire),
        unseen=rival_spend_factor(decision, book, drawn.surprise, weight),
        weight=weight,
        law=np.stack([start_law(law, book) for law in laws]),
    )


def law_given_others(
    decision: Decision, book: Book, tastes: Tastes, favour: Floats, some: slice | NDArray[np.integer] = slice(None)
) -> Floats:
    """Return the long-run law of each line's carrier given which others are ours, (carriers, lines, customers).

    Lines with one carrier are worth more together, so that what else is ours says more of a line than tastes do. Lines
    that aren't ours are taken to be spread evenly over rivals. `favour` is what draws to us beside, shape (lines,).
    """
    ours, rivals = book.ours[:, some], len(decision.carriers) - 1
    rapport = usual_rapport(decision, ours.shape[1])
    relation = -np.expm1(-decision.value.goodwill_saturation * book.goodwill[:, some])
    rapport[OWN] = (level_table(decision.city)[:, book.decision[some]] * relation).sum(axis=0)
    others = ours.sum(axis=0) - ours
    bundle = (decision.value.bundle if decision.mechanisms.bundle else 0.0) / max(len(ours) - 1, 1)
    added = np.empty((rivals + 1, *ours.shape))
    added[OWN] = favour[:, None] + bundle * others
    added[OWN + 1 :] = bundle * (len(ours) - 1 - others) / rivals
    return long_run_shares(tastes, rapport, posted_tariff(decision), behaviour(decision), added)


def own_favour(decision: Decision, book: Book, drawn: Drawn) -> Floats:
    """Return what draws customers to us on each line beside what the model says, on the logit scale, shape (lines,).

    It is set so that the model's mean share of a line is the book's; a small book moves it little from nought.
    """
    size, lines = book.key.size, len(book.ours)
    some = np.linspace(0, size - 1, min(size, SAMPLE)).astype(np.int64)
    few = [Tastes(*(taste[some] for taste in tastes)) for tastes in drawn.tastes]
    favour = np.zeros(lines)
    observed = np.zeros(lines)
    for step in range(ROUNDS):
        share = np.mean([law_given_others(decision, book, t, favour, some)[OWN].mean(axis=1) for t in few], axis=0)
        if step == 0:
            observed = (book.ours[:, some].sum(axis=1) + PRIOR_CUSTOMERS * share) / (some.size + PRIOR_CUSTOMERS)
        favour += DAMPING * (np.log(observed / (1 - observed)) - np.log(share / (1 - share)))
    return favour


def rival_spend_factor(decision: Decision, book: Book, surprise: Floats, weight: Floats) -> Floats:
    """Return by what factor a draw's rival spend differs from what is expected, shape (draws, customers).

    What a source shows errs by its own spread; of who is known by its lines with us, the rest is nearer to known than
    of who isn't a customer at all, whose spend is like anybody's. The mean over a customer's draws is 1.
    """
    shown = error_spread(np.maximum(book.source, HEARSAY), np.zeros(book.key.size, dtype=np.int64), decision.book)
    blind = np.where(book.ours.any(axis=0), decision.truth.unseen_spread, decision.city.spend_spread)
    seen = (~np.isnan(book.rival_spend) & ~book.ours).any(axis=0)
    spread = np.where(seen, shown, blind)
    factor = np.exp(spread * surprise)
    return np.asarray(factor / (weight * factor).sum(axis=0))


def start_law(law: Floats, book: Book) -> Floats:
    """Return the law of each line's carrier at the start: ours and known rivals for sure, else rivals by `law`."""
    rivals = law.copy()
    rivals[OWN] = 0.0
    rivals /= rivals.sum(axis=0)
    certain = np.where(book.ours, OWN, book.rival)
    known = np.arange(len(law))[:, None, None] == certain
    return np.asarray(np.where(certain >= 0, known, rivals))
