"""The monthly step of social and structural bonds, over the lanes of a block (`sim.bond`)."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.lanes import ONE, ZERO, F, keyed32
from sim.kernels.records import Block, Contacts, Keys, Rates, Switches
from sim.state import Customers, State


@njit(cache=True, error_model="numpy")
def hold_bonds(
    lo: int, m: int, who: Customers, s: State, got: Contacts, r: Rates, on: Switches, key: Keys, w: Block
) -> None:
    """Move each customer's step, and work out what its bonds with us are worth this month."""
    bond = w.bond
    if not on.bonds:
        bond[:m] = ZERO
        return
    lines = F(w.before.shape[0])
    k, visits, plan = who.key[lo : lo + m], got.visits[lo : lo + m], s.plan[lo : lo + m]
    step, stage, served, common, luck = s.step[lo : lo + m], s.stage[lo : lo + m], w.served[0], w.common[0], w.number
    for i in range(m):
        luck[i] = keyed32(key.integration, k[i], np.uint64(0))
    for i in range(m):
        bundled = (served[i] >= lines) | (plan[i] > 0)
        solved = bundled & ((step[i] == 3) | ((visits[i] > 0) & (luck[i] < r.integration)))
        plain = 2 if bundled else (1 if served[i] > F(1.5) else 0)
        now = step[i] if on.frozen else (3 if solved else plain)
        step[i] = now
        bond[i] = r.bond_solution if now == 3 else (r.bond_bundle if now == 2 else (r.bond_line if now == 1 else ZERO))
        common[i] += r.social * (ONE if stage[i] >= 3 else ZERO)
