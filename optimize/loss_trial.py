"""Loss trials: the market with and without some accounts, to see what others bring because these are with us."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.decision import Decision
from optimize.influence import MEASURES
from optimize.worth import Difference, paired_difference, replication_seed
from sim.founding import todays_practice
from sim.history import Account, yuan
from sim.loyalty import EXPECTATION
from sim.market import simulate
from sim.names import OWN
from sim.programme import Programme
from sim.state import City

Floats = NDArray[np.float64]
FOR_GOOD = 60.0
"""Switching cost of who has been lost for good, logit."""


class LossTrials(NamedTuple):
    """What others bring more with some accounts than without them, on several futures."""

    accounts: NDArray[np.int64]
    others: NDArray[np.bool_]
    """Who hears at least one of them, shape (customers,)."""
    values: Floats
    """Yuan over the horizon, shape (replications, measures)."""

    def difference(self, measure: str) -> Difference:
        """Return the mean of a measure with its interval."""
        values = self.values[:, MEASURES.index(measure)]
        return paired_difference(values, np.zeros(values.size))


def without(city: City, accounts: NDArray[np.int64]) -> City:
    """Return the city in which these accounts have gone to the first rival with all lines, for good."""
    lost = city.copied()
    state = lost.state
    state.carrier[:, accounts] = OWN + 1
    for gone in (state.plan, state.plan_x, state.asked, state.months_left, state.discount):
        gone[..., accounts] = 0
    state.stage[accounts] = EXPECTATION
    held = lost.customers.switching_cost.copy()
    held[accounts] = FOR_GOOD
    return lost._replace(customers=lost.customers._replace(switching_cost=held))


def hearers(city: City, accounts: NDArray[np.int64], industries: bool) -> NDArray[np.bool_]:
    """Return who shares a building, or an industry in a service centre, with at least one of the accounts."""
    who = city.customers
    near = (who.building >= 0) & np.isin(who.building, who.building[accounts])
    if industries:
        place = who.centre.astype(np.int64) * (int(who.industry.max(initial=0)) + 1) + who.industry
        near |= np.isin(place, place[accounts])
    near[accounts] = False
    return np.asarray(near)


def loss_trials(
    decision: Decision,
    city: City,
    accounts: NDArray[np.int64],
    replications: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> LossTrials:
    """Simulate the city with and without accounts on the same futures under today's practice, which doesn't change.

    Who is lost is still to be visited, but last in its manager's week, so that others may be visited more.
    """
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    practice = todays_practice(decision, own, city.customers.decision)
    others = hearers(city, accounts, decision.mechanisms.industry_talk)
    quiet = decision.model_copy(update={"recording": {"groups": False}})
    task = partial(_live, quiet, (city, without(city, accounts)), practice, others, seed)
    mapped: Iterable[Floats] = (executor.map if executor else map)(task, range(replications))
    values = []
    for one in mapped:
        values.append(one)
        if progress:
            progress(1)
    return LossTrials(accounts, others, np.array(values))


def _live(
    decision: Decision,
    cities: tuple[City, City],
    practice: Programme,
    others: NDArray[np.bool_],
    seed: int,
    number: int,
) -> Floats:
    """Return what others bring more in the first city than in the second on one future, shape (measures,)."""
    future = replication_seed(seed, number)
    kept, lost = (
        brought(simulate(decision, city, practice, seed=future).account)[:, others].sum(axis=1) for city in cities
    )
    return np.asarray(kept - lost)


def brought(account: Account) -> Floats:
    """Return what each customer brought over a run, yuan, shape (measures, customers)."""
    income = account.retained + account.won_back + account.shortfall + account.breakage
    return yuan(np.stack([income, income - account.programme_cost - account.cost_to_serve]))
