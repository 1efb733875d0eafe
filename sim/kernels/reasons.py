"""Why lines left us, one line at a time, since few leave (`sim.reason`)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sim.carrier import Tariff
from sim.kernels.lanes import ONE, ZERO
from sim.kernels.records import Block, Month, Rates
from sim.state import Customers, State

PARTS = 7
"""Parts of delivered value that can be a reason."""
TERM_ENDED, RIVAL_CALLED, NEWS, DISSATISFIED, UNPROMPTED = range(5)
"""Rows of `Month.triggers` (`sim.names.TRIGGERS`)."""


@njit(cache=True, error_model="numpy")
def tell_reasons(
    lo: int, m: int, line: int, who: Customers, s: State, posted: Tariff, r: Rates, w: Block, out: Month
) -> None:
    """Note the reason and the trigger of each of our lines that has just gone to a rival."""
    current, before = s.carrier[line, lo : lo + m], w.before[line]
    for i in range(m):
        if before[i] == 0 and current[i] != 0:
            why = reason(lo + i, i, line, current[i], who, s, posted, r, w)
            s.left_for[lo + i] = why + 1
            out.reasons[line, why] += 1
            out.triggers[trigger(lo + i, i, line, s, r, w)] += 1


@njit(cache=True, error_model="numpy")
def reason(n: int, i: int, line: int, rival: int, who: Customers, s: State, posted: Tariff, r: Rates, w: Block) -> int:
    """Return the part of delivered value in which the rival exceeds us most."""
    seen = np.zeros(2)
    others = np.zeros(2)
    for side in range(2):
        c = rival if side == 0 else 0
        seen[side] = posted.image[c] - math.expm1(-np.float64(s.adstock[c, n])) + np.float64(s.image_news[c, n])
        others[side] = np.float64(w.served[c, i]) - (1.0 if w.before[line, i] == c else 0.0)
    ours = posted.price[0, line] * (1.0 - np.float64(s.discount[line, n]))
    gained = np.zeros(PARTS)
    gained[0] = np.float64(who.price_sensitivity[n]) * math.log(ours / posted.price[rival, line])
    gained[1] = np.float64(r.quality) * (posted.quality[rival, line] - posted.quality[0, line])
    gained[2] = np.float64(r.satisfaction) * (np.float64(s.satisfaction[rival, n]) - np.float64(s.satisfaction[0, n]))
    gained[3] = np.float64(who.rapport_weight[n]) * (np.float64(w.known[rival, i]) - np.float64(w.known[0, i]))
    gained[4] = np.float64(r.image) * (seen[0] - seen[1])
    gained[5] = np.float64(who.hassle_weight[n]) * (posted.hassle[0] - posted.hassle[rival])
    gained[6] = np.float64(r.bundle) / max(w.before.shape[0] - 1, 1) * (others[0] - others[1])
    best = int(gained.argmax())
    return best if gained[best] > 0.0 else PARTS


@njit(cache=True, error_model="numpy")
def trigger(n: int, i: int, line: int, s: State, r: Rates, w: Block) -> int:
    """Return what raised attention to the line most this month."""
    raised = np.zeros(UNPROMPTED)
    raised[TERM_ENDED] = r.contract_ended if w.ended[line, i] == 1 else ZERO
    raised[RIVAL_CALLED] = r.rival_contact * w.called[i] * (ONE - r.shield * w.loyal[i])
    raised[NEWS] = r.news if s.news[n] == 1 else ZERO
    raised[DISSATISFIED] = r.dissatisfaction * max(ZERO, r.threshold - s.satisfaction[0, n])
    best = int(raised.argmax())
    return best if raised[best] > 0.0 else UNPROMPTED
