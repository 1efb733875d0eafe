"""One customer of the minimal market in plain Python: what every agent is made of, whoever keeps the calendar."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from minimal import MONTHS, Outcome, World

from sim.carrier import Tariff
from sim.kernels.records import Rates

SQRT12 = math.sqrt(12.0)


class Market:
    """What agents see, and where they write what they did; `begin` opens a month."""

    def __init__(self, world: World):
        self.posted, self.r = world.posted, world.rates
        self.carriers, self.lines = world.posted.price.shape
        self.customers = world.city.customers.key.size
        self.revenue = np.zeros((MONTHS, self.carriers)).tolist()
        self.own, self.switched = [0] * MONTHS, [0] * MONTHS
        self.held = [0.0] + [(1 - self.r.goodwill_kept) * self.r.rival_goodwill] * (self.carriers - 1)

    def begin(self, month: int) -> None:
        """Open a month with its tariff."""
        self.month, posted = month, self.posted
        self.tariff = Tariff(*(part.tolist() for part in posted))
        self.worth: list[list[float]] = (self.r.quality * posted.quality).tolist()
        self.log_price: list[list[float]] = np.log(posted.price).tolist()

    def outcome(self) -> Outcome:
        """Return what the run brought."""
        every = self.customers * self.lines
        return Outcome(np.array(self.revenue), np.array(self.own) / every, np.array(self.switched) / every)


class Person:
    """A customer, with Python's own numbers in all its attributes."""

    __slots__ = (
        "carrier",
        "demand",
        "expectation",
        "goodwill",
        "hassle_weight",
        "level_weight",
        "price_sensitivity",
        "rapport_weight",
        "satisfaction",
        "switching_cost",
    )

    def __init__(self, values: tuple[Any, ...]):
        for name, value in zip(self.__slots__, values, strict=True):
            setattr(self, name, value)

    def live(self, market: Market, luck: Callable[[], float]) -> None:
        """Live the month that is open."""
        for c in range(market.carriers):
            served = [line for line, carrier in enumerate(self.carrier) if carrier == c]
            if served:
                qualities = market.tariff.quality[c]
                mean = sum([qualities[line] for line in served]) / len(served)
                self.experience(c, mean, market.tariff, market.r, luck())
        common = [self.common(c, market) for c in range(market.carriers)]
        for line in range(market.lines):
            self.choose(line, common, market, luck())

    def experience(self, c: int, quality: float, tariff: Tariff, r: Rates, luck: float) -> None:
        """Turn a month with a carrier into satisfaction and expectation."""
        seen = (1 - r.service_share) * quality + r.service_share * tariff.service[c] + r.noise * SQRT12 * (luck - 0.5)
        surprise = seen - self.expectation[c]
        target = seen + r.expectation_weight * surprise + r.desire_weight * (seen - r.desire)
        self.satisfaction[c] = min(1.0, max(0.0, r.memory * self.satisfaction[c] + (1 - r.memory) * target))
        self.expectation[c] += r.expectation_speed * surprise

    def common(self, c: int, market: Market) -> float:
        """Let goodwill with a carrier age and return the value that doesn't depend on the line."""
        r, tariff, known = market.r, market.tariff, 0.0
        goodwill = self.goodwill[c]
        for level, weight in enumerate(self.level_weight):
            goodwill[level] = goodwill[level] * r.goodwill_kept + market.held[c]
            known += weight * (1 - math.exp(-r.saturation * goodwill[level]))
        value: float = r.satisfaction * self.satisfaction[c] + self.rapport_weight * known
        return value + r.image * tariff.image[c] - self.hassle_weight * tariff.hassle[c]

    def choose(self, line: int, common: list[float], market: Market, luck: float) -> None:
        """Choose the line's next carrier and pay it."""
        current, odds, total = self.carrier[line], [], 0.0
        for c in range(market.carriers):
            value = common[c] + market.worth[c][line] - self.price_sensitivity * market.log_price[c][line]
            total += math.exp(value if c == current else value - self.switching_cost)
            odds.append(total)
        point, chosen = luck * total, 0
        while point >= odds[chosen]:
            chosen += 1
        month = market.month
        self.carrier[line] = chosen
        market.own[month] += chosen == 0
        market.switched[month] += chosen != current
        market.revenue[month][chosen] += self.demand[line] * market.tariff.price[chosen][line]


def people(world: World) -> list[Person]:
    """Return the city's customers, one object each."""
    who, state = world.city.customers, world.city.state
    arrays = (getattr(state if hasattr(state, name) else who, name) for name in Person.__slots__)
    return [Person(values) for values in zip(*(np.moveaxis(array, -1, 0).tolist() for array in arrays), strict=True)]
