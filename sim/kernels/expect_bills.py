"""A month's bills in the expected-value recursion (`sim.kernels.expect`)."""

from __future__ import annotations

from sim.kernels.behaviour import bill_on_plan, care
from sim.kernels.expect_money import ip_saved, own_usage
from sim.kernels.expect_records import (
    CARE,
    DISCOUNT,
    RETAINED,
    SERVE,
    SHORTFALL,
    WON_BACK,
    Account,
    Case,
    Outcomes,
    Paths,
    Turn,
)
from sim.kernels.step import step


@step
def post_bill(g: int, now: Turn, who: Account, case: Case, p: Paths, out: Outcomes) -> float:
    """Add a branch's month to what the treatment brings, and return its bill, yuan."""
    r = case.r
    usage, kept_list = own_usage(g, case.tariffs[now.t], r, p), kept_usage(g, now, case, p)
    month = who.weight * p.mass[g]
    last = month
    if now.t == case.span.months - 1:
        last *= 1.0 + case.span.terminal
    out[SERVE] += last * r.cost_to_serve * usage
    if g == 0:
        off = 1.0 - now.discount
        bill = usage * off
        out[RETAINED] += last * kept_list * off
        out[WON_BACK] += last * (usage - kept_list) * off
        out[DISCOUNT] += month * usage * (1.0 - off)
    else:
        pay, x = case.terms[who.plan, 0], p.x[0]
        bill = bill_on_plan(usage, x, pay, case.terms[who.plan, 1])
        retained = min(bill, kept_list)
        won = min(bill - retained, usage - kept_list)
        out[RETAINED] += last * retained
        out[WON_BACK] += last * won
        out[SHORTFALL] += last * (bill - retained - won)
        out[CARE] += last * care(usage, pay * x, r)
        out[DISCOUNT] += month * max(0.0, usage - bill)
    p.latest[g] = bill if r.x_by_bill else usage
    return float(bill)


@step
def kept_usage(g: int, now: Turn, case: Case, p: Paths) -> float:
    """Return the list value of usage on lines that have been ours since the start, yuan/month."""
    kept_list = 0.0
    for line in range(p.demand.size):
        left = 1.0 - ip_saved(line, g, p.over_ip, case.r) / max(p.law[g, line, 0], 1e-12)
        kept_list += p.demand[line] * case.tariffs[now.t, 0, line] * p.kept[g, line] * left
    return kept_list
