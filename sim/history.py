"""What a run recorded, and what is measured on it; money is in whole units of 1/10,000 yuan until it is read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels.behaviour import MONEY_UNIT

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
HOUR_UNIT = 10_000
"""Hours are summed in whole ten-thousandths, as money is."""

STANDINGS = ("kept", "lost", "won_back")
"""Ours at the start and ever since; ours at the start and now a rival's; ours now, but not ever since the start."""
CHANNEL_COSTS = ("mail_cost", "call_cost", "hall_cost", "online_cost", "agent_cost", "event_cost", "campaign_cost")
SERVICE_COSTS = ("desk_cost", "tier_cost", "call_out_cost")
LEVER_COSTS = ("visit_cost", *CHANNEL_COSTS, "settlement_cost", *SERVICE_COSTS)
"""What levers cost; a phase charges them."""
BILLED_COSTS = ("care", "waived", "redeemed")
"""What goes with a customer's bill; the compiled loop reckons them."""
COSTS = (*LEVER_COSTS, *BILLED_COSTS)
"""What makes up the programme cost."""
BILLS = ("retained", "won_back", "shortfall", "breakage", "lost", "discount", "cost_to_serve")
"""What else the loop reckons of a customer's month."""
MONEY_BY_GROUP = (*BILLS, *COSTS)
COUNTS_BY_GROUP = ("visits_due", "visits_made", "backlog", "visits_dropped", "complaints", "on_plan")


class Account(NamedTuple):
    """What each customer brought and cost over the horizon, money units, each of shape (customers,)."""

    retained: Whole
    won_back: Whole
    shortfall: Whole
    lost: Whole
    discount: Whole
    care: Whole
    cost_to_serve: Whole
    breakage: Whole
    waived: Whole
    redeemed: Whole
    programme_cost: Whole
    """With care, waived fees and redeemed points."""


class History(NamedTuple):
    """A run by month (first axis) and by customer; see `sim.history` functions for what is measured on it."""

    seed: int
    revenue: Whole
    """Money units, shape (months, carriers, lines)."""
    retained: Whole
    """Money units, shape (months,), as the next ones."""
    won_back: Whole
    shortfall: Whole
    lost: Whole
    discount: Whole
    care: Whole
    visit_cost: Whole
    mail_cost: Whole
    call_cost: Whole
    hall_cost: Whole
    online_cost: Whole
    agent_cost: Whole
    """Fixed cost, contacts and commissions."""
    event_cost: Whole
    campaign_cost: Whole
    desk_cost: Whole
    tier_cost: Whole
    call_out_cost: Whole
    """Hours of managers called out to complaints."""
    bonus: Whole
    """Part of the cost of visits that is paid by results."""
    settlement_cost: Whole
    """Of settlement records analysed."""
    cost_to_serve: Whole
    breakage: Whole
    """Fees for leaving inside a term."""
    waived: Whole
    """Installation fees that plan customers needn't pay."""
    redeemed: Whole
    """Worth of points redeemed."""
    flows: Whole
    """Lines that went from carrier to carrier, shape (months, lines, carriers, carriers)."""
    looked: Whole
    """Lines reconsidered by present carrier, shape (months, carriers)."""
    kept: Whole
    """Lines ours since the start, shape (months,)."""
    visits_due: Whole
    visits_made: Whole
    backlog: Whole
    """Visits due and not yet made at the month's end."""
    visits_dropped: Whole
    """Visits outstanding that were given up when another programme began."""
    visit_hours: Whole
    """In 1/10,000 of an hour."""
    letters: Whole
    calls_due: Whole
    calls: Whole
    """Calls made, of those due."""
    calls_missed: Whole
    """Calls given up at the end of a quarter or of their programme."""
    calls_waiting: Whole
    """Calls due and not yet made at the month's end."""
    hall_handled: Whole
    """Customers handled in the halls of their centres, shape (months,)."""
    hall_diverted: Whole
    """Of them, those who had found the online hall full."""
    online_handled: Whole
    turned_away: Whole
    """Customers for whom there was no room at any hall."""
    agent_contacts: Whole
    agent_wins: Whole
    """Lines won where an agent had been."""
    invited: Whole
    """Customers invited to promotion events held in the month."""
    attended: Whole
    terms_ended: Whole
    """Contract terms on our lines that run out in the month."""
    plans_accepted: Whole
    plans_renewed: Whole
    plans_renegotiated: Whole
    plans_left: Whole
    on_plan: Whole
    discounted: Whole
    """Customers with a unit discount, shape (months,)."""
    complaints: Whole
    stages: Whole
    """Customers by stage of loyalty, shape (months, stages)."""
    steps: Whole
    """Customers by what they have with us, from product to solution, shape (months, steps)."""
    reasons: Whole
    """Lines of ours lost, by the reason, shape (months, lines, reasons)."""
    triggers: Whole
    """The same by what made the customer look around, shape (months, triggers)."""
    call_outs: Whole
    """Complaints that took hours of the customer's own account manager."""
    resolved: Whole
    """Complaints that the desk resolved, by service tier, shape (months, tiers); as the next two."""
    waiting: Whole
    """Sum of their waits until somebody took them up, in 1/1000 minutes that the desk is open."""
    resolving: Whole
    """Sum of their times until they were resolved, likewise."""
    desk_backlog: Whole
    """Complaints not resolved at the month's end, shape (months,)."""
    revealed: Whole
    """Customers whose rival spend settlement records, a call or a visit have shown, shape (months,)."""
    satisfaction: Whole
    """Sum over customers in 1/10,000, shape (months, carriers)."""
    revenue_by_group: Whole
    """Money units, shape (months, groups, carriers, lines); groups are those of `sim.record_groups`, as below."""
    flows_by_group: Whole
    """Shape (months, groups, lines, carriers, carriers)."""
    standing_by_group: Whole
    """Lines as in `STANDINGS` at the month's end, shape (months, groups, lines, standings)."""
    money_by_group: Whole
    """Money units of `MONEY_BY_GROUP`, shape (months, groups, measures)."""
    counts_by_group: Whole
    """Counts of `COUNTS_BY_GROUP`, shape (months, groups, measures)."""
    stages_by_group: Whole
    """Customers at each loyalty stage, shape (months, groups, stages)."""
    served_by_group: Whole
    """Customers with at least one line at the carrier, shape (months, groups, carriers)."""
    satisfaction_by_group: Whole
    """Sum of their satisfaction with it in 1/10,000, shape (months, groups, carriers)."""
    customers: int
    account: Account


