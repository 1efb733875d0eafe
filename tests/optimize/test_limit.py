"""Rules as data: what each limits, and that plans keep it."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.plan import make_plan
from optimize.response import estimate
from sim.city import found
from sim.errors import InputError


@pytest.fixture(scope="module")
def book(tiny_decision):
    return found(tiny_decision).book


@pytest.fixture(scope="module")
def response(tiny_decision, book):
    return estimate(tiny_decision, book)


def planned(decision, book, response, **parts):
    free = {"rules": {"contribution_floor": False}}
    for name, update in parts.items():
        free[name] = {**free.get(name, {}), **update}
    changed = {name: getattr(decision, name).model_copy(update=update) for name, update in free.items()}
    return make_plan(decision.model_copy(update=changed), book, response)


def chosen(plan):
    return [plan.response.treatments[b] for b in plan.allocation.treatment]


def test_at_most_so_many_accounts_get_an_offer(tiny_decision, book, response):
    free = sum(t.offer > 0 for t in chosen(planned(tiny_decision, book, response)))
    plan = planned(tiny_decision, book, response, rules={"amounts": {"cap": {"of": "offers", "most": 1}}})
    assert free > 1
    assert sum(t.offer > 0 for t in chosen(plan)) <= 1


def test_a_share_of_visits_goes_to_a_class(tiny_decision, book, response):
    rule = {"of": "visits", "among": {"classes": ["D"]}, "least": 0.5, "as_share": True}
    plan = planned(tiny_decision, book, response, rules={"amounts": {"small": rule}})
    visits = np.array([t.visits for t in chosen(plan)])
    assert visits[book.value_class == 3].sum() >= 0.5 * visits.sum() - 1e-6


def test_a_fixed_amount_is_met_to_the_unit(tiny_decision, book, response):
    plan = planned(
        tiny_decision, book, response, rules={"amounts": {"seven": {"of": "treated", "least": 7, "most": 7}}}
    )
    assert int((plan.allocation.treatment > 0).sum()) == 7


def test_accounts_that_exclude_each_other_are_not_both_treated(tiny_decision, book, response):
    free = np.flatnonzero(planned(tiny_decision, book, response).allocation.treatment)[:2]
    pair = [str(name) for name in book.ids[free]]
    rule = {"of": "treated", "among": {"ids": pair}, "most": 1}
    plan = planned(tiny_decision, book, response, rules={"amounts": {"either": rule}})
    assert (plan.allocation.treatment[free] > 0).sum() <= 1


def test_what_is_fixed_for_an_account_is_done(tiny_decision, book, response):
    visits = min(t.visits for t in response.treatments if t.visits)
    rule = {str(book.ids[3]): {"visits": visits, "offer": "none"}}
    plan = planned(tiny_decision, book, response, rules={"accounts": rule})
    assert (chosen(plan)[3].visits, chosen(plan)[3].offer) == (visits, 0)


def test_a_class_gets_no_more_visits_than_its_most(tiny_decision, book, response):
    plan = planned(tiny_decision, book, response, rules={"most_visits": {"A": 1, "B": 1, "C": 1, "D": 1, "X": 1}})
    assert max(t.visits for t in chosen(plan)) <= 1


def test_the_total_budget_and_its_shares_are_kept(tiny_decision, book, response):
    budgets = {"total": 9000.0, "shares": {"visits": {"most": 0.5}, "channels": {"least": 0.01}}}
    plan = planned(tiny_decision, book, response, budgets=budgets)
    account = np.arange(plan.allocation.treatment.size)
    at = plan.allocation.treatment
    visits = (response.cost - response.channel)[at, account].sum()
    assert visits <= 4500 + 1e-6
    assert response.channel[at, account].sum() >= 90 - 1e-6
    assert response.cost[at, account].sum() + response.discount[at, account].sum() <= 9000 + 1e-6


@pytest.mark.parametrize(
    ("name", "part", "better"),
    [("churn", "lines_lost", -1), ("own_revenue", "own_revenue", 1), ("retained", "retained", 1), ("cost", "cost", -1)],
)
def test_targets_are_reached(tiny_decision, book, response, name, part, better):
    """Half of the way from doing nothing to the best there is, where the plan for something else doesn't get there."""
    account = np.arange(book.key.size)
    table = getattr(response, part)
    base = planned(tiny_decision, book, response, objective={"maximise": "contribution"})
    reached = table[base.allocation.treatment, account].sum()
    kind = name if better > 0 else "retained"
    other = planned(tiny_decision, book, response, objective={"maximise": kind})
    best = table[other.allocation.treatment if name != "cost" else other.allocation.treatment * 0, account].sum()
    wanted = (reached + best) / 2
    asked = wanted / (float(book.ours.sum()) * tiny_decision.months / 12) if name == "churn" else wanted
    plan = planned(tiny_decision, book, response, objective={"maximise": "contribution"}, targets={name: float(asked)})
    assert better * table[plan.allocation.treatment, account].sum() >= better * wanted - 1e-6 * abs(wanted)


def test_satisfaction_of_those_served_is_reached(tiny_decision, book, response):
    account = np.arange(book.key.size)

    def mean(plan):
        served = response.served[plan.allocation.treatment, account]
        return (response.satisfaction[plan.allocation.treatment, account] * served).sum() / served.sum()

    base = planned(tiny_decision, book, response, objective={"maximise": "contribution"})
    most = planned(tiny_decision, book, response)
    wanted = (mean(base) + mean(most)) / 2
    assert mean(most) > mean(base)
    asked = {"satisfaction": float(wanted)}
    plan = planned(tiny_decision, book, response, objective={"maximise": "contribution"}, targets=asked)
    assert mean(plan) >= wanted - 1e-9


def test_a_margin_and_a_return_on_cost_are_reached(tiny_decision, book, response):
    account = np.arange(book.key.size)
    plan = planned(tiny_decision, book, response, targets={"return_on_cost": 2.0})
    at = plan.allocation.treatment
    gained = (response.contribution - response.contribution[0])[at, account].sum()
    assert gained >= 2.0 * response.cost[at, account].sum() - 1e-6
    share = float(response.contribution[0].sum() / response.own_revenue[0].sum())
    careful = planned(tiny_decision, book, response, targets={"margin": share})
    at = careful.allocation.treatment
    assert response.contribution[at, account].sum() >= share * response.own_revenue[at, account].sum() - 1e-3


@pytest.mark.parametrize(
    ("among", "problem"),
    [
        ({"managers": ["M99"]}, r"rules\.amounts\.odd\.among\.managers: the book has no 'M99'"),
        ({"ids": ["nobody"]}, r"rules\.amounts\.odd\.among\.ids: the book has no account 'nobody'"),
        ({"industries": ["retial"]}, "did you mean 'retail'"),
    ],
)
def test_names_that_the_book_does_not_have_are_told(tiny_decision, book, response, among, problem):
    rule = {"of": "visits", "among": among, "most": 5}
    with pytest.raises(InputError, match=problem):
        planned(tiny_decision, book, response, rules={"amounts": {"odd": rule}})


def test_a_rule_that_limits_nothing_is_refused(tiny_decision):
    with pytest.raises(ValueError, match="limits nothing"):
        tiny_decision.rules.model_copy(update={"amounts": {"idle": {"of": "visits"}}})
