"""Points earned, redeemed and forfeited, and what staying with us is worth beyond the price list (`sim.points`)."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.behaviour import MONEY_UNIT, fixed
from sim.kernels.lanes import ONE, ZERO, F, keyed32, log32
from sim.kernels.records import Block, Keys, Month, Rates
from sim.state import Customers, State

YEAR = F(12.0)
LEAST = F(1e-6)
"""Yuan below which a year's spend counts as nil."""


@njit(cache=True, error_model="numpy")
def worth_of_staying(lo: int, m: int, who: Customers, s: State, r: Rates, w: Block) -> None:
    """Work out what a line of ours would give up by leaving: its part of the points, and cheap IP calls."""
    beta, points, spent = who.price_sensitivity[lo : lo + m], s.points[lo : lo + m], s.recent_usage[2, lo : lo + m]
    stake, ours = w.number, w.served[0]
    for i in range(m):
        value = r.point_worth * points[i]
        share = value / max(value + YEAR * spent[i], LEAST)
        stake[i] = r.point_weight * beta[i] * share / max(ours[i], ONE)
    for line in range(w.held.shape[0]):
        held = w.held[line]
        for i in range(m):
            held[i] = stake[i]
    if r.ip_line >= 0:
        held, share_ip = w.held[r.ip_line], s.ip_share[lo : lo + m]
        for i in range(m):
            held[i] -= beta[i] * log32(ONE - r.ip_saving * share_ip[i])


@njit(cache=True, error_model="numpy")
def earn_points(lo: int, m: int, who: Customers, s: State, r: Rates, key: Keys, out: Month) -> None:
    """Add points for the month's bill; let some redeem their balance; who has no line with us forfeits his."""
    k, points, satisfaction = who.key[lo : lo + m], s.points[lo : lo + m], s.satisfaction[0, lo : lo + m]
    retained, won_back = out.retained[lo : lo + m], out.won_back[lo : lo + m]
    shortfall, redeemed = out.shortfall[lo : lo + m], out.redeemed[lo : lo + m]
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
        redeems = (points[i] >= r.least_points) & (keyed32(key.redeem, k[i], np.uint64(0)) < r.redeeming)
        redeemed[i] = fixed(worth * np.float64(points[i])) if redeems else 0
        points[i] = ZERO if redeems else points[i]
        satisfaction[i] = min(ONE, satisfaction[i] + r.redeeming_lift) if redeems else satisfaction[i]
