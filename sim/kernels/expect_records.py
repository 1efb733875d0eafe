"""Records of the expected-value recursion (`sim.kernels.expect`): what it is given, follows and brings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.records import Rates

RETAINED, WON_BACK, SHORTFALL, CARE, DISCOUNT, SERVE, OFFERS, LEFT, BREAKAGE, WAIVED, REDEEMED = range(11)
"""Rows of what a treatment is expected to bring; yuan over the horizon, but offers made and lines lost are counts."""
COMMISSION, SERVED, SATISFACTION = range(11, 14)
"""More rows: yuan to agents, months served by us, and satisfaction with us summed over those months."""
OUTCOMES = 14
Outcomes = NDArray[np.float64]
"""What one treatment brings at one account, shape (outcomes,)."""


class Known(NamedTuple):
    """What the book says of each account, customers last."""

    demand: NDArray[np.float64]
    """Usage at reference prices, expected where a rival serves, yuan/month, shape (lines, customers)."""
    ours: NDArray[np.bool_]
    """Shape (lines, customers)."""
    kept: NDArray[np.bool_]
    """Lines that have been ours since the run began, shape (lines, customers)."""
    months_left: NDArray[np.int16]
    """Contract term left, -1 unknown, shape (lines, customers)."""
    growth: NDArray[np.float64]
    goodwill: NDArray[np.float64]
    """With us, shape (levels, customers)."""
    level_weight: NDArray[np.float64]
    """Expected weight of each level, shape (levels, customers)."""
    adstock: NDArray[np.float64]
    satisfaction: NDArray[np.float64]
    """Expected, shape (carriers, customers)."""
    expectation: NDArray[np.float64]
    """Performance that the customer expects, shape (carriers, customers)."""
    plan: NDArray[np.int8]
    plan_x: NDArray[np.float64]
    plan_age: NDArray[np.int16]
    oldest: NDArray[np.int16]
    """Tenure of the oldest line of ours, months, -1 where there is none."""
    solved: NDArray[np.bool_]
    """Whether we have integrated a solution."""
    points: NDArray[np.float64]
    ip_share: NDArray[np.float64]
    call_gain: NDArray[np.float64]
    faults: NDArray[np.float64]
    """What faults with us cost, as a ratio to the usual rate times the usual shock."""
    lift: NDArray[np.float64]
    """Performance gained by the service tier, and at the halls in a mean month."""
    lets_in: NDArray[np.float64]
    """Chance that the customer lets agents in, for good."""
    agent_gain: NDArray[np.float64]
    """Adstock of one contact by an agent who is let in."""
    phase: NDArray[np.float64]
    """When contacts start, months: visits, letters, calls, events, agents; shape (5, customers)."""


class Types(NamedTuple):
    """Draws of what the book doesn't say, shape (draws, customers) unless said."""

    price_sensitivity: NDArray[np.float64]
    rapport_weight: NDArray[np.float64]
    hassle_weight: NDArray[np.float64]
    switching_cost: NDArray[np.float64]
    desire: NDArray[np.float64]
    """Performance desired, 0 to 1."""
    unseen: NDArray[np.float64]
    """By what factor usage at rivals differs from what is expected of it."""
    weight: NDArray[np.float64]
    """Sums to one over draws."""
    law: NDArray[np.float64]
    """Law of the carrier of each line at the start, shape (draws, carriers, lines, customers)."""


class Menu(NamedTuple):
    """Treatments as arrays, shape (treatments, customers) unless said."""

    allowed: NDArray[np.bool_]
    visits: NDArray[np.int64]
    """A year, shape (treatments,), as the next four."""
    offer: NDArray[np.int64]
    discount: NDArray[np.float64]
    mail: NDArray[np.int64]
    calls: NDArray[np.int64]
    level: NDArray[np.int8]
    """Level to see."""
    offer_x: NDArray[np.float64]
    """X to propose, yuan/month."""


class Reach(NamedTuple):
    """Contacts a year that are no treatment's, and the chance that they come about, shape (customers,)."""

    letters: NDArray[np.int64]
    events: NDArray[np.int64]
    """Invitations to promotion events of the service centre."""
    agents: NDArray[np.int64]
    attends: NDArray[np.float64]
    """Chance that an invited customer comes and finds room."""
    called: NDArray[np.float64]
    """Chance that an agent makes a contact that is due."""


class After(NamedTuple):
    """The continuation once the planning period is over, shape (customers,)."""

    visits: NDArray[np.int64]
    level: NDArray[np.int8]
    mail: NDArray[np.int64]
    calls: NDArray[np.int64]
    reach: Reach
    """Its events and agents; its letters are those of `mail`."""


class Pay(NamedTuple):
    """What agents are paid for a line that is won in the window after a contact of theirs."""

    window: int
    """Months, the contact's among them."""
    at_sign_up: float
    """Months of the line's list value, as the next one."""
    later: float
    """Where the line has stayed."""
    stay: int
    """Months for which it has to."""
    one_off: float
    """Yuan at sign-up."""


