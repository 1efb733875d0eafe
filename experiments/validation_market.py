"""Regularities of the market under today's practice: concentration, loss, attention, price, double jeopardy.

Each measure is one number a city; the interval is over cities.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.city import found, todays_practice
from sim.history import History, own_revenue, yearly_loss, yuan
from sim.market import run_market, simulate
from sim.names import OWN, PLANS
from sim.programme import Programme, nothing
from sim.scenario import Scenario
from sim.segment import sole_trader
from sim.state import City

Floats = NDArray[np.float64]
YEAR = 12
PRICE_STEP = 0.05
EFFORT = 0.5
"""Share by which visits, hours and letters are raised and lowered."""
FEW_LINES = 50
"""A cell with fewer lines says little about retention."""


class Place(NamedTuple):
    """A city to measure in, today's practice there, and the seeds of its futures."""

    scenario: Scenario
    city: City
    today: Programme
    seeds: range

    def lived(self, programme: Programme, months: int = YEAR, **changed: Any) -> list[History]:
        """Return the futures under a programme; `changed` are settings that differ."""
        scenario = self.scenario.model_copy(update=changed) if changed else self.scenario
        return [simulate(scenario, self.city, programme, seed=seed, months=months) for seed in self.seeds]


def place(scenario: Scenario, seed: int, customers: int, futures: int) -> Place:
    """Return a city of its own seed and size to measure in."""
    sized = scenario.city.model_copy(update={"customers": customers})
    settings = scenario.model_copy(update={"seed": seed, "city": sized})
    city = found(settings).city
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    return Place(settings, city, todays_practice(settings, own, city.customers.decision), futures_of(seed, futures))


def futures_of(seed: int, futures: int) -> range:
    """Return the seeds of a city's futures, which no other city has: luck is keyed by customer, whatever the city."""
    return range(seed * futures, (seed + 1) * futures)


def market_measures(scenario: Scenario, seed: int, customers: int, futures: int) -> dict[str, float]:
    """Return what one city shows of the published regularities, by the name of the measure."""
    where = place(scenario, seed, customers, futures)
    today = where.lived(where.today)
    return {
        "top_fifth": top_fifth(where.city.state.demand.sum(axis=0)),
        "yearly_loss": float(np.mean([yearly_loss(run) for run in today])),
        "plan_keeps": plan_keeps(where),
        "looked": looked(today),
        **attention_measures(where),
        "price_elasticity": price_elasticity(where),
        "double_jeopardy": double_jeopardy(where),
        **{f"churn.{name}": rate for name, rate in zip(scenario.carriers, monthly_churn(today), strict=True)},
    }


def effort_measures(scenario: Scenario, seed: int, customers: int, futures: int) -> dict[str, float]:
    """Return elasticities to visits and to letters in one city, by the name of the measure."""
    where = place(scenario, seed, customers, futures)
    visited, written = where.today.visits > 0, where.today.mail > 0
    more, less = (visits_scaled(where, 1 + step) for step in (EFFORT, -EFFORT))
    letters, fewer = (letters_scaled(where, 1 + step) for step in (EFFORT, -EFFORT))
    later = [letters_later(where, 1 + step, written) for step in (EFFORT, -EFFORT)]
    everyone = np.ones(visited.size, dtype=bool)
    return {
        "visits_new": elasticity(won_back(more, visited), won_back(less, visited)),
        "visits_new_all": elasticity(won_back(more, everyone), won_back(less, everyone)),
        "visits_total": elasticity(total(more), total(less)),
        "letters_new": elasticity(won_back(letters, written), won_back(fewer, written)),
        "letters_later": elasticity(*later),
        "letters_total": elasticity(total(letters), total(fewer)),
    }


def top_fifth(spend: NDArray[np.floating]) -> float:
    """Return the share of spend that the largest fifth of customers holds.

    >>> top_fifth(np.array([1.0, 1.0, 1.0, 1.0, 6.0]))
    0.6
    """
    ranked = np.sort(spend.astype(float))[::-1]
    return float(ranked[: max(1, round(0.2 * ranked.size))].sum() / ranked.sum())


def plan_keeps(where: Place) -> float:
    """Return yearly loss of our lines without plans minus that with a plan C for every customer of ours."""
    state = where.city.state
    free, bound = where.city.copied(), where.city.copied()
    ours = state.carrier == OWN
    on_plan = ours.any(axis=0)
    for city in (free, bound):
        city.state.plan[:] = 0
        city.state.discount[:] = 0
    bound.state.plan[on_plan] = PLANS.index("C")
    bound.state.plan_x[on_plan] = state.recent_usage.mean(axis=0)[on_plan]
    bound.state.plan_age[:] = 0
    bound.state.months_left[ours] = where.scenario.contract.reset_months
    losses = [[yearly_loss(run) for run in where._replace(city=city).lived(where.today)] for city in (free, bound)]
    return float(np.mean(losses[0]) - np.mean(losses[1]))


def looked(runs: list[History]) -> float:
    """Return the share of line-months in which a line was reconsidered."""
    return float(sum(run.looked.sum() for run in runs) / sum(run.flows.sum() for run in runs))


