"""Interference: what a plan's other accounts do to one: news of unit discounts (D13), and managers' time.

News travels inside a building and, less, inside an industry of a service centre (`sim.talk`). Of those without a
discount who hear, some ask and are given the same for a time, and the others feel treated unfairly and look around. An
account's treatment is charged with both, at the margin of what others around it are given already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from sim.book import Book
from sim.names import INDUSTRIES
from sim.talk import TalkSettings

if TYPE_CHECKING:
    from optimize.response import Response

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
CHARGED = ("retained", "won_back", "contribution", "discount")
"""Outcomes of a response that a leak changes, the order of a leak's first axis."""


DELAYED = ("retained", "won_back", "shortfall", "breakage", "lines_lost", "satisfaction", "served")
"""Outcomes that come later where visits do."""


class Around(NamedTuple):
    """What a plan around which is estimated does to accounts."""

    treatment: Whole
    """Of each account, shape (customers,)."""
    late: Floats
    """Months that a visit to each account would wait, shape (customers,)."""


class Circle(NamedTuple):
    """Accounts that may hear of one another."""

    group: Whole
    """Group of each account, shape (customers,); the last number is that of nobody's."""
    groups: int
    rate: float
    """Probability a month of hearing of one other's discount."""


def with_leaks(decision: Decision, book: Book, response: Response, around: Around | None = None) -> Response:
    """Return the response in which unit discounts carry what their news does to others.

    Without a plan `around` which is estimated nobody else has a discount. Where a rule gives a building's discount to
    all its tenants, or charges it by building, its news is left to the rule (`rules.building_fairness`).
    """
    tiers = sorted({t.discount for t in response.treatments if t.discount > 0})
    places = circles_of(decision, book)
    if not tiers or not places:
        return response
    customers = book.key.size
    discount = np.array([t.discount for t in response.treatments])
    tells = np.zeros(customers, dtype=bool) if around is None else discount[around.treatment] > 0
    hears = book.ours.any(axis=0) & (book.plan == 0) & ~tells
    changed = {name: getattr(response, name).copy() for name in CHARGED}
    for tier in tiers:
        leak = sum(_leak(decision, response, book, place, tells, hears, tier) for place in places)
        rows = discount == tier
        for name, yuan in zip(CHARGED, np.asarray(leak), strict=True):
            changed[name][rows] += np.where(response.choices.allowed[rows], yuan, 0.0)
    return response._replace(**changed)


def circles_of(decision: Decision, book: Book) -> list[Circle]:
    """Return the circles in which news travels; how many of an account's neighbours take part isn't known."""
    talk, on = decision.talk, decision.mechanisms
    found = []
    if on.talk and talk.rate > 0 and decision.rules.building_fairness == "off":
        buildings = int(book.building.max(initial=-1)) + 1
        group = np.where(book.building >= 0, book.building, buildings).astype(np.int64)
        found.append(Circle(group, buildings, talk.rate * talk.density**2))
    if on.talk and on.industry_talk and talk.industry_rate > 0:
        group = book.centre.astype(np.int64) * len(INDUSTRIES) + book.industry
        found.append(Circle(group, int(group.max(initial=-1)) + 1, talk.industry_rate * talk.density**2))
    return found


def _leak(
    decision: Decision,
    response: Response,
    book: Book,
    place: Circle,
    tells: NDArray[np.bool_],
    hears: NDArray[np.bool_],
    tier: float,
) -> Floats:
    """Return what a discount of this tier to each account does to others in a circle, (outcomes, customers)."""
    given, resent = of_a_month_given(decision, response, book, tier), of_resentment(decision, response, book)
    weights = np.concatenate([given, resent])
    totals = np.array([np.bincount(place.group, effect * hears, place.groups + 1) for effect in weights])
    totals[:, place.groups] = 0.0
    inside = place.group < place.groups
    others = totals[:, place.group] - weights * (hears & inside)
    tellers = np.bincount(place.group, tells, place.groups + 1)[place.group] - tells
    tellers = np.where(inside, tellers, 0).astype(np.int64)
    numbers = np.arange(tellers.max(initial=0) + 1)
    marginal = place.rate * (1 - place.rate) ** numbers
    period = min(decision.period, decision.months)
    months = np.array([months_given(r, decision.talk, period, decision.months) for r in marginal])[tellers]
    left = sum(decision.months - t for t in range(period))
    heard = (marginal * (1 - decision.talk.granted) * left)[tellers]
    kinds = len(CHARGED)
    return np.asarray(others[:kinds] * months + others[kinds:] * heard)