class Span(NamedTuple):
    """Lengths, months, and rates that only the expectation needs."""

    months: int
    period: int
    offer_every: int
    terminal: float
    mail_gain: float
    contract_share: float
    """Of lines whose term isn't known."""
    frozen: bool
    """Whether stocks stay as they are."""
    restless: NDArray[np.float64]
    """Odds of looking around for satisfaction alone, the mean over its sway, by its mean in even steps from 0 to 1,
    shape (carriers, steps)."""
    loyal: NDArray[np.float64]
    """The same of repeat buyers on our lines, without and with a rival's call, shape (2, steps)."""
    meant: NDArray[np.float64]
    """Chance of meaning to stay at all, shape (steps,)."""
    event_gain: float
    """Adstock of an event attended."""
    event_bond: float
    """Goodwill of an event attended, at the working level."""
    pay: Pay
    elapsed: int = 0
    """Months lived before the first one here; contacts of the planning period keep their places in the year."""


class Case(NamedTuple):
    """All that the recursion is given, the same for every account, treatment and draw."""

    known: Known
    types: Types
    menu: Menu
    after: After
    beside: Reach
    """What reaches accounts in the planning period whatever their treatments."""
    span: Span
    tariffs: NDArray[np.float64]
    """Price by month, shape (months, carriers, lines)."""
    log_price: NDArray[np.float64]
    """Its logarithm, of the same shape."""
    same: NDArray[np.bool_]
    """Whether prices are those of the month before, shape (months,)."""
    posted: Tariff
    contact: NDArray[np.float64]
    """Probability that a rival calls, shape (months,)."""
    terms: NDArray[np.float64]
    """Terms of each plan, shape (plans, terms)."""
    r: Rates
    growing: bool
    ease: float
    """Factor on the odds of looking around when a rival calls."""
    eager: float
    """The same for a contact of ours where a rival serves."""
    open: float
    """The same where a term has just ended."""
    settled: float
    """The same of who is on a plan, on our lines."""


class Account(NamedTuple):
    """One account under one treatment and one draw of what the book doesn't say."""

    n: int
    """Customer, as an index; the next two are the treatment and the draw."""
    b: int
    d: int
    plan: int
    """The Evergreen plan that it is on, or else the one to offer, 0 none."""
    lets_in: bool
    """Whether agents come and are let in."""
    weight: float
    """Of the draw, and of letting agents in or not."""
    price_sensitivity: float
    stay_cost: float
    """Factor on the odds of leaving a carrier."""
    bound_cost: float
    """The same under a contract term."""
    most_ip: float
    """Share of usage that goes over our IP calls in the end, where the line is ours."""


class Turn(NamedTuple):
    """One month: what the treatment, or its continuation, does in it."""

    t: int
    visits: int
    letters: int
    calls: int
    agents: int
    """Contacts due by agents who are let in."""
    called: float
    """Chance that they are made, 0 where none are due."""
    attends: float
    """Chance of attending a promotion event."""
    level: int
    discount: float
    proposing: bool
    """Whether a new round of offers starts."""
    planning: bool
    """Whether the planning period is on."""


