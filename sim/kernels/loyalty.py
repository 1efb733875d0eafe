"""The monthly step of loyalty, over the lanes of a block (`sim.loyalty`)."""

from __future__ import annotations

from sim.kernels.lanes import ONE, ZERO, F
from sim.kernels.records import Block, Rates, Switches
from sim.kernels.step import step
from sim.state import State


@step
def grow_loyal(lo: int, m: int, s: State, r: Rates, on: Switches, w: Block) -> None:
    """Move the stage of each customer and work out how loyally it behaves this month."""
    if not on.loyalty:
        return
    loyal, oldest, cheap = w.loyal, w.number, w.total
    oldest[:m] = F(-1)
    cheap[:m] = ZERO
    for line in range(w.before.shape[0]):
        before, tenure, discount = w.before[line], s.tenure[line, lo : lo + m], s.discount[line, lo : lo + m]
        for i in range(m):
            here = F(tenure[i]) if before[i] == 0 else F(-1)
            oldest[i] = max(oldest[i], here)
            cheap[i] = max(cheap[i], discount[i])
    satisfaction, adstock, stage = s.satisfaction[0, lo : lo + m], s.adstock[0, lo : lo + m], s.stage[lo : lo + m]
    known, served, repeat = w.known[0], w.served[0], F(r.repeat_months)
    for i in range(m):
        meant = min(ONE, max(ZERO, (satisfaction[i] - r.loyalty_threshold) * r.loyalty_slope))
        repeats = ((oldest[i] >= repeat) | (served[i] > F(1.5))) & (meant > ZERO) & (cheap[i] == ZERO)
        bought = (4 if meant >= r.advocacy else 3) if repeats else 2
        stranger = 1 if (adstock[i] >= r.awareness) | (known[i] >= r.awareness) else 0
        deserved = bought if served[i] > ZERO else stranger
        now = stage[i] if on.frozen else min(stage[i] + 1, deserved)
        stage[i] = now
        loyal[i] = meant * (ONE if now == 4 else (r.repeat_share if now == 3 else ZERO))
