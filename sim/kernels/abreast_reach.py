"""Promotion events and agents in the recursion abreast, and what agents earn (`sim.kernels.abreast`).

Whether a customer lets agents in holds for good, so both answers are followed and weighed. Contacts that only may come
about leave awareness and goodwill of which the mean and the variance are followed.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sim.kernels.abreast_paths import Month, Paths, Turn, Ways, Who
from sim.kernels.expect_records import COMMISSION, Case
from sim.kernels.step import step

Lane = NDArray[Any]


@step
def meet(k: int, attends: float, called: float, gain: float, case: Case, ways: Ways) -> None:
    """Let what events and agents left fade, and add this month's."""
    r, span = case.r, case.span
    for stock in range(2):
        kept = r.adstock_kept if stock == 0 else r.goodwill_kept
        ways.doubtful[stock, 0, k] *= kept
        ways.doubtful[stock, 1, k] *= kept * kept
    add(0, k, attends, span.event_gain, ways)
    add(1, k, attends, span.event_bond, ways)
    add(0, k, called, gain, ways)


@step
def add(stock: int, k: int, chance: float, gain: float, ways: Ways) -> None:
    """Add a gain that comes about with this chance to a mean and a variance."""
    ways.doubtful[stock, 0, k] += chance * gain
    ways.doubtful[stock, 1, k] += chance * (1.0 - chance) * gain * gain


@step
def felt(mean: Lane, variance: Lane, rate: float, found: Lane) -> None:
    """Work out the sure stock whose saturation, 1 - exp(-rate x stock), is about the mean of that of the doubtful one.

    To second order it is the mean less half of the rate times the variance; in this form it stays above zero.
    """
    for i in range(found.size):
        found[i] = mean[i] / (1.0 + 0.5 * rate * variance[i] / max(mean[i], 1e-300))


@step
def nobody_moved(w: Month) -> None:
    """Begin a month in which no line has moved yet."""
    w.were[:] = 0.0
    w.went[:] = 0.0
    w.came[:] = 0.0


@step
def note_moves(g: int, line: int, p: Paths, w: Month) -> None:
    """Note the lines that leave us in a branch this month, a share `left`, and those that come, before they do."""
    mass, law, left, inflow, odds = p.mass[g], p.law[g, line, 0], w.left, w.inflow[0], w.odds[0]
    were, went, came = w.were[line], w.went[line], w.came[line]
    for i in range(were.size):
        were[i] += mass[i] * law[i]
    for i in range(went.size):
        went[i] += mass[i] * law[i] * left[i]
    for i in range(came.size):
        came[i] += mass[i] * inflow[i] * odds[i]


@step
def note_joining(p: Paths, w: Month) -> None:
    """Note the lines that come to us on a plan which a share of those off it accept."""
    for line in range(p.demand.shape[0]):
        came, law, mass, share = w.came[line], p.law[0, line, 0], p.mass[0], w.joining
        for i in range(came.size):
            came[i] += mass[i] * share[i] * (1.0 - law[i])


@step
def pay_agents(now: Turn, case: Case, ways: Ways, who: Who, p: Paths, w: Month) -> None:
    """Add agents' pay for the lines won this month, and for those won earlier that have now stayed (`sim.agent`).

    Lines that an agent won are taken to leave like all of ours.
    """
    pay, t, here, staying, paid = case.span.pay, now.t, w.here, w.there, p.out[COMMISSION]
    for i in range(who.way.size):
        missed = 1.0
        for month in range(max(t - pay.window + 1, 0), t + 1):
            missed *= 1.0 - ways.called[month, who.way[i]]
        here[i] = 1.0 - missed
    for line in range(p.demand.shape[0]):
        demand, price, went, were, came = (
            p.demand[line],
            case.tariffs[t, 0, line],
            w.went[line],
            w.were[line],
            w.came[line],
        )
        for i in range(staying.size):
            staying[i] = 1.0 - went[i] / max(were[i], 1e-12)
        for month in range(max(t - pay.stay, 0), t):
            won = p.won[line, month]
            for i in range(won.size):
                won[i] *= staying[i]
        won = p.won[line, t]
        for i in range(won.size):
            won[i] = here[i] * came[i]
        for i in range(paid.size):
            paid[i] += won[i] * (pay.at_sign_up * (demand[i] * price) + pay.one_off)
        if t >= pay.stay:
            stayed = p.won[line, t - pay.stay]
            for i in range(paid.size):
                paid[i] += stayed[i] * pay.later * (demand[i] * price)
