"""The minimal market in numpy, tuned: blocks of customers that stay in cache live all months, written in place."""

from __future__ import annotations

from typing import Any

import numpy as np
from minimal import MONTHS, Outcome, World
from numpy.typing import DTypeLike, NDArray

from sim.state import Customers, State

Floats = NDArray[np.floating[Any]]
SQRT12 = 12.0**0.5


class Block:
    """Some customers of the world, their state and the scratch arrays of their months, all floats of one kind."""

    def __init__(self, world: World, here: slice, kind: DTypeLike):
        def taken(record: Customers | State, name: str) -> Floats:
            return np.array(getattr(record, name)[..., here], dtype=kind, order="C")

        who, state, posted, self.r = world.city.customers, world.city.state, world.posted, world.rates
        self.demand = taken(state, "demand")
        self.satisfaction, self.expectation = taken(state, "satisfaction"), taken(state, "expectation")
        self.goodwill, self.level_weight = taken(state, "goodwill"), taken(who, "level_weight")
        self.price_sensitivity, self.rapport_weight = taken(who, "price_sensitivity"), taken(who, "rapport_weight")
        self.hassle_weight, self.switching_cost = taken(who, "hassle_weight"), taken(who, "switching_cost")
        self.price, self.quality = posted.price.astype(kind), posted.quality.astype(kind)
        self.service, self.image, self.hassle = (
            part.astype(kind)[:, None] for part in (posted.service, posted.image, posted.hassle)
        )
        usual = np.full((len(posted.price), 1, 1), self.r.rival_goodwill, dtype=kind)
        usual[0] = 0
        self.held = (1 - self.r.goodwill_kept) * usual
        at = state.carrier[:, here] == np.arange(len(posted.price))[:, None, None]
        self.at = at.astype(kind)
        """1 where a carrier serves a line, else 0, shape (carriers, lines, customers)."""
        self.then, self.known = np.empty_like(self.at), np.empty_like(self.goodwill)
        self.odds, self.part = np.empty_like(self.at[1:]), np.empty_like(self.at[1:])
        self.seen, self.moved, self.value = (np.empty_like(self.satisfaction) for _ in range(3))
        carriers, lines, customers = at.shape
        self.draw = np.empty((carriers + lines, customers), dtype=kind)

    def experience(self, luck: Floats) -> None:
        """Turn a month with each carrier into satisfaction and expectation; `luck` has shape (carriers, customers)."""
        r, seen, moved = self.r, self.seen, self.moved
        served = self.at.sum(axis=1, out=self.value)
        for quality, here, total in zip(self.quality, self.at, seen, strict=True):
            np.matmul(quality, here, out=total)
        met = served > 0
        seen /= np.maximum(served, 1, out=served)
        seen *= 1 - r.service_share
        luck *= r.noise * SQRT12
        seen += luck
        seen += r.service_share * self.service - r.noise * SQRT12 / 2
        surprise = np.subtract(seen, self.expectation, out=luck)
        seen *= (1 + r.desire_weight) * (1 - r.memory)
        seen -= r.desire_weight * r.desire * (1 - r.memory)
        seen += np.multiply(surprise, r.expectation_weight * (1 - r.memory), out=moved)
        seen += np.multiply(self.satisfaction, r.memory, out=moved)
        np.copyto(self.satisfaction, np.clip(seen, 0, 1, out=seen), where=met)
        surprise *= r.expectation_speed
        surprise *= met
        self.expectation += surprise

    def common(self) -> Floats:
        """Let goodwill age and return the value that doesn't depend on the line, shape (carriers, customers)."""
        r, known, value, part = self.r, self.known, self.value, self.moved
        self.goodwill *= r.goodwill_kept
        self.goodwill += self.held
        np.exp(np.multiply(self.goodwill, -r.saturation, out=known), out=known)
        known *= self.level_weight
        np.subtract(1, known.sum(axis=1, out=value), out=value)
        value *= self.rapport_weight
        value += np.multiply(self.satisfaction, r.satisfaction, out=part)
        value -= np.multiply(self.hassle_weight, self.hassle, out=part)
        value += r.image * self.image
        return value

    def choose(self, common: Floats, luck: Floats) -> None:
        """Draw every line's next carrier with odds against the own carrier; `luck` has shape (lines, customers)."""
        odds, part, then = self.odds, self.part, self.then
        dearer = np.log(self.price[1:] / self.price[0])[:, :, None]
        better = self.r.quality * (self.quality[1:] - self.quality[0])[:, :, None]
        np.subtract(self.at[1:], self.at[0], out=odds)
        odds *= self.switching_cost
        odds -= np.multiply(self.price_sensitivity, dearer, out=part)
        odds += better
        odds += (common[1:] - common[0])[:, None]
        np.exp(odds, out=odds)
        odds[0] += 1
        total = np.add(odds[0], odds[1], out=part[0])
        luck *= total
        np.less(luck, 1, out=then[0])
        np.greater_equal(luck, odds[0], out=then[2])
        np.subtract(1, then[0], out=then[1])
        then[1] -= then[2]

    def month(self, rng: np.random.Generator) -> tuple[Floats, float, float]:
        """Live a month; return revenue by carrier, lines with us and lines that changed carrier."""
        rng.random(dtype=self.draw.dtype, out=self.draw)
        carriers, lines, _ = self.at.shape
        self.experience(self.draw[:carriers])
        self.choose(self.common(), self.draw[carriers:])
        stayed = np.vdot(self.at, self.then)
        self.at, self.then = self.then, self.at
        spent = [[np.vdot(self.demand[line], self.at[c, line]) for line in range(lines)] for c in range(carriers)]
        return (self.price * spent).sum(axis=1), self.at[0].sum(), self.demand.size - stayed


def run(world: World, seed: int, kind: DTypeLike = np.float32, size: int = 16384) -> Outcome:
    """Run the minimal market in floats of this kind, `size` customers at a time."""
    lines, customers = world.city.state.carrier.shape
    rng = np.random.Generator(np.random.SFC64(seed))
    revenue, own, switched = np.zeros((MONTHS, len(world.posted.price))), np.zeros(MONTHS), np.zeros(MONTHS)
    for first in range(0, customers, size):
        block = Block(world, slice(first, first + size), kind)
        for month in range(MONTHS):
            paid, ours, changed = block.month(rng)
            revenue[month] += paid
            own[month] += ours
            switched[month] += changed
    return Outcome(revenue, own / (customers * lines), switched / (customers * lines))
