"""What the recursion abreast follows, lanes last (`sim.kernels.abreast`); L below is their number."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels.expect_records import OUTCOMES
from sim.memory import Wanted, side_by_side

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]


class Account(NamedTuple):
    """What all lanes of a block have in common."""

    n: int
    """Customer, as an index."""
    ways: int
    """How many ways of treating it are in the block, each with some draws."""
    lets_in: bool
    """Whether agents come and are let in, on some lane."""
    planned: bool
    """Whether it is on an Evergreen plan, or some lane offers one."""
    termed: bool
    """Whether lines may have a contract term, or come off a plan."""
    rival_rapport: float
    """Rapport with any rival, 0 to 1; it stays as it is."""
    ties: tuple[float, float, float]
    """Factors on the odds of leaving us by bonds: more than one line, all lines, an integrated solution."""


class Turn(NamedTuple):
    """One month: what it has in common for all lanes, and what there is on any of them."""

    t: int
    planning: bool
    """Whether the planning period is on."""
    proposing: bool
    """Whether a new round of offers starts."""
    last: bool
    """Whether it is the horizon's last month, after which there is the terminal value."""
    visited: bool
    stirred: bool
    discounted: bool


class Ways(NamedTuple):
    """Ways of treating an account and what they do to it whatever it does, shape (L,) unless said."""

    b: Wholes
    """Treatment, as an index."""
    answer: Wholes
    """1 where agents come and are let in."""
    goodwill: Floats
    """With us, shape (levels, L)."""
    adstock: Floats
    doubtful: Floats
    """Mean and variance of what contacts left that may have happened: awareness, working goodwill; (2, 2, L)."""
    rapport: Floats
    """With us, 0 to 1."""
    heard: Floats
    """Awareness of us, 0 to 1."""
    visited: Floats
    """1 in a month with a visit."""
    informed: Floats
    """Chance that a contact of ours informs the customer this month."""
    stirred: Floats
    """Chance that a contact of ours makes the customer look around on lines at rivals."""
    discount: Floats
    called: Floats
    """Chance that an agent was there, by month of the planning period, shape (months, L)."""


class Who(NamedTuple):
    """What holds of each lane in all months, shape (L,)."""

    way: Wholes
    """Its way, as an index."""
    d: Wholes
    """Its draw, as an index."""
    weight: Floats
    """Of the draw, and of letting agents in or not."""
    plan: Wholes
    """The Evergreen plan that the account is on, or else the one to offer, 0 none."""
    pay: Floats
    """Terms of that plan: what is paid of X, and up to what part of X usage is free of more."""
    cap: Floats
    offers: Floats
    """1 where the treatment offers a plan."""
    offer_x: Floats
    """X to propose, yuan/month."""
    price_sensitivity: Floats
    rapport_weight: Floats
    hassle_weight: Floats
    desire: Floats
    stay_cost: Floats
    """Factor on the odds of leaving a carrier."""
    bound_cost: Floats
    """The same under a contract term."""
    most_ip: Floats
    """Share of usage that goes over our IP calls in the end, where the line is ours."""


class Paths(NamedTuple):
    """What is followed of each lane; a first axis of two is the branch, off and on an Evergreen plan."""

    mass: Floats
    """Probability of each branch, shape (2, L)."""
    law: Floats
    """Law of the carrier of each line, shape (2, lines, carriers, L)."""
    kept: Floats
    """Probability that a line of ours has never left, shape (2, lines, L)."""
    ring: Floats
    """Lines by the month in which their term ends, over `alive`, shape (2, lines, carriers, months, L)."""
    alive: Floats
    """Share of all cohorts that hasn't left its carrier before the end, shape (2, lines, carriers, L)."""
    bound: Floats
    """Lines under a term, shape (2, lines, carriers, L)."""
    loose: Floats
    """Lines of ours that have just come off a plan, shape (lines, L)."""
    owed: Floats
    """Months of term left, summed over bound lines of ours that are on no plan, shape (lines, L)."""
    feeling: Floats
    """Satisfaction, shape (2, carriers, L)."""
    expected: Floats
    """Performance that the customer expects, shape (2, carriers, L)."""
    solved: Floats
    """Probability of an integrated solution, shape (2, L)."""
    over_ip: Floats
    """Share of all usage on the line that goes over our IP calls, shape (2, L)."""
    latest: Floats
    """What was paid last month, or used, whichever X goes by, yuan/month, shape (2, L)."""
    staying: Floats
    """By what factor a line of ours is likelier to stay for points and IP calls, shape (2, lines, L)."""
    served: Floats
    """Mass of each branch with a line of ours this month, shape (2, L)."""
    x: Floats
    """X of the plan, yuan/month, shape (L,)."""
    age: Wholes
    """Months since X was set, shape (L,)."""
    pending: Floats
    """1 where the next visit brings an offer, shape (L,)."""
    demand: Floats
    """Usage at reference prices, yuan/month, shape (lines, L)."""
    pull: Floats
    """Each flow's prices, raised to their powers, at origin and destination, shape (flows, 2, carriers)."""
    since_nil: Floats
    """Law of the month at whose start the balance of points was nil last, shape (months + 1, L)."""
    earned: Floats
    """Points earned by then, less the balance at the start, shape (months + 1, L)."""
    points: Floats
    """Mean balance, shape (L,)."""
    lost: Floats
    """Probability that no line is ours, shape (L,)."""
    won: Floats
    """Lines won by agents that haven't left since, by month, shape (lines, months, L)."""
    out: Floats
    """What is brought, shape (outcomes, L)."""


