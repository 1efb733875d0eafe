"""Fees for leaving inside a term, and installation fees that plan customers needn't pay."""

from __future__ import annotations

import numpy as np

from sim.carrier import Tariff
from sim.kernels.behaviour import fixed
from sim.kernels.lanes import ZERO, pick, some
from sim.kernels.records import BREAKAGE, WAIVED, Block, Rates
from sim.kernels.step import step
from sim.kernels.substitution import own_charge
from sim.state import State


@step
def charge_leaving(lo: int, m: int, line: int, s: State, posted: Tariff, r: Rates, w: Block) -> None:
    """Charge who takes a line away inside its own term a share of the bills left; a plan's line has no term of its own.

    To be called when it has been chosen where lines go, before they move.
    """
    if not r.line_fee > ZERO:
        return
    current, left, plan = s.carrier[line, lo : lo + m], s.months_left[line, lo : lo + m], s.plan[lo : lo + m]
    demand, discount = s.demand[line, lo : lo + m], s.discount[line, lo : lo + m]
    looks, chosen, breakage = w.flag, w.chosen, w.money[BREAKAGE]
    goes, order, share = w.moved, w.order, np.float64(r.line_fee)
    for i in range(m):
        goes[i] = (looks[i] == 1) & (current[i] == 0) & (chosen[i] != 0) & (left[i] > 0) & (plan[i] == 0)
    for j in range(pick(goes[:m], order)):
        i = order[j]
        month = np.float64(demand[i]) * own_charge(lo + i, line, s, posted, r) * (1.0 - np.float64(discount[i]))
        breakage[i] += fixed(share * month * np.float64(left[i]))


@step
def waive_installation(lo: int, m: int, s: State, r: Rates, w: Block) -> None:
    """Count the installation of lines that have come to us on a plan."""
    if not r.installation > ZERO:
        return
    plan, waived, came = s.plan[lo : lo + m], w.money[WAIVED], w.number
    for i in range(m):
        waived[i] = 0
        came[i] = 0
    if not some(plan):
        return
    for line in range(w.before.shape[0]):
        current, before = s.carrier[line, lo : lo + m], w.before[line]
        for i in range(m):
            came[i] += (current[i] == 0) & (before[i] != 0) & (plan[i] > 0)
    fee = np.float64(r.installation)
    for i in range(m):
        waived[i] = fixed(fee * np.float64(came[i]))
