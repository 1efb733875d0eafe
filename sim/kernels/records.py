"""Records of plain numbers and arrays that kernels take and fill."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from sim.carrier import Tariff


class Rates(NamedTuple):
    """Numbers of the monthly loop; names follow the settings they come from."""

    quality: float
    satisfaction: float
    image: float
    bundle: float
    saturation: float
    attention_base: float
    dissatisfaction: float
    threshold: float
    contract_ended: float
    rival_contact: float
    news: float
    own_contact: float
    attention_on_plan: float
    breakage: float
    service_share: float
    noise: float
    incidents: float
    incident_shock: float
    visit_lift: float
    plan_lift: float
    expectation_speed: float
    desire: float
    expectation_weight: float
    desire_weight: float
    memory: float
    resentment: float
    skill: float
    goodwill_kept: float
    rival_goodwill: float
    adstock_kept: float
    reset_months: int
    care_share: float
    care_floor: float
    offer: float
    renewal: float
    moving: float
    renegotiation: float
    concession: float
    term_months: int
    signing: float
    resigning: float
    cost_to_serve: float
    loyal: float
    shield: float
    loyalty_threshold: float
    loyalty_slope: float
    awareness: float
    repeat_months: int
    advocacy: float
    repeat_share: float
    social: float
    bond_line: float
    bond_bundle: float
    bond_solution: float
    integration: float
    information_weight: float
    candour: float
    x_by_bill: int
    early_below: float
    early: float
    early_fee: float
    line_fee: float
    installation: float
    points_per_yuan: float
    point_worth: float
    least_points: float
    redeeming: float
    redeeming_lift: float
    point_weight: float
    ip_line: int
    """-1 where we sell no IP calls."""
    ip_saving: float
    ip_speed: float
    ip_most: float
    ip_half: float
    holds: int
    """1 where a line of ours is worth more than its price list says: points or IP calls."""
    flows: NDArray[np.float32]
    """Usage that moves between lines (`sim.substitution.flow_table`), shape (flows, 5)."""


class Contacts(NamedTuple):
    """What reached each customer this month, shape (customers,)."""

    visits: NDArray[np.int16]
    level: NDArray[np.int8]
    offer: NDArray[np.int8]
    """Plan offered, 0 none."""
    offer_x: NDArray[np.float32]
    awareness: NDArray[np.float32]
    """Adstock gained of carriers, ours first, as many as were heard this month, shape (1 or carriers, customers)."""
    lift: NDArray[np.float32]
    """Performance of ours gained or lost at the halls."""
    bond: NDArray[np.float32]
    """Goodwill gained at the working level."""
    calls: NDArray[np.int16]
    """Calls taken and agents let in."""
    lured_by: NDArray[np.int8]
    """Rival that visits, 0 where none does."""
    bonus: NDArray[np.float32]
    """Share of the price that it offers for a line that moves to it."""
    fault: NDArray[np.int8]
    """1 where a line of ours has a fault."""
    felt: NDArray[np.float32]
    """Performance gained by the service tier, less what is lost by waiting for the desk."""
    skill: NDArray[np.float32]
    """Goodwill that a visit of ours leaves."""


class Keys(NamedTuple):
    """Stream keys of the month, one for each thing that is drawn."""

    incident: np.uint64
    noise: np.uint64
    rival_contact: np.uint64
    attention: np.uint64
    choice: np.uint64
    signing: np.uint64
    offer: np.uint64
    renewal: np.uint64
    integration: np.uint64
    early: np.uint64
    redeem: np.uint64


@register_jitable
def keys_of(keys: NDArray[np.uint64], t: int) -> Keys:
    """Return the keys of one month of a span, of rows in the order of the fields, shape (months, streams)."""
    row = keys[t]
    return Keys(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10])


@register_jitable
def tariff_of(span: Tariff, t: int) -> Tariff:
    """Return the tariff of one month of a span, whose arrays have the months on a first axis."""
    return Tariff(span.price[t], span.quality[t], span.service[t], span.image[t], span.hassle[t], span.contact[t])


class Switches(NamedTuple):
    """Mechanisms that change the loop itself."""

    attention: bool
    growth: bool
    frozen: bool
    loyalty: bool
    bonds: bool
    reasons: bool


RETAINED, WON_BACK, SHORTFALL, LOST, DISCOUNT, CARE, SERVE, BREAKAGE, WAIVED, REDEEMED = range(10)
"""Rows of money by customer, the first of them in the order of a history's account.