class Month(NamedTuple):
    """Scratch of one month, shape (L,) unless said; what a way does is spread over its lanes."""

    visited: Floats
    informed: Floats
    stirred: Floats
    rapport: Floats
    heard: Floats
    off: Floats
    """One less our unit discount."""
    log_off: Floats
    """Its logarithm."""
    common: Floats
    """Delivered value that depends neither on the line nor on the branch, shape (carriers, L)."""
    line_odds: Floats
    """Choice odds by quality and price alone, shape (carriers, lines, L)."""
    carrier_odds: Floats
    """Choice odds by all that doesn't depend on the line, shape (carriers, L); as the next six."""
    odds: Floats
    """Choice odds on one line."""
    look: Floats
    """Probability of looking around on a line that the carrier serves."""
    look_ended: Floats
    """The same when the line's term has just ended."""
    rate: Floats
    """Rate of moving to another carrier, over its odds."""
    away: Floats
    """Odds of all other carriers."""
    inflow: Floats
    """Rates of moving to the carrier, over its odds."""
    signed: Floats
    """Terms that begin with the carrier."""
    tie: Floats
    """Factor on the odds of leaving us for structural bonds."""
    experienced: Floats
    """Probability of a repeat purchase at full price."""
    none: Floats
    """Probability of holding no line with us, one, all of them."""
    one: Floats
    every: Floats
    free: Floats
    """What leaves of who looks, over the odds of leaving: without a term, and under one."""
    fast: Floats
    both: Floats
    ending: Floats
    """Lines whose term ends this month, those bound beyond it, and the share of them that breaks it."""
    held: Floats
    broken: Floats
    left: Floats
    """Share of a line's lines with us that leaves."""
    share: Floats
    """Lines with a carrier; the probability of none; their quality."""
    absent: Floats
    quality: Floats
    seen: Floats
    calm: Floats
    called: Floats
    low: Wholes
    part: Floats
    usage: Floats
    """List value of usage with us, of its part on lines never gone, and the bill, yuan/month."""
    kept_list: Floats
    bill: Floats
    pace: Floats
    here: Floats
    there: Floats
    paid: Floats
    nowhere: Floats
    """Probability that no line is ours after this month's moves, over both branches."""
    spent: Floats
    redeemed: Floats
    were: Floats
    """Lines of ours before this month's moves, over both branches, shape (lines, L); as the next two."""
    went: Floats
    """Lines of them that left."""
    came: Floats
    """Lines that came."""
    charged: Floats
    """Value of a line's usage at our prices and at rivals', yuan/month, shape (2, lines, L)."""
    everything: Floats
    """Value of all usage at our prices, yuan/month."""
    chance: Floats
    own: Floats
    rest: Floats
    proposed: Floats
    accepted: Floats
    joiners: Floats
    """Share of the branch off a plan that has the line with us and joins, shape (lines, L)."""
    joining: Floats
    """Share of the branch off a plan that joins, and their mean X and number of lines of ours."""
    joining_x: Floats
    at_home: Floats
    a: Floats
    """Weights of who was in a branch and of who comes to it."""
    z: Floats
    gone: Floats


class Room(NamedTuple):
    """Room for a block of lanes."""

    listed: Wholes
    """All lanes of an account: treatment, answer, draw; shape (3, lanes)."""
    ways: Ways
    who: Who
    p: Paths
    w: Month


def make_room(carriers: int, lines: int, flows: int, months: int, lanes: int, width: int) -> Room:
    """Return room for blocks of so many lanes, and for the list of all lanes of an account."""
    here, whole = (width,), np.int64
    by_carrier, by_line = (carriers, width), (lines, width)
    law, history = (2, lines, carriers, width), (months + 1, width)
    listed = np.empty((3, lanes), dtype=whole)
    ways: dict[str, Wanted] = {"goodwill": ((3, width), float), "doubtful": ((2, 2, width), float)}
    ways |= {"b": (here, whole), "answer": (here, whole), "called": ((months, width), float)}
    who: dict[str, Wanted] = dict.fromkeys(("way", "d", "plan"), (here, whole))
    paths: dict[str, Wanted] = dict.fromkeys(("mass", "solved", "over_ip", "latest", "served"), ((2, width), float))
    paths |= dict.fromkeys(("law", "alive", "bound"), (law, float))
    paths |= dict.fromkeys(("kept", "staying"), ((2, *by_line), float))
    paths |= dict.fromkeys(("loose", "owed", "demand"), (by_line, float))
    paths |= dict.fromkeys(("feeling", "expected"), ((2, *by_carrier), float))
    paths |= dict.fromkeys(("since_nil", "earned"), (history, float))
    paths |= {"ring": ((2, lines, carriers, months, width), float), "age": (here, whole)}
    paths |= {"pull": ((flows, 2, carriers), float), "won": ((lines, months, width), float)}
    paths |= {"out": ((OUTCOMES, width), float)}
    month: dict[str, Wanted] = {"line_odds": ((carriers, *by_line), float), "charged": ((2, *by_line), float)}
    kinds = ("common", "carrier_odds", "odds", "look", "look_ended", "rate", "away", "inflow", "signed")
    month |= dict.fromkeys(kinds, (by_carrier, float))
    month |= dict.fromkeys(("were", "went", "came", "joiners"), (by_line, float)) | {"low": (here, whole)}
    return Room(
        listed,
        *(_made(kind, wanted, width) for kind, wanted in ((Ways, ways), (Who, who), (Paths, paths), (Month, month))),
    )


def _made(kind: Any, wanted: dict[str, Wanted], width: int) -> Any:
    """Return a record whose arrays are of the wanted shapes, or else one number a lane."""
    names = kind._fields
    return kind(*side_by_side([wanted.get(name, ((width,), float)) for name in names]))
