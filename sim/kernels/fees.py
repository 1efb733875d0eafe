"""Fees for leaving inside a term, and installation fees that plan customers needn't pay."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.carrier import Tariff
from sim.kernels.behaviour import fixed
from sim.kernels.records import Block, Month, Rates
from sim.kernels.substitution import charge
from sim.state import State


@njit(cache=True, error_model="numpy")
def charge_leaving(lo: int, m: int, line: int, s: State, posted: Tariff, r: Rates, w: Block, out: Month) -> None:
    """Charge who takes a line away inside its own term a share of the bills left; a plan's line has no term of its own.

    To be called when it has been chosen where lines go, before they move.
    """
    current, left, plan = s.carrier[line, lo : lo + m], s.months_left[line, lo : lo + m], s.plan[lo : lo + m]
    demand, discount = s.demand[line, lo : lo + m], s.discount[line, lo : lo + m]
    looks, chosen, breakage = w.flag, w.chosen, out.breakage[lo : lo + m]
    goes = 0
    for i in range(m):
        goes += (looks[i] == 1) & (current[i] == 0) & (chosen[i] != 0) & (left[i] > 0) & (plan[i] == 0)
    if goes == 0:
        return
    charge(lo, m, line, s, posted, r, w)
    share = np.float64(r.line_fee)
    for i in range(m):
        if looks[i] == 1 and current[i] == 0 and chosen[i] != 0 and left[i] > 0 and plan[i] == 0:
            month = np.float64(demand[i]) * w.charged[i] * (1.0 - np.float64(discount[i]))
            breakage[i] += fixed(share * month * np.float64(left[i]))


@njit(cache=True, error_model="numpy")
def waive_installation(lo: int, m: int, s: State, r: Rates, w: Block, out: Month) -> None:
    """Count the installation of lines that have come to us on a plan."""
    plan, waived, came = s.plan[lo : lo + m], out.waived[lo : lo + m], w.number
    for i in range(m):
        came[i] = 0
    for line in range(w.before.shape[0]):
        current, before = s.carrier[line, lo : lo + m], w.before[line]
        for i in range(m):
            came[i] += (current[i] == 0) & (before[i] != 0) & (plan[i] > 0)
    fee = np.float64(r.installation)
    for i in range(m):
        waived[i] = fixed(fee * np.float64(came[i]))
