"""The minimal market in numpy as one writes it first: whole arrays, month by month."""

from __future__ import annotations

from typing import Any

import numpy as np
from minimal import MONTHS, Outcome, World
from numpy.typing import DTypeLike, NDArray

from sim.carrier import Tariff
from sim.kernels.records import Rates
from sim.state import Customers, State

Floats = NDArray[np.floating[Any]]


def experience(state: State, at: NDArray[np.bool_], posted: Tariff, r: Rates, luck: Floats) -> None:
    """Turn a month with each carrier into satisfaction and expectation; `luck` has shape (carriers, customers)."""
    served = at.sum(axis=1, dtype=luck.dtype)
    quality = (posted.quality[:, :, None] * at).sum(axis=1) / np.maximum(served, 1)
    seen = (1 - r.service_share) * quality + r.service_share * posted.service[:, None]
    seen += r.noise * 12**0.5 * (luck - 0.5)
    surprise = seen - state.expectation
    target = seen + r.expectation_weight * surprise + r.desire_weight * (seen - r.desire)
    moved = np.clip(r.memory * state.satisfaction + (1 - r.memory) * target, 0, 1)
    np.copyto(state.satisfaction, moved, where=served > 0)
    np.add(state.expectation, r.expectation_speed * surprise, out=state.expectation, where=served > 0)


def common_value(who: Customers, state: State, posted: Tariff, r: Rates) -> Floats:
    """Let goodwill age and return the value that doesn't depend on the line, shape (carriers, customers)."""
    state.goodwill[:] *= r.goodwill_kept
    state.goodwill[1:] += (1 - r.goodwill_kept) * r.rival_goodwill
    known = (who.level_weight * (1 - np.exp(-r.saturation * state.goodwill))).sum(axis=1)
    value = r.satisfaction * state.satisfaction + who.rapport_weight * known
    return value + r.image * posted.image[:, None] - who.hassle_weight * posted.hassle[:, None]


def choice(who: Customers, at: NDArray[np.bool_], common: Floats, posted: Tariff, r: Rates, luck: Floats) -> Any:
    """Return each line's next carrier, shape (lines, customers), as has `luck`."""
    value = common[:, None] + r.quality * posted.quality[:, :, None]
    value -= who.price_sensitivity * np.log(posted.price)[:, :, None]
    value -= np.where(at, 0, who.switching_cost)
    odds = np.exp(value - value.max(axis=0)).cumsum(axis=0)
    return (luck * odds[-1] >= odds[:-1]).sum(axis=0, dtype=np.int8)


def run(world: World, seed: int, kind: DTypeLike = np.float32) -> Outcome:
    """Run the minimal market in floats of this kind."""
    posted = Tariff(*(part.astype(kind) for part in world.posted))
    who = Customers(*(part.astype(kind) for part in world.city.customers))
    state = State(*(part.astype(kind) for part in world.city.state))
    carriers, rng = np.arange(len(posted.price), dtype=np.int8)[:, None, None], np.random.default_rng(seed)
    at = world.city.state.carrier == carriers
    revenue, own, switched = np.zeros((MONTHS, len(carriers))), np.zeros(MONTHS), np.zeros(MONTHS)
    for month in range(MONTHS):
        experience(state, at, posted, world.rates, rng.random(state.satisfaction.shape, dtype=kind))
        common = common_value(who, state, posted, world.rates)
        luck = rng.random(state.demand.shape, dtype=kind)
        chosen = choice(who, at, common, posted, world.rates, luck) == carriers
        revenue[month] = (posted.price * (state.demand * chosen).sum(axis=2)).sum(axis=1)
        own[month], switched[month] = chosen[0].mean(), 1 - (chosen & at).sum() / luck.size
        at = chosen
    return Outcome(revenue, own, switched)
