"""What holds a customer in the expected-value recursion: loyalty and bonds; and how it looks around, given them."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from sim.kernels.behaviour import attention_logit
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
    club = case.r.social * experienced if p.feeling[g, 0] > case.r.loyalty_threshold else 0.0
    loyal = loyalty(p.feeling[g, 0], experienced, case.span.blur, case.r)
    weigh_carriers(g, club, now, who, case, p)
    look_around(g, loyal, now, case, p)


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
def loyalty(satisfaction: float, experienced: float, blur: float, r: Rates) -> float:
    """Return expected loyal behaviour of who repeats its purchase with probability `experienced` (`sim.loyalty`)."""
    meant = min(1.0, max(0.0, (satisfaction - r.loyalty_threshold) * r.loyalty_slope))
    advocates = min(1.0, max(0.0, 0.5 + 0.5 * (meant - r.advocacy) / blur))
    return float(experienced * meant * (r.repeat_share + (1.0 - r.repeat_share) * advocates))


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
def look_around(g: int, loyal: float, now: Turn, case: Case, p: Paths) -> None:
    """Work out the probability of looking around on a line of each carrier, without and with a term just ended."""
    r, contact = case.r, case.contact[now.t]
    for c in range(p.common.size):
        logit = attention_logit(p.feeling[g, c], r) + case.span.unrest
        ease = math.exp(r.rival_contact)
        stirred = stirring(now) if c != 0 else 0.0
        if stirred == 1.0:
            logit += r.own_contact
        if c == 0:
            logit -= r.loyal * loyal
            ease = math.exp(r.rival_contact * (1.0 - r.shield * loyal))
        if g == 1 and c == 0:
            logit -= r.attention_on_plan
        calm = math.exp(logit)
        p.look[c] = looking(calm, ease, contact)
        p.look_ended[c] = looking(calm * math.exp(r.contract_ended), ease, contact)
        if 0.0 < stirred < 1.0:
            calm *= math.exp(r.own_contact)
            p.look[c] += stirred * (looking(calm, ease, contact) - p.look[c])
            p.look_ended[c] += stirred * (looking(calm * math.exp(r.contract_ended), ease, contact) - p.look_ended[c])


@step
def looking(odds: float, ease: float, contact: float) -> float:
    """Return the probability of looking around when a rival calls, multiplying the odds by `ease`, with `contact`."""
    called = odds * ease
    return (1.0 - contact) * odds / (1.0 + odds) + contact * called / (1.0 + called)