Care, fees waived and points redeemed are what a programme costs in the loop itself: one row of the account.
"""
KEPT, ON_PLAN, DISCOUNTED = range(3)
"""Rows of `Month.stock`."""


class Month(NamedTuple):
    """What a month brought, written by the loop; for a span of months, totals have the months on a first axis."""

    rows: NDArray[np.int64]
    """Money units by customer, shape (10, customers); no customers where nobody asks for these."""
    complained: NDArray[np.int8]
    """1 where a fault with the own carrier was complained of, shape (customers,)."""
    group: NDArray[np.int16]
    """Recording group, shape (customers,); empty where nothing is recorded by group."""
    paid: NDArray[np.int64]
    """What each line costs, then a plan without usage, money units, shape (lines + 1, customers or 0)."""
    revenue: NDArray[np.int64]
    """Money units by carrier and line, shape (carriers, lines); from here on it is totals."""
    flows: NDArray[np.int64]
    """Lines that went from a carrier to a carrier, by line, shape (lines, carriers, carriers)."""
    looked: NDArray[np.int64]
    """Lines reconsidered, by the carrier that served them, shape (carriers,)."""
    counts: NDArray[np.int64]
    """Plans accepted, renewed, renegotiated, left; faults with the own carrier; our terms that end; shape (6,)."""
    reasons: NDArray[np.int64]
    """Lines of ours lost, by line and reason, shape (lines, reasons)."""
    triggers: NDArray[np.int64]
    """The same by what made the customer look, shape (triggers,)."""
    money: NDArray[np.int64]
    """Sums of `rows` over customers, money units, shape (10,)."""
    stock: NDArray[np.int64]
    """At the month's end: lines kept since the start, customers on a plan, with a unit discount; shape (3,)."""
    satisfaction: NDArray[np.int64]
    """Sum over customers at the month's end, in 1/10,000, shape (carriers,)."""
    stages: NDArray[np.int64]
    """Customers by stage of loyalty at the month's end, shape (stages,)."""
    steps: NDArray[np.int64]
    """Customers by what they have with us at the month's end, shape (steps,)."""
    held: NDArray[np.int64]
    """Count and charge of lines by group, line, carrier, ours since the start or not, shape (all these, 2)."""
    moved: NDArray[np.int64]
    """Lines that went from a carrier to another, shape (groups, lines, carriers, carriers)."""

    @property
    def retained(self) -> NDArray[np.int64]:
        """Retained revenue by customer, money units, shape (customers,); as are the next ones."""
        return np.asarray(self.rows[RETAINED])

    @property
    def won_back(self) -> NDArray[np.int64]:
        """Revenue of lines won, and won back."""
        return np.asarray(self.rows[WON_BACK])

    @property
    def shortfall(self) -> NDArray[np.int64]:
        """Income from plans above usage."""
        return np.asarray(self.rows[SHORTFALL])

    @property
    def lost(self) -> NDArray[np.int64]:
        """List value of lines lost since the start."""
        return np.asarray(self.rows[LOST])

    @property
    def discount(self) -> NDArray[np.int64]:
        """What discounts and plans take off the list value."""
        return np.asarray(self.rows[DISCOUNT])

    @property
    def care(self) -> NDArray[np.int64]:
        """Care money."""
        return np.asarray(self.rows[CARE])

    @property
    def serve(self) -> NDArray[np.int64]:
        """Cost to serve."""
        return np.asarray(self.rows[SERVE])

    @property
    def breakage(self) -> NDArray[np.int64]:
        """Fees for leaving early."""
        return np.asarray(self.rows[BREAKAGE])

    @property
    def waived(self) -> NDArray[np.int64]:
        """Installation that plan customers don't pay for."""
        return np.asarray(self.rows[WAIVED])

    @property
    def redeemed(self) -> NDArray[np.int64]:
        """Worth of points redeemed."""
        return np.asarray(self.rows[REDEEMED])


