"""Rules of thumb to beat: each ranks accounts without any model of response and hands out the same menu and budgets."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from optimize.budget import Limits
from optimize.response import Response
from optimize.treatment import Treatment
from sim.book import Book
from sim.names import CLASSES, PLANS
from sim.programme import PracticeSettings
from sim.quantities import Settings, quantity
from sim.registry import Registry

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Wish(NamedTuple):
    """What a rule would like to do: accounts in order, and what each should get if it fits, best first."""

    order: Whole
    ladder: list[list[int]]
    """Treatments by account index, most wanted first."""


class Uses(NamedTuple):
    """What each treatment takes, as the allocation counts it, shape (treatments, customers)."""

    hours: Floats
    discount: Floats
    channel: Floats
    seat_minutes: Floats
    cost: Floats


@runtime_checkable
class RuleOfThumb(Protocol):
    """A rule of thumb: a settings class with this one method."""

    def wish(self, book: Book, menu: tuple[Treatment, ...], practice: PracticeSettings) -> Wish:
        """Return whom to serve first, and with what; it sees the book and the menu, not the response."""
        ...


rules: Registry[RuleOfThumb] = Registry("rule of thumb")


def field_offer(book: Book) -> NDArray[np.int8]:
    """Return the plan that field practice would offer: A where rival spend is known, C to who complained, else none."""
    rival = np.nan_to_num(book.rival_spend).sum(axis=0)
    own = book.own_spend
    offer = np.where((book.complaints > 0) & (own > 0), PLANS.index("C"), 0)
    return np.where(rival > 0.2 * (own + rival), PLANS.index("A"), offer).astype(np.int8)


def churn_risk(book: Book) -> Floats:
    """Return a churn score from what the book shows: complaints, no contract, short tenure, lines held elsewhere."""
    ours = book.ours
    held = np.maximum(ours.sum(axis=0), 1)
    open_term = (ours & (book.months_left <= 3)).sum(axis=0) / held
    short = (ours & (book.tenure < 12)).sum(axis=0) / held
    elsewhere = 1 - ours.mean(axis=0)
    score = np.minimum(book.complaints, 3) + open_term + 0.5 * short + elsewhere
    return np.asarray(np.where(ours.any(axis=0), score, -1.0))


def by_score(score: Floats, key: NDArray[np.uint64]) -> Whole:
    """Return accounts by falling score, ties by customer key."""
    return np.lexsort((key, -score)).astype(np.int64)


def ladder(menu: tuple[Treatment, ...], visits: tuple[int, ...], offer: int, channel: bool) -> list[int]:
    """Return treatments, most wanted first: visits with an offer, visits alone, then calls or letters."""
    wanted = []
    for number in visits:
        wanted += [b for b, t in enumerate(menu) if offer and t.offer == offer and t.visits == number]
        plain = [b for b, t in enumerate(menu) if t.visits == number and t.audience == "decider" and not t.offer]
        wanted += sorted((b for b in plain if not menu[b].discount), key=lambda b: -menu[b].mail)
    if channel:
        alone = [b for b, t in enumerate(menu) if not t.visits and not t.discount and (t.calls or t.mail)]
        wanted += sorted(alone, key=lambda b: -(menu[b].calls + menu[b].mail))
    return wanted


class Ranked(Settings):
    """A rule that serves accounts by rank, each with the most visits that still fit."""

    offers: bool = False
    visits: tuple[int, ...] = quantity((12, 4, 2, 1), "visits/year", 0, 366, help="tried in this order")

    def score(self, book: Book) -> Floats:
        """Return what accounts are ranked by, the largest first."""
        raise TypeError(f"{type(self).__name__} doesn't say what it ranks by: give it a method score(book)")

    def wish(self, book: Book, menu: tuple[Treatment, ...], practice: PracticeSettings) -> Wish:
        """Return accounts by score, each with the same ladder."""
        offer = field_offer(book) if self.offers else np.zeros(book.key.size, dtype=np.int8)
        ladders = {plan: ladder(menu, self.visits, plan, channel=True) for plan in range(len(PLANS))}
        return Wish(by_score(self.score(book), book.key), [ladders[int(plan)] for plan in offer])


@rules.register("nothing")
class Nothing(Settings):
    """Leave every account alone for the period."""

    def wish(self, book: Book, menu: tuple[Treatment, ...], practice: PracticeSettings) -> Wish:
        """Return no wish."""
        return Wish(np.arange(0), [])


@rules.register("equal_split")
class EqualSplit(Ranked):
    """Give every account the same: one visit a year if hours allow, letters and calls while they last."""

    visits: tuple[int, ...] = quantity((1,), "visits/year", 0, 366)

    def score(self, book: Book) -> Floats:
        """Return the same for all; who is left out when hours run out is decided by customer key."""
        return np.zeros(book.key.size)


@rules.register("biggest_spenders_first")
class BiggestSpendersFirst(Ranked):
    """Serve accounts by spend with us."""

    def score(self, book: Book) -> Floats:
        """Return spend with us, yuan/month."""
        return book.own_spend.astype(float)


@rules.register("highest_risk_first")
class HighestRiskFirst(Ranked):
    """Serve accounts by churn score."""

    def score(self, book: Book) -> Floats:
        """Return the churn score."""
        return churn_risk(book)


@rules.register("todays_practice")
class TodaysPractice(Settings):
    """Serve by value class as today: each tier its visits, letters and calls; inside a tier by spend with us."""

    offers: bool = False

    def wish(self, book: Book, menu: tuple[Treatment, ...], practice: PracticeSettings) -> Wish:
        """Return accounts by class and spend, each with its tier's treatment, then with less of it."""
        offer = field_offer(book) if self.offers else np.zeros(book.key.size, dtype=np.int8)
        order = np.lexsort((book.key, -book.own_spend, book.value_class)).astype(np.int64)
        wanted: dict[tuple[int, int], list[int]] = {}
        for index, name in enumerate(CLASSES):
            tier = practice.tiers.get(name)  # type: ignore[call-overload]
            steps = tuple(v for v in (24, 12, 4, 2, 1) if tier and v <= tier.visits)
            contact = bool(tier and (tier.mail or tier.calls or tier.visits))
            for plan in range(len(PLANS)):
                wanted[index, plan] = ladder(menu, steps, plan, channel=contact)
        return Wish(order, [wanted[int(c), int(p)] for c, p in zip(book.value_class, offer, strict=True)])


