"""Planning again: from the book alone, for what is left of the period and its budgets, and only where it matters."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.plan import make_plan
from optimize.replan import REASONS, changes, happened, without_offer
from optimize.response import contacts_in_period, estimate
from optimize.rolling import Rolling, check_rolling, decided_again, largest, rest_of, rolling_policy, steady
from optimize.treatment import Treatment, choices, menu
from optimize.worth import paired_difference, try_out
from sim.city import found
from sim.errors import InputError
from sim.market import run_market
from sim.names import OWN
from sim.planner import Spent, View

NOTHING_SPENT = Spent(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def start(tiny_decision):
    return found(tiny_decision)


@pytest.fixture(scope="module")
def plan(tiny_decision, start):
    return make_plan(tiny_decision, start.book)


def planner_of(decision, start, plan, **asked):
    return rolling_policy(decision, start.book, plan, **asked).make()


def lived(decision, start, plan, months=3):
    """Return the market when the month after so many opens."""
    market = run_market(decision, start.city, plan.programme, seed=4, months=months)
    market.month = months
    return market


def leave(market, account):
    """Let all lines of an account go to a rival."""
    state = market.city.state
    state.carrier[:, account] = OWN + 1
    state.kept[:, account], state.plan[account], state.tenure[:, account] = 0, 0, 0


def test_an_account_that_left_frees_hours_which_go_elsewhere(tiny_decision, start, plan):
    """The first plan's most visited account leaves; the second plan gives its manager's other accounts more hours."""
    planned = plan.response.hours[plan.allocation.treatment, np.arange(60)]
    gone = int(planned.argmax())
    others = (start.book.manager == start.book.manager[gone]) & (np.arange(60) != gone)
    visits = []
    for left in (False, True):
        market = lived(tiny_decision, start, plan)
        if left:
            leave(market, gone)
        visits.append(planner_of(tiny_decision, start, plan)(View(market), 3).visits)
    stayed, went = visits
    assert stayed[gone] > 0
    assert went[gone] == 0
    assert went[others].sum() > stayed[others].sum()


def test_the_planner_sees_the_book_and_nothing_else(tiny_decision, start, plan):
    """Other tastes, satisfaction and rivals' terms, unseen in the book, change nothing of what is decided."""
    market = lived(tiny_decision, start, plan)
    first = planner_of(tiny_decision, start, plan)(View(market), 3)
    who, state = market.city.customers, market.city.state
    other = {name: getattr(who, name) * 3 for name in ("price_sensitivity", "rapport_weight", "hassle_weight")}
    market.city = market.city._replace(customers=who._replace(**other, switching_cost=who.switching_cost + 2))
    state.satisfaction[:] = 0.1
    state.goodwill[1:] = 9
    state.months_left[state.carrier != OWN] = 5
    again = planner_of(tiny_decision, start, plan)(View(market), 3)
    for name, one, two in zip(first._fields, first, again, strict=True):
        np.testing.assert_array_equal(one, two, err_msg=name)


def test_what_the_book_does_show_changes_what_is_decided(tiny_decision, start, plan):
    market = lived(tiny_decision, start, plan)
    first = planner_of(tiny_decision, start, plan)(View(market), 3)
    market.city.state.demand[:] = market.city.state.demand[:, ::-1]
    again = planner_of(tiny_decision, start, plan)(View(market), 3)
    assert any((one != two).any() for one, two in zip(first, again, strict=True))


def test_budgets_of_the_year_are_kept_in_expectation(tiny_decision, start, plan):
    """What was spent and what is expected of the rest stay within the year's budgets, unless plans commit more."""
    market = lived(tiny_decision, start, plan)
    planner, spent = planner_of(tiny_decision, start, plan), View(market).spent
    programme = planner(View(market), 3)
    (told,) = planner.told
    assert programme is not None
    assert told.channel_left == pytest.approx(plan.limits.channel - spent.letters - spent.calls)
    assert told.channel_planned <= told.channel_left + 1e-6
    assert told.discount_left >= plan.limits.discount - spent.discount - 1e-6
    assert told.discount_planned <= told.discount_left * (1 + 1e-6)
    assert told.hours_planned <= told.hours_left + 1e-6
    assert told.hours_left == pytest.approx(plan.limits.hours.sum() / 2, rel=0.01)  # but for expected complaints


