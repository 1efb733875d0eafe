"""Records of the monthly process (`sim.kernels.monthly`): accounts' states, what moves them, and room to work in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

HOURS, MONEY_OFF, CHANNEL, SEATS = range(4)
"""What actions use: manager's hours, discount yuan, channel yuan, seat minutes."""
SHARED = 3
"""Of these, those that all managers' accounts share: all but hours."""
NO_VISIT, DECIDER, WORKING = range(3)
NO_CONTACT, LETTER, CALL, BOTH = range(4)
OFFER, CUT = 12, 14
"""Actions below 12 are 4 x visit + contact; 12 and 13 a visit with an offer, 13 a letter too; 14 a discount."""
ACTIONS = 15


class Grid(NamedTuple):
    """Nodes of the two stocks; what falls between two nodes is shared out to both so that its effect is kept."""

    goodwill: NDArray[np.float64]
    """With whom decides, shape (goodwills,); the first is 0."""
    awareness: NDArray[np.float64]
    """Shape (awarenesses,); the first is 0."""
    kept: float
    """Share of goodwill kept a month, as the next one of awareness."""
    heard: float
    skill: float
    """Goodwill left by a visit."""
    saturation: float
    mail: float
    """Awareness left by a letter."""


class Costs(NamedTuple):
    """What actions take; hours of a visit are each account's own."""

    offer: float
    """Hours, on top of the visit."""
    letter: float
    """Yuan."""
    call: float
    """Yuan."""
    minutes: float
    """Seat minutes of a call."""
    discount: float
    """Share of the price taken off in a month with a discount; 0 where there are none."""
    every: int
    """Months from one round of offers to the next."""
    actions: NDArray[np.bool_]
    """Which there are, shape (actions,); doing nothing always is."""


class Process(NamedTuple):
    """Every account's decision process over the planning period; what is ragged has an offset for each account.

    Axes: months of the period, branches (off and on an Evergreen plan; only the first where no plan can be),
    goodwills, awarenesses, then lines of ours that are left, one bit each.
    """

    lines: NDArray[np.int64]
    """Lines of ours at the start, shape (customers,), as all that is not said."""
    line: NDArray[np.int8]
    """Which these are, the largest first, shape (customers, lines)."""
    branches: NDArray[np.int64]
    branch: NDArray[np.int64]
    """At the start."""
    goodwill: NDArray[np.float64]
    """At the start, as the next one."""
    awareness: NDArray[np.float64]
    at: NDArray[np.int64]
    """Where an account's `leave` begins, shape (customers + 1,)."""
    leave: NDArray[np.float32]
    """Probability of leaving, for each account (months, branches, goodwills, awarenesses, lines left - 1, lines)."""
    ends: NDArray[np.int64]
    """Where an account's `after` begins, shape (customers + 1,)."""
    after: NDArray[np.float64]
    """Worth of the states left behind, yuan, for each account (branches, goodwills, awarenesses, lines left)."""
    revenue: NDArray[np.float32]
    """Yuan a month of a line, shape (customers, months, lines)."""
    bill: NDArray[np.float32]
    """On the plan, yuan a month, shape (customers, months); as the next two."""
    over: NDArray[np.float32]
    """List value of usage above the bill, which is drawn from the discount budget."""
    quit: NDArray[np.float32]
    """Probability of coming off the plan when the month opens."""
    burst: NDArray[np.float32]
    """By how many times more lines leave in the month that they come off a plan."""
    join: NDArray[np.float32]
    """Probability of taking an offer, shape (customers, rounds, goodwills, lines left + 1)."""
    working: NDArray[np.float32]
    """What a visit to the working level leaves, as a share of one to whom decides."""
    cut: NDArray[np.float32]
    """Times as many lines leave in a month with the discount."""
    call: NDArray[np.float64]
    """Awareness left by a call."""
    hours: NDArray[np.float64]
    """Of a visit to whom decides and to the working level, shape (customers, 2)."""
    offered: NDArray[np.bool_]
    """Who can be offered the plan."""
    discounted: NDArray[np.bool_]
    """Who can have the discount."""


class Prices(NamedTuple):
    """Yuan for a unit of what actions use."""

    hours: NDArray[np.float64]
    """Shape (managers, months)."""
    shared: NDArray[np.float64]
    """Discount yuan, channel yuan, seat minutes, shape (3, months)."""


class Room(NamedTuple):
    """Arrays to work in, for one account at a time; states are (branches, goodwills, awarenesses, lines left)."""

    value: NDArray[np.float64]
    """Worth when a month opens."""
    next: NDArray[np.float64]
    """The same of the month after."""
    held: NDArray[np.float64]
    """Worth once stocks have moved, before lines do."""
    lost: NDArray[np.float64]
    """What lines that leave take off it."""
    heard: NDArray[np.float64]
    """`held` after each contact, shape (contacts, states)."""
    mass: NDArray[np.float64]
    """Probability of states, as the next one."""
    moved: NDArray[np.float64]
    action: NDArray[np.int8]
    """Best action, shape (months, states)."""
    use: NDArray[np.float64]
    """What each action takes, shape (actions, 4)."""
    steps: NDArray[np.int64]
    """Lower node after each visit, by node of goodwill, then after each contact, by node of awareness; (7, most)."""
    shares: NDArray[np.float64]
    """Share of the node above it, of the same shape."""


@njit(cache=True)
def make_room(goodwills: int, awarenesses: int, lines: int, months: int) -> Room:
    """Return room for one account at a time."""
    shape = (2, goodwills, awarenesses, 1 << lines)
    most = max(goodwills, awarenesses)
    return Room(
        value=np.zeros(shape),
        next=np.zeros(shape),
        held=np.zeros(shape),
        lost=np.zeros(shape),
        heard=np.zeros((4, *shape)),
        mass=np.zeros(shape),
        moved=np.zeros(shape),
        action=np.zeros((months, *shape), np.int8),
        use=np.zeros((ACTIONS, 4)),
        steps=np.zeros((7, most), np.int64),
        shares=np.zeros((7, most)),
    )
