"""Influence: what an account's praise, complaints and discount do to the revenue of those who hear it (D27, D28).

An account speaks in its circles (`sim.talk`): the tenants of its building, and its industry in its service centre. What
it says there moves our image in others' eyes, or makes them feel treated unfairly. Times what they are worth to us per
unit of image, that is what others bring because it is with us.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from optimize.candidates import candidates, mean_over, todays_response, under_todays_practice
from optimize.decision import Decision
from optimize.response import Response
from sim.book import Book, expected_demand
from sim.names import INDUSTRIES, OWN
from sim.programme import service_tiers
from sim.rates import posted_tariff
from sim.service import ALIKE, by_tier
from sim.swaying import sway

Floats = NDArray[np.float64]
MEASURES = ("own_revenue", "contribution")
"""What influence is told in, yuan over the horizon: the rows of its arrays."""
STEP = 0.05
"""Change of our image by which others' response to it is measured, either way."""
HEARING = 0.05
"""Probability a month of hearing of a neighbour's discount by which the response to that is measured."""


class Voice(NamedTuple):
    """What an account is expected to say over the horizon under today's practice, shape (customers,)."""

    praises: Floats
    """Share of the months in which it recommends us."""
    complains: Floats
    """Share of the months in which it has a fault of ours to complain of."""
    praise_heard: Floats
    """The share of praising weighted by the months that are left when it is heard, a month later."""
    complaints_heard: Floats
    weight: Floats
    """Ordinary voices that it counts as."""


class Pull(NamedTuple):
    """What accounts would bring more, yuan over the horizon, shape (measures, customers)."""

    image: Floats
    """A unit of image more, all months long."""
    news: Floats
    """Hearing of a neighbour's discount in every month; below 0."""


class Influence(NamedTuple):
    """What others bring because an account is with us and speaks, yuan over the horizon, (measures, customers)."""

    praise: Floats
    blame: Floats
    news: Floats
    """Of the unit discount or plan that it has, as long as it has it."""
    leak: Floats
    """What news would do if it were given a unit discount; no part of the influence that it has."""

    @property
    def total(self) -> Floats:
        """Return what others bring because the account is with us."""
        return self.praise + self.blame + self.news


def satisfaction_spread(decision: Decision, known_since: float = np.inf) -> float:
    """Return the standard deviation of a customer's satisfaction with us around what is expected of it.

    It grows with the months since satisfaction was known, if it was.
    """
    experience = decision.experience
    lasting = (experience.desire_weight * experience.desire_spread) ** 2
    return float(np.sqrt((sway(decision)[OWN] ** 2 + lasting) * (1 - experience.memory ** (2 * known_since))))


def repeats(decision: Decision, book: Book, months: NDArray[np.int64]) -> Floats:
    """Return in which share of some months an account has bought repeatedly, as far as it is with us.

    Two lines are a repeated purchase, and so is one for long; a unit discount makes it none (`sim.loyalty`).
    """
    oldest = np.where(book.ours, book.tenure, -1).max(axis=0)
    long = (oldest + months[:, None] >= decision.loyalty.repeat_months).mean(axis=0)
    share = np.where(book.ours.sum(axis=0) >= 2, 1.0, long)
    return np.asarray(np.where(book.ours.any(axis=0) & ~(book.discount > 0).any(axis=0), share, 0.0))


def voices(decision: Decision, book: Book) -> Voice:
    """Return what accounts are expected to say under today's practice.

    Satisfaction is followed over spans of months, shorter ones first; within one it is normal around its mean.
    """
    loyalty, on = decision.loyalty, decision.mechanisms
    enough = loyalty.threshold + loyalty.advocacy * (loyalty.full - loyalty.threshold)
    chance = complaint_chance(decision, book)
    said = np.zeros((4, book.key.size))
    served, felt = np.zeros(book.key.size), np.zeros(book.key.size)
    left = decision.months + decision.response.terminal_months - np.arange(decision.months)
    for begin, end in pairwise(edges(decision.months)):
        found = todays_response(decision.model_copy(update={"months": end}), book)
        more = np.maximum(found.served[0] - served, 0.0)
        mean = (found.served[0] * found.satisfaction[0] - felt) / np.maximum(more, 1e-12)
        served, felt = found.served[0], found.served[0] * found.satisfaction[0]
        spread = satisfaction_spread(decision, (begin + end + 1) / 2 if book.truth is not None else np.inf)
        happy = ndtr((mean - enough) / max(spread, 1e-9)) * on.loyalty
        share, counts = more / (end - begin), (end - begin, float((left[begin:end] - 1).sum()))
        praise = share * repeats(decision, book, np.arange(begin, end)) * happy
        said += np.stack([part * count for count in counts for part in (praise, share * chance)])
    praises, complains, praise_heard, complaints_heard = said / np.repeat([decision.months, left.sum()], 2)[:, None]
    return Voice(praises, complains, praise_heard, complaints_heard, loudness(decision, book))