def test_the_accounts_say_what_was_spent(tiny_decision, start, plan):
    market = lived(tiny_decision, start, plan)
    spent, record, channel = View(market).spent, market.record, tiny_decision.channel
    assert spent.letters == record.letters.sum() * channel.mail_cost > 0
    assert spent.calls == record.calls.sum() * channel.call_minutes * channel.call_cost
    assert spent.visits == pytest.approx(market.record.visit_hours.sum() / 1e4 * tiny_decision.visit.hour_cost)
    assert View(run_market(tiny_decision, start.city, plan.programme, seed=4, months=0)).spent == NOTHING_SPENT


def test_a_budget_in_yuan_loses_what_was_spent(tiny_decision, start, plan):
    budgets = {"total_cost": 1000.0, "mail": 50.0, "total": 5000.0}
    decision = tiny_decision.model_copy(update={"budgets": tiny_decision.budgets.model_copy(update=budgets)})
    year = planner_of(decision, start, plan).year._replace(decision=decision)
    spent = Spent(discount=700.0, visits=300.0, letters=60.0, calls=40.0, events=0.0, agents=0.0)
    rest = rest_of(year, start.book, spent, 3)
    assert (rest.budgets.total_cost, rest.budgets.mail, rest.budgets.total) == (600.0, 0.0, 3900.0)
    assert (rest.budgets.calls, rest.months, rest.period) == (None, 9, 3)


def test_revenue_of_a_line_that_left_and_came_back_is_not_retained(tiny_decision, start):
    """Retained and won back are told apart by the run's start, not by the re-plan's."""
    account = int(np.flatnonzero(start.book.ours.all(axis=0))[0])
    kept = start.book.ours.copy()
    kept[:, account] = False
    idle = {"mechanisms": tiny_decision.mechanisms.model_copy(update={"attention": False})}
    decision = tiny_decision.model_copy(update=idle)
    whole = estimate(decision, start.book)
    later = estimate(decision, start.book._replace(kept=kept, month=3))
    assert whole.won_back[0, account] == pytest.approx(0, abs=1)
    assert later.retained[0, account] == 0
    assert later.won_back[0, account] > 0.9 * whole.retained[0, account]
    rest = np.arange(60) != account
    np.testing.assert_allclose(later.retained[0, rest], whole.retained[0, rest], rtol=1e-3)


def test_contacts_of_the_rest_are_those_not_yet_made(tiny_decision, start):
    """Visits, letters and calls of months 0 to 3 and of 3 to 6 are together those of the half year."""
    treatments = menu(tiny_decision.treatments)
    quarter = tiny_decision.model_copy(update={"period": 3})
    whole = contacts_in_period(tiny_decision, start.book, treatments)
    first = contacts_in_period(quarter, start.book, treatments)
    second = contacts_in_period(quarter, start.book._replace(month=3), treatments)
    for a, b, both in zip(first, second, whole, strict=True):
        np.testing.assert_array_equal(a + b, both)
    twelve = [b for b, t in enumerate(treatments) if t.visits == 12]
    assert (whole[0][twelve] == 6).all()


def test_only_large_or_changed_accounts_weigh_all_treatments(tiny_decision, start, plan):
    had, changed = plan.allocation.treatment, np.arange(60) == 59
    decision = tiny_decision.model_copy(
        update={"rolling": tiny_decision.rolling.model_copy(update={"share": 0.5}), "months": 9, "period": 3}
    )
    among, big = decided_again(decision, start.book, had, changed), largest(start.book, 0.5)
    assert among[:, big | changed].all()
    assert not among[:, ~big & ~changed].all(axis=0).any()
    assert among[had, np.arange(60)].all()
    assert among[0].all()
    spend = start.book.own_spend + np.nan_to_num(start.book.rival_spend).sum(axis=0)
    assert spend[big].min() >= spend[~big].max()
    assert spend[big].sum() >= 0.5 * spend.sum() > spend[big].sum() - spend[big].min()