class Paths(NamedTuple):
    """What is followed of one account; a first axis of two is the branch, off and on an Evergreen plan."""

    mass: NDArray[np.float64]
    """Probability of each branch, shape (2,)."""
    law: NDArray[np.float64]
    """Law of the carrier of each line, shape (2, lines, carriers)."""
    kept: NDArray[np.float64]
    """Probability that a line of ours has never left, shape (2, lines)."""
    ring: NDArray[np.float64]
    """Lines by the month in which their term ends, over `alive`, shape (2, lines, carriers, months)."""
    alive: NDArray[np.float64]
    """Share of all cohorts that hasn't left its carrier before the end, shape (2, lines, carriers)."""
    bound: NDArray[np.float64]
    """Lines under a term, shape (2, lines, carriers)."""
    loose: NDArray[np.float64]
    """Lines of ours that have just come off a plan, shape (lines,)."""
    owed: NDArray[np.float64]
    """Months of term left, summed over bound lines of ours that are on no plan, shape (lines,)."""
    feeling: NDArray[np.float64]
    """Satisfaction, shape (2, carriers)."""
    expected: NDArray[np.float64]
    """Performance that the customer expects, shape (2, carriers)."""
    solved: NDArray[np.float64]
    """Probability of an integrated solution, shape (2,)."""
    tie: NDArray[np.float64]
    """Factor on the odds of leaving us for structural bonds, shape (2,)."""
    over_ip: NDArray[np.float64]
    """Share of all usage on the line that goes over our IP calls, shape (2,)."""
    latest: NDArray[np.float64]
    """What was paid last month, or used, whichever X goes by, yuan/month, shape (2,)."""
    staying: NDArray[np.float64]
    """By what factor a line of ours is likelier to stay for points and IP calls, shape (2, lines)."""
    goodwill: NDArray[np.float64]
    """Shape (carriers, levels)."""
    rapport: NDArray[np.float64]
    """0 to 1, shape (carriers,)."""
    common: NDArray[np.float64]
    """Delivered value that depends neither on the line nor on the branch, shape (carriers,)."""
    line_odds: NDArray[np.float64]
    """Choice odds by quality and price alone, shape (carriers, lines)."""
    carrier_odds: NDArray[np.float64]
    """Choice odds by all that doesn't depend on the line, shape (carriers,); as the next four."""
    odds: NDArray[np.float64]
    """Choice odds on one line."""
    look: NDArray[np.float64]
    """Probability of looking around on a line that the carrier serves."""
    look_ended: NDArray[np.float64]
    """The same when the line's term has just ended."""
    newly: NDArray[np.float64]
    """Lines that sign a term with the carrier this month."""
    fresh: NDArray[np.float64]
    """Law of the carriers of lines next month, shape (lines, carriers)."""
    demand: NDArray[np.float64]
    """Usage at reference prices, yuan/month, shape (lines,)."""
    pull: NDArray[np.float64]
    """Each flow's prices, raised to their powers, at origin and destination, shape (flows, 2, carriers)."""
    since_nil: NDArray[np.float64]
    """Law of the month at whose start the balance of points was nil last, shape (months + 1,)."""
    earned: NDArray[np.float64]
    """Points earned by then, less the balance at the start, shape (months + 1,)."""
    points: NDArray[np.float64]
    """Mean balance, shape (1,); as the next ones."""
    lost: NDArray[np.float64]
    """Probability that no line is ours."""
    adstock: NDArray[np.float64]
    doubtful: NDArray[np.float64]
    """Mean and variance of what contacts left that may have happened, shape (2, 2): awareness, working goodwill."""
    served: NDArray[np.float64]
    """Mass of each branch with a line of ours this month, shape (2,)."""
    called: NDArray[np.float64]
    """Chance that an agent was there, by month of the planning period, shape (months,)."""
    were: NDArray[np.float64]
    """Lines of ours before this month's moves, over both branches, shape (lines,); as the next two."""
    went: NDArray[np.float64]
    """Lines of them that left."""
    came: NDArray[np.float64]
    """Lines that came."""
    won: NDArray[np.float64]
    """Lines won by agents that haven't left since, by month, shape (lines, months)."""
    charged: NDArray[np.float64]
    """Value of a line's usage at our prices and at rivals', yuan/month, shape (2, lines)."""
    joiners: NDArray[np.float64]
    """Share of the branch off a plan that has the line with us and joins, shape (lines,)."""
    x: NDArray[np.float64]
    """X of the plan, yuan/month."""
    age: NDArray[np.int64]
    """Months since X was set."""
    pending: NDArray[np.int64]
    """1 where the next visit brings an offer."""


@njit(cache=True)
def make_paths(carriers: int, lines: int, flows: int, months: int, term_months: int) -> Paths:
    """Return room for the paths of one account at a time."""
    return Paths(
        mass=np.empty(2),
        law=np.empty((2, lines, carriers)),
        kept=np.empty((2, lines)),
        ring=np.empty((2, lines, carriers, months + term_months + 2)),
        alive=np.empty((2, lines, carriers)),
        bound=np.empty((2, lines, carriers)),
        loose=np.empty(lines),
        owed=np.empty(lines),
        feeling=np.empty((2, carriers)),
        expected=np.empty((2, carriers)),
        solved=np.empty(2),
        tie=np.empty(2),
        over_ip=np.empty(2),
        latest=np.empty(2),
        staying=np.empty((2, lines)),
        goodwill=np.empty((carriers, 3)),
        rapport=np.empty(carriers),
        common=np.empty(carriers),
        line_odds=np.empty((carriers, lines)),
        carrier_odds=np.empty(carriers),
        odds=np.empty(carriers),
        look=np.empty(carriers),
        look_ended=np.empty(carriers),
        newly=np.zeros(carriers),
        fresh=np.empty((lines, carriers)),
        demand=np.empty(lines),
        pull=np.empty((flows, 2, carriers)),
        since_nil=np.empty(months + 1),
        earned=np.empty(months + 1),
        points=np.empty(1),
        lost=np.empty(1),
        adstock=np.empty(1),
        doubtful=np.empty((2, 2)),
        served=np.empty(2),
        called=np.empty(months),
        were=np.zeros(lines),
        went=np.zeros(lines),
        came=np.zeros(lines),
        won=np.empty((lines, months)),
        charged=np.empty((2, lines)),
        joiners=np.empty(lines),
        x=np.empty(1),
        age=np.empty(1, np.int64),
        pending=np.empty(1, np.int64),
    )
