"""The market's clock: what a run leaves, what it conserves, and what its switches switch off."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from sim import draws
from sim.city import found
from sim.conformance import every_lever, reordered, same_history
from sim.founding import todays_practice
from sim.history import COSTS, History, hours, own_lines, yuan
from sim.kernels.behaviour import MONEY_UNIT
from sim.manager import visiting_hours
from sim.market import run_market, simulate
from sim.names import OWN, PLANS
from sim.programme import Programme, nothing
from sim.testing import tiny_scenario


@pytest.fixture(scope="module")
def lively():
    return tiny_scenario(contract={"offer": 1.0}, talk={"rate": 0.2}, experience={"incidents": 0.3})


@pytest.fixture(scope="module")
def start(lively):
    return found(lively)


@pytest.fixture(scope="module")
def run(lively, start):
    return run_market(lively, start.city, every_lever(start.city), seed=3, months=24)


@pytest.fixture(scope="module")
def history(run):
    return run.record


# Repeatability.


def test_the_same_seed_gives_the_same_history_bit_for_bit(lively, start, history):
    assert same_history(simulate(lively, start.city, every_lever(start.city), seed=3, months=24), history)


def test_another_seed_gives_another_history(lively, start, history):
    assert not same_history(simulate(lively, start.city, every_lever(start.city), seed=4, months=24), history)


def test_a_run_leaves_the_city_as_it_was(lively, start):
    before = start.city.state.copied()
    simulate(lively, start.city, every_lever(start.city), seed=3)
    assert all(np.array_equal(was, now) for was, now in zip(before, start.city.state, strict=True))


def test_what_a_run_worked_with_is_free_as_soon_as_nobody_holds_it(lively, start):
    gc.collect()
    gc.disable()
    try:
        market = run_market(lively, start.city, every_lever(start.city), seed=3, months=2)
        worked_with = weakref.ref(market.city.state.demand)
        del market
        assert worked_with() is None
    finally:
        gc.enable()


def test_a_year_is_the_first_half_of_two_years(lively, start, history):
    year = simulate(lively, start.city, every_lever(start.city), seed=3, months=12)
    for name in set(History._fields) - {"seed", "customers", "account"}:
        np.testing.assert_array_equal(getattr(year, name), getattr(history, name)[:12], err_msg=name)


def test_two_policies_meet_the_same_luck(lively, start):
    """Who is left alone by both lives the same life, when nobody tells it of the others or fills the halls."""
    off = {"talk": False, "halls": False}
    quiet = lively.model_copy(update={"mechanisms": lively.mechanisms.model_copy(update=off)})
    turn = every_lever(start.city)
    alone = np.arange(turn.visits.size) % 4 == 0
    for lever in (turn.visits, turn.discount, turn.mail, turn.calls, turn.agents, turn.events):
        lever[alone] = 0
    one = simulate(quiet, start.city, turn, seed=3)
    other = simulate(quiet, start.city, nothing(turn.visits.size), seed=3)
    assert not same_history(one, other)
    np.testing.assert_array_equal(one.account.retained[alone], other.account.retained[alone])


def test_permuting_the_customers_permutes_the_history_account_by_account(lively, start, history):
    order = np.random.default_rng(2).permutation(start.city.customers.key.size)
    city = reordered(start.city, order)
    turn = Programme(*(array[order] for array in every_lever(start.city)))
    permuted = simulate(lively, city, turn, seed=3, months=24)
    for moved, was in zip(permuted.account, history.account, strict=True):
        np.testing.assert_array_equal(moved, was[order])
    np.testing.assert_array_equal(permuted.revenue, history.revenue)


def test_a_draw_taken_between_two_months_changes_nothing(lively, start, history):
    draws.uniform(draws.stream(3, "attention", 5), start.city.customers.key)
    assert same_history(simulate(lively, start.city, every_lever(start.city), seed=3, months=24), history)


# Conservation.


def test_every_line_is_served_by_one_carrier_each_month(history, start):
    lines, customers = start.city.state.carrier.shape
    assert (history.flows.sum(axis=(1, 2, 3)) == lines * customers).all()


def test_lines_leave_in_a_month_from_where_the_month_before_left_them(history):
    np.testing.assert_array_equal(history.flows[:-1].sum(axis=2), history.flows[1:].sum(axis=3))


def test_the_flows_end_in_the_state_that_the_run_ends_in(run, history):
    assert own_lines(history)[-1] == (run.city.state.carrier == OWN).sum()


def test_own_revenue_by_line_adds_up_to_the_accounts(history, start):
    earned = history.account.retained + history.account.won_back + history.account.shortfall
    roundings = start.city.state.carrier.size * len(history.kept)
    assert abs(int(history.revenue[:, OWN].sum()) - int(earned.sum())) <= roundings
    assert earned.sum() == (history.retained + history.won_back + history.shortfall).sum()


def test_costs_by_month_add_up_to_the_accounts(history):
    spent = sum(getattr(history, lever) for lever in COSTS)
    assert spent.sum() == history.account.programme_cost.sum()
    for name in ("lost", "discount", "cost_to_serve"):
        assert getattr(history, name).sum() == getattr(history.account, name).sum()


def test_everybody_together_pays_list_price_less_discounts(run, history):
    """In the last month, what all carriers get is the value of all usage at their prices, less what we let off."""
    state, tariff = run.city.state, run.tariff
    listed = (state.demand * tariff.price[state.carrier, np.arange(len(state.carrier))[:, None]]).sum()
    got = yuan(history.revenue[-1].sum()) + yuan(history.discount[-1]) - yuan(history.shortfall[-1])
    over = yuan(history.retained[-1] + history.won_back[-1] + history.shortfall[-1] - history.revenue[-1, OWN].sum())
    assert abs(over) < 0.1
    commitments = _paid_above_usage(run)
    assert got + yuan(history.shortfall[-1]) - commitments == pytest.approx(listed, rel=1e-6)


def _paid_above_usage(run):
    """Return what plan customers pay above the list value of their usage in the last month, yuan."""
    state, terms = run.city.state, run.terms
    usage = np.where(state.carrier == OWN, state.demand, 0).sum(axis=0).astype(float)
    pay, cap = terms[state.plan].T
    bill = pay * state.plan_x + np.maximum(0, usage - cap * state.plan_x)
    return np.where(state.plan > 0, np.maximum(0, bill - usage), 0).sum()


def test_lines_kept_never_come_back(history):
    assert (np.diff(history.kept) <= 0).all()


def test_kept_lines_are_ours(run):
    assert (run.city.state.carrier[run.city.state.kept == 1] == OWN).all()


def test_stocks_stay_in_their_bounds(run):
    state = run.city.state
    for share in (state.satisfaction, state.expectation, state.discount):
        assert ((share >= 0) & (share <= 1)).all()
    assert (state.goodwill >= 0).all()
    assert (state.months_left >= 0).all()


def test_a_discount_is_what_is_not_paid_of_the_list_value(lively, start):
    turn = nothing(start.city.customers.key.size)
    turn.discount[:] = 0.2
    history = simulate(lively, start.city, turn, seed=3, months=1)
    paid = history.retained[0] + history.won_back[0]
    assert history.discount[0] / (paid + history.discount[0]) == pytest.approx(0.2, rel=1e-4)


# Managers, seats and letters.


def test_managers_never_work_longer_than_they_have(lively, start, history):
    most_effort = 1 + lively.manager.bonus_share * lively.manager.reaction
    monthly = visiting_hours(lively.visit.hours, lively.manager) * most_effort / 12 * start.city.managers
    assert (np.cumsum(hours(history.visit_hours)) <= monthly * np.arange(1, 25) + 1e-6).all()


def test_visits_not_made_are_reported_and_stay_due(history):
    np.testing.assert_array_equal(np.cumsum(history.visits_due - history.visits_made), history.backlog)
    assert history.backlog[-1] > 0


def test_without_visits_nobody_drives_out_and_all_is_left_undone(lively, start):
    off = lively.model_copy(update={"mechanisms": lively.mechanisms.model_copy(update={"visits": False})})
    history = simulate(off, start.city, every_lever(start.city), seed=3)
    assert (history.visits_made.sum(), history.visit_cost.sum()) == (0, 0)
    assert history.backlog[-1] == history.visits_due.sum()


def test_visits_cost_their_hours(lively, start):
    history = simulate(with_switch(lively, managers=False), start.city, every_lever(start.city), seed=3)
    wanted = hours(history.visit_hours) * lively.visit.hour_cost
    np.testing.assert_allclose(history.visit_cost / MONEY_UNIT, wanted, atol=1e-2)


def test_a_year_brings_every_customer_its_letters_and_calls(lively, start):
    roomy = lively.model_copy(update={"channel": lively.channel.model_copy(update={"seat_minutes": 1000.0})})
    turn = every_lever(start.city)
    history = simulate(roomy, start.city, turn, seed=3, months=12)
    assert (history.letters.sum(), history.calls.sum()) == (turn.mail.sum(), turn.calls.sum())
    assert history.visits_due.sum() == turn.visits.sum()


def test_seats_never_talk_longer_than_they_have(lively, start):
    turn = nothing(start.city.customers.key.size)
    turn.calls[:] = 48
    history = simulate(lively, start.city, turn, seed=3)
    most = lively.channel.seat_minutes * turn.calls.size / lively.channel.call_minutes
    assert 0 < history.calls.max() <= most
    assert history.calls_due.sum() == 48 * turn.calls.size


def test_a_second_programme_begins_in_its_month(lively, start):
    turn = nothing(start.city.customers.key.size)
    later = turn._replace(mail=np.full_like(turn.mail, 12))
    history = simulate(lively, start.city, {0: turn, 5: later}, seed=3)
    assert history.letters.tolist() == [0] * 5 + [turn.mail.size] * 7


def test_a_discount_ends_with_its_programme(lively, start):
    quiet = lively.model_copy(update={"mechanisms": lively.mechanisms.model_copy(update={"talk": False})})
    turn = nothing(start.city.customers.key.size)
    history = simulate(quiet, start.city, {0: turn._replace(discount=turn.discount + 0.1), 5: turn}, seed=3)
    assert (history.discounted > 0).tolist() == [True] * 5 + [False] * 7


# Switches.


def with_switch(scenario, **switches):
    return scenario.model_copy(update={"mechanisms": scenario.mechanisms.model_copy(update=switches)})


def test_without_attention_no_line_moves(lively, start):
    history = simulate(with_switch(lively, attention=False), start.city, nothing(60), seed=3)
    moves = history.flows.sum(axis=(0, 1))
    assert (moves.sum(), history.looked.sum()) == (np.trace(moves), 0)


def test_frozen_stocks_stay_as_they_are(lively, start):
    frozen = with_switch(lively, freeze_stocks=True)
    state = run_market(frozen, start.city, every_lever(start.city), seed=3).city.state
    for name in ("satisfaction", "expectation", "goodwill", "adstock"):
        np.testing.assert_array_equal(getattr(state, name), getattr(start.city.state, name))


def test_a_customer_under_a_long_contract_keeps_its_carrier(lively, start):
    city = start.city.copied()
    city.state.months_left[:] = 100
    bound = lively.model_copy(update={"choice": lively.choice.model_copy(update={"breakage": 50.0})})
    moves = simulate(bound, city, nothing(60), seed=3).flows.sum(axis=(0, 1))
    assert moves.sum() == np.trace(moves)


# Talk.


def one_building(**changes):
    """Return 100 tenants of one building, three of whom get a tenth off."""
    scenario = tiny_scenario(
        city={"customers": 100, "in_building": 1.0, "tenants": 100.0}, mechanisms={"growth": False}, **changes
    )
    city = found(scenario).city
    city.state.news[:] = 0
    turn = nothing(100)
    turn.discount[:3] = 0.1
    return scenario, city, turn


def test_news_of_a_discount_travels_through_the_building():
    scenario, city, turn = one_building(talk={"rate": 0.3})
    discounted = simulate(scenario, city, turn, seed=3).discounted
    assert (discounted[0], discounted[-1]) == (pytest.approx(50, abs=45), pytest.approx(100, abs=15))


def test_without_talk_a_discount_stays_with_who_got_it():
    scenario, city, turn = one_building(talk={"rate": 0.0})
    assert simulate(scenario, city, turn, seed=3).discounted.tolist() == [3] * 12


def test_a_plan_makes_no_news_unless_it_leaks():
    scenario, city, turn = one_building(talk={"rate": 1.0}, contract={"offer": 20.0}, visit={"hours": 5000.0})
    turn.discount[:] = 0
    turn.visits[:3], turn.offer[:3], turn.offer_x[:3] = 12, PLANS.index("C"), 1.0
    assert run_market(scenario, city, turn, seed=3).city.state.news.sum() == 0
    leaky = scenario.model_copy(update={"talk": scenario.talk.model_copy(update={"plan_leak": 1.0})})
    assert run_market(leaky, city, turn, seed=3).city.state.news.sum() > 50


# Today's practice.


def test_practice_visits_the_best_and_leaves_who_is_not_ours_alone(lively, start):
    own = np.where(start.city.state.carrier == OWN, start.city.state.demand, 0).sum(axis=0)
    today = todays_practice(lively, own, start.city.customers.decision)
    assert today.visits[own.argmax()] == lively.practice.tiers["A"].visits
    assert not np.any([today.visits[own == 0], today.mail[own == 0], today.calls[own == 0]])