def test_estimating_fewer_treatments_changes_none_of_them(tiny_decision, start):
    among = np.zeros((len(menu(tiny_decision.treatments)), 60), dtype=bool)
    among[0], among[3, :30] = True, True
    whole, some = estimate(tiny_decision, start.book), estimate(tiny_decision, start.book, among=among)
    np.testing.assert_array_equal(some.choices.allowed, whole.choices.allowed & among)
    np.testing.assert_array_equal(some.retained[some.choices.allowed], whole.retained[some.choices.allowed])


def test_a_treatment_that_comes_to_the_same_stays(plan):
    """Nothing and two letters a year are one where neither letter falls into the rest."""
    treatments, had = plan.response.treatments, plan.allocation.treatment.copy()
    letters = next(b for b, t in enumerate(treatments) if t == treatments[0]._replace(mail=4))
    response = plan.response
    tables = {name: getattr(response, name).copy() for name in ("retained", "contribution", "channel")}
    allowed = response.choices.allowed.copy()
    allowed[letters, :2] = True
    for table in tables.values():
        table[letters, 0] = table[0, 0]
    tables["channel"][letters, 1] = tables["channel"][0, 1] + 1
    had[:2], gets = letters, plan.allocation.treatment.copy()
    gets[:2] = 0
    new = plan._replace(
        response=response._replace(**tables, choices=response.choices._replace(allowed=allowed)),
        allocation=plan.allocation._replace(treatment=gets),
    )
    assert steady(new, had).allocation.treatment[:2].tolist() == [letters, 0]


def test_where_no_plan_is_possible_the_last_one_goes_on(tiny_decision, start, plan):
    planner = planner_of(tiny_decision, start, plan)
    asked = tiny_decision.targets.model_copy(update={"satisfaction": 1.0})
    planner.year = planner.year._replace(decision=planner.year.decision.model_copy(update={"targets": asked}))
    assert planner(View(lived(tiny_decision, start, plan)), 3) is None
    (told,) = planner.told
    assert "targets.satisfaction" in told.refused


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"targets": {"retained": 1e6}}, "targets.retained"),
        ({"rules": {"amounts": {"cap": {"of": "discount", "most": 10.0}}}}, "rules.amounts.cap"),
    ],
)
def test_amounts_over_the_horizon_are_refused(tiny_decision, change, named):
    tree = tiny_decision.model_dump()
    for part, keys in change.items():
        tree[part] |= keys
    with pytest.raises(InputError, match=named):
        check_rolling(type(tiny_decision).model_validate(tree))


def test_without_news_a_plan_knows_of_rivals_what_was_known_at_the_start(tiny_decision, start, plan):
    market = lived(tiny_decision, start, plan)
    market.city.state.revealed[:], market.city.state.revealed_ago[:] = 4, 0
    now = View(market).book(start.book)
    blind, seeing = (planner_of(tiny_decision, start, plan, learns=on).known(now) for on in (False, True))
    same = ~start.book.ours & ~now.ours
    np.testing.assert_array_equal(blind.rival_spend[same], start.book.rival_spend[same])
    assert (np.isnan(blind.rival_spend) & ~np.isnan(seeing.rival_spend)).any()
    np.testing.assert_array_equal(blind.ours, now.ours)


def test_who_declined_an_offer_is_thought_less_likely_to_take_one(tiny_decision, start, plan):
    """Only by a planner that learns; who was never asked is thought of as before."""
    market = lived(tiny_decision, start, plan)
    market.city.state.plan[:] = 0
    blind, seeing = (planner_of(tiny_decision, start, plan, learns=on) for on in (False, True))
    offer = blind.menu.index(Treatment(12, "decider", 1, 0.0, 0, 0))
    asked = np.arange(60) < 30
    for planner in (blind, seeing):
        planner.treatment = np.where(asked, offer, 0)
        planner.before = start.book._replace(plan=np.zeros(60, dtype=np.int8))
        planner.programme.offer[:] = asked
    book = blind.known(View(market).book(start.book))
    before, after = (planner.types(tiny_decision, book).weight for planner in (blind, seeing))
    assert (blind.refused == asked).all()
    assert np.abs(after - before)[:, asked].max() > 0.01
    np.testing.assert_array_equal(after[:, ~asked], before[:, ~asked])


