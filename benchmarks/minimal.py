"""The minimal market: four lines, three carriers, 24 months, and no mechanism but taste, experience and choice.

A month of customer n, who has price sensitivity b, rapport weight k, hassle weight h, switching cost s and level
weights w; carrier c has price p, quality q, service v, image m and hassle a; 0 is the own carrier:

1. Experience, for every carrier c that serves a line of n when the month opens, with Q the mean quality of those lines
   and u uniform in (0, 1): seen = (1 - share) Q + share v[c] + noise sqrt(12) (u - 1/2).
   satisfaction[c] <- clip(memory satisfaction[c] + (1 - memory) (seen + e (seen - expectation[c]) + d (seen - desire)))
   to [0, 1], then expectation[c] <- expectation[c] + speed (seen - expectation[c]).
2. Goodwill at each level i ages: goodwill[c, i] <- kept goodwill[c, i] + (1 - kept) usual, where usual is nil for us.
3. Value: common[c] = 2.0 satisfaction[c] + k sum_i w[i] (1 - exp(-saturation goodwill[c, i])) + 0.5 m[c] - h a[c], and
   V[c, l] = common[c] + 3.0 q[c, l] - b log p[c, l].
4. Choice, for every line l: the next carrier is drawn with odds exp(V[c, l] - s (c isn't the line's carrier)).
5. Bill: the line's spend, lognormal over customers, times p[c, l] is revenue of the carrier chosen.

The numbers are the engine's settings. An implementation starts from the city's arrays, draws its own randomness, and
works values out from the tariff in every month, since prices may move; nothing but the state lasts into the next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import City, Scenario, simulate
from sim.carrier import Tariff
from sim.city import draw_city
from sim.history import yuan
from sim.kernels.records import Rates
from sim.programme import nothing
from sim.rates import posted_tariff, rates
from sim.testing import only, tiny_scenario

MONTHS = 24
GOODWILL = 4.0
"""Goodwill at the start is drawn evenly from 0 to this, for every carrier and level."""
NOISE = 0.2
"""Enough luck in experience, standard deviations of satisfaction, that leaving it out would show."""
SERVICE, IMAGE, HASSLE = (0.5, 0.7, 0.6), (0.6, 0.5, 0.4), (0.4, 0.3, 0.6)


class World(NamedTuple):
    """What every implementation starts from."""

    scenario: Scenario
    city: City
    posted: Tariff
    rates: Rates


class Outcome(NamedTuple):
    """What every implementation returns, by month."""

    revenue: NDArray[np.float64]
    """Yuan, shape (months, carriers)."""
    own: NDArray[np.float64]
    """Share of lines with us at the month's end, shape (months,)."""
    switched: NDArray[np.float64]
    """Share of lines that changed carrier in the month, shape (months,)."""

    def summary(self) -> NDArray[np.float64]:
        """Return own share of lines, switches a line-month and own share of revenue, means over months."""
        return np.array([self.own.mean(), self.switched.mean(), self.revenue[:, 0].sum() / self.revenue.sum()])


MEASURES = ("own share", "switch rate", "own share of revenue")


def minimal_scenario(customers: int) -> Scenario:
    """Return the tiny market's tariffs with every mechanism off but attention, always given, and luck."""
    people = {
        name: {"service": service, "image": image, "hassle": hassle}
        for name, service, image, hassle in zip(("own", "netcom", "unicom"), SERVICE, IMAGE, HASSLE, strict=True)
    }
    return tiny_scenario(
        title="Minimal market",
        months=MONTHS,
        burn_in=0,
        city={"customers": customers},
        own=people["own"],
        rivals={name: {**people[name], "contact": 0.0} for name in ("netcom", "unicom")},
        experience={"noise": NOISE},
        attention={"base": 20.0, "dissatisfaction": 0.0, "own_contact": 0.0, "rival_contact": 0.0},
        mechanisms=only("attention", "luck"),
        recording={"groups": False},
    )


def minimal_world(customers: int) -> World:
    """Return the world with this many customers; satisfaction starts the same for all of a carrier's customers."""
    scenario = minimal_scenario(customers)
    city = draw_city(scenario)
    goodwill = city.state.goodwill
    goodwill[:] = np.random.default_rng(20).uniform(0, GOODWILL, goodwill.shape)
    return World(scenario, city, posted_tariff(scenario), rates(scenario))


def ours(world: World, seed: int) -> Outcome:
    """Run the minimal market through `simulate`, calendar, records and all."""
    customers = world.city.customers.key.size
    history = simulate(world.scenario, world.city, nothing(customers), seed=seed)
    lines = history.flows.sum(axis=(1, 2, 3))
    stayed = np.trace(history.flows.sum(axis=1), axis1=1, axis2=2)
    own = history.flows[..., 0].sum(axis=(1, 2)) / lines
    return Outcome(yuan(history.revenue).sum(axis=2), own, 1 - stayed / lines)
