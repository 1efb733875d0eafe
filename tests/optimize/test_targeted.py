"""Targeted programmes: remedies follow causes, within hours and budgets, and their worth is told in pairs."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.leaving import Leaving, expected_leaving
from optimize.leaving_table import accounts_table, causes_table, segments_table
from optimize.plan import book_limits, make_plan, programme_of
from optimize.policy import Replanning
from optimize.remedy import TargetedSettings
from optimize.response import estimate
from optimize.targeted import as_policy, causes, fits, narrowed, served_better, targeted_choice
from optimize.targeted_trial import (
    BY_REASON,
    PLAN_BY_REASON,
    TODAY,
    lived_causes,
    targeted,
    targeted_trials,
    targeted_worth,
)
from sim.city import found
from sim.names import REASONS, TIERS, TRIGGERS

PRICE, RELATION, SERVICE = (REASONS.index(name) for name in ("price", "relation", "service"))
TERM, CALL, LOW = (TRIGGERS.index(name) for name in ("term_ended", "rival_called", "dissatisfaction"))


@pytest.fixture(scope="module")
def case(tiny_decision):
    start = found(tiny_decision)
    return start, estimate(tiny_decision, start.book), expected_leaving(tiny_decision, start.book)


def at_risk(*accounts):
    """Return what leaves where each account is a mapping of (reason, trigger) to yuan."""
    yuan = np.zeros((len(REASONS), len(TRIGGERS), len(accounts)))
    for account, causes_of in enumerate(accounts):
        for (why, when), amount in causes_of.items():
            yuan[why, when, account] = amount
    return Leaving(yuan / 100, yuan, 12)


def test_the_reason_is_that_of_most_money_and_the_occasion_what_stands_out():
    found_ = causes(
        at_risk(
            {(PRICE, CALL): 60.0, (RELATION, CALL): 40.0},
            {(RELATION, CALL): 60.0, (RELATION, LOW): 30.0},
            {(PRICE, TERM): 20.0, (PRICE, CALL): 80.0},
            {},
        ),
        TargetedSettings(),
    )
    assert list(found_.reason) == [PRICE, RELATION, PRICE, -1]
    assert list(found_.occasion) == [CALL, LOW, TERM, -1]
    assert [str(kind) for kind in found_.kinds[:2, 0]] == ["offer", "decider"]
    assert [str(kind) for kind in found_.kinds[-2:, 1]] == ["working", "calls"]
    assert [str(kind) for kind in found_.kinds[-2:, 2]] == ["timed", "calls"]
    assert set(found_.kinds[:, 3]) == {"none"}


def test_a_scenario_may_name_other_remedies():
    settings = TargetedSettings(reasons={"price": "letters"})
    assert causes(at_risk({(PRICE, CALL): 1.0}), settings).kinds[0, 0] == "letters"


def test_the_choice_keeps_hours_and_budgets_and_uses_only_remedies_or_todays_treatments(tiny_decision, case):
    start, response, leaving = case
    found_ = causes(leaving, tiny_decision.targeted)
    chosen = targeted_choice(tiny_decision, start.book, response, leaving, found_)
    account = np.arange(chosen.size)
    assert narrowed(tiny_decision, start.book, response, found_).choices.allowed[chosen, account].all()
    limits = book_limits(tiny_decision, start.book, response)
    spent = np.bincount(start.book.manager, weights=response.hours[chosen, account], minlength=limits.hours.size)
    assert (spent <= limits.hours + 1e-6).all()
    assert response.channel[chosen, account].sum() <= limits.channel + 1e-6
    assert (chosen > 0).any()


def test_relation_is_mended_by_visits_to_who_decides_and_price_by_an_offer_where_rivals_are_known(tiny_decision, case):
    start, response, leaving = case
    ample = tiny_decision.model_copy(update={"visit": {"hours": 4000.0}, "budgets": {"discount": 1.0, "channel": 1.0}})
    found_ = causes(leaving, ample.targeted)
    chosen = targeted_choice(ample, start.book, response, leaving, found_)
    rivals = np.nan_to_num(start.book.rival_spend).sum(axis=0)
    known = (rivals > 0.2 * (start.book.own_spend + rivals)) & (start.book.plan == 0)
    first = found_.kinds[0]
    offered = np.array([response.treatments[b].offer > 0 for b in chosen])
    visited = np.array([fits("decider", response.treatments[b]) for b in chosen])
    assert (first == "offer")[known].any()
    assert offered[known & (first == "offer")].all()
    assert (first == "decider").any()
    assert visited[first == "decider"].all()


def test_only_those_served_better_get_a_higher_tier_and_nobody_a_lower_one(tiny_decision, case):
    start, response, _ = case
    programme = programme_of(response, np.zeros(start.book.key.size, dtype=np.int64))
    one = at_risk(*({(SERVICE, LOW): 1.0} if n == 0 else {(PRICE, CALL): 1.0} for n in range(start.book.key.size)))
    better = served_better(programme, causes(one, tiny_decision.targeted), tiny_decision.targeted).tier
    assert better[0] == max(programme.tier[0], TIERS.index("priority"))
    np.testing.assert_array_equal(better[1:], programme.tier[1:])


def test_who_leaves_when_its_term_ends_is_visited_in_the_quarter_before(tiny_decision, case):
    start, response, _ = case
    book = start.book
    year = tiny_decision.model_copy(update={"period": 12, "months": 12})
    left = np.where(book.ours, 8, -1).astype(np.int16)
    visit = next(b for b, t in enumerate(response.treatments) if t.name == "2 visits to the decider")
    programme = programme_of(response, np.full(book.key.size, visit))
    ends = causes(at_risk(*({(PRICE, TERM): 1.0} for _ in book.key)), year.targeted)
    policy = as_policy(year, book._replace(months_left=left), programme, ends)
    assert isinstance(policy, Replanning)
    quarters = policy.make().quarters
    held = book.ours.any(axis=0)
    assert (quarters[2].visits[held] > 0).all()
    np.testing.assert_array_equal(sum(one.visits for one in quarters), 4 * programme.visits)


def test_a_plan_of_remedies_is_never_expected_to_be_better_than_the_free_one(tiny_decision, case):
    start, response, leaving = case
    less = narrowed(tiny_decision, start.book, response, causes(leaving, tiny_decision.targeted))
    free, bound = make_plan(tiny_decision, start.book, response), make_plan(tiny_decision, start.book, less)
    assert bound.allocation.value <= free.allocation.bound + 1e-6
    assert bound.allocation.value >= bound.allocation.nothing


def test_trials_and_tables_tell_of_every_policy_cause_and_account(tiny_decision, case):
    start, response, leaving = case
    found_ = causes(leaving, tiny_decision.targeted)
    made = targeted(tiny_decision, start, response, leaving, found_)
    worth = targeted_worth(targeted_trials(tiny_decision, start.city, made, 2, seed=3))
    assert set(worth["policy"]) == {BY_REASON, PLAN_BY_REASON}
    assert {"nothing", TODAY, "plan"} <= set(worth["against"])
    told = causes_table(leaving, lived_causes(tiny_decision, start.city, leaving.months, 2, seed=3))
    for cause in ("reason", "trigger"):
        assert told[told["cause"] == cause]["expected"].sum() == pytest.approx(leaving.lines.sum())
    by_reason, by_trigger = (told[told["cause"] == cause]["lived"].sum() for cause in ("reason", "trigger"))
    assert by_reason == by_trigger > 0
    accounts = accounts_table(start.book, response, leaving, found_, made)
    assert len(accounts) == start.book.key.size
    segments = segments_table(accounts)
    for by in ("class", "industry"):
        assert segments[segments["by"] == by]["at_risk"].sum() == pytest.approx(leaving.at_risk.sum())