def test_what_happened_at_an_account_is_told_by_the_first_reason_that_holds(start):
    before = start.book
    elsewhere = int(np.flatnonzero(~before.ours.any(axis=0) | ~before.ours.all(axis=0))[0])
    with_us = int(np.flatnonzero(before.ours.any(axis=0) & (before.plan == 0))[0])
    on_plan, ours = before.plan.copy(), before.ours.copy()
    on_plan[with_us] = 1
    line = int(np.flatnonzero(before.ours[:, with_us])[0])
    ours[line, with_us] = False
    nobody = np.zeros(60, dtype=bool)
    taken = happened(before, before._replace(plan=on_plan, ours=ours), nobody)
    assert REASONS[taken[with_us]] == "took an offer"
    left = happened(before, before._replace(ours=ours), nobody)
    assert REASONS[left[with_us]] == "lines left us"
    won = happened(before._replace(ours=ours), before, nobody)
    assert REASONS[won[with_us]] == "lines came to us"
    refused = happened(before, before, np.arange(60) == with_us)
    assert REASONS[refused[with_us]] == "an offer was declined"
    known = before.rival_spend.copy()
    known[~before.ours[:, elsewhere], elsewhere] = 123.0
    told = before._replace(rival_spend=known, source=np.full(60, 4, dtype=np.int8))
    assert REASONS[happened(before._replace(source=np.zeros(60, dtype=np.int8)), told, nobody)[elsewhere]] == (
        "rival spend found out"
    )
    assert REASONS[happened(before, before, nobody)[elsewhere]].startswith("elsewhere")


def test_an_offer_that_was_taken_is_no_change_of_treatment(tiny_decision, start):
    treatments = menu(tiny_decision.treatments)
    offer = treatments.index(Treatment(2, "decider", 1, 0.0, 0, 0))
    alone = int(without_offer(treatments)[offer])
    assert treatments[alone] == Treatment(2, "decider", 0, 0.0, 0, 0)
    had, gets = np.full(60, offer), np.full(60, alone)
    plan = np.where(np.arange(60) < 20, 1, 0).astype(np.int8)
    found = changes(treatments, start.book, start.book._replace(plan=plan), had, gets)
    assert found.account.tolist() == list(range(20, 60))
    assert found.counts.sum() == 40


def test_with_little_time_between_both_policies_bring_nearly_the_same(tiny_decision, start, plan):
    """Nothing of note changes in a quarter: half a percent of retained revenue at most, or three standard errors."""
    policies = {"rolling": rolling_policy(tiny_decision, start.book, plan), "plan": plan.programme}
    trials = try_out(tiny_decision, start.city, policies, 6, seed=5)
    retained = trials.values[:, :, trials.measures.index("retained_revenue")]
    found = paired_difference(retained[:, 0], retained[:, 1])
    assert abs(found.mean) < max(3 * found.error, 0.005 * retained[:, 1].mean())
    assert all([plan.month for plan in told[0]] == [3] for told in trials.told)


def test_the_first_programme_is_the_plan_itself(tiny_decision, start, plan):
    policy = rolling_policy(tiny_decision, start.book, plan)
    assert policy.first is not None
    for one, two in zip(policy.first, plan.programme, strict=True):
        np.testing.assert_array_equal(one, two)
    assert isinstance(policy.make(), Rolling)
    possible = choices(start.book, menu(tiny_decision.treatments), tiny_decision.treatments, tiny_decision.city, 0.6)
    assert possible.allowed[plan.allocation.treatment, np.arange(60)].all()
