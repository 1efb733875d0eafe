"""Group decisions: taken where they pay, within what groups compete for, and handed to the market."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.group import Groups, costs, groups_of
from optimize.group_menu import Contacts, GroupSettings, menu_of_groups
from optimize.plan import make_plan
from optimize.response import estimate
from sim.city import found
from sim.market import simulate


def changed(decision, **parts):
    return decision.model_copy(
        update={name: getattr(decision, name).model_copy(update=update) for name, update in parts.items()}
    )


@pytest.fixture(scope="module")
def centres(tiny_decision):
    """A tiny city of several centres, whose floor under contribution binds nobody."""
    return changed(tiny_decision, city={"per_centre": 20.0}, rules={"contribution_floor": False})


@pytest.fixture(scope="module")
def start(centres):
    return found(centres)


@pytest.fixture(scope="module")
def response(centres, start):
    return estimate(centres, start.book)


def test_a_menu_is_every_combination_nothing_first_and_without_what_excludes_each_other():
    both = GroupSettings(events=(1, 2), agents=(4,))
    assert menu_of_groups(both)[0] == Contacts(0, 0, 0)
    assert len(menu_of_groups(both)) == 6
    either = both.model_copy(update={"exclusive": True})
    assert Contacts(1, 4, 0) not in menu_of_groups(either)
    assert len(menu_of_groups(either)) == 4


def test_waves_to_buildings_are_not_decided_together_with_events():
    with pytest.raises(ValueError, match="can't be decided together"):
        GroupSettings(events=(1,), letters=(2,))


@pytest.mark.parametrize("lever", ["events", "agents", "letters"])
def test_what_groups_decide_reaches_all_their_accounts_in_the_market(centres, start, response, lever):
    asked = changed(centres, decisions={lever: (4,)})
    plan = make_plan(asked, start.book, response)
    groups = groups_of(asked.decisions, start.book)
    assert len(plan.decisions)
    chosen = np.isin(np.array([*groups.names, ""])[groups.of], plan.decisions["group"].to_numpy())
    expected = np.where(chosen, 4, 0)
    given = {"events": plan.programme.events, "agents": plan.programme.agents, "letters": plan.beside.letters}[lever]
    np.testing.assert_array_equal(given, expected)
    history = simulate(asked, start.city, plan.programme, seed=3, months=4)
    if lever == "events":
        assert history.invited.sum() > 0
    if lever == "agents":
        assert history.agent_contacts.sum() > 0


def test_decisions_that_pay_raise_what_is_expected_and_those_that_do_not_are_not_taken(centres, start, response):
    plain = make_plan(centres, start.book, response)
    asked = changed(centres, decisions={"agents": (4,)})
    paying = make_plan(asked, start.book, response)
    slight = 2 * centres.solver.gap * plain.expected_uplift
    assert paying.expected_uplift >= plain.expected_uplift - slight
    dear = changed(asked, agent={"fixed": 1000.0}, objective={"maximise": "contribution"})
    assert not len(make_plan(dear, start.book, response).decisions)


def test_presenters_and_agents_are_not_asked_for_more_than_they_can(centres, start, response):
    asked = changed(centres, decisions={"agents": (6,)}, agent={"capacity": 0.2})
    plan = make_plan(asked, start.book, response)
    used = plan.used.set_index("budget").loc["agents' contacts"]
    assert used["used"] <= used["limit"] + 1e-6
    assert len(plan.decisions) < len(np.unique(start.book.centre))


def test_a_budget_for_events_is_kept(centres, start, response):
    one = centres.event.fixed * min(centres.period, centres.months) / 12 * 4
    asked = changed(centres, decisions={"events": (4,)}, budgets={"events": one * 1.5})
    plan = make_plan(asked, start.book, response)
    assert len(plan.decisions) <= 1


def test_costs_are_by_the_budget_that_pays():
    groups = Groups(np.array([0, 0, 1, -1]), ("a", "b"))
    event, agent, channel = (
        type("S", (), values) for values in ({"fixed": 3000.0}, {"fixed": 1.0, "cost": 2.0}, {"mail_cost": 4.0})
    )
    spent = costs(Contacts(2, 3, 0), groups, 6, event, agent, channel)
    np.testing.assert_allclose(spent["budgets.events"], [3000, 3000])
    np.testing.assert_allclose(spent["budgets.agents"], [2 * (6 + 3), 6 + 3])
    np.testing.assert_allclose(costs(Contacts(0, 0, 2), groups, 12, event, agent, channel)["budgets.channel"], [16, 8])


def test_without_decisions_nothing_comes_beside_treatments(centres, start, response):
    plan = make_plan(centres, start.book, response)
    assert not any(contacts.any() for contacts in plan.beside)
    assert len(plan.decisions) == 0
    assert plan.response is response
