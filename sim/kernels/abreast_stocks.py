"""Satisfaction in the recursion abreast, and the value that lines have in common (`sim.kernels.abreast`)."""

from __future__ import annotations

from sim.kernels.abreast_lanes import fill
from sim.kernels.abreast_paths import Account, Month, Paths, Turn, Who
from sim.kernels.behaviour import perceived, satisfied
from sim.kernels.expect_records import Case
from sim.kernels.step import step


@step
def experience(now: Turn, one: Account, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Move satisfaction and expectation as far as a carrier serves any line, in each branch."""
    r, seen, absent, then = case.r, w.seen, w.absent, w.calm
    for g in range(2 if one.planned else 1):
        for c in range(p.feeling.shape[1]):
            lines_of(g, c, case, p, w)
            performance(g, c, now, one, case, w)
            feeling, expected = p.feeling[g, c], p.expected[g, c]
            if c == 0 and r.information_weight > 0.0:
                for i in range(w.informed.size):
                    told = r.information_weight * w.informed[i]
                    then[i] = satisfied(feeling[i], expected[i], seen[i], who.desire[i], told, r)
            else:
                for i in range(then.size):
                    then[i] = satisfied(feeling[i], expected[i], seen[i], who.desire[i], 0.0, r)
            for i in range(expected.size):
                expected[i] += (1.0 - absent[i]) * r.expectation_speed * (seen[i] - expected[i])
            for i in range(feeling.size):
                feeling[i] += (1.0 - absent[i]) * (then[i] - feeling[i])


@step
def lines_of(g: int, c: int, case: Case, p: Paths, w: Month) -> None:
    """Add up the lines that a carrier serves in a branch, their quality, and the probability that there is none."""
    share, absent, quality = w.share, w.absent, w.quality
    fill(share, 0.0)
    fill(absent, 1.0)
    fill(quality, 0.0)
    for line in range(p.demand.shape[0]):
        law, good = p.law[g, line, c], case.posted.quality[c, line]
        for i in range(share.size):
            share[i] += law[i]
            absent[i] *= 1.0 - law[i]
            quality[i] += law[i] * good
    for i in range(quality.size):
        quality[i] /= max(share[i], 1e-12)


@step
def performance(g: int, c: int, now: Turn, one: Account, case: Case, w: Month) -> None:
    """Work out the performance of a carrier, on lines of this mean quality, that is seen in a branch."""
    r, known, n, seen, quality = case.r, case.known, one.n, w.seen, w.quality
    faults = known.faults[n] if c == 0 else 1.0
    more = (known.lift[n] if c == 0 else 0.0) + (r.plan_lift if c == 0 and g == 1 else 0.0)
    for i in range(quality.size):
        missed = r.incidents * (1.0 - quality[i]) * r.incident_shock * faults
        seen[i] = perceived(quality[i], case.posted.service[c], r) - missed + more
    if c == 0 and now.visited:
        for i in range(seen.size):
            seen[i] += r.visit_lift * w.visited[i]


@step
def value_of_rivals(one: Account, case: Case, who: Who, w: Month) -> None:
    """Work out what of rivals' delivered value neither line nor branch changes; it stays as it is."""
    for c in range(1, w.common.shape[0]):
        common, image, hassle = w.common[c], case.r.image * case.posted.image[c], case.posted.hassle[c]
        for i in range(who.rapport_weight.size):
            bond = who.rapport_weight[i] * one.rival_rapport
            common[i] = bond + image - who.hassle_weight[i] * hassle


@step
def value_in_common(case: Case, who: Who, w: Month) -> None:
    """Work out what of our delivered value neither line nor branch changes."""
    common, image, hassle = w.common[0], case.posted.image[0], case.posted.hassle[0]
    for i in range(who.rapport_weight.size):
        bond = who.rapport_weight[i] * w.rapport[i]
        common[i] = bond + case.r.image * (image + w.heard[i]) - who.hassle_weight[i] * hassle