TOTALS = Month._fields[4:]
"""What is a sum over customers."""


@register_jitable
def of_month(span: Month, t: int) -> Month:
    """Return the records of one month of a span."""
    return Month(
        span.rows,
        span.complained,
        span.group,
        span.paid,
        span.revenue[t],
        span.flows[t],
        span.looked[t],
        span.counts[t],
        span.reasons[t],
        span.triggers[t],
        span.money[t],
        span.stock[t],
        span.satisfaction[t],
        span.stages[t],
        span.steps[t],
        span.held[t],
        span.moved[t],
    )


ACCEPTED, RENEWED, RENEGOTIATED, LEFT_PLAN, COMPLAINED, TERM_OVER = range(6)
"""Rows of `Month.counts`."""


class Standing(NamedTuple):
    """What a choice on one line depends on, of all customers of a block or of a few of them; shape (customers,)."""

    place: NDArray[np.uint64]
    """As in `Block`."""
    current: NDArray[np.int8]
    price_sensitivity: NDArray[np.float32]
    cost: NDArray[np.float32]
    left: NDArray[np.int16]
    discount: NDArray[np.float32]
    lured_by: NDArray[np.int8]
    bonus: NDArray[np.float32]
    hold: NDArray[np.float32]
    """Extra cost of leaving us, logit."""
    common: NDArray[np.float32]
    """Shape (carriers, customers)."""
    chosen: NDArray[np.int8]
    """Filled: the next carrier."""


class Block(NamedTuple):
    """What is worked out for a block of customers and needed by later steps of its month; customers last."""

    place: NDArray[np.uint64]
    """Customers' keys, spread as draws take them (`sim.kernels.keyed.spread`), shape (block,)."""
    served: NDArray[np.float32]
    """Lines that each carrier serves at the start of the month, shape (carriers, block); as the next five."""
    quality: NDArray[np.float32]
    """Sum of their quality."""
    common: NDArray[np.float32]
    """Delivered value that doesn't depend on the line."""
    known: NDArray[np.float32]
    """Rapport, 0 to 1."""
    look: NDArray[np.float32]
    """Logit of looking around on a line that the carrier serves, without the line's own events; then odds against."""
    odds: NDArray[np.float32]
    """Choice odds on one line, added up over carriers."""
    hold: NDArray[np.float32]
    """Extra cost of leaving us by bonds, points and cheap IP calls, logit, shape (2, block): on any line, on IP's."""
    loyal: NDArray[np.float32]
    """Loyal behaviour towards us, 0 to 1, shape (block,)."""
    called: NDArray[np.float32]
    """1 where a rival calls, shape (block,)."""
    told: NDArray[np.float32]
    """Weight of information in satisfaction with us, shape (block,)."""
    ended: NDArray[np.int8]
    """1 where a line's contract term ended this month, shape (lines, block)."""
    before: NDArray[np.int8]
    """Who served a line at the start of the month, shape (lines, block)."""
    number: NDArray[np.float32]
    """Any one number a customer, shape (block,); as the next ones."""
    total: NDArray[np.float32]
    flag: NDArray[np.int8]
    moved: NDArray[np.int8]
    chosen: NDArray[np.int8]
    order: NDArray[np.int32]
    """Places in the block of those whom a step is about."""
    few: Standing
    """Room for customers picked out of the block."""
    listed: NDArray[np.float64]
    """List value of usage on a line if it is ours, yuan/month, shape (block,)."""
    usage: NDArray[np.float64]
    """List value of usage on our lines, yuan/month; the next ones are parts of it."""
    kept_list: NDArray[np.float64]
    paid: NDArray[np.float64]
    kept_paid: NDArray[np.float64]
    gone: NDArray[np.float64]
    """List value of lines ours at the start that a rival serves, yuan/month."""
    money: NDArray[np.int64]
    """The month's money, units, shape (10, block)."""
