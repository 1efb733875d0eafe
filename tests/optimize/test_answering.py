"""Rivals that answer our plan: their menus, their money to the yuan, and how the game of carriers ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from optimize.answered import answers_table, in_words, rounds_table, worth_table
from optimize.answering import OURS, Arena, answer_our_plan
from optimize.decision import Decision
from optimize.rival_menu import Move, answering, budgets, menu, with_moves, words
from optimize.rival_money import MONEY, live_once
from optimize.worth import World
from sim.city import found
from sim.composing.compose import compose
from sim.errors import InputError
from sim.history import MEASURES
from sim.market import simulate
from sim.names import OWN
from sim.programme import nothing
from sim.rates import posted_tariff
from sim.rivals import foreseen
from sim.testing import only, tiny_tree

SHORT = {"visits": [0, 12], "audiences": ["decider"], "offers": [], "mail": [0], "calls": [0], "unit_discounts": []}
RIVALRY = {"cuts": [0.0, 0.2], "contacts": [1.0], "visits": [0.0], "month": 0, "replications": 2, "budget_share": 10.0}


def decision(rivalry=None, **changes):
    tree = {"treatments": SHORT, "response": {"draws": 2}, "objective": {"maximise": "contribution"}, "period": 6}
    return compose(Decision, tiny_tree(**{**tree, "rivalry": {**RIVALRY, **(rivalry or {})}, **changes})).settings


@pytest.fixture(scope="module")
def played():
    chosen = decision()
    return answer_our_plan(chosen, found(chosen))


def test_a_menu_begins_with_going_on_and_does_not_say_it_twice():
    chosen = decision({"cuts": [0.0, 0.1, 0.1], "contacts": [1.0, 2.0], "visits": [0.0, 3.0]})
    moves = menu(chosen.rivals["netcom"], chosen.rivalry)
    assert moves[0] is None
    assert len(moves) == len(set(moves)) == 1 + 7
    assert Move(0.0, 1.0, 0.0) not in moves


def test_a_rival_at_war_may_end_it():
    chosen = decision(rivals={"netcom": {"policy": {"name": "price_war", "month": 2}}})
    assert Move(0.0, 1.0, 0.0) in menu(chosen.rivals["netcom"], chosen.rivalry)


def test_a_rival_that_goes_on_is_as_it_was():
    chosen = decision()
    assert with_moves(chosen, {"netcom": None}) == chosen


def test_a_move_begins_in_its_month_and_leaves_the_posted_tariff():
    chosen = decision({"month": 3})
    moved = with_moves(chosen, {"unicom": Move(0.2, 0.5, 0.0)})
    was, now = posted_tariff(chosen), posted_tariff(moved)
    np.testing.assert_array_equal(was.price, now.price)
    months = foreseen(list(moved.rivals.values()), now, 5)
    np.testing.assert_allclose([month.price[2, 0] / was.price[2, 0] for month in months], [1, 1, 1, 0.8, 0.8])
    np.testing.assert_allclose([month.contact[2] for month in months], [0.2, 0.2, 0.2, 0.1, 0.1])


def test_who_plans_takes_poaching_for_a_mean_rate_of_contact():
    chosen = decision()
    rival = answering(chosen.rivals["netcom"], Move(0.0, 1.0, 4.0), chosen.rivalry, share_visited=0.05)
    assert rival.policy.contact == pytest.approx(1 - 0.8 * 0.8)
    assert rival.poach.visits == 4.0


def test_a_budget_of_nobody_is_refused():
    with pytest.raises(InputError, match=r"rivalry\.budgets\.netcon: unknown rival; did you mean 'netcom'"):
        budgets(decision({"budgets": {"netcon": 5.0}}), {"netcom": 1.0, "unicom": 1.0})


def test_a_budget_is_the_one_given_else_a_share_of_revenue():
    chosen = decision({"budgets": {"netcom": 5.0}, "budget_share": 0.1})
    assert budgets(chosen, {"netcom": 100.0, "unicom": 200.0}) == {"netcom": 5.0, "unicom": 20.0}


def frozen(moves, **changes):
    """Return a market in which nobody looks around, its start, and what one future brings."""
    chosen = decision({"month": 3, "contact_cost": 7.0}, mechanisms=only("freeze_stocks"), **changes)
    start = found(chosen)
    idle = nothing(start.book.key.size)
    return chosen, start, live_once(World(with_moves(chosen, moves), start.city), idle, idle, future=4)


def test_what_a_rival_has_is_reckoned_to_the_yuan_where_nobody_moves():
    chosen, start, outcome = frozen({"netcom": Move(0.2, 0.5, 0.0)})
    posted, state = posted_tariff(chosen), start.city.state
    demand = np.where(state.carrier == 1, state.demand, 0).sum(axis=1, dtype=float)
    listed = 12 * float(demand @ posted.price[1])
    told = dict(zip(MONEY, outcome.rivals[0], strict=True))
    cut = 0.2 * listed * 9 / 12
    assert told["revenue"] == pytest.approx(listed - cut, rel=1e-4)
    assert told["given_up"] == pytest.approx(cut, rel=1e-4)
    assert told["cost_to_serve"] == pytest.approx(chosen.money.cost_to_serve * listed, rel=1e-4)
    assert told["contacts"] == pytest.approx(7.0 * 60 * 0.2 * (3 + 9 * 0.5))
    assert (told["visits"], told["bonuses"]) == (0, 0)
    assert outcome.contribution[0] == pytest.approx(told["revenue"] - told["cost_to_serve"] - told["contacts"])
    assert outcome.spent[0] == pytest.approx(told["contacts"] + cut, rel=1e-4)


@pytest.mark.parametrize(("bonus_months", "paid_months"), [(4, 4), (60, 12)])
def test_a_bonus_is_paid_for_its_months_on_every_line_that_a_visit_moved(bonus_months, paid_months):
    poach = {"visits": 1000.0, "bonus": 0.5, "rest": 1}
    chosen = decision(
        {"bonus_months": bonus_months, "visit_cost": 10.0},
        mechanisms=only("attention", "freeze_stocks"),
        attention={"base": -4.0, "rival_contact": 20.0, "own_contact": 0.0},
        rivals={"netcom": {"poach": poach, "contact": 0.0}, "unicom": {"contact": 0.0}},
    )
    city = found(chosen).city
    city.state.carrier[:] = OWN
    city.state.months_left[:] = 0
    city.customers.price_sensitivity[:] = 200.0  # half the price off is worth moving for, a dearer line isn't
    city.customers.switching_cost[:] = 60.0
    idle = nothing(60)
    told = dict(zip(MONEY, live_once(World(chosen, city), idle, idle, future=1).rivals[0], strict=True))
    month = 0.5 * float(city.state.demand.sum(axis=1, dtype=float) @ posted_tariff(chosen).price[1])
    assert told["bonuses"] == pytest.approx(paid_months * month, rel=1e-4)
    assert told["visits"] == 60 * 10.0  # nobody is ours to visit after the first month


def test_what_we_have_is_what_a_simulation_has():
    chosen = decision()
    start = found(chosen)
    idle = nothing(60)
    outcome = live_once(World(chosen, start.city), idle, idle, future=9)
    history = simulate(chosen, start.city, idle, seed=9)
    np.testing.assert_array_equal(outcome.ours, [measure(history) for measure in MEASURES.values()])
    assert outcome.our("contribution") == MEASURES["contribution"](history)


def test_rivals_cut_where_it_pays_and_our_plan_stays_in_the_first_stage(played):
    assert played.held.ending == played.replanned.ending == "fixed point"
    assert {turn.profile[0] for turn in played.held.rounds} == {played.first[0]}
    assert Move(0.2, 1.0, 0.0) in played.held.last


def test_no_rival_has_an_affordable_answer_that_gains_more_where_nobody_would_move(played):
    table = answers_table(played)
    assert table.groupby("rival")["chosen"].sum().tolist() == [1, 1]
    least = played.arena.settings.least_gain * table["contribution"].abs()
    assert (table["mean"] <= least)[table["affordable"]].all()
    assert (table.loc[table["chosen"], "mean"] == 0).all()


def test_a_rival_without_money_goes_on_as_before():
    chosen = decision({"budgets": {"netcom": 0.0, "unicom": 0.0}})
    done = answer_our_plan(chosen, found(chosen))
    assert done.held.last == done.first
    assert (done.held.ending, len(done.held.rounds)) == ("fixed point", 1)
    table = worth_table(done, 2, seed=5)
    changed = table[table["what"].str.startswith(("change", "plan made again over the first"))]
    assert (changed["mean"] == 0).all()


def test_the_outcome_does_not_depend_on_who_lives_the_futures(played):
    chosen = played.arena.decision
    with ThreadPoolExecutor(2) as pool:
        other = answer_our_plan(chosen, found(chosen), pool)
    assert (other.held, other.replanned, other.budgets) == (played.held, played.replanned, played.budgets)


def test_a_profile_is_lived_through_once(played):
    arena = Arena(decision(), played.arena.start)
    first = (arena.plan([None, None]), None, None)
    arena.outcomes([first, first])
    arena.outcomes([first])
    assert arena.lived == RIVALRY["replications"]


def test_without_planning_again_there_is_one_stage():
    chosen = decision({"replan": False, "budgets": {"netcom": 0.0, "unicom": 0.0}})
    done = answer_our_plan(chosen, found(chosen))
    assert done.replanned is done.held
    assert set(rounds_table(done)["stage"]) == {"our plan stays"}
    assert len(in_words(done)) == 1 + 2


def test_worth_is_paired_and_adds_up(played):
    table = worth_table(played, 3, seed=5).set_index(["what", "measure"])["mean"]
    for measure in ("retained_revenue", "contribution"):
        before = table["plan over doing nothing, rivals as they stand", measure]
        after = table["plan over doing nothing, once answered", measure]
        assert table["change of that gain", measure] == pytest.approx(after - before)
    assert table["change of all that we have, under the plan", "retained_revenue"] < 0


def test_words_say_what_keeps_a_rival_from_more(played):
    assert any("the largest cut on its menu" in sentence for sentence in in_words(played))
    chosen = decision({"budgets": {"netcom": 0.0}})
    short = in_words(answer_our_plan(chosen, played.arena.start))
    assert any(sentence.startswith("netcom: as the scenario has it; it can't afford") for sentence in short)


def test_rounds_are_told_by_carrier(played):
    table = rounds_table(played)
    assert list(table["player"].unique()) == [OURS, "netcom", "unicom"]
    assert table.loc[0, "action"] == "plan 1"
    assert {words(None), "cuts 20 %"} >= set(table.loc[table["player"] != OURS, "action"])
