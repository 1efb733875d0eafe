"""Records of the joint law of a customer's lines (`sim.kernels.joint`): what it is given, and room to follow it in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carrier import Tariff
from sim.kernels.expect import After, Known, Menu, Reach, Span, Types
from sim.kernels.records import Rates

OFF, ON, LEFT_IT, JOINED = range(4)
"""Branches of the law: off a plan, on it, left it this month, joined it this month."""
SLIGHT = 1e-8
"""Probability below which a move, or the moves from a state, are taken to be none."""


class Held(NamedTuple):
    """What frozen stocks hold of each account, shape (customers,)."""

    step: NDArray[np.int8]
    """Of bonds, 0 product to 3 solution."""
    repeats: NDArray[np.float64]
    """Chance of behaving as a repeat buyer."""


class Given(NamedTuple):
    """All that the joint law is worked out from, alike for every account, treatment and draw."""

    known: Known
    types: Types
    menu: Menu
    after: After
    beside: Reach
    span: Span
    tariffs: NDArray[np.float64]
    """Price by month, shape (months, carriers, lines)."""
    same: NDArray[np.bool_]
    """Whether prices are those of the month before, shape (months,)."""
    posted: Tariff
    contact: NDArray[np.float64]
    """Probability that a rival calls, shape (months,)."""
    terms: NDArray[np.float64]
    r: Rates
    growing: bool
    held: Held


class Who(NamedTuple):
    """One account under one treatment and one draw."""

    n: int
    b: int
    d: int
    plan: int
    """The plan that it is on, or else the one to offer."""
    lets_in: bool
    weight: float
    beta: float
    """Price sensitivity."""
    stay: float
    """Odds of staying with a carrier for what switching costs."""
    stay_bound: float
    """The same under a term."""
    most_ip: float


class Month(NamedTuple):
    """What a treatment, or its continuation, does in a month."""

    t: int
    visits: int
    agents_come: float
    """Chance that an agent who is let in comes."""
    stirring: float
    """Chance that a contact of ours makes the customer look around on lines at rivals."""
    off: float
    """1 less the unit discount."""
    proposing: bool
    planning: bool


class Room(NamedTuple):
    """What is followed of one account; `states` are the ways in which its lines can be spread."""

    law: NDArray[np.float64]
    """Probability by branch and state, shape (4, states)."""
    fresh: NDArray[np.float64]
    """The same next month, off and on a plan, shape (2, states)."""
    x: NDArray[np.float64]
    """X of the plan times probability, shape (2, states): on it, and joining."""
    fresh_x: NDArray[np.float64]
    """Shape (states,)."""
    digit: NDArray[np.int64]
    """Who has each line in a state: a carrier, or one more for ours since the start, shape (states, lines)."""
    serves: NDArray[np.int64]
    """Lines of each carrier in a state, shape (states, carriers)."""
    values: NDArray[np.int64]
    """How many ways a line can go, shape (lines,); `stride` is what one makes in a state's number."""
    stride: NDArray[np.int64]
    place: NDArray[np.int64]
    """States that can be reached this month, and the chance of each, twice over, shape (2, states)."""
    chance: NDArray[np.float64]
    move: NDArray[np.float64]
    """Odds of each other carrier, shape (lines, carriers)."""
    rate: NDArray[np.float64]
    """Factor on them that gives chances of moving to who looks, by whether a term has ended, shape (lines, 2)."""
    usual: NDArray[np.float64]
    """Mean of `look` over calls and contacts, shape (2, 2, carriers)."""
    cheap: NDArray[np.float64]
    """Odds of us for a unit discount, and of staying with us for cheap calls, shape (2,)."""
    pull: NDArray[np.float64]
    """Pace of a flow of usage by the carriers of its origin and destination, shape (carriers, carriers)."""
    odds: NDArray[np.float64]
    """Choice odds by price and quality, shape (lines, carriers)."""
    common: NDArray[np.float64]
    """Choice odds by all that depends neither on the line nor on the discount, shape (carriers,)."""
    together: NDArray[np.float64]
    """Factor of so many lines with one carrier, shape (lines + 1,)."""
    rapport: NDArray[np.float64]
    look: NDArray[np.float64]
    """Chance of looking, by being on a plan, a rival's call, our contact, a term that ended, and carrier."""
    hold: NDArray[np.float64]
    """Odds of staying with us for bonds and points, shape (states,)."""
    terms: NDArray[np.float64]
    """Lines by who has them (as `digit`) and months of term left, ours off a plan only; shape (lines, ways, terms)."""
    share: NDArray[np.float64]
    """Of those lines, the shares whose term ends this month, and that are still bound, shape (lines, ways, 2)."""
    owed: NDArray[np.float64]
    """Mean months left of bound lines, shape (lines, ways)."""
    gone: NDArray[np.float64]
    """Lines that left this month, by whether open, ended or bound, shape (lines, ways, 3)."""
    stood: NDArray[np.float64]
    """Lines before moves, shape (lines, ways)."""
    loose: NDArray[np.float64]
    """Lines that have come off a plan and stay, shape (lines, ways)."""
    came: NDArray[np.float64]
    """Lines that moved and may sign a term, shape (lines, ways)."""
    demand: NDArray[np.float64]
    """Usage at reference prices, shape (lines,)."""
    charged: NDArray[np.float64]
    """Value of usage at our prices, shape (lines,)."""
    number: NDArray[np.float64]
    """Points, share of usage over IP calls where the line is ours, chance that no line is ours; shape (3,)."""
    since_nil: NDArray[np.float64]
    earned: NDArray[np.float64]
    called: NDArray[np.float64]
    """Chance that an agent came, shape (months,)."""
    ours: NDArray[np.float64]
    """Lines of ours before moves, those that left, those that came, shape (3, lines)."""
    won: NDArray[np.float64]
    """Lines won by agents, shape (lines, months)."""
    age: NDArray[np.int64]
    """Months since X was set, and whether an offer is pending, shape (2,)."""


