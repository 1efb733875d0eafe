"""What the carrier learns during a run: records bought, contacts that reveal, and offers that use what they found."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import found
from sim.history import programme_cost, yuan
from sim.knowledge import CALL, HEARSAY, SETTLEMENT, UNKNOWN, VISIT
from sim.market import run_market, simulate
from sim.names import OWN
from sim.programme import nothing
from sim.testing import offering, only, tiny_scenario, worked_example

CUSTOMERS = 400
AMPLE = {"city": {"customers": CUSTOMERS}, "visit": {"hours": 4000.0}}


def busy(offers=True):
    """Return a programme with visits for some, calls for others, and offers."""
    chosen, account = nothing(CUSTOMERS), np.arange(CUSTOMERS)
    chosen.visits[account % 4 == 0] = 12
    chosen.level[:] = account % 3
    chosen.calls[account % 4 == 1] = 12
    if offers:
        chosen.offer[account % 8 == 0] = 2
    return chosen


def lived(months=6, programme=None, **changes):
    scenario = tiny_scenario(**{**AMPLE, **changes})
    return run_market(scenario, found(scenario).city, programme or busy(), seed=4, months=months)


def same_history(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in a._fields
        if name not in ("seed", "customers", "account")
    ) and all(np.array_equal(one, other) for one, other in zip(a.account, b.account, strict=True))


def test_with_nothing_to_reveal_the_market_is_that_without_the_mechanism_bit_for_bit():
    off = lived(mechanisms={"revealing": False}, book={"settlement": {"bought": 1.0}})
    none = lived(book={"visit_reveals": 0.0, "call_reveals": 0.0})
    assert same_history(off.record, none.record)
    assert all(np.array_equal(a, b) for a, b in zip(off.city.state, none.city.state, strict=True))
    assert not same_history(off.record, lived(book={"visit_reveals": 1.0}).record)


def test_who_is_visited_or_called_is_revealed_if_contacts_always_find_out():
    market = lived(book={"visit_reveals": 1.0, "call_reveals": 1.0, "rival_known": 0.0})
    account = np.arange(CUSTOMERS)
    expected = np.select([account % 4 == 0, account % 4 == 1], [VISIT, CALL], UNKNOWN)
    np.testing.assert_array_equal(market.city.state.revealed, expected)
    assert market.record.revealed.tolist() == [CUSTOMERS // 2] * 6


def test_every_visit_has_its_own_chance_to_find_out():
    months, chance = 6, 0.2
    revealed = lived(months, book={"visit_reveals": chance, "call_reveals": 0.0}).city.state.revealed
    visited = np.arange(CUSTOMERS) % 4 == 0
    expected = 1 - (1 - chance) ** months
    found_share = (revealed[visited] == VISIT).mean()
    assert abs(found_share - expected) < 4 * np.sqrt(expected * (1 - expected) / visited.sum())
    assert (revealed[~visited] <= HEARSAY).all()


def test_what_a_visit_reveals_disturbs_no_other_luck():
    quiet, nosy = (lived(programme=busy(offers=False), book={"visit_reveals": p}) for p in (0.0, 1.0))
    assert not np.array_equal(quiet.city.state.revealed, nosy.city.state.revealed)
    np.testing.assert_array_equal(quiet.record.flows, nosy.record.flows)


def test_settlement_records_are_paid_for_by_account_in_the_month_they_are_bought():
    bought = {"bought": 0.25, "cost": 7.0, "coverage": 1.0, "month": 2}
    market = lived(programme=nothing(CUSTOMERS), book={"settlement": bought}, mechanisms=only("revealing"))
    assert yuan(market.record.settlement_cost).tolist() == [0, 0, 700, 0, 0, 0]
    assert programme_cost(market.record) == 700
    assert sorted(set(yuan(market.record.account.programme_cost).tolist())) == [0, 7]
    assert market.record.revealed.tolist() == [0, 0, 100, 100, 100, 100]


def test_records_bought_in_month_0_are_in_the_first_book_and_charged_in_the_run():
    settlement = {"bought": 1.0, "coverage": 1.0, "noise": 0.0, "cost": 2.0}
    scenario = tiny_scenario(**AMPLE, book={"settlement": settlement, "rival_known": 0.0})
    start = found(scenario)
    assert (start.book.source == SETTLEMENT).all()
    state = start.city.state
    price = np.array([list(carrier.price.values()) for carrier in scenario.carriers.values()])
    bills = state.demand * price[state.carrier, np.arange(4)[:, None]]
    np.testing.assert_allclose(start.book.rival_spend, np.where(state.carrier == OWN, np.nan, bills), rtol=1e-6)
    history = simulate(scenario, start.city, nothing(CUSTOMERS), seed=1, months=2)
    assert yuan(history.settlement_cost).tolist() == [2.0 * CUSTOMERS, 0]


def test_the_burn_in_reveals_nothing():
    scenario = tiny_scenario(burn_in=18, book={"visit_reveals": 1.0, "rival_known": 0.3})
    assert set(found(scenario).city.state.revealed.tolist()) == {UNKNOWN, HEARSAY}


# D10 with nothing known when the offer was planned: 3000 with us, 8000 with rivals.


def first_month(x=0.0, **changes):
    """Return X and the first month's own revenue after the visit that makes the offer."""
    told = {"mechanisms": {"revealing": True}, "book": {"visit_reveals": 1.0, "visit_noise": 0.0, **changes}}
    scenario, city = worked_example(**told)
    market = run_market(scenario, city, offering(city, "A", x), seed=1, months=1)
    takings = market.record.retained + market.record.won_back + market.record.shortfall
    return float(market.city.state.plan_x[0]), float(yuan(takings[0]))


def test_an_offer_uses_the_rival_spend_that_its_own_visit_found():
    assert first_month() == (pytest.approx(3000 + 0.6 * 8000), pytest.approx(1.1 * 7800))


def test_an_x_that_was_planned_higher_stays():
    assert first_month(8000.0) == (8000, 8800)


def test_without_a_reveal_x_is_what_is_spent_with_us():
    x, takings = first_month(visit_reveals=0.0)
    assert x == 3000
    assert takings == pytest.approx(1.1 * 3000 + (11_000 - 1.5 * 3000))


def test_an_offer_is_not_raised_where_all_is_already_ours():
    told = {"mechanisms": {"revealing": True}, "book": {"visit_reveals": 1.0}}
    scenario, city = worked_example(**told)
    city.state.carrier[:] = OWN
    city.state.recent_usage[:] = 11_000
    market = run_market(scenario, city, offering(city, "B", 0.0), seed=1, months=1)
    assert float(market.city.state.plan_x[0]) == 11_000


# The carrier's own records.


def test_the_visit_record_is_the_relation_where_every_visit_counts_alike():
    state = lived(12, mechanisms={"managers": False}).city.state
    np.testing.assert_array_equal(state.visit_record, state.goodwill[OWN])
    assert (state.visit_record > 0).any()


def test_frozen_stocks_freeze_the_visit_record_too():
    state = lived(3, burn_in=0, mechanisms={"freeze_stocks": True}).city.state
    assert not state.visit_record.any()
