"""Leaving: why, and on what occasion, accounts are expected to take lines from us, by what the book shows (D18, D29).

A line leaves when something makes its customer look around (a trigger: a term that ended, a rival's call, a low
satisfaction) and another carrier then offers more; the reason is the part of delivered value in which that one exceeds
us most. Both are those that the market records of lines lost (`sim.reason`), here in expectation: over draws of the
tastes that the book doesn't show, over rivals, and over how satisfaction swings.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from optimize.candidates import todays_response
from optimize.decision import Decision
from optimize.influence import repeats, satisfaction_spread
from optimize.knowledge import account_knowledge
from optimize.type_draws import account_types
from sim.bond import structural
from sim.book import Book
from sim.kernels.expect import Types
from sim.loyalty import intention
from sim.names import OWN, REASONS, TRIGGERS
from sim.rates import posted_tariff, rates
from sim.reason import main_reason
from sim.rivals import foreseen

Floats = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
"""Points and weights at which a normal satisfaction is looked at."""
TERM_ENDED, RIVAL_CALLED, NEWS, DISSATISFIED, UNPROMPTED = range(len(TRIGGERS))


class Leaving(NamedTuple):
    """What is expected to leave us over some months under today's practice."""

    lines: Floats
    """Lines that leave, shape (reasons, triggers, customers)."""
    yuan: Floats
    """What they bring a month, yuan, of the same shape."""
    months: int

    @property
    def at_risk(self) -> Floats:
        """Return what each account is expected to take away, yuan/month, shape (customers,)."""
        return np.asarray(self.yuan.sum(axis=(0, 1)))

    def main(self, axis: str) -> NDArray[np.int64]:
        """Return the index of each account's main reason or trigger by yuan, -1 where nothing is ours."""
        by_cause = self.yuan.sum(axis=1 if axis == "reason" else 0)
        return np.where(by_cause.max(axis=0) > 0, by_cause.argmax(axis=0), -1)


class Looks(NamedTuple):
    """How often customers are expected to look around on each of our lines, shape (triggers, lines, customers)."""

    free: Floats
    """Without a term that binds them."""
    bound: Floats
    """Inside a term."""


def expected_leaving(decision: Decision, book: Book) -> Leaving:
    """Return what is expected to leave over the planning period, and why.

    Chances are those of today's stocks and tariffs' mean, month after month; a line that has left can't leave again.
    """
    months = min(decision.period, decision.months)
    today = todays_response(decision.model_copy(update={"months": months}), book)
    types = account_types(decision, book)
    known = account_knowledge(decision, book, types)
    ours = np.where(today.served[0] > 0, today.satisfaction[0], known.satisfaction[OWN])
    satisfaction = np.concatenate([ours[None], known.satisfaction[OWN + 1 :]])
    saturation = decision.value.goodwill_saturation
    rapport = np.asarray((known.level_weight * -np.expm1(-saturation * known.goodwill)).sum(axis=0))
    looks = expected_looks(decision, book, ours, months)
    price = mean_price(decision, months)
    lines = np.zeros((len(REASONS), len(TRIGGERS), book.key.size))
    yuan = np.zeros_like(lines)
    account = np.arange(book.key.size)
    for d, weight in enumerate(types.weight):
        for line in range(len(book.ours)):
            parts = advantages_expected(decision, book, types, d, line, satisfaction, rapport, price)
            free, bound = chances(decision, book, types, d, line, parts)
            leave = looks.free[:, line] * free[:, None] + looks.bound[:, line] * bound[:, None]
            total = leave.sum(axis=(0, 1))
            leave *= -np.expm1(-total) / np.maximum(total, 1e-300)
            for rival in range(len(free)):
                why = main_reason(parts[rival])
                for trigger in range(len(TRIGGERS)):
                    one = weight * leave[rival, trigger]
                    lines[why, trigger, account] += one
                    yuan[why, trigger, account] += one * book.spend[line]
    return Leaving(lines, yuan, months)


def mean_price(decision: Decision, months: int) -> Floats:
    """Return the mean price of the months as it is foreseen, shape (carriers, lines)."""
    tariffs = foreseen(list(decision.rivals.values()), posted_tariff(decision), months)
    return np.asarray(np.mean([month.price for month in tariffs], axis=0))


