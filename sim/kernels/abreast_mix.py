"""Going from one branch of the recursion abreast to the other: on an Evergreen plan, or off it.

Who goes takes its paths along, so that those of the branch become means over both: of who was there, with the weight
`a`, and of who comes, with the weight `z`. Lanes in which nobody goes have the weights 1 and 0.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sim.kernels.abreast_paths import Month, Paths, Turn
from sim.kernels.records import Rates
from sim.kernels.step import apart, step

Lane = NDArray[Any]
NOBODY = 1e-30
"""Stands for no share of who was there, so that cohorts of a branch that was empty vanish and can be divided by."""


@apart
def mix(into: Lane, comes: Lane, a: Lane, z: Lane) -> None:
    """Make `into` the mean of itself and of what comes."""
    for i in range(into.size):
        into[i] = a[i] * into[i] + z[i] * comes[i]


@apart
def shrink(x: Lane, factor: Lane) -> None:
    """Multiply lanes by a factor of each."""
    for i in range(x.size):
        x[i] *= factor[i]


@step
def come_off(now: Turn, p: Paths, w: Month) -> None:
    """Mix who left a plan into the branch off it; their lines of ours are bound no more."""
    a, z = w.a, w.z
    mix(p.over_ip[0], p.over_ip[1], a, z)
    mix(p.latest[0], p.latest[1], a, z)
    mix(p.solved[0], p.solved[1], a, z)
    for line in range(p.demand.shape[0]):
        ours, loose, owed = p.law[1, line, 0], p.loose[line], p.owed[line]
        for i in range(loose.size):
            loose[i] = z[i] * ours[i]
        shrink(owed, a)
        mix(p.kept[0, line], p.kept[1, line], a, z)
        for c in range(p.law.shape[2]):
            mix(p.law[0, line, c], p.law[1, line, c], a, z)
            come_off_terms(line, c, now, p, w)
    for c in range(p.law.shape[2]):
        mix(p.feeling[0, c], p.feeling[1, c], a, z)
        mix(p.expected[0, c], p.expected[1, c], a, z)


@step
def come_off_terms(line: int, c: int, now: Turn, p: Paths, w: Month) -> None:
    """Mix terms with rivals, and leave those with us of who comes out: a plan had taken their place."""
    here, there, alive = w.here, w.there, p.alive[0, line, c]
    for i in range(here.size):
        here[i] = w.a[i] * alive[i]
    for i in range(there.size):
        there[i] = w.z[i] * p.alive[1, line, c, i]
    if c == 0:
        shrink(p.bound[0, line, c], w.a)
    else:
        mix(p.bound[0, line, c], p.bound[1, line, c], w.a, w.z)
    for slot in range(now.t, p.ring.shape[3]):
        if c == 0:
            shrink(p.ring[0, line, c, slot], here)
        else:
            mix(p.ring[0, line, c, slot], p.ring[1, line, c, slot], here, there)
    for i in range(alive.size):
        alive[i] = 1.0


@step
def come_on(r: Rates, p: Paths, w: Month) -> None:
    """Mix who joined a plan in with all lines."""
    a, z, share, had = w.a, w.z, w.joining, w.part
    mix(p.latest[1], p.latest[0], a, z)
    mix(p.solved[1], p.solved[0], a, z)
    for line in range(p.demand.shape[0]):
        ours, joiners = p.law[0, line, 0], w.joiners[line]
        for i in range(share.size):
            sure = (share[i] > 0.0) & (ours[i] > 1e-9)
            had[i] = z[i] * (joiners[i] / (share[i] * ours[i]) if sure else 1.0)
        mix(p.kept[1, line], p.kept[0, line], a, had)
        if line == r.ip_line:
            mix(p.over_ip[1], p.over_ip[0], a, had)
        for c in range(p.law.shape[2]):
            law, alive = p.law[1, line, c], p.alive[1, line, c]
            for i in range(law.size):
                law[i] = a[i] * law[i] + (z[i] if c == 0 else 0.0)
            shrink(p.bound[1, line, c], a)
            for i in range(alive.size):
                alive[i] *= max(a[i], NOBODY)
    for c in range(p.law.shape[2]):
        mix(p.feeling[1, c], p.feeling[0, c], a, z)
        mix(p.expected[1, c], p.expected[0, c], a, z)


@step
def stay_off(r: Rates, p: Paths, w: Month) -> None:
    """Leave in the branch off a plan who didn't join one: their lines, and the terms of these."""
    share, here, there = w.joining, w.here, w.there
    for line in range(p.demand.shape[0]):
        ours, joiners = p.law[0, line, 0], w.joiners[line]
        for i in range(share.size):
            rest = 1.0 - share[i]
            some = (ours[i] > 1e-9) & (rest > 1e-12)
            here[i] = max((ours[i] - joiners[i]) / (rest * ours[i]), 1e-9) if some else 1.0
        for i in range(share.size):
            rest, other = 1.0 - share[i], 1.0 - ours[i]
            some = (other > 1e-9) & (rest > 1e-12)
            there[i] = max((other - (share[i] - joiners[i])) / (rest * other), 1e-9) if some else 1.0
        shrink(p.kept[0, line], here)
        if line == r.ip_line:
            shrink(p.over_ip[0], here)
        shrink(p.owed[line], here)
        for c in range(p.law.shape[2]):
            factor = here if c == 0 else there
            shrink(p.law[0, line, c], factor)
            shrink(p.bound[0, line, c], factor)
            shrink(p.alive[0, line, c], factor)
