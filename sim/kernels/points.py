"""Points earned, redeemed and forfeited, and what staying with us is worth beyond the price list (`sim.points`)."""

from __future__ import annotations

import numpy as np

from sim.kernels.behaviour import MONEY_UNIT, fixed
from sim.kernels.lanes import ONE, ZERO, F, log32, spread32
from sim.kernels.records import REDEEMED, RETAINED, SHORTFALL, WON_BACK, Block, Keys, Rates, Switches
from sim.kernels.step import step
from sim.state import Customers, State

YEAR = F(12.0)
LEAST = F(1e-6)
"""Yuan below which a year's spend counts as nil."""


@step
def worth_of_staying(lo: int, m: int, who: Customers, s: State, r: Rates, on: Switches, w: Block) -> None:
    """Add what a line of ours would give up by leaving to what that costs: its part of the points, cheap IP calls."""
    if not r.holds:
        return
    beta, points, spent = who.price_sensitivity[lo : lo + m], s.points[lo : lo + m], s.recent_usage[2, lo : lo + m]
    hold, ours = w.hold[0], w.served[0]
    for i in range(0 if on.bonds else m):
        hold[i] = ZERO
    for i in range(m):
        value = r.point_worth * points[i]
        share = value / max(value + YEAR * spent[i], LEAST)
        hold[i] += r.point_weight * beta[i] * share / max(ours[i], ONE)
    if r.ip_line >= 0:
        cheap, share_ip = w.hold[1], s.ip_share[lo : lo + m]
        for i in range(m):
            cheap[i] = hold[i] - beta[i] * log32(ONE - r.ip_saving * share_ip[i])


@step
def earn_points(lo: int, m: int, s: State, r: Rates, key: Keys, w: Block) -> None:
    """Add points for the month's bill; let some redeem their balance; who has no line with us forfeits his."""
    if not r.points_per_yuan > ZERO:
        return
    place, points, satisfaction = w.place, s.points[lo : lo + m], s.satisfaction[0, lo : lo + m]
    retained, won_back = w.money[RETAINED], w.money[WON_BACK]
    shortfall, redeemed = w.money[SHORTFALL], w.money[REDEEMED]
    rate, worth = F(r.points_per_yuan / F(MONEY_UNIT)), np.float64(r.point_worth)
    for i in range(m):
        points[i] += rate * F(retained[i] + won_back[i] + shortfall[i])
        redeemed[i] = 0
    for line in range(s.carrier.shape[0]):
        current = s.carrier[line, lo : lo + m]
        for i in range(m):
            redeemed[i] += current[i] == 0
    for i in range(m):
        points[i] = points[i] if redeemed[i] > 0 else ZERO
    for i in range(m):
        redeems = (points[i] >= r.least_points) & (spread32(key.redeem, place[i], np.uint64(0)) < r.redeeming)
        redeemed[i] = fixed(worth * np.float64(points[i])) if redeems else 0
        points[i] = ZERO if redeems else points[i]
        satisfaction[i] = min(ONE, satisfaction[i] + r.redeeming_lift) if redeems else satisfaction[i]