def of_a_month_given(decision: Decision, response: Response, book: Book, tier: float) -> Floats:
    """Return what a month with a discount of this tier does at each account, yuan, shape (outcomes, customers).

    It is a month's share of what the treatment with that discount alone brings over nothing, where that is allowed;
    else the discount itself, since who stays for it isn't estimated.
    """
    off = tier * book.own_spend.astype(float)
    plain = np.array([-off, np.zeros_like(off), -off, off])
    period = min(decision.period, decision.months)
    for b, t in enumerate(response.treatments):
        if t.discount == tier and not (t.visits or t.mail or t.calls or t.offer):
            brings = np.array([getattr(response, name)[b] - getattr(response, name)[0] for name in CHARGED]) / period
            plain = np.where(response.choices.allowed[b], brings, plain)
    return plain


def of_resentment(decision: Decision, response: Response, book: Book) -> Floats:
    """Return what hearing of another's discount does, yuan for each month that is left, shape (outcomes, customers).

    Lines are looked at oftener in that month, by the factor that attention gives; of those that leave as often as they
    otherwise do, so many more leave, with what they would have paid.
    """
    lines = np.maximum(book.ours.sum(axis=0), 1)
    monthly = np.clip(response.lines_lost[0] / lines / decision.months, 0, 1)
    lost = monthly * np.expm1(decision.attention.news) * book.own_spend
    return np.array([-lost, np.zeros_like(lost), -lost * (1 - decision.money.cost_to_serve), np.zeros_like(lost)])


def months_given(rate: float, talk: TalkSettings, period: int, horizon: int) -> float:
    """Return for how many months an account is expected to be given a discount that it hears of while it is granted.

    Each month of the period an account without it hears with `rate`, asks and is given it with `granted`; it then lasts
    `granted_months`, but not beyond the horizon.
    """
    hazard, without, expected = rate * talk.granted, 1.0, 0.0
    ending = np.zeros(horizon + talk.granted_months + 1)
    for month in range(min(period, horizon)):
        without += ending[month]
        begun = without * hazard
        without -= begun
        ending[month + talk.granted_months] += begun
        expected += begun * min(talk.granted_months, horizon - month)
    return float(expected)


def with_lateness(decision: Decision, response: Response, late: Floats) -> Response:
    """Return the response in which visits come `late`, months, shape (customers,), or not at all.

    Of visits that wait d months of a period of T, the share d / T isn't made, and of what the others bring so much
    falls beyond its end: what visits add to the treatment without them shrinks by (1 - d / T) squared.
    """
    period = min(decision.period, decision.months)
    kept = np.clip(1 - late / period, 0, 1) ** 2
    without = _without_visits(response)
    rows = [b for b, t in enumerate(response.treatments) if t.visits > 0]
    changed: dict[str, Any] = {}
    for name in DELAYED:
        given = getattr(response, name)
        late_one = given.copy()
        for b in rows:
            base = np.where(response.choices.allowed[without[b]], given[without[b]], given[0])
            late_one[b] = np.where(response.choices.allowed[b], base + kept * (given[b] - base), given[b])
        changed[name] = late_one
    gained = sum(changed[name] - getattr(response, name) for name in ("retained", "won_back", "shortfall", "breakage"))
    return response._replace(**changed, contribution=response.contribution + gained)


def _without_visits(response: Response) -> list[int]:
    """Return for each treatment the index of the one with its letters and calls alone, or of nothing."""
    plain = {
        (t.mail, t.calls, t.discount): b for b, t in enumerate(response.treatments) if not t.visits and not t.offer
    }
    return [plain.get((t.mail, t.calls, t.discount), 0) for t in response.treatments]