def advantages_expected(
    decision: Decision,
    book: Book,
    types: Types,
    d: int,
    line: int,
    satisfaction: Floats,
    rapport: Floats,
    price: Floats,
) -> Floats:
    """Return by how much each rival's delivered value on a line exceeds ours, by part, (rivals, parts, customers).

    Parts are those of `sim.reason.advantages`, at draw `d` of the tastes; `rapport` is with us, shape (customers,).
    """
    posted, value, r = posted_tariff(decision), decision.value, rates(decision)
    rivals = -np.expm1(-value.goodwill_saturation * decision.visit.rival_goodwill)
    ours = np.log(price[OWN, line] * (1.0 - book.discount[line].astype(float)))
    image = posted.image[OWN] - np.expm1(-book.adstock.astype(float))
    others = [types.law[d, c].sum(axis=0) - types.law[d, c, line] for c in range(len(posted.image))]
    found = []
    for c in range(OWN + 1, len(posted.image)):
        parts = [
            types.price_sensitivity[d] * (ours - np.log(price[c, line])),
            np.full(book.key.size, value.quality * (posted.quality[c, line] - posted.quality[OWN, line])),
            value.satisfaction * (satisfaction[c] - satisfaction[OWN]),
            types.rapport_weight[d] * (rivals - rapport),
            value.image * (posted.image[c] - image),
            types.hassle_weight[d] * (posted.hassle[OWN] - posted.hassle[c]),
            float(r.bundle) / max(len(book.ours) - 1, 1) * (others[c] - others[OWN]),
        ]
        found.append(np.array(parts))
    return np.array(found)


def chances(decision: Decision, book: Book, types: Types, d: int, line: int, parts: Floats) -> tuple[Floats, Floats]:
    """Return the chance that who looks around on our line takes it to each rival, free and inside a term.

    Each is of shape (rivals, customers), and 0 where the line isn't ours.
    """
    cost = types.switching_cost[d] + structural(book.step, decision.bond) * decision.mechanisms.bonds
    gain = parts.sum(axis=1)
    ours = book.ours[line]

    def leaving(extra: float) -> Floats:
        odds = np.exp(np.minimum(gain - cost - extra, 500.0))
        return np.where(ours, odds / (1.0 + odds.sum(axis=0)), 0.0)

    return leaving(0.0), leaving(decision.choice.breakage if decision.mechanisms.contracts else 0.0)


def expected_looks(decision: Decision, book: Book, satisfaction: Floats, months: int) -> Looks:
    """Return how often each line of ours is expected to be looked at over some months, by what triggers it."""
    attention, loyalty, on = decision.attention, decision.loyalty, decision.mechanisms
    spread = satisfaction_spread(decision)
    repeat = repeats(decision, book, np.arange(months))
    shape = (len(TRIGGERS), book.key.size)
    usual, ending = np.zeros(shape), np.zeros(shape)
    contact = call_chance(decision, months)
    for node, weight in zip(NODES, WEIGHTS / WEIGHTS.sum(), strict=True):
        felt = np.clip(satisfaction + spread * node, 0, 1)
        meant = intention(felt, loyalty)
        acts = np.where(meant >= loyalty.advocacy, 1.0, loyalty.repeat_share)
        loyal = repeat * meant * acts * on.loyalty
        lacking = attention.dissatisfaction * np.maximum(0.0, attention.threshold - felt)
        calm = attention.base + lacking - loyalty.attention * loyal - attention.on_plan * (book.plan > 0)
        called = attention.rival_contact * (1 - loyalty.shield * loyal)
        for rings, chance in ((0.0, 1 - contact), (1.0, contact)):
            logit = calm + rings * called
            prompts = np.array([np.zeros(felt.size), rings * called, np.zeros(felt.size), lacking])
            _note(usual, prompts, weight * chance * expit(logit))
            prompts[TERM_ENDED] = attention.contract_ended
            _note(ending, prompts, weight * chance * expit(logit + attention.contract_ended))
    return _over_months(decision, book, usual * on.attention, ending * on.attention, months)


def _note(found: Floats, prompts: Floats, chance: Floats) -> None:
    """Add chances of looking to what prompted it most."""
    most = np.where(prompts.max(axis=0) > 0, prompts.argmax(axis=0), UNPROMPTED)
    found[most, np.arange(chance.size)] += chance


def _over_months(decision: Decision, book: Book, usual: Floats, ending: Floats, months: int) -> Looks:
    """Return looks over the months: bound up to the term's end, then free, or bound again where the term is renewed."""
    left = np.where(book.ours, np.maximum(book.months_left, 0), 0) * decision.mechanisms.contracts
    left = np.where(book.plan > 0, 0, left)
    ends = (left > 0) & (left <= months)
    inside = np.minimum(np.maximum(left - 1, 0), months)
    after = months - np.minimum(left, months)
    again = np.where(ends, decision.contract.resigning, 0.0) * after
    free = np.asarray(ends * ending[:, None] + (after - again) * usual[:, None])
    return Looks(free, np.asarray((inside + again) * usual[:, None]))


def call_chance(decision: Decision, months: int) -> float:
    """Return the mean chance that a rival calls on a customer in a month."""
    tariffs = foreseen(list(decision.rivals.values()), posted_tariff(decision), months)
    return float(np.mean([1 - np.prod(1 - month.contact) for month in tariffs]))
