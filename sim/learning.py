"""The phases in which the carrier learns: settlement records bought, contacts that reveal, records kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim import draws
from sim.exchange import Exchange
from sim.knowledge import (
    CALL,
    LONGEST,
    SETTLEMENT,
    UNKNOWN,
    VISIT,
    YEAR,
    Flags,
    Floats,
    Some,
    analysed,
    covered,
    found_out,
    reveal,
    shown_spend,
)
from sim.scenario import Scenario
from sim.state import Customers, State

if TYPE_CHECKING:
    from sim.market import Market


def buy_records(scenario: Scenario, who: Customers, state: State, own_price: Floats, exchange: Exchange) -> Flags:
    """Reveal what settlement records show of the largest accounts; return who was analysed, shape (customers,)."""
    settings = scenario.book.settlement
    chosen = analysed(who, state, own_price, settings.bought, exchange)
    reveal(state, chosen & covered(scenario.seed, who.key, settings), SETTLEMENT)
    return chosen


def settlement_bought(scenario: Scenario, month: int) -> bool:
    """Return whether settlement records are bought in this month."""
    settings = scenario.book.settlement
    return scenario.mechanisms.revealing and settings.bought > 0 and settings.month == month


def buy_settlement(market: Market) -> None:
    """Buy the analysis of settlement records in its month: it reveals rival spend at a cost by account (D14)."""
    market.analysed[:] = 0
    if settlement_bought(market.scenario, market.month):
        who, state = market.city.customers, market.city.state
        chosen = buy_records(market.scenario, who, state, market.posted.price[0], market.exchange)
        market.analysed[:] = chosen


def learn(market: Market) -> None:
    """Let calls and visits reveal rival spend, in time for an offer's X to be set from it (D10, D14)."""
    if market.idle or not market.scenario.mechanisms.revealing:
        return
    market.found_x[:] = 0
    settings, who, state = market.scenario.book, market.city.customers, market.city.state
    contacts = (
        ("call reveals", CALL, market.outreach.calls, settings.call_reveals),
        ("visit reveals", VISIT, market.visited, settings.visit_reveals),
    )
    for purpose, source, made, chance in contacts:
        if chance > 0 and made.any():
            reveal(state, found_out(draws.stream(market.seed, purpose, market.month), who.key, made, chance), source)
    offered = np.flatnonzero((market.offered == 1) & (state.revealed >= SETTLEMENT))
    if offered.size:
        market.found_x[offered] = x_from_rivals(market.scenario, who, state, market.posted.price, offered)


def x_from_rivals(scenario: Scenario, who: Customers, state: State, price: Floats, some: Some) -> Floats:
    """Return X from spend with us and a share of the rival spend known, yuan/month, of the customers at `some`."""
    shown = shown_spend(who, state, scenario.seed, price, scenario.book, some)
    rival = np.nan_to_num(shown.spend).sum(axis=0)
    own = state.recent_usage[:, some].mean(axis=0)
    return np.asarray(np.where(rival > 0, own + scenario.contract.rival_share * rival, 0.0), dtype=np.float64)


def keep_records(market: Market) -> None:
    """Keep the carrier's own records: months with complaints, visits made, and how long ago something was revealed."""
    scenario, state = market.scenario, market.city.state
    months, visits, ago = state.complained_in, state.visit_record, state.revealed_ago
    complained = market.brought.complained
    if complained.any() or months.any():
        months <<= 1
        months |= complained.astype(np.uint16)
        months &= np.uint16((1 << YEAR) - 1)
    if not scenario.mechanisms.freeze_stocks and (market.visited.any() or visits.any()):
        met = np.flatnonzero(market.visited)
        visits *= np.float32(scenario.visit.goodwill_kept)
        visits[market.programme.level[met], met] += np.float32(scenario.visit.skill) * market.visited[met]
    if state.revealed.any():
        ago += (state.revealed > UNKNOWN) & (ago < LONGEST)
