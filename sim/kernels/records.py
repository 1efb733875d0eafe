"""Records of plain numbers and arrays that kernels take and fill."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


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


class Switches(NamedTuple):
    """Mechanisms that change the loop itself."""

    attention: bool
    growth: bool
    frozen: bool
    loyalty: bool
    bonds: bool


class Month(NamedTuple):
    """What a month brought, written by the loop."""

    retained: NDArray[np.int64]
    """Money units a customer, shape (customers,); as are the next ones."""
    won_back: NDArray[np.int64]
    shortfall: NDArray[np.int64]
    lost: NDArray[np.int64]
    care: NDArray[np.int64]
    discount: NDArray[np.int64]
    serve: NDArray[np.int64]
    revenue: NDArray[np.int64]
    """Money units by carrier and line, shape (carriers, lines)."""
    flows: NDArray[np.int64]
    """Lines that went from a carrier to a carrier, by line, shape (lines, carriers, carriers)."""
    looked: NDArray[np.int64]
    """Lines reconsidered, by the carrier that served them, shape (carriers,)."""
    counts: NDArray[np.int64]
    """Plans accepted, renewed, renegotiated, left; faults with the own carrier; shape (5,)."""
    reasons: NDArray[np.int64]
    """Lines of ours lost, by line and reason, shape (lines, reasons)."""
    triggers: NDArray[np.int64]
    """The same by what made the customer look, shape (triggers,)."""
    complained: NDArray[np.int8]
    """1 where a fault with the own carrier was complained of, shape (customers,)."""
    breakage: NDArray[np.int64]
    """Fees for leaving early, money units a customer, shape (customers,); as are the next ones."""
    waived: NDArray[np.int64]
    """Installation that plan customers don't pay for."""
    redeemed: NDArray[np.int64]
    """Worth of points redeemed."""
    group: NDArray[np.int16]
    """Recording group, shape (customers,); empty where nothing is recorded by group."""
    held: NDArray[np.int64]
    """Count and charge of lines by group, line, carrier, ours since the start or not, shape (all these, 2)."""
    moved: NDArray[np.int64]
    """Lines that went from a carrier to another, shape (groups, lines, carriers, carriers)."""
    paid: NDArray[np.int64]
    """What each line costs, then a plan without usage, money units, shape (lines + 1, customers or 0)."""


TOTALS = ("revenue", "flows", "looked", "counts", "reasons", "triggers", "held", "moved")
"""What of a month is added up over customers; each thread has its own."""
ACCEPTED, RENEWED, RENEGOTIATED, LEFT_PLAN, COMPLAINED = range(5)
"""Rows of `Month.counts`."""


class Block(NamedTuple):
    """What is worked out for a block of customers and needed by later steps of its month; customers last."""

    served: NDArray[np.float32]
    """Lines that each carrier serves at the start of the month, shape (carriers, block); as the next five."""
    quality: NDArray[np.float32]
    """Sum of their quality."""
    common: NDArray[np.float32]
    """Delivered value that doesn't depend on the line."""
    known: NDArray[np.float32]
    """Rapport, 0 to 1."""
    look: NDArray[np.float32]
    """Logit of looking around on a line that the carrier serves, without the line's own events."""
    odds: NDArray[np.float32]
    """Choice odds on one line."""
    loyal: NDArray[np.float32]
    """Loyal behaviour towards us, 0 to 1, shape (block,)."""
    bond: NDArray[np.float32]
    """Extra cost of leaving us, logit, shape (block,)."""
    called: NDArray[np.float32]
    """1 where a rival calls, shape (block,)."""
    ended: NDArray[np.int8]
    """1 where a line's contract term ended this month, shape (lines, block)."""
    before: NDArray[np.int8]
    """Who served a line at the start of the month, shape (lines, block)."""
    number: NDArray[np.float32]
    """Any one number a customer, shape (block,); as the next ones."""
    total: NDArray[np.float32]
    running: NDArray[np.float32]
    flag: NDArray[np.int8]
    chosen: NDArray[np.int8]
    usage: NDArray[np.float64]
    """List value of usage on our lines, yuan/month; the next ones are parts of it."""
    kept_list: NDArray[np.float64]
    kept_paid: NDArray[np.float64]
    won_paid: NDArray[np.float64]
    charged: NDArray[np.float64]
    """What we charge on a line for a yuan of usage at reference prices, before unit discounts, shape (block,)."""
    held: NDArray[np.float32]
    """What staying is worth to a line of ours beyond the price list, logit, shape (lines, block)."""
