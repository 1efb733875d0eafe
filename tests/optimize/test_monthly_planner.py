"""The monthly policy in the market: what it chooses is what is done, within hours, from the book as it is."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.monthly import free, monthly_process, priced
from optimize.monthly_planner import MonthlyPlanner, monthly_policy, now_of, programme_of_month
from optimize.monthly_prices import Bound, best_prices
from optimize.worth import try_out
from sim.city import found
from sim.composing.compose import compose
from sim.kernels.monthly_records import CALL, DECIDER, LETTER, OFFER, WORKING
from sim.market import run_market, simulate
from sim.names import LEVELS, PLANS
from sim.programme import nothing
from sim.testing import tiny_tree


@pytest.fixture(scope="module")
def idle_hands():
    """Return a market in which managers have time for everything, and nothing calls them away."""
    tree = tiny_tree(months=6, visit={"hours": 5000.0}, response={"draws": 2}, mechanisms={"preemption": False})
    decision = compose(Decision, tree).settings
    start = found(decision)
    return decision, start, monthly_process(decision, start.book)


def every_action(customers, month):
    """Return actions that differ from account to account and from month to month."""
    menu = np.array([0, LETTER, CALL, 4 * DECIDER, 4 * WORKING + LETTER, OFFER])
    return menu[(np.arange(customers) * 7 + month * 5) % menu.size]


def test_exactly_the_chosen_visits_letters_and_calls_are_made_in_their_month(idle_hands):
    decision, start, model = idle_hands
    customers, seen = start.book.key.size, []

    def ask(view, month):
        market = view._market
        if month:
            seen.append((market.visited.copy(), market.outreach.letters.copy(), market.outreach.calls.copy()))
        action = every_action(customers, month)
        return programme_of_month(action, decision, view.book(start.book), model)

    market = run_market(decision, start.city, {}, seed=3, planner=ask, every=1)
    seen.append((market.visited.copy(), market.outreach.letters.copy(), market.outreach.calls.copy()))
    for month, (visits, letters, calls) in enumerate(seen):
        action = every_action(customers, month)
        np.testing.assert_array_equal(visits, (action >= 4).astype(int))
        np.testing.assert_array_equal(letters, np.isin(action, (LETTER, 4 * WORKING + LETTER)).astype(int))
        np.testing.assert_array_equal(calls, (action == CALL).astype(int))
    assert market.record.visits_dropped.sum() == 0


def test_offers_are_made_in_the_month_in_which_they_are_chosen(idle_hands):
    decision, start, model = idle_hands
    action = np.full(start.book.key.size, OFFER)
    programme = programme_of_month(action, decision, start.book, model)
    assert (programme.offer == PLANS.index("B")).all()
    market = run_market(decision, start.city, {0: programme}, seed=3, months=1)
    assert (market.offered == 1).all()


def test_the_working_level_is_seen_where_it_was_chosen(idle_hands):
    decision, start, model = idle_hands
    visits = programme_of_month(np.full(start.book.key.size, 4 * WORKING), decision, start.book, model)
    assert (visits.level == LEVELS.index("working")).all()


def test_the_planner_reads_which_lines_are_left_and_where_stocks_are(idle_hands):
    _, start, model = idle_hands
    book = start.book
    now = now_of(model, book, book.ours)
    np.testing.assert_array_equal(now.left, (1 << model.process.lines) - 1)
    np.testing.assert_allclose(now.goodwill, model.process.goodwill)
    np.testing.assert_allclose(now.awareness, model.process.awareness, rtol=1e-6)
    lost = book.ours.copy()
    n = int(np.flatnonzero(model.process.lines >= 2)[0])
    lost[model.process.line[n, 1], model.order[n]] = False
    assert now_of(model, book, lost).left[n] == now.left[n] - 2


def test_a_months_choice_fits_into_hours_and_is_worth_more_than_nothing(tiny_decision, tiny_start):
    model = monthly_process(tiny_decision, tiny_start.book)
    bound = best_prices(model, tiny_decision.monthly)
    planner = MonthlyPlanner(tiny_decision, tiny_start.book, model, bound)
    for month in range(2):
        action = planner.actions(tiny_start.book, month)
        visit = np.where(action >= OFFER, np.where(action < OFFER + 2, DECIDER, 0), action // 4)
        hours = np.where(visit > 0, model.process.hours[np.arange(action.size), np.maximum(visit, 1) - 1], 0)
        hours += tiny_decision.visit.offer * ((action >= OFFER) & (action < OFFER + 2))
        spent = np.bincount(model.manager, weights=hours, minlength=len(model.hours))
        assert (spent <= model.hours[:, month] + 1e-6).all()
        assert spent.sum() > 0.5 * model.hours[:, month].sum()


@pytest.mark.slow
def test_the_policy_retains_more_than_doing_nothing_in_the_market():
    decision = compose(
        Decision, tiny_tree(months=12, city={"customers": 300}, visit={"hours": 300.0}, response={"draws": 4})
    ).settings
    start = found(decision)
    model = monthly_process(decision, start.book)
    bound = best_prices(model, decision.monthly)
    policies = {"monthly": monthly_policy(decision, start.book, model, bound), "nothing": nothing(300)}
    trials = try_out(decision, start.city, policies, 12, seed=21)
    retained = trials.values[:, :, trials.measures.index("retained_revenue")]
    gained = retained[:, 0] - retained[:, 1]
    assert gained.mean() > 3 * gained.std(ddof=1) / np.sqrt(12)
    assert all(len(future[0]) == decision.period for future in trials.told)


def test_two_futures_never_share_a_planner(tiny_decision, tiny_start):
    model = monthly_process(tiny_decision, tiny_start.book)
    prices = free(model)
    bound = Bound(prices, 0.0, 0.0, priced(model, prices), 0.0)
    policy = monthly_policy(tiny_decision, tiny_start.book, model, bound)
    one, other = policy.make(), policy.make()
    simulate(tiny_decision, tiny_start.city, {}, seed=1, planner=one, every=1, months=2)
    assert len(one.told) == 2
    assert not other.told
