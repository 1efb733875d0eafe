"""The monthly step of social and structural bonds, over the lanes of a block (`sim.bond`)."""

from __future__ import annotations

import numpy as np

from sim.kernels.lanes import ONE, ZERO, F, some, spread32
from sim.kernels.records import Block, Contacts, Keys, Rates, Switches
from sim.kernels.step import step
from sim.state import State


@step
def hold_bonds(lo: int, m: int, s: State, got: Contacts, r: Rates, on: Switches, key: Keys, w: Block) -> None:
    """Move each customer's step, and let what leaving us costs it (`Block.hold`) begin with its bonds."""
    if not on.bonds:
        return
    bond, lines = w.hold[0], F(w.before.shape[0])
    place, visits, plan = w.place, got.visits[lo : lo + m], s.plan[lo : lo + m]
    step, stage, served, common, luck = s.step[lo : lo + m], s.stage[lo : lo + m], w.served[0], w.common[0], w.number
    met = some(visits)
    for i in range(m):
        luck[i] = ONE
    for i in range(m if met else 0):
        luck[i] = spread32(key.integration, place[i], np.uint64(0))
    for i in range(m):
        bundled = (served[i] >= lines) | (plan[i] > 0)
        solved = bundled & ((step[i] == 3) | ((visits[i] > 0) & (luck[i] < r.integration)))
        plain = 2 if bundled else (1 if served[i] > F(1.5) else 0)
        now = step[i] if on.frozen else (3 if solved else plain)
        step[i] = now
        bond[i] = r.bond_solution if now == 3 else (r.bond_bundle if now == 2 else (r.bond_line if now == 1 else ZERO))
        common[i] += r.social * (ONE if stage[i] >= 3 else ZERO)
