"""Paying rivals' customers to switch: the duopoly of Chen (1997), with customers who choose by the market's own law.

Two carriers of equal quality each charge one price to their own customers and offer another to the other's. A customer
pays a switching cost to leave, spread evenly from nil to `most`, and the carriers can't tell it. In equilibrium the
price to own customers is cost + 2/3 most, the offer is cost + 1/3 most, and one third of customers switch.

Source: Yongmin Chen, Paying Customers to Switch, Journal of Economics & Management Strategy 6 (1997) 877-897.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimize.rivalry import Path, Profile, Setter, play
from sim.choice import choice_probabilities
from sim.errors import InputError

Floats = NDArray[np.float64]
DRAWS = 512
"""Switching costs, the middles of as many equal shares of all customers: a deterministic draw."""


class PaidSwitching(NamedTuple):
    """The market of the duopoly."""

    cost: float = 1.0
    """Of serving a customer, yuan."""
    most: float = 1.0
    """The largest switching cost, yuan."""
    held: float = 0.5
    """Share of customers who are the first carrier's at the start; equilibrium prices don't depend on it."""


class Prices(NamedTuple):
    """What each carrier charges, and how many customers move."""

    own: float
    offer: float
    switching: float
    """Share of customers."""


def closed_form(market: PaidSwitching) -> Prices:
    """Return the equilibrium as Chen derives it.

    >>> closed_form(PaidSwitching(cost=1.0, most=0.3))
    Prices(own=1.2, offer=1.1, switching=0.3333333333333333)
    """
    return Prices(market.cost + 2 * market.most / 3, market.cost + market.most / 3, 1 / 3)


def staying(own: float, offer: float, most: float) -> float:
    """Return the share of a carrier's customers who stay at its price when the other offers its own.

    It is the market's choice between carriers with switching cost (`sim.choice.choice_probabilities`), with delivered
    value linear in price, as Chen has it, and so sharp that the logit's noise is no wider than a draw of the cost.

    >>> round(staying(own=1.2, offer=1.1, most=0.3), 6)
    0.666667
    """
    sharp = DRAWS / most
    prices = np.array([[own], [offer]])
    ours = np.zeros(DRAWS, dtype=np.int64)
    chosen = choice_probabilities(-sharp * np.repeat(prices, DRAWS, axis=1), ours, sharp * _costs(most))
    return float(chosen[0].mean())


@cache
def _costs(most: float) -> Floats:
    return np.asarray((np.arange(DRAWS) + 0.5) * (most / DRAWS), dtype=np.float64)


def carriers(market: PaidSwitching) -> tuple[Setter, Setter]:
    """Return the two carriers as players, who set the price to their own customers and the offer to the other's."""
    if market.most <= 0 or not 0 < market.held < 1:
        raise InputError(f"{market}: the largest switching cost must be above 0, and each carrier must hold customers")
    low, high = market.cost - market.most, market.cost + 3 * market.most

    def profit(seat: int) -> Setter:
        mine = market.held if seat == 0 else 1 - market.held

        def payoff(profile: Profile) -> float:
            (own, offer), (their_own, their_offer) = _numbers(profile[seat]), _numbers(profile[1 - seat])
            kept = mine * staying(own, their_offer, market.most)
            won = (1 - mine) * (1 - staying(their_own, offer, market.most))
            return (own - market.cost) * kept + (offer - market.cost) * won

        return Setter(("first", "second")[seat], (low, low), (high, high), payoff)

    return profit(0), profit(1)


def _numbers(action: object) -> tuple[float, float]:
    assert isinstance(action, tuple)
    return action


def answer_each_other(
    market: PaidSwitching, start: tuple[tuple[float, float], tuple[float, float]], *, at_once: bool = False
) -> Path:
    """Return how carriers who answer each other's last prices get to where nobody would move."""
    order: Literal["in_turn", "at_once"] = "at_once" if at_once else "in_turn"
    return play(carriers(market), start, order=order, rounds=60, tolerance=1e-4 * market.most)


def reached(market: PaidSwitching, path: Path) -> tuple[Prices, Prices]:
    """Return each carrier's prices where the path was left, and the share of its customers whom they lose it."""
    first, second = (_numbers(action) for action in path.last)
    return (
        Prices(*first, 1 - staying(first[0], second[1], market.most)),
        Prices(*second, 1 - staying(second[0], first[1], market.most)),
    )
