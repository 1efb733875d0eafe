"""Talk over a sparse graph: news of discounts, advocates and complainers (D13, D27).

Who hears of whom is given by circles: the tenants of a building, and one industry in a service centre. A circle is the
incidence matrix of customers and groups with at most one entry a row, kept as the group of each row, 4 bytes a
customer; members of a group hear of each other. The graph of pairs, whose size grows with the square of a group's, is
never built: what a member hears is the group's total without its own voice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.exchange import Exchange
from sim.kernels.groups import group_largest, group_totals, others_totals
from sim.loyalty import ADVOCACY
from sim.names import INDUSTRIES
from sim.quantities import Settings, quantity
from sim.state import Customers, State
from sim.summing import over_lines

TELLS, ON_PLAN, ADVOCATES, COMPLAINS, VOICE = range(5)
"""Rows of what is said: a discount, a plan, praise and complaint by weight of voice, and the weight of voice itself."""


class TalkSettings(Settings):
    """How customers hear of each other."""

    rate: float = quantity(0.05, "probability a month", 0, 1, help="that a tenant hears of one neighbour's discount")
    plan_leak: float = quantity(0.0, "probability a month", 0, 1, help="that a tenant hears of one neighbour's plan")
    granted: float = quantity(0.5, "probability", 0, 1, help="that who has heard asks and is given the same discount")
    granted_months: int = quantity(12, "months", 1, 120, help="after which a discount that was asked for ends")
    advocacy: float = quantity(0.3, "image", 0, 5, help="image gained if all neighbours were advocates")
    complaint: float = quantity(0.6, "image", 0, 5, help="image lost if all neighbours complained")
    density: float = quantity(1.0, "probability", 0, 1, help="that a customer takes part in the talk of a circle")
    industry_rate: float = quantity(
        0.001, "probability a month", 0, 1, help="that a customer hears of one discount in its industry and centre"
    )
    industry_image: float = quantity(
        0.1, "ratio", 0, 5, help="what an industry's advocates and complainers do to image, against the building's"
    )
    big_name_above: float = quantity(
        25_000.0, "yuan/month", 0, 1e9, help="usage of all lines at reference prices that makes a customer a big name"
    )
    big_name_voice: int = quantity(3, "ordinary voices", 1, 100, help="weight of a big name's praise or complaint")


class Circle(NamedTuple):
    """Groups whose members hear of each other."""

    group: NDArray[np.int32]
    """The group in whose talk a customer takes part, -1 in none, shape (customers,)."""
    groups: int
    spans: bool
    """Whether managers of several territories have customers in one group."""


class Circles(NamedTuple):
    """The circles that a customer may belong to."""

    building: Circle
    industry: Circle


class Heard(NamedTuple):
    """What is said in a circle, by the rows of what is said (`TELLS` and so on)."""

    in_group: NDArray[np.int64]
    """Totals of each group and, last, 0 for no group, shape (rows, groups + 1)."""
    others: NDArray[np.int32]
    """What a customer hears: the totals of its group without what it says itself, shape (rows, customers)."""


def circle(group: NDArray[np.integer], groups: int, spans: bool, talks: NDArray[np.bool_]) -> Circle:
    """Return the circle of those in a group who take part in its talk."""
    return Circle(np.where(talks, group, -1).astype(np.int32), groups, spans)


def circles(
    who: Customers, buildings: int, centres: int, settings: TalkSettings, on: tuple[bool, bool], seed: int
) -> Circles:
    """Return who talks with whom; `on` says whether there is talk in buildings, and in industries.

    Each customer takes part in each circle with the probability `density`, keyed by the city's seed.
    """
    where = {
        "building": (who.building, buildings, False),
        "industry": (who.centre.astype(np.int32) * len(INDUSTRIES) + who.industry, centres * len(INDUSTRIES), True),
    }
    made = []
    for (name, (group, groups, spans)), talking in zip(where.items(), on, strict=True):
        part = np.zeros(who.key.size, dtype=bool)
        if talking:
            luck = draws.uniform(draws.stream(seed, f"takes part in talk in the {name}"), who.key)
            part = luck < settings.density
        made.append(circle(group, groups if talking else 0, spans, part))
    return Circles(*made)


def said(state: State, complained: NDArray[np.int8], loyal: bool, settings: TalkSettings) -> NDArray[np.int8]:
    """Return what there is to hear of each customer, shape (rows, customers); only `loyal` ones may be advocates."""
    size = complained.size
    told = np.empty((5, size), dtype=np.int8)
    big = over_lines(state.demand) >= settings.big_name_above
    told[VOICE] = np.where(big, settings.big_name_voice, 1)
    told[TELLS] = (state.discount > 0).any(axis=0)
    told[ON_PLAN] = state.plan > 0
    told[ADVOCATES] = told[VOICE] * (state.stage == ADVOCACY) * loyal
    told[COMPLAINS] = told[VOICE] * complained
    return told


def heard(around: Circle, told: NDArray[np.int8], exchange: Exchange) -> Heard:
    """Return what members of a circle hear; totals of groups that span territories are those of the whole city."""
    totals = group_totals(around.group, around.groups, told)
    if around.spans:
        totals = exchange.total(totals)
    return Heard(totals, others_totals(around.group, totals, told))


def hearing_probability(rate: float, tellers: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the probability of hearing from at least one of `tellers` others in a month."""
    return np.asarray(-np.expm1(tellers * np.log1p(-min(rate, 1 - 1e-12))))


def silence(
    settings: TalkSettings, building: NDArray[np.int32], industry: NDArray[np.int32], who: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the probability of hearing nothing for customers `who`, given what everybody hears, (rows, customers)."""

    def unheard(rate: float, tellers: NDArray[np.int32]) -> NDArray[np.float64]:
        by_number = 1 - hearing_probability(rate, np.arange(tellers.max(initial=0) + 1))
        return np.asarray(by_number[tellers])

    return (
        unheard(settings.rate, building[TELLS][who])
        * unheard(settings.plan_leak, building[ON_PLAN][who])
        * unheard(settings.industry_rate, industry[TELLS][who])
    )


def image(settings: TalkSettings, building: NDArray[np.int32], industry: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return image gained or lost by what others say, shape (customers,)."""

    def moved(others: NDArray[np.int32]) -> NDArray[np.float64]:
        balance = settings.advocacy * others[ADVOCATES] - settings.complaint * others[COMPLAINS]
        return np.asarray(balance / np.maximum(others[VOICE], 1))

    return moved(building) + settings.industry_image * moved(industry)


def largest_discount(around: Circle, discount: NDArray[np.float32], exchange: Exchange) -> NDArray[np.float32]:
    """Return the largest unit discount in each group of a circle, shape (groups + 1,); none for no group, last."""
    best = group_largest(around.group, around.groups, discount)
    if not around.spans:
        return best
    as_ordered = best.view(np.int32).astype(np.int64)  # numbers from 0 up are in the order of their bits
    return exchange.highest(as_ordered).astype(np.int32).view(np.float32)