def yuan(units: Whole | int) -> Floats:
    """Return money units in yuan."""
    return np.asarray(units, dtype=float) / MONEY_UNIT


def hours(units: Whole | int) -> Floats:
    """Return units of 1/10,000 of an hour in hours."""
    return np.asarray(units, dtype=float) / HOUR_UNIT


def retained_revenue(history: History) -> float:
    """Return retained revenue over the horizon, yuan: the mission's objective."""
    return float(yuan(history.retained.sum()))


def won_back_revenue(history: History) -> float:
    """Return won-back revenue over the horizon, yuan."""
    return float(yuan(history.won_back.sum()))


def own_revenue(history: History) -> float:
    """Return retained plus won-back revenue plus shortfall income plus breakage over the horizon, yuan."""
    return float(yuan((history.retained + history.won_back + history.shortfall + history.breakage).sum()))


def breakage_income(history: History) -> float:
    """Return fees for leaving plans and contracts inside their term over the horizon, yuan."""
    return float(yuan(history.breakage.sum()))


def programme_cost(history: History) -> float:
    """Return what visits, channels, care, waived fees, redeemed points and service cost over the horizon, yuan."""
    return float(yuan(sum(int(getattr(history, lever).sum()) for lever in COSTS)))


def waived_fees(history: History) -> float:
    """Return the installation fees that plan customers didn't pay over the horizon, yuan."""
    return float(yuan(history.waived.sum()))


def points_redeemed(history: History) -> float:
    """Return what redeemed points cost over the horizon, yuan."""
    return float(yuan(history.redeemed.sum()))


def service_cost(history: History) -> float:
    """Return what the complaint desk, service tiers and managers called out cost over the horizon, yuan."""
    return float(yuan((history.desk_cost + history.tier_cost + history.call_out_cost).sum()))


def mean_wait(history: History) -> Floats:
    """Return the mean wait of resolved complaints until taken up, by service tier, hours that the desk is open."""
    return _desk_hours(history.waiting, history.resolved)


def mean_resolution(history: History) -> Floats:
    """Return the mean time of resolved complaints until resolved, by service tier, hours that the desk is open."""
    return _desk_hours(history.resolving, history.resolved)


def _desk_hours(time: Whole, cases: Whole) -> Floats:
    return np.asarray(time.sum(axis=0) / np.maximum(cases.sum(axis=0), 1) / (60 * 1000))


def discount_given(history: History) -> float:
    """Return what unit discounts and plans took off the list value of usage over the horizon, yuan."""
    return float(yuan(history.discount.sum()))


def contribution(history: History) -> float:
    """Return own revenue minus programme cost minus cost to serve over the horizon, yuan."""
    return own_revenue(history) - programme_cost(history) - float(yuan(history.cost_to_serve.sum()))


def account_retained(history: History) -> Floats:
    """Return retained revenue by customer, yuan, shape (customers,)."""
    return yuan(history.account.retained)


def own_lines(history: History) -> Whole:
    """Return lines that we serve at the end of each month, shape (months,)."""
    return np.asarray(history.flows[:, :, :, 0].sum(axis=(1, 2)))


def lost_lines(history: History) -> Whole:
    """Return our lines that went to a rival, shape (months,)."""
    return np.asarray(history.flows[:, :, 0, 1:].sum(axis=(1, 2)))


def won_lines(history: History) -> Whole:
    """Return lines that came from a rival, shape (months,)."""
    return np.asarray(history.flows[:, :, 1:, 0].sum(axis=(1, 2)))


def yearly_loss(history: History) -> float:
    """Return the share of our lines at the start that left within the first twelve months (never counted twice)."""
    months = min(12, len(history.kept))
    at_start = history.flows[0, :, 0, :].sum()
    if at_start == 0:
        return 0.0
    kept = history.kept[months - 1] / at_start
    return float(1 - kept ** (12 / months))


def transition_counts(history: History) -> Whole:
    """Return lines that went from carrier to carrier over the run, shape (carriers, carriers)."""
    return np.asarray(history.flows.sum(axis=(0, 1)))


MEASURES = {
    "retained_revenue": retained_revenue,
    "won_back_revenue": won_back_revenue,
    "own_revenue": own_revenue,
    "programme_cost": programme_cost,
    "service_cost": service_cost,
    "contribution": contribution,
    "discount_given": discount_given,
    "breakage_income": breakage_income,
    "waived_fees": waived_fees,
    "points_redeemed": points_redeemed,
}
"""What is compared between runs: one number a run, yuan over the horizon."""
