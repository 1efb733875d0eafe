"""Promotion events and agents in the expected-value recursion, and what agents earn (`sim.kernels.expect`).

Whether a customer lets agents in holds for good, so both answers are followed and weighed. Contacts that only may come
about leave awareness and goodwill of which the mean and the variance are followed.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sim.kernels.expect_records import COMMISSION, Account, Case, Outcomes, Paths, Turn
from sim.kernels.step import step


@step
def chance_of(answer: int, n: int, case: Case) -> float:
    """Return the chance that a customer lets agents in (answer 1) or not (0); without agents the answer is 0."""
    if case.beside.agents[n] == 0 and case.after.reach.agents[n] == 0:
        return 1.0 - answer
    return float(case.known.lets_in[n] if answer == 1 else 1.0 - case.known.lets_in[n])


@step
def informed(now: Turn) -> float:
    """Return the chance that a contact of ours informs the customer this month."""
    if now.visits + now.letters + now.calls > 0:
        return 1.0
    return 1.0 - (1.0 - now.attends) * (1.0 - now.called)


@step
def stirring(now: Turn) -> float:
    """Return the chance that a contact of ours makes the customer look around on lines at rivals; events don't."""
    return 1.0 if now.visits > 0 or now.calls > 0 else now.called


@step
def meet(now: Turn, who: Account, case: Case, p: Paths) -> None:
    """Let what events and agents left fade, and add this month's."""
    r, span, gain = case.r, case.span, case.known.agent_gain[who.n] * now.agents
    fade(p.doubtful[0], r.adstock_kept)
    fade(p.doubtful[1], r.goodwill_kept)
    add(p.doubtful[0], now.attends, span.event_gain)
    add(p.doubtful[1], now.attends, span.event_bond)
    add(p.doubtful[0], now.called, gain)


@step
def fade(doubtful: NDArray[Any], kept: float) -> None:
    """Keep a share of what was left, of which `doubtful` is the mean and the variance."""
    doubtful[0] *= kept
    doubtful[1] *= kept * kept


@step
def add(doubtful: NDArray[Any], chance: float, gain: float) -> None:
    """Add a gain that comes about with this chance to a mean and a variance."""
    doubtful[0] += chance * gain
    doubtful[1] += chance * (1.0 - chance) * gain * gain


@step
def felt(doubtful: NDArray[Any], rate: float) -> float:
    """Return the sure stock whose saturation, 1 - exp(-rate x stock), is about the mean of that of the doubtful one.

    To second order it is the mean less half of the rate times the variance; in this form it stays above zero.
    """
    mean, variance = doubtful[0], doubtful[1]
    return float(mean / (1.0 + 0.5 * rate * variance / mean)) if mean > 0.0 else 0.0


@step
def agents_come(now: Turn, p: Paths) -> None:
    """Note the chance that an agent comes this month; windows opened after the planning period aren't charged."""
    p.called[now.t] = now.called if now.planning else 0.0
    for line in range(p.demand.size):
        p.were[line] = 0.0
        p.went[line] = 0.0
        p.came[line] = 0.0


@step
def note_moves(g: int, line: int, left: float, p: Paths) -> None:
    """Note the lines that left us in a branch this month, a share `left`, and those that came."""
    ours = p.mass[g] * p.law[g, line, 0]
    p.were[line] += ours
    p.went[line] += ours * left
    p.came[line] += p.mass[g] * p.fresh[line, 0] - ours * (1.0 - left)


@step
def note_joining(joins: float, p: Paths) -> None:
    """Note the lines that come to us on a plan which a mass `joins` accepts."""
    for line in range(p.demand.size):
        p.came[line] += joins * (1.0 - p.law[0, line, 0])


@step
def covered(t: int, window: int, p: Paths) -> float:
    """Return the chance that an agent was there within the window that ends this month."""
    missed = 1.0
    for month in range(max(t - window + 1, 0), t + 1):
        missed *= 1.0 - p.called[month]
    return 1.0 - missed


@step
def pay_agents(now: Turn, who: Account, case: Case, p: Paths, out: Outcomes) -> None:
    """Add agents' pay for the lines won this month, and for those won earlier that have now stayed (`sim.agent`).

    Lines that an agent won are taken to leave like all of ours.
    """
    pay, t = case.span.pay, now.t
    here = covered(t, pay.window, p)
    for line in range(p.demand.size):
        value = p.demand[line] * case.tariffs[t, 0, line]
        staying = 1.0 - p.went[line] / max(p.were[line], 1e-12)
        for month in range(max(t - pay.stay, 0), t):
            p.won[line, month] *= staying
        stayed = p.won[line, t - pay.stay] if t >= pay.stay else 0.0
        p.won[line, t] = here * p.came[line]
        out[COMMISSION] += who.weight * p.won[line, t] * (pay.at_sign_up * value + pay.one_off)
        out[COMMISSION] += who.weight * stayed * pay.later * value
