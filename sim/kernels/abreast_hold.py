"""What holds a customer in the recursion abreast: loyalty and bonds; and how it looks around, given them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sim.kernels.abreast_lanes import between, exp64, fill, place
from sim.kernels.abreast_paths import Account, Month, Paths, Turn, Who
from sim.kernels.expect_records import Case
from sim.kernels.step import apart, step

Lane = NDArray[Any]


@step
def hold(g: int, now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Work out what a branch's lines with us are worth to it, and from that how it looks around and chooses."""
    lines_held(p.law[g], w)
    repeats(g, now, one, case, w)
    tied(g, now, one, case, p, w)
    weigh_carriers(g, now, case, who, p, w)
    look_around(g, now, case, p, w)


@step
def lines_held(law: Lane, w: Month) -> None:
    """Work out the probabilities of no line with us, one and all; `law` has the shape (lines, carriers, lanes)."""
    none, one, every, ours = w.none, w.one, w.every, w.part
    fill(none, 1.0)
    fill(one, 0.0)
    fill(every, 1.0)
    for line in range(law.shape[0]):
        here = law[line, 0]
        for i in range(ours.size):
            ours[i] = min(max(here[i], 0.0), 1.0)
        for i in range(one.size):
            one[i] = one[i] * (1.0 - ours[i]) + none[i] * ours[i]
            none[i] *= 1.0 - ours[i]
            every[i] *= ours[i]


@step
def repeats(g: int, now: Turn, one: Account, case: Case, w: Month) -> None:
    """Work out the probability of a repeat purchase at full price: of two lines, or of one for long."""
    oldest, found, single, none, off = case.known.oldest[one.n], w.experienced, w.one, w.none, w.off
    if oldest >= 0 and oldest + now.t >= case.r.repeat_months:
        fill(found, 1.0)
    else:
        for i in range(found.size):
            found[i] = max(1.0 - none[i] - single[i], 0.0) / max(1.0 - none[i], 1e-12)
    if g == 0 and now.discounted:
        for i in range(found.size):
            found[i] = 0.0 if off[i] < 1.0 else found[i]


@step
def tied(g: int, now: Turn, one: Account, case: Case, p: Paths, w: Month) -> None:
    """Work out the factor on the odds of leaving us, the mean over steps from product to solution (`sim.bond`)."""
    solved, every, none, single, tie = p.solved[g], w.every, w.none, w.one, w.tie
    by_line, by_bundle, by_solution = one.ties
    if g == 1:
        fill(every, 1.0)
    for i in range(solved.size):
        solved[i] = min(solved[i], every[i])
    if now.visited and not case.span.frozen:
        visited = w.visited
        for i in range(solved.size):
            solved[i] += (every[i] - solved[i]) * case.r.integration * visited[i]
    for i in range(none.size):
        any_line = 1.0 - none[i]
        lined = max(max(any_line - single[i], 0.0) - every[i], 0.0)
        bonds = solved[i] * by_solution + (every[i] - solved[i]) * by_bundle + lined * by_line
        tie[i] = (bonds + max(any_line - lined - every[i], 0.0)) / max(any_line, every[i], 1e-12)


@step
def weigh_carriers(g: int, now: Turn, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Work out each carrier's choice odds by all that doesn't depend on the line."""
    bundle, r = case.r.bundle / max(p.demand.shape[0] - 1, 1), case.r
    for c in range(w.common.shape[0]):
        logit, common, feeling = w.carrier_odds[c], w.common[c], p.feeling[g, c]
        for i in range(logit.size):
            logit[i] = common[i] + r.satisfaction * feeling[i]
        for line in range(p.demand.shape[0]):
            law = p.law[g, line, c]
            for i in range(logit.size):
                logit[i] += bundle * law[i]
        if c == 0:
            meant, experienced = w.seen, w.experienced
            place(feeling, case.span.meant.size, w.low, w.part)
            between(case.span.meant, w.low, w.part, meant)
            for i in range(logit.size):
                logit[i] += r.social * experienced[i] * meant[i]
            if g == 0 and now.discounted:
                for i in range(logit.size):
                    logit[i] -= who.price_sensitivity[i] * w.log_off[i]
        for i in range(logit.size):
            logit[i] = exp64(logit[i])


@step
def look_around(g: int, now: Turn, case: Case, p: Paths, w: Month) -> None:
    """Work out the probability of looking around on a line of each carrier, without and with a term just ended.

    On our lines, those who repeat their purchase, with probability `experienced`, behave as loyally as they mean to.
    """
    span, contact, calm, called = case.span, case.contact[now.t], w.calm, w.called
    for c in range(w.look.shape[0]):
        place(p.feeling[g, c], span.restless.shape[1], w.low, w.part)
        between(span.restless[c], w.low, w.part, calm)
        for i in range(called.size):
            called[i] = calm[i] * case.ease
        if c == 0:
            behave(g, case, w)
        looking(calm, called, contact, w.look[c])
        ease(case.open, w)
        looking(calm, called, contact, w.look_ended[c])
        if c > 0 and now.stirred:
            stirred, look, ended, found = w.stirred, w.look[c], w.look_ended[c], w.share
            ease(case.eager, w)
            looking(calm, called, contact, found)
            for i in range(ended.size):
                ended[i] += stirred[i] * (found[i] - ended[i])
            ease(1.0 / case.open, w)
            looking(calm, called, contact, found)
            for i in range(look.size):
                look[i] += stirred[i] * (found[i] - look[i])


@step
def behave(g: int, case: Case, w: Month) -> None:
    """Let those who repeat their purchase with us look around as loyally as they mean to, and others no less."""
    calm, called, experienced, loyal = w.calm, w.called, w.experienced, w.seen
    between(case.span.loyal[0], w.low, w.part, loyal)
    for i in range(calm.size):
        calm[i] += experienced[i] * (loyal[i] - calm[i])
    between(case.span.loyal[1], w.low, w.part, loyal)
    for i in range(called.size):
        called[i] += experienced[i] * (loyal[i] - called[i])
    if g == 1:
        ease(case.settled, w)


@step
def ease(factor: float, w: Month) -> None:
    """Multiply the odds of looking around, without and with a rival's call."""
    calm, called = w.calm, w.called
    for i in range(calm.size):
        calm[i] *= factor
    for i in range(called.size):
        called[i] *= factor


@apart
def looking(odds: Lane, called: Lane, contact: float, found: Lane) -> None:
    """Work out the probability of looking around where a rival calls with `contact`, which makes the odds `called`."""
    for i in range(found.size):
        found[i] = (1.0 - contact) * odds[i] / (1.0 + odds[i]) + contact * called[i] / (1.0 + called[i])
