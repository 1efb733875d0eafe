"""Spans: months that customers may live at one go, since nothing happens between them but their own lives.

Customers taken in blocks that stay in cache live fastest when a block lives several months before the next block
begins. That is right only where no step of the market's calendar would, in any of those months, change what customers
meet or read what they did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from sim.desk import nothing_breaks

if TYPE_CHECKING:
    from sim.market import Market


def months_at_once(market: Market, phases: Iterable[Callable[[Market], None]]) -> int:
    """Return how many months, from the one that is closing on, customers may live at one go: at least that one.

    A phase that isn't listed here counts as one that has something to do in every month.
    """
    if market.scenario.processes or market.by_customer or market.dates is not None:
        return 1
    if not all(phase.__name__ in IDLE and IDLE[phase.__name__](market) for phase in phases):
        return 1
    turns = [turn for turn in market.schedule if turn > market.month]
    return min([market.months, *turns]) - market.month


def _rivals_are_blind(market: Market) -> bool:
    rivals = market.scenario.rivals.values()
    return not any(rival.poach or getattr(rival.policy, "reacts", True) for rival in rivals)


def _nobody_is_contacted(market: Market) -> bool:
    return market.idle


def _nobody_talks(market: Market) -> bool:
    return not market.scenario.mechanisms.talk


def _nobody_complains(market: Market) -> bool:
    return nothing_breaks(market) and not market.complaints.customer.size


def _tiers_cost_nothing(market: Market) -> bool:
    on, cost = market.scenario.mechanisms, market.scenario.service.cost
    return _nobody_complains(market) and not (on.tiers and cost[0] > 0)  # all are in the first tier unless asked for


def _settlement_is_known(market: Market) -> bool:
    settings = market.scenario.book.settlement
    bought = market.scenario.mechanisms.revealing and settings.bought > 0
    return not bought or settings.month <= market.month


def _nobody_asked(market: Market) -> bool:
    return not market.city.state.asked.any()


def _managers_are_alike(market: Market) -> bool:
    return market.staff is None


def _nothing_is_itemised(market: Market) -> bool:
    return not (market.recording.on or market.recording.itemised)


def _agents_have_earned(market: Market) -> bool:
    state = market.city.state
    return not market.scenario.mechanisms.agents or not (state.agent_window.any() or state.agent_stay.any())


IDLE: dict[str, Callable[[Market], bool]] = {
    "begin_programme": lambda _: True,  # a span ends where the next programme begins
    "rivals_move": _rivals_are_blind,
    "buy_settlement": _settlement_is_known,
    "grant_discounts": _nobody_is_contacted,
    "faults_arise": _nobody_complains,
    "contacts_due": _nobody_is_contacted,
    "events_announced": _nobody_is_contacted,
    "managers_called_out": _nobody_complains,
    "managers_visit": _nobody_is_contacted,
    "seats_call": _nobody_is_contacted,
    "desk_works": _nobody_complains,
    "desk_closes": _tiers_cost_nothing,
    "agents_call": _nobody_is_contacted,
    "halls_serve": _nobody_is_contacted,
    "learn": _nobody_is_contacted,
    "customers_live": lambda _: True,
    "keep_records": lambda _: True,  # of complaints and visits, which there are none of, and of what is known
    "agents_earn": _agents_have_earned,
    "asked_discounts_end": _nobody_asked,
    "spread_news": _nobody_talks,
    "record": _nothing_is_itemised,  # the loop takes stock itself
    "results_known": _managers_are_alike,
}
"""When a phase has nothing to do until the next programme begins, by the phase's name."""
