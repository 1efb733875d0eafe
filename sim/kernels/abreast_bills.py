"""A month's bills in the recursion abreast (`sim.kernels.abreast`)."""

from __future__ import annotations

from sim.kernels.abreast_lanes import fill
from sim.kernels.abreast_money import own_usage
from sim.kernels.abreast_paths import Month, Paths, Turn, Who
from sim.kernels.expect_records import CARE, DISCOUNT, RETAINED, SERVE, SHORTFALL, WON_BACK, Case
from sim.kernels.step import step


@step
def post_bill(g: int, now: Turn, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Add a branch's month to what each lane brings, and what it pays to `paid`."""
    r, mass, usage, bill, paid, latest = case.r, p.mass[g], w.usage, w.bill, w.paid, p.latest[g]
    own_usage(g, case.tariffs[now.t], r, p, usage)
    kept_usage(g, now, case, p, w)
    times = 1.0 + (case.span.terminal if now.last else 0.0)
    served, cost = p.out[SERVE], times * r.cost_to_serve
    for i in range(served.size):
        served[i] += mass[i] * cost * usage[i]
    if g == 0:
        bill_off_plan(times, now, p, w)
    else:
        bill_on_plan(times, case, who, p, w)
    for i in range(paid.size):
        paid[i] += mass[i] * bill[i]
    if r.x_by_bill:
        for i in range(latest.size):
            latest[i] = bill[i]
    else:
        for i in range(latest.size):
            latest[i] = usage[i]


@step
def bill_off_plan(times: float, now: Turn, p: Paths, w: Month) -> None:
    """Charge usage less the unit discount; what stays and what was won count `times` over."""
    mass, usage, kept, bill, off = p.mass[0], w.usage, w.kept_list, w.bill, w.off
    retained, won, discount = p.out[RETAINED], p.out[WON_BACK], p.out[DISCOUNT]
    for i in range(bill.size):
        bill[i] = usage[i] * off[i]
    for i in range(retained.size):
        retained[i] += times * mass[i] * kept[i] * off[i]
    for i in range(won.size):
        won[i] += times * mass[i] * (usage[i] - kept[i]) * off[i]
    if now.discounted:
        for i in range(discount.size):
            discount[i] += mass[i] * usage[i] * (1.0 - off[i])


@step
def bill_on_plan(times: float, case: Case, who: Who, p: Paths, w: Month) -> None:
    """Charge what the plan says (`sim.contract`); of the bill, what lines never gone are worth is retained."""
    r, mass, usage, kept, bill, month = case.r, p.mass[1], w.usage, w.kept_list, w.bill, w.share
    pay, cap, x, stays, comes = who.pay, who.cap, p.x, w.calm, w.called
    retained, won, shortfall = p.out[RETAINED], p.out[WON_BACK], p.out[SHORTFALL]
    discount, cared = p.out[DISCOUNT], p.out[CARE]
    for i in range(bill.size):
        bill[i] = pay[i] * x[i] + max(0.0, usage[i] - cap[i] * x[i])
    for i in range(month.size):
        month[i] = times * mass[i]
    for i in range(stays.size):
        stays[i] = min(bill[i], kept[i])
    for i in range(comes.size):
        comes[i] = min(bill[i] - stays[i], usage[i] - kept[i])
    for i in range(retained.size):
        retained[i] += month[i] * stays[i]
    for i in range(won.size):
        won[i] += month[i] * comes[i]
    for i in range(shortfall.size):
        shortfall[i] += month[i] * (bill[i] - stays[i] - comes[i])
    for i in range(pay.size):
        gap = pay[i] * x[i] - usage[i]
        cared[i] += month[i] * (max(r.care_floor, r.care_share * gap) if gap > 0.0 else 0.0)
    for i in range(discount.size):
        discount[i] += mass[i] * max(0.0, usage[i] - bill[i])


@step
def kept_usage(g: int, now: Turn, case: Case, p: Paths, w: Month) -> None:
    """Work out the list value of usage on lines that have been ours since the start, yuan/month."""
    r, found = case.r, w.kept_list
    fill(found, 0.0)
    for line in range(p.demand.shape[0]):
        demand, kept, price = p.demand[line], p.kept[g, line], case.tariffs[now.t, 0, line]
        if line == r.ip_line:
            law, over_ip = p.law[g, line, 0], p.over_ip[g]
            for i in range(over_ip.size):
                left = 1.0 - r.ip_saving * over_ip[i] / max(law[i], 1e-12)
                found[i] += demand[i] * price * kept[i] * left
        else:
            for i in range(found.size):
                found[i] += demand[i] * price * kept[i]
