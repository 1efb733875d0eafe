"""What holds a customer in the expected-value recursion: loyalty and bonds; and how it looks around, given them."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from sim.kernels.expect_reach import stirring
from sim.kernels.expect_records import Account, Case, Paths, Turn
from sim.kernels.records import Rates
from sim.kernels.step import step


@step
def hold(g: int, now: Turn, who: Account, case: Case, p: Paths) -> None:
    """Work out what a branch's lines with us are worth to it, and from that how it looks around and chooses."""
    any_line, two, every = lines_held(p.law[g])
    experienced = repeats(g, any_line, two, now, who, case)
    bundled = 1.0 if g == 1 else every
    p.solved[g] = min(p.solved[g], bundled)
    if now.visits > 0 and not case.span.frozen:
        p.solved[g] += (bundled - p.solved[g]) * case.r.integration
    p.tie[g] = tied(p.solved[g], bundled, two, any_line, case.r)
    club = case.r.social * experienced * between(p.feeling[g, 0], case.span.meant)
    weigh_carriers(g, club, now, who, case, p)
    look_around(g, experienced, now, case, p)


@step
def lines_held(law: NDArray[Any]) -> tuple[float, float, float]:
    """Return the probabilities of holding a line or more with us, two or more, and all; `law` is (lines, carriers)."""
    none, one, every = 1.0, 0.0, 1.0
    for line in range(law.shape[0]):
        ours = min(max(law[line, 0], 0.0), 1.0)
        one = one * (1.0 - ours) + none * ours
        none *= 1.0 - ours
        every *= ours
    return 1.0 - none, max(1.0 - none - one, 0.0), every


@step
def repeats(g: int, any_line: float, two: float, now: Turn, who: Account, case: Case) -> float:
    """Return the probability of a repeat purchase at full price: of two lines, or of one for long."""
    oldest = case.known.oldest[who.n]
    if g == 0 and now.discount > 0.0:
        return 0.0
    if oldest >= 0 and oldest + now.t >= case.r.repeat_months:
        return 1.0
    return float(two / max(any_line, 1e-12))


@step
def between(satisfaction: float, table: NDArray[Any]) -> float:
    """Return what a table of even steps from 0 to 1 says in between."""
    place = min(max(satisfaction, 0.0), 1.0) * (table.size - 1)
    low = min(int(place), table.size - 2)
    return float(table[low] + (place - low) * (table[low + 1] - table[low]))


@step
def tied(solved: float, bundled: float, two: float, any_line: float, r: Rates) -> float:
    """Return the factor on the odds of leaving us, the mean over steps from product to solution (`sim.bond`)."""
    lined = max(two - bundled, 0.0)
    tie = solved * math.exp(-r.bond_solution) + (bundled - solved) * math.exp(-r.bond_bundle)
    tie += lined * math.exp(-r.bond_line) + max(any_line - lined - bundled, 0.0)
    return float(tie / max(any_line, bundled, 1e-12))


@step
def weigh_carriers(g: int, club: float, now: Turn, who: Account, case: Case, p: Paths) -> None:
    """Work out each carrier's choice odds by all that doesn't depend on the line."""
    off = 1.0 - now.discount if g == 0 else 1.0
    bundle = case.r.bundle / max(p.demand.size - 1, 1)
    for c in range(p.common.size):
        served = 0.0
        for line in range(p.demand.size):
            served += p.law[g, line, c]
        p.carrier_odds[c] = math.exp(p.common[c] + case.r.satisfaction * p.feeling[g, c] + bundle * served)
    p.carrier_odds[0] *= (off**-who.price_sensitivity if off < 1.0 else 1.0) * math.exp(club)


@step
def look_around(g: int, experienced: float, now: Turn, case: Case, p: Paths) -> None:
    """Work out the probability of looking around on a line of each carrier, without and with a term just ended.

    On our lines, those who repeat their purchase, with probability `experienced`, behave as loyally as they mean to.
    """
    contact, eager = case.contact[now.t], stirring(now)
    calm = between(p.feeling[g, 0], case.span.restless[0])
    called = calm * case.ease
    calm += experienced * (between(p.feeling[g, 0], case.span.loyal[0]) - calm)
    called += experienced * (between(p.feeling[g, 0], case.span.loyal[1]) - called)
    if g == 1:
        calm *= case.settled
        called *= case.settled
    p.look[0] = looking(calm, called, contact)
    p.look_ended[0] = looking(calm * case.open, called * case.open, contact)
    for c in range(1, p.common.size):
        calm = between(p.feeling[g, c], case.span.restless[c])
        called = calm * case.ease
        p.look[c] = looking(calm, called, contact)
        p.look_ended[c] = looking(calm * case.open, called * case.open, contact)
        if eager > 0.0:
            calm *= case.eager
            called *= case.eager
            p.look[c] += eager * (looking(calm, called, contact) - p.look[c])
            ended = looking(calm * case.open, called * case.open, contact)
            p.look_ended[c] += eager * (ended - p.look_ended[c])


@step
def looking(odds: float, called: float, contact: float) -> float:
    """Return the probability of looking around where a rival calls with `contact`, which makes the odds `called`."""
    return (1.0 - contact) * odds / (1.0 + odds) + contact * called / (1.0 + called)
