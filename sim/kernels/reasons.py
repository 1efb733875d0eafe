"""Why lines left us, one line at a time, since few leave (`sim.reason`)."""

from __future__ import annotations

import math

import numpy as np

from sim.carrier import Tariff
from sim.kernels.lanes import ONE, ZERO, pick
from sim.kernels.records import Block, Month, Rates, Switches
from sim.kernels.step import apart, step
from sim.state import Customers, State

PARTS = 7
"""Parts of delivered value that can be a reason."""
TERM_ENDED, RIVAL_CALLED, NEWS, DISSATISFIED, UNPROMPTED = range(5)
"""Rows of `Month.triggers` (`sim.names.TRIGGERS`)."""


@step
def tell_reasons(
    lo: int, m: int, line: int, who: Customers, s: State, posted: Tariff, r: Rates, on: Switches, w: Block, out: Month
) -> None:
    """Note the reason and the trigger of each of our lines that has just gone to a rival."""
    if not on.reasons:
        return
    current, before, gone, order = s.carrier[line, lo : lo + m], w.before[line], w.flag, w.order
    for i in range(m):
        gone[i] = (before[i] == 0) & (current[i] != 0)
    for j in range(pick(gone[:m], order)):
        i = order[j]
        why = reason(lo + i, i, line, current[i], who, s, posted, r, w)
        s.left_for[lo + i] = why + 1
        out.reasons[line, why] += 1
        out.triggers[trigger(lo + i, i, line, s, r, w)] += 1


@apart
def reason(n: int, i: int, line: int, rival: int, who: Customers, s: State, posted: Tariff, r: Rates, w: Block) -> int:
    """Return the part of delivered value in which the rival exceeds us most."""
    ours = posted.price[0, line] * (1.0 - np.float64(s.discount[line, n]))
    seen = posted.image[rival] - math.expm1(-np.float64(s.adstock[rival, n])) + np.float64(s.image_news[rival, n])
    seen -= posted.image[0] - math.expm1(-np.float64(s.adstock[0, n])) + np.float64(s.image_news[0, n])
    others = np.float64(w.served[rival, i]) - (np.float64(w.served[0, i]) - 1.0)
    gained = (
        np.float64(who.price_sensitivity[n]) * math.log(ours / posted.price[rival, line]),
        np.float64(r.quality) * (posted.quality[rival, line] - posted.quality[0, line]),
        np.float64(r.satisfaction) * (np.float64(s.satisfaction[rival, n]) - np.float64(s.satisfaction[0, n])),
        np.float64(who.rapport_weight[n]) * (np.float64(w.known[rival, i]) - np.float64(w.known[0, i])),
        np.float64(r.image) * seen,
        np.float64(who.hassle_weight[n]) * (posted.hassle[0] - posted.hassle[rival]),
        np.float64(r.bundle) / max(w.before.shape[0] - 1, 1) * others,
    )
    best, most = PARTS, 0.0
    for part in range(PARTS):
        if gained[part] > most:
            best, most = part, gained[part]
    return best


@apart
def trigger(n: int, i: int, line: int, s: State, r: Rates, w: Block) -> int:
    """Return what raised attention to the line most this month."""
    raised = (
        np.float64(r.contract_ended if w.ended[line, i] == 1 else ZERO),
        np.float64(r.rival_contact * w.called[i] * (ONE - r.shield * w.loyal[i])),
        np.float64(r.news if s.news[n] == 1 else ZERO),
        np.float64(r.dissatisfaction * max(ZERO, r.threshold - s.satisfaction[0, n])),
    )
    best, most = UNPROMPTED, 0.0
    for part in range(UNPROMPTED):
        if raised[part] > most:
            best, most = part, raised[part]
    return best