def edges(months: int) -> list[int]:
    """Return where spans of a horizon begin and the last one ends: halves of halves, the first the shortest.

    >>> edges(24), edges(1)
    ([0, 3, 6, 12, 24], [0, 1])
    """
    return sorted({0, *(months // part for part in (8, 4, 2, 1))})


def complaint_chance(decision: Decision, book: Book) -> Floats:
    """Return the probability that an account which we serve has a fault in a month, shape (customers,)."""
    ours, on = posted_tariff(decision).quality[OWN], decision.mechanisms
    lines = book.ours.sum(axis=0)
    quality = np.where(lines > 0, (ours @ book.ours) / np.maximum(lines, 1), ours.mean())
    service = decision.service if on.tiers else ALIKE
    ratio = by_tier(service.faults, service_tiers(book.value_class, decision.practice))
    return np.asarray(decision.experience.incidents * (1 - quality) * ratio * on.incidents)


def loudness(decision: Decision, book: Book) -> Floats:
    """Return the ordinary voices that each account counts as, by what its usage is expected to be."""
    shares = np.array([line.share for line in decision.lines.values()])
    usage = expected_demand(book, posted_tariff(decision).price, shares, decision.city.mean_spend).sum(axis=0)
    return np.where(usage >= decision.talk.big_name_above, float(decision.talk.big_name_voice), 1.0)


def pulls(decision: Decision, book: Book) -> Pull:
    """Return what image and news of discounts do to each account under today's practice, by central differences.

    Who customers are is held as it is known (`optimize.candidates`).
    """
    base = under_todays_practice(decision)
    drawn = list(candidates(decision, book))

    def read(response: Response) -> Floats:
        return np.stack([response.own_revenue[0], response.contribution[0]])

    image = decision.own.image
    high, low = min(image + STEP, 1.0), max(image - STEP, 0.0)
    more, less = (mean_over(drawn, with_image(base, at), read) for at in (high, low))
    heard, quiet = (
        mean_over(drawn, there, lambda found: found.retained[0]) for there in (hearing_news(base, HEARING), base)
    )
    kept = (heard - quiet) / HEARING
    return Pull((more - less) / (high - low), np.stack([kept, kept * (1 - decision.money.cost_to_serve)]))


def with_image(decision: Decision, image: float) -> Decision:
    """Return the decision in which our image is another one."""
    return decision.model_copy(update={"own": decision.own.model_copy(update={"image": image})})


def hearing_news(decision: Decision, chance: float) -> Decision:
    """Return the decision in which customers hear of a neighbour's discount with this probability a month.

    They resent it, which is as if service were worse, and look around more often.
    """
    experience, attention = decision.experience, decision.attention
    if not decision.mechanisms.talk:
        return decision
    felt = (1 - experience.memory) * (1 + experience.expectation_weight + experience.desire_weight)
    worse = chance * experience.resentment / max(felt * (1 - experience.service_share), 1e-9)
    stirred = float(np.log1p(chance * np.expm1(attention.news)))
    return decision.model_copy(
        update={
            "own": decision.own.model_copy(update={"service": max(decision.own.service - worse, 0.0)}),
            "attention": attention.model_copy(update={"base": attention.base + stirred}),
        }
    )


def influence(decision: Decision, book: Book, voice: Voice | None = None) -> Influence:
    """Return each account's influence; `voice` is what accounts say, if it is there already.

    Others' own praise and complaints are taken not to change with what they hear, as satisfaction doesn't.
    """
    talk, on = decision.talk, decision.mechanisms
    size, shape = book.key.size, (len(MEASURES), book.key.size)
    if not on.talk:
        return Influence(*np.zeros((4, *shape)))
    voice = voices(decision, book) if voice is None else voice
    pull = pulls(decision, book)
    building = book.building.astype(np.int64)
    industry = book.centre.astype(np.int64) * len(INDUSTRIES) + book.industry
    industry = industry if on.industry_talk else np.full(size, -1)
    others = swayed(building, voice.weight, pull.image, talk.density)
    others += talk.industry_image * swayed(industry, voice.weight, pull.image, talk.density)
    tells = np.asarray((book.discount > 0).any(axis=0))
    listens = ~tells & (book.plan == 0) & book.ours.any(axis=0)
    near = told(building, tells, listens, pull.news, talk.rate, talk.density)
    far = told(industry, tells, listens, pull.news, talk.industry_rate, talk.density)
    leak = talk.rate * near + talk.industry_rate * far
    now = np.where(tells, leak, np.where(book.plan > 0, talk.plan_leak * near, 0.0))
    return Influence(
        praise=talk.advocacy * voice.praise_heard * others,
        blame=-talk.complaint * voice.complaints_heard * others,
        news=now,
        leak=leak,
    )


def swayed(group: NDArray[np.int64], weight: Floats, pull: Floats, density: float) -> Floats:
    """Return what others bring per unit of image said by each member of a group, -1 in none, shape of `pull`.

    What one says counts by its weight among all voices that the hearer hears but its own.
    """
    inside = group >= 0
    at = np.where(inside, group, group.max(initial=-1) + 1)
    voices_heard = np.maximum(np.bincount(at, weights=weight)[at] - weight, 0.0)
    alone = ~inside | (voices_heard <= 0)
    share = np.where(alone, 0.0, density / np.maximum(voices_heard, 1e-12))
    return np.stack(
        [np.where(alone, 0.0, weight * (np.bincount(at, weights=row * share)[at] - row * share)) for row in pull]
    )


def told(
    group: NDArray[np.int64],
    tells: NDArray[np.bool_],
    listens: NDArray[np.bool_],
    pull: Floats,
    rate: float,
    density: float,
) -> Floats:
    """Return what others would bring more if they heard from a member for sure, shape of `pull`.

    Who has heard it from another teller of the group in the same month hears nothing new.
    """
    inside = group >= 0
    at = np.where(inside, group, group.max(initial=-1) + 1)
    tellers = np.bincount(at, weights=tells.astype(float))[at] - tells
    unheard = (1 - rate) ** tellers * density**2
    hears = np.where(listens, pull, 0.0)
    return np.stack([np.where(inside, unheard * (np.bincount(at, weights=row)[at] - row), 0.0) for row in hears])
