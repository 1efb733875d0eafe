"""Is the corrected value right? A trial halved at random: learnt on one half, judged by the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.trial_policy import Chosen, believed_value, choose, total
from optimize.trial_shrink import shrunk
from optimize.trial_table import Sums, TrialTable, sums_of
from optimize.trial_uplift import measured
from sim import draws

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Halved(NamedTuple):
    """What was expected of policies and what the other half said, units of the outcome a half, shape (halvings,)."""

    naive: Floats
    """Best treatment of each cell by its measured uplift, at that uplift."""
    naive_held_out: Floats
    corrected: Floats
    """Best treatment after shrinkage, at the expected uplift."""
    corrected_held_out: Floats

    @property
    def overstated(self) -> float:
        """Return by how much the naive value is above what is held out, as a share of it."""
        return _above(self.naive, self.naive_held_out)

    @property
    def left(self) -> float:
        """Return by how much the corrected value is."""
        return _above(self.corrected, self.corrected_held_out)

    @property
    def kept(self) -> float:
        """Return the held-out value of the corrected policy as a share of the naive one's."""
        return 1 + _above(self.corrected_held_out, self.naive_held_out)


def halved(
    trial: TrialTable,
    halvings: int,
    seed: int,
    own_variance: float,
    cost: Floats,
    share: float = 1.0,
    progress: Callable[[int], None] | None = None,
) -> Halved:
    """Return what naive and corrected policies were expected to bring and brought, over random halvings.

    `cost` is what a treatment costs a person, in units of the outcome, `share` how many people may be treated. Halves
    of one table lean against each other: where one is lucky the other is not. Means over many halvings are what counts.
    """
    whole, found = sums_of(trial), []
    for number in range(halvings):
        found.append(sums_of(trial, _second_half(trial.arm.size, seed, number), 2))
        if progress:
            progress(1)
    learnt = Sums(*(np.stack(parts)[:, 0] for parts in zip(*found, strict=True)))
    held_out = whole.less(learnt)
    here, there = measured(learnt, own_variance), measured(held_out, own_variance)
    posterior, most = shrunk(here), share * learnt.size.sum(axis=-1)

    def on_the_other_half(chosen: Chosen) -> Floats:
        moved = chosen._replace(people=chosen.people * held_out.size / np.maximum(learnt.size, 1.0))
        return total(moved, there.uplift - cost)

    naive = choose(here.uplift - cost, learnt.size, most)
    corrected = choose(posterior.uplift - cost, learnt.size, most)
    return Halved(
        naive=total(naive, here.uplift - cost),
        naive_held_out=on_the_other_half(naive),
        corrected=believed_value(corrected, posterior, cost).mean,
        corrected_held_out=on_the_other_half(corrected),
    )


def dealt(trial: TrialTable, parts: int, seed: int) -> Whole:
    """Return the part of each person, shape (people,): people of a cell and arm are dealt out evenly, at random."""
    place = trial.cell * len(trial.arms) + trial.arm
    order = np.lexsort((_uniform(trial.arm.size, seed, "trial parts", 0), place))
    count = np.bincount(place)
    first = np.repeat(np.cumsum(count) - count, count)
    part = np.empty(order.size, dtype=np.int64)
    part[order] = (np.arange(order.size) - first) % parts
    return part


def _second_half(people: int, seed: int, number: int) -> Whole:
    """Return 0 for people of one half and 1 for the others."""
    half = np.zeros(people, dtype=np.int64)
    half[np.argpartition(_uniform(people, seed, "trial halving", number), people // 2)[people // 2 :]] = 1
    return half


def _uniform(people: int, seed: int, name: str, number: int) -> Floats:
    return draws.uniform(draws.stream(seed, name, number), np.arange(people, dtype=np.uint64))


def _above(one: Floats, other: Floats) -> float:
    base = float(other.mean())
    return float(one.mean()) / base - 1 if base else float("nan")
