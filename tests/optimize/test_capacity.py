"""Capacity hired for the whole city, and accounts that change managers: taken where they pay, tried out as planned."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.capacity import Hired, cost_of, menu_of_capacity, with_capacity
from optimize.plan import make_plan
from optimize.problem import used_by
from optimize.response import estimate
from optimize.worth import World, try_out
from sim.city import found
from sim.errors import InputError


def changed(decision, **parts):
    return decision.model_copy(
        update={name: getattr(decision, name).model_copy(update=update) for name, update in parts.items()}
    )


@pytest.fixture(scope="module")
def short(tiny_decision):
    """A tiny city with hardly any seats, in one centre with several managers."""
    return changed(
        tiny_decision,
        channel={"seat_minutes": 0.05},
        rules={"contribution_floor": False},
        budgets={"channel": 0.05},
        city={"in_building": 0.3},
    )


@pytest.fixture(scope="module")
def start(short):
    return found(short)


@pytest.fixture(scope="module")
def response(short, start):
    return estimate(short, start.book)


def test_what_is_hired_is_in_the_market_and_costs_what_it_says(short):
    asked = changed(short, decisions={"seat_hours": (10.0,), "seat_hour_cost": 60.0}, budgets={"total_cost": 1e6})
    market = with_capacity(asked, Hired(10.0, 0.5), 50)
    assert market.channel.seat_minutes == pytest.approx(0.05 + 60 * 10 / 50)
    assert market.channel.call_fixed == pytest.approx(60 * 10 / 50)
    assert market.hall.capacity == pytest.approx(1.5 * short.hall.capacity)
    monthly = 600 + 0.5 * short.hall.fixed * 50
    assert cost_of(asked, Hired(10.0, 0.5), 50) == pytest.approx(asked.months * monthly)
    assert market.budgets.total_cost == pytest.approx(1e6 - monthly * min(asked.period, asked.months))
    assert with_capacity(asked, Hired(0.0, 0.0), 50) is asked


def test_a_menu_of_capacity_has_every_combination_nothing_first(short):
    asked = changed(short, decisions={"seat_hours": (5.0, 10.0), "hall_hours": (0.2,)})
    assert menu_of_capacity(asked)[0] == Hired(0.0, 0.0)
    assert len(menu_of_capacity(asked)) == 6


def test_seats_are_hired_where_calls_wait_for_them(short, start, response):
    plain = make_plan(short, start.book, response)
    asked = changed(short, decisions={"seat_hours": (20.0,)})
    plan = make_plan(asked, start.book, response)
    assert plan.hired == Hired(20.0, 0.0)
    assert plan.allocation.value >= plain.allocation.value
    minutes = plan.used.set_index("key").loc["channel.seat_minutes"]
    assert plain.used.set_index("key").loc["channel.seat_minutes", "limit"] < minutes["used"] <= minutes["limit"]


def test_seats_that_cost_more_than_they_bring_are_not_hired(short, start, response):
    dear = changed(
        short, decisions={"seat_hours": (20.0,), "seat_hour_cost": 9000.0}, objective={"maximise": "contribution"}
    )
    assert make_plan(dear, start.book, response).hired == Hired(0.0, 0.0)


def test_more_hall_hours_lift_what_is_expected(short, start):
    crowded = changed(short, hall={"capacity": 0.001})
    asked = changed(crowded, decisions={"hall_hours": (5.0,)})
    plain = make_plan(crowded, start.book)
    assert make_plan(asked, start.book).allocation.value > plain.allocation.value


def test_a_plan_is_tried_out_in_the_market_with_what_it_hires(short, start, response):
    asked = changed(short, decisions={"seat_hours": (20.0,)})
    plan = make_plan(asked, start.book, response)
    policies = {"plan": plan.programme, "same without": plan.programme}
    worlds = {"plan": World(plan.market, plan.city(start.city))}
    trials = try_out(asked, start.city, policies, 2, 1, worlds=worlds)
    cost = trials.measures.index("contribution")
    spent = cost_of(asked, plan.hired, start.book.key.size)
    difference = trials.values[:, 1, cost] - trials.values[:, 0, cost]
    assert (difference < spent * 1.5).all()
    assert not np.allclose(trials.values[:, 0], trials.values[:, 1])


def test_accounts_may_change_managers_within_their_centre_and_outside_buildings_only(short, start, response):
    few = changed(short, visit={"hours": 60.0})
    moving = changed(few, rules={"move_accounts": True})
    book = start.book
    plan, staying = make_plan(moving, book, response), make_plan(few, book, response)
    moved = plan.manager != book.manager
    assert not (moved & (book.building >= 0)).any()
    for account in np.flatnonzero(moved):
        colleagues = book.manager[book.centre == book.centre[account]]
        assert plan.manager[account] in colleagues
    hours, _ = used_by(plan.problem, plan.allocation.treatment)
    assert (hours <= plan.problem.available + 1e-6).all()
    assert plan.allocation.value >= staying.allocation.value * (1 - 2 * few.solver.gap)
    assert (plan.city(start.city).customers.manager == plan.manager).all()
    assert (plan.book(book).manager == plan.manager).all()


def test_what_binds_accounts_in_two_ways_at_once_is_refused(short, start, response):
    both = changed(short, rules={"move_accounts": True}, decisions={"events": (1,)})
    with pytest.raises(InputError, match=r"rules\.move_accounts: can't be asked for together with decisions"):
        make_plan(both, start.book, response)


def test_more_than_the_market_allows_is_refused_in_a_line(short, start, response):
    asked = changed(short, decisions={"hall_hours": (10.0,)}, hall={"capacity": 5.0})
    with pytest.raises(InputError, match=r"decisions: 1000% more hall hours is more than the market allows: capacity"):
        make_plan(asked, start.book, response)