@njit(cache=True)
def make_room(carriers: int, lines: int, states: int, months: int, terms: int) -> Room:
    """Return room for one account at a time, with at most so many states and months of term."""
    return Room(
        law=np.zeros((4, states)),
        fresh=np.zeros((2, states)),
        x=np.zeros((2, states)),
        fresh_x=np.zeros(states),
        digit=np.zeros((states, lines), np.int64),
        serves=np.zeros((states, carriers), np.int64),
        values=np.zeros(lines, np.int64),
        stride=np.zeros(lines, np.int64),
        place=np.zeros((2, states), np.int64),
        chance=np.zeros((2, states)),
        move=np.zeros((lines, carriers)),
        rate=np.zeros((lines, 2)),
        usual=np.zeros((2, 2, carriers)),
        cheap=np.ones(2),
        pull=np.zeros((carriers, carriers)),
        odds=np.zeros((lines, carriers)),
        common=np.zeros(carriers),
        together=np.zeros(lines + 1),
        rapport=np.zeros(carriers),
        look=np.zeros((2, 2, 2, 2, carriers)),
        hold=np.zeros(states),
        terms=np.zeros((lines, carriers + 1, terms)),
        share=np.zeros((lines, carriers + 1, 2)),
        owed=np.zeros((lines, carriers + 1)),
        gone=np.zeros((lines, carriers + 1, 3)),
        stood=np.zeros((lines, carriers + 1)),
        loose=np.zeros((lines, carriers + 1)),
        came=np.zeros((lines, carriers + 1)),
        demand=np.zeros(lines),
        charged=np.zeros(lines),
        number=np.zeros(3),
        since_nil=np.zeros(months + 1),
        earned=np.zeros(months + 1),
        called=np.zeros(months),
        ours=np.zeros((3, lines)),
        won=np.zeros((lines, months)),
        age=np.zeros(2, np.int64),
    )
