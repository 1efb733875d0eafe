"""Agents: indirect selling, cheap to keep and dear when it sells, paid in stages (D15, D16)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.exchange import Exchange
from sim.kernels.behaviour import MONEY_UNIT
from sim.names import OWN
from sim.quantities import Settings, quantity
from sim.queueing import arrival, by_rank
from sim.state import State

Whole = NDArray[np.int64]


class AgentSettings(Settings):
    """Agents who sell for us, and what they are paid."""

    capacity: float = quantity(0.5, "contacts/month and customer", 0, 100, help="of all agents of the city together")
    reach: float = quantity(0.6, "share of customers", 0, 1, help="of those who expect no agent, who let one in")
    gain: float = quantity(0.3, "adstock/contact", 0, 10)
    fixed: float = quantity(1.0, "yuan/month and customer covered", 0, 1000, help="training and material")
    cost: float = quantity(2.0, "yuan/contact", 0, 1000)
    window: int = quantity(3, "months", 1, 100, help="after a contact, in which a line won is the agent's")
    pay: Literal["staged", "one_off"] = "staged"
    commission: float = quantity(1.5, "months of the line's list value", 0, 100, help="in all, where pay is staged")
    at_sign_up: float = quantity(0.4, "share of the commission", 0, 1, help="the rest when the line has stayed")
    stay: int = quantity(6, "months", 1, 100, help="a line has to stay with us for the rest of the commission")
    one_off: float = quantity(300.0, "yuan/line", 0, 100_000, help="at sign-up and for good, where pay is one_off")


class Earned(NamedTuple):
    """What agents earned in a month."""

    units: Whole
    """Money units, shape (customers,)."""
    wins: int
    """Lines won in an agent's window."""


def contacts_made(
    seed: int, month: int, key: NDArray[np.uint64], due: Whole, capacity: int, exchange: Exchange
) -> NDArray[np.int16]:
    """Return the contacts that agents make of those due, shape (customers,); whom they get to is keyed by customer."""
    made = np.zeros(key.size, dtype=np.int16)
    who = np.flatnonzero(due)
    order = arrival(draws.uniform(draws.stream(seed, "agents' round", month), key[who]))
    made[who] = by_rank(exchange, order, due[who], key[who], capacity)
    return made


def commissions(state: State, price: NDArray[np.float64], settings: AgentSettings) -> Earned:
    """Return what agents earn at the month's end, and let their windows and the months to stay run down.

    A line that came to us this month is an agent's win if one was there within the window, whoever else was. `price`
    is ours as a ratio to the reference price, shape (lines,).
    """
    staged = settings.pay == "staged"
    covered, wins = state.agent_window > 0, 0
    units = np.zeros(covered.size, dtype=np.int64)
    for line, to_stay in enumerate(state.agent_stay):
        demand, ours = state.demand[line], state.carrier[line] == OWN
        listed = settings.commission * price[line]
        waiting = np.flatnonzero(to_stay)
        to_stay[waiting] = np.where(ours[waiting], to_stay[waiting] - 1, 0)
        stayed = waiting[ours[waiting] & (to_stay[waiting] == 0)]
        won = np.flatnonzero(covered & ours & (state.tenure[line] == 0))
        wins += won.size
        if staged:
            to_stay[won] = settings.stay
            units[won] += _money(settings.at_sign_up * listed * demand[won].astype(float))
            units[stayed] += _money((1 - settings.at_sign_up) * listed * demand[stayed].astype(float))
        else:
            units[won] += round(settings.one_off * MONEY_UNIT)
    np.subtract(state.agent_window, covered, out=state.agent_window)
    return Earned(units, wins)


def _money(yuan: NDArray[np.float64]) -> Whole:
    """Return yuan in whole money units."""
    return np.rint(yuan * MONEY_UNIT).astype(np.int64)
