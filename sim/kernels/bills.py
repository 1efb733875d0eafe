"""Bills in the monthly loop: what a month's usage pays for, posted to accounts and added up in whole money units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.behaviour import MONEY_UNIT, fixed
from sim.kernels.evergreen import bill_plans
from sim.kernels.lanes import F, count, some, some_whole
from sim.kernels.records import (
    CARE,
    DISCOUNT,
    DISCOUNTED,
    KEPT,
    LOST,
    ON_PLAN,
    REDEEMED,
    RETAINED,
    SERVE,
    SHORTFALL,
    WAIVED,
    WON_BACK,
    Block,
    Month,
    Rates,
)
from sim.kernels.step import entry, step
from sim.kernels.substitution import list_line
from sim.state import State


@step
def bill(lo: int, m: int, s: State, posted: Tariff, terms: NDArray[Any], r: Rates, w: Block, out: Month) -> None:
    """Reckon the month's bills by what they pay for, and record revenue; `w.money` is filled."""
    discounts, plans = some_discount(lo, lo + m, s), some(s.plan[lo : lo + m])
    for i in range(m):
        w.usage[i] = 0.0
        w.kept_list[i] = 0.0
        w.gone[i] = 0.0
    for i in range(m if discounts else 0):
        w.paid[i] = 0.0
        w.kept_paid[i] = 0.0
    for line in range(w.before.shape[0]):
        list_line(lo, m, line, s, posted, r, w)
        bill_line(lo, m, line, discounts, s, posted, w, out)
    if discounts:
        split_money(m, w.usage, w.paid, w.kept_paid, w.gone, np.float64(r.cost_to_serve), w.money)
    else:
        split_money(m, w.usage, w.usage, w.kept_list, w.gone, np.float64(r.cost_to_serve), w.money)
    if plans:
        bill_plans(lo, m, s, posted, terms, r, w, out)
    remember_usage(lo, m, s, r, w)


@step
def split_money(
    m: int,
    usage: NDArray[Any],
    paid: NDArray[Any],
    kept_paid: NDArray[Any],
    gone: NDArray[Any],
    cost: float,
    money: NDArray[np.int64],
) -> None:
    """Say in money units what bills without a plan pay for, from what they are in yuan, shape (block,) each."""
    retained, won_back, discount, serve = money[RETAINED], money[WON_BACK], money[DISCOUNT], money[SERVE]
    lost, shortfall, care = money[LOST], money[SHORTFALL], money[CARE]
    for i in range(m):
        since, all_ours = fixed(kept_paid[i]), fixed(paid[i])
        retained[i] = since
        won_back[i] = all_ours - since
        discount[i] = fixed(usage[i]) - all_ours
        serve[i] = fixed(cost * usage[i])
        lost[i] = fixed(gone[i])
        shortfall[i] = 0
        care[i] = 0


@step
def bill_line(lo: int, m: int, line: int, discounts: bool, s: State, posted: Tariff, w: Block, out: Month) -> None:
    """Add a line to its customers' bills and to carriers' revenue; what a plan pays for is reckoned with the plan."""
    demand, discount, plan = s.demand[line, lo : lo + m], s.discount[line, lo : lo + m], s.plan[lo : lo + m]
    current, start, kept = s.carrier[line, lo : lo + m], s.start[line, lo : lo + m], s.kept[line, lo : lo + m]
    usage, kept_list, gone, listed = w.usage, w.kept_list, w.gone, w.listed
    revenue = np.int64(0)
    for i in range(m):
        value, ours = listed[i], current[i] == 0
        kept[i] = kept[i] if ours else np.int8(0)
        usage[i] += value if ours else 0.0
        kept_list[i] += value if kept[i] == 1 else 0.0
        gone[i] += 0.0 if ours else (value if start[i] == 1 else 0.0)
        revenue += fixed(value * (1.0 - np.float64(discount[i]))) if ours & (plan[i] == 0) else 0
    out.revenue[0, line] += revenue
    if discounts:
        paid, kept_paid = w.paid, w.kept_paid
        for i in range(m):
            value = listed[i] * (1.0 - np.float64(discount[i]))
            paid[i] += value if current[i] == 0 else 0.0
            kept_paid[i] += value if kept[i] == 1 else 0.0
    for c in range(1, posted.price.shape[0]):
        price, carrier, revenue = posted.price[c, line], np.int8(c), np.int64(0)
        for i in range(m):
            value = np.float64(demand[i]) * price
            revenue += fixed(value) if current[i] == carrier else 0
        out.revenue[c, line] += revenue


@step
def remember_usage(lo: int, m: int, s: State, r: Rates, w: Block) -> None:
    """Let the month's usage, or bill where X is set from bills, take the place of that of three months ago."""
    oldest, older = s.recent_usage[0, lo : lo + m], s.recent_usage[1, lo : lo + m]
    newest, usage = s.recent_usage[2, lo : lo + m], w.usage
    for i in range(m):
        oldest[i] = older[i]
    for i in range(m):
        older[i] = newest[i]
    for i in range(m):
        newest[i] = F(usage[i])
    if r.x_by_bill:
        retained, won_back, shortfall = w.money[RETAINED], w.money[WON_BACK], w.money[SHORTFALL]
        for i in range(m):
            newest[i] = F(np.float64(retained[i] + won_back[i] + shortfall[i]) / MONEY_UNIT)


@step
def post_block(lo: int, m: int, account: NDArray[np.int64], w: Block, out: Month) -> None:
    """Add a block's month to the accounts, shape (11, customers), and to the totals; write its rows where asked for."""
    for row in range(w.money.shape[0]):
        amount = w.money[row]
        if some_whole(amount[:m]):
            posted, cost, total = account[row, lo : lo + m], account[-1, lo : lo + m], np.int64(0)
            for i in range(m):
                posted[i] += amount[i]
                total += amount[i]
            for i in range(m if row in (CARE, WAIVED, REDEEMED) else 0):
                cost[i] += amount[i]
            out.money[row] += total
        for i in range(m if out.rows.shape[1] > 0 else 0):
            out.rows[row, lo + i] = amount[i]


@step
def some_discount(first: int, last: int, s: State) -> bool:
    """Return whether any of these customers has a unit discount."""
    found = False
    for line in range(s.discount.shape[0]):
        found |= some(s.discount[line, first:last])
    return found


@step
def take_stock(first: int, last: int, s: State, out: Month) -> None:
    """Count kept lines, plans, discounts, stages, steps and satisfaction of some customers at a month's end."""
    for stage in range(out.stages.size):
        out.stages[stage] += count(s.stage[first:last], stage)
    for number in range(out.steps.size):
        out.steps[number] += count(s.step[first:last], number)
    for line in range(s.kept.shape[0]):
        out.stock[KEPT] += count(s.kept[line, first:last], 1)
    out.stock[ON_PLAN] += last - first - count(s.plan[first:last], 0)
    if some_discount(first, last, s):
        for n in range(first, last):
            most = F(0.0)
            for line in range(s.discount.shape[0]):
                most = max(most, s.discount[line, n])
            out.stock[DISCOUNTED] += most > F(0.0)
    for c in range(s.satisfaction.shape[0]):
        satisfaction, total = s.satisfaction[c, first:last], np.int64(0)
        for i in range(last - first):
            total += np.int32(np.rint(satisfaction[i] * F(MONEY_UNIT)))
        out.satisfaction[c] += total


@entry
def count_stock(first: int, last: int, s: State, out: Month) -> None:
    """Take stock of the customers from `first` up to `last` at one go, where months are lived one by one."""
    take_stock(first, last, s, out)