def uses(response: Response) -> Uses:
    """Return what treatments take, without what they bring."""
    return Uses(response.hours, response.discount, response.channel, response.seat_minutes, response.cost)


def hand_out(wish: Wish, allowed: NDArray[np.bool_], takes: Uses, manager: NDArray[np.int32], limits: Limits) -> Whole:
    """Return each account's treatment: down the order, the first of its ladder that still fits every budget."""
    chosen = np.zeros(allowed.shape[1], dtype=np.int64)
    hours = limits.hours - np.bincount(manager, weights=takes.hours[0], minlength=limits.hours.size)
    names = ("discount", "channel", "seat_minutes", "total_cost")
    tables = (takes.discount, takes.channel, takes.seat_minutes, takes.cost)
    left = np.array([getattr(limits, name) - table[0].sum() for name, table in zip(names, tables, strict=True)])
    stacked = np.stack(tables)
    for account in wish.order:
        m = manager[account]
        for b in wish.ladder[account]:
            if not allowed[b, account]:
                continue
            time = takes.hours[b, account] - takes.hours[0, account]
            use = stacked[:, b, account] - stacked[:, 0, account]
            if time <= hours[m] + 1e-9 and (use <= left + 1e-9).all():
                chosen[account] = b
                hours[m] -= time
                left -= use
                break
    return chosen
