"""The expected-value recursion at the start: what the book says of an account, as laws and cohorts."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from sim.kernels.expect_money import own_usage
from sim.kernels.expect_records import Account, Case, Paths
from sim.kernels.step import step

Array = NDArray[Any]


@step
def account(n: int, b: int, d: int, lets_in: bool, chance: float, case: Case) -> Account:
    """Return what holds of an account under a treatment and a draw in all months; `chance` is that of `lets_in`."""
    r, types = case.r, case.types
    beta = types.price_sensitivity[d, n]
    stay_cost = math.exp(-types.switching_cost[d, n])
    return Account(
        n,
        b,
        d,
        int(case.known.plan[n]) if case.known.plan[n] > 0 else int(case.menu.offer[b]),
        lets_in,
        types.weight[d, n] * chance,
        beta,
        stay_cost,
        stay_cost * math.exp(-r.breakage),
        r.ip_most * beta / (beta + r.ip_half),
    )


@step
def begin(who: Account, case: Case, p: Paths) -> None:
    """Set all paths to what the book says today."""
    known, n = case.known, who.n
    on = 1 if known.plan[n] > 0 else 0
    p.mass[:] = 0.0
    p.mass[on] = 1.0
    p.solved[:] = 0.0
    if known.solved[n]:
        p.solved[on] = 1.0
    p.x[0] = known.plan_x[n]
    p.age[0] = known.plan_age[n]
    p.pending[0] = 0
    p.adstock[0] = known.adstock[n]
    p.doubtful[:] = 0.0
    for c in range(p.common.size):
        for g in range(2):
            p.feeling[g, c] = known.satisfaction[c, n]
            p.expected[g, c] = known.expectation[c, n]
        for level in range(3):
            p.goodwill[c, level] = known.goodwill[level, n] if c == 0 else case.r.rival_goodwill
    begin_lines(who, case, p)
    begin_terms(on, n, case, p)
    begin_money(on, n, case, p)


@step
def begin_lines(who: Account, case: Case, p: Paths) -> None:
    """Set the law of each line's carrier, alike in both branches, and what is used on it."""
    known, law, n, d = case.known, case.types.law, who.n, who.d
    p.over_ip[:] = 0.0
    for line in range(p.demand.size):
        p.demand[line] = known.demand[line, n] * (1.0 if known.ours[line, n] else case.types.unseen[d, n])
        for g in range(2):
            p.kept[g, line] = 1.0 if known.kept[line, n] else 0.0
            if line == case.r.ip_line:
                p.over_ip[g] = known.ip_share[n] * law[d, 0, line, n]
            for c in range(p.common.size):
                p.law[g, line, c] = law[d, c, line, n]


@step
def begin_terms(on: int, n: int, case: Case, p: Paths) -> None:
    """Put lines into cohorts by the end of their terms; terms that aren't known end evenly over the coming ones."""
    r, share = case.r, case.span.contract_share
    p.ring[:] = 0.0
    p.alive[:] = 1.0
    p.bound[:] = 0.0
    p.loose[:] = 0.0
    p.owed[:] = 0.0
    for line in range(p.demand.size):
        left = case.known.months_left[line, n]
        for c in range(p.common.size):
            start = p.law[on, line, c]
            if left > 0:
                p.ring[on, line, c, left - 1] += start
                p.bound[on, line, c] = start
            elif left < 0 and r.term_months > 0:
                p.bound[on, line, c] = start * share
                for slot in range(r.term_months):
                    p.ring[on, line, c, slot] += start * share / r.term_months
        if left > 0:
            p.owed[line] = p.law[on, line, 0] * left
        elif left < 0 and r.term_months > 0:
            p.owed[line] = p.bound[on, line, 0] * (r.term_months + 1) / 2


@step
def begin_money(on: int, n: int, case: Case, p: Paths) -> None:
    """Set last month's usage and the balance of points."""
    p.latest[:] = own_usage(on, case.tariffs[0], case.r, p)
    p.staying[:] = 1.0
    p.since_nil[0] = 1.0
    p.earned[0] = -case.known.points[n]
    p.points[0] = case.known.points[n]
    p.lost[0] = 1.0
    for line in range(p.demand.size):
        p.lost[0] *= 1.0 - p.law[on, line, 0]