def attention_measures(where: Place) -> dict[str, float]:
    """Return attention in a month in which nothing happens, and how much more there is after each of two events."""
    quiet, ending = where.city.copied(), where.city.copied()
    quiet.state.months_left[:] = 0
    ending.state.months_left[:] = 1
    idle = nothing(quiet.customers.key.size)
    still = {"rivals": calling(where.scenario, 0.0)}
    base = looked(where._replace(city=quiet).lived(idle, 1, **still))
    ended = looked(where._replace(city=ending).lived(idle, 1, **still))
    called = looked(where._replace(city=quiet).lived(idle, 1, rivals=calling(where.scenario, 1.0)))
    return {"looked_quiet": base, "looked_ended": ended / base, "looked_called": called / base}


def calling(scenario: Scenario, contact: float) -> dict[str, Any]:
    """Return the rivals with sales forces that call on each customer with this probability a month."""
    return {name: rival.model_copy(update={"contact": contact}) for name, rival in scenario.rivals.items()}


def price_elasticity(where: Place) -> float:
    """Return the elasticity to a carrier's own price of its share among those who look, mean over carriers."""
    found_by_carrier = []
    for index, name in enumerate(where.scenario.carriers):
        dear, cheap = (chosen(priced(where, name, 1 + step))[index] for step in (PRICE_STEP, -PRICE_STEP))
        found_by_carrier.append(np.log(dear / cheap) / np.log((1 + PRICE_STEP) / (1 - PRICE_STEP)))
    return float(np.mean(found_by_carrier))


def priced(where: Place, name: str, factor: float) -> list[History]:
    """Return one month in which nobody calls and a carrier's prices are multiplied by a factor."""
    scenario = where.scenario
    carrier: Any = scenario.carriers[name]
    moved = carrier.model_copy(update={"price_index": carrier.price_index * factor})
    changed: dict[str, Any] = {"own": moved} if name == "own" else {"rivals": {**scenario.rivals, name: moved}}
    return where.lived(nothing(where.city.customers.key.size), 1, **changed)


def chosen(runs: list[History]) -> Floats:
    """Return each carrier's share of the lines reconsidered, those that stayed with it included, shape (carriers,)."""
    flows = np.sum([run.flows.sum(axis=(0, 1)) for run in runs], axis=0)
    moves = flows - np.diag(np.diag(flows))
    count = np.sum([run.looked.sum(axis=0) for run in runs], axis=0) - moves.sum(axis=1) + moves.sum(axis=0)
    return np.asarray(count / count.sum())


def double_jeopardy(where: Place) -> float:
    """Return the rank correlation of share and retention over carriers, lines and kinds of customers."""
    first = where.city.state.carrier
    who = where.city.customers
    small = sole_trader(who.decision, where.city.state.demand.sum(axis=0), where.scenario.segment)
    segment = who.location.astype(np.int64) * 2 + small
    stayed = np.mean(
        [
            run_market(where.scenario, where.city, where.today, seed=seed, months=YEAR).city.state.carrier == first
            for seed in where.seeds
        ],
        axis=0,
    )
    cells = []
    for carrier in range(len(where.scenario.carriers)):
        for line, kind in np.ndindex(len(first), segment.max() + 1):
            held = (first[line] == carrier) & (segment == kind)
            if held.sum() >= FEW_LINES:
                cells.append((held.sum() / (segment == kind).sum(), stayed[line, held].mean()))
    if len(cells) < 3:
        return float("nan")
    share, retention = np.array(cells).T
    return float(stats.spearmanr(share, retention).statistic)


def monthly_churn(runs: list[History]) -> list[float]:
    """Return the share of each carrier's lines that leave it in a month, own carrier first."""
    flows = np.sum([run.flows.sum(axis=(0, 1)) for run in runs], axis=0)
    return [float(rate) for rate in 1 - np.diag(flows) / flows.sum(axis=1)]


def visits_scaled(where: Place, factor: float) -> list[History]:
    """Return futures with managers' hours and the programme's visits multiplied by a factor."""
    visits = np.rint(where.today.visits * factor).astype(np.int16)
    settings = where.scenario.visit.model_copy(update={"hours": where.scenario.visit.hours * factor})
    return where.lived(where.today._replace(visits=visits), visit=settings)


def letters_scaled(where: Place, factor: float, months: int = YEAR) -> list[History]:
    """Return futures with the programme's letters multiplied by a factor."""
    return where.lived(where.today._replace(mail=np.rint(where.today.mail * factor).astype(np.int16)), months)


def letters_later(where: Place, factor: float, accounts: NDArray[np.bool_]) -> float:
    """Return won-back revenue of some accounts in the third year of so many letters, yuan, summed over futures."""
    by_length = [won_back(letters_scaled(where, factor, years * YEAR), accounts) for years in (2, 3)]
    return by_length[1] - by_length[0]


def won_back(runs: list[History], accounts: NDArray[np.bool_]) -> float:
    """Return won-back revenue of some accounts, yuan, summed over futures."""
    return float(sum(yuan(run.account.won_back[accounts].sum()) for run in runs))


def total(runs: list[History]) -> float:
    """Return own revenue, yuan, summed over futures."""
    return sum(own_revenue(run) for run in runs)


def elasticity(high: float, low: float) -> float:
    """Return the arc elasticity of an outcome to effort that was raised and lowered by the same share.

    >>> round(elasticity(1.5, 0.5), 6)
    1.0
    """
    return float(np.log(high / low) / np.log((1 + EFFORT) / (1 - EFFORT)))
