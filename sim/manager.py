"""Account managers differ: skill, training, and pay by results (D24, D25)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.kernels.behaviour import MONEY_UNIT
from sim.quantities import Settings, quantity

if TYPE_CHECKING:
    from sim.market import Market

Floats = NDArray[np.float64]
QUARTER = 3
"""Months between two looks at results."""


class ManagerSettings(Settings):
    """How managers differ, what training does, and how they are paid."""

    skill_spread: float = quantity(0.2, "log standard deviation", 0, 2, help="of skill between managers; its mean is 1")
    training: float = quantity(20.0, "hours/year and manager", 0, 2000, help="taken from the time with customers")
    training_gain: float = quantity(0.15, "ratio", 0, 5, help="most that training can add to skill")
    training_scale: float = quantity(50.0, "hours/year", 0.1, 2000, help="of training, for 63 % of the most")
    bonus_share: float = quantity(0.2, "share of pay", 0, 1, help="paid by results")
    target: float = quantity(
        0.99, "ratio", 0, 5, help="own revenue of a territory at a quarter's end, to that at its start"
    )
    payout: float = quantity(4.0, "bonus per unit of result above target", 0, 100)
    most_paid: float = quantity(2.0, "ratio", 1, 10, help="of a bonus to that at target")
    reaction: float = quantity(0.5, "ratio", 0, 0.99, help="effort gained or lost, at most, per share of pay")
    reach: float = quantity(0.05, "ratio", 0.001, 5, help="distance from target at which most of its pull is gone")


class Staff(NamedTuple):
    """Account managers of a run, shape (managers,)."""

    skill: Floats
    """Ratio to the goodwill that a visit usually leaves."""
    effort: Floats
    """Ratio of effective to paid hours."""
    wage: Floats
    """Ratio of pay for an hour, bonus included, to that at target."""
    revenue: NDArray[np.int64]
    """Own revenue of the territory in the month that results are held against, money units; -1 before the first."""


def trained(settings: ManagerSettings) -> float:
    """Return by how much training multiplies skill: its returns diminish.

    >>> round(trained(ManagerSettings(training=50.0, training_gain=0.1)), 4)
    1.0632
    """
    return float(1 - settings.training_gain * np.expm1(-settings.training / settings.training_scale))


def visiting_hours(hours: float, settings: ManagerSettings) -> float:
    """Return hours a year with customers that training leaves of `hours`."""
    return max(0.0, hours - settings.training)


def hire(
    seed: int, managers: int, manager: NDArray[np.int32], key: NDArray[np.uint64], settings: ManagerSettings
) -> Staff:
    """Return managers at the start of a run; a manager is known by the least customer key of its territory."""
    known_by = np.full(managers, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(known_by, manager, key)
    spread = settings.skill_spread
    drawn = np.exp(spread * draws.normal(draws.stream(seed, "manager skill"), known_by) - spread**2 / 2)
    return Staff(
        skill=drawn * trained(settings),
        effort=np.ones(managers),
        wage=np.ones(managers),
        revenue=np.full(managers, -1, dtype=np.int64),
    )


def bonus(result: Floats, settings: ManagerSettings) -> Floats:
    """Return the bonus as a ratio to that at target, 0 to `most_paid`.

    >>> bonus(np.array([0.0, 0.99, 1.04, 9.0]), ManagerSettings()).round(2).tolist()
    [0.0, 1.0, 1.2, 2.0]
    """
    return np.asarray(np.clip(1 + settings.payout * (result - settings.target), 0, settings.most_paid))


def effort(result: Floats, settings: ManagerSettings) -> Floats:
    """Return effective hours as a ratio to paid ones: most near the target, least far from it on either side.

    It lies between 1 - b and 1 + b with b = bonus share x reaction.

    >>> effort(np.array([0.0, 0.99, 2.0]), ManagerSettings()).round(2).tolist()
    [0.9, 1.1, 0.9]
    """
    pull = np.exp(-(((result - settings.target) / settings.reach) ** 2))
    return np.asarray(1 + settings.bonus_share * settings.reaction * (2 * pull - 1))


def results_known(market: Market) -> None:
    """At a quarter's end, hold each territory's own revenue against its start; effort and bonus follow in the next."""
    staff, settings = market.staff, market.scenario.manager
    if staff is None:
        return
    first = staff.revenue[0] < 0
    if not first and (market.month + 1) % QUARTER:
        return
    brought = market.brought.retained + market.brought.won_back + market.brought.shortfall
    manager = market.city.customers.manager
    now = np.bincount(manager, weights=brought, minlength=staff.revenue.size).astype(np.int64)
    if not first:
        known = staff.revenue > 0
        result = np.where(known, now / np.maximum(staff.revenue, 1), settings.target)
        paid = 1 + settings.bonus_share * (bonus(result, settings) - 1)
        staff = staff._replace(effort=np.where(known, effort(result, settings), 1.0), wage=np.where(known, paid, 1.0))
    market.staff = staff._replace(revenue=now)


def record_bonus(market: Market, hours: Floats) -> int:
    """Return what of the pay for these hours, shape (customers,), is bonus, money units."""
    if market.staff is None:
        return 0
    settings = market.scenario.manager
    share = market.staff.wage - (1 - settings.bonus_share)
    paid = hours * share[market.city.customers.manager] * (market.scenario.visit.hour_cost * MONEY_UNIT)
    return int(np.rint(paid).astype(np.int64).sum())
