"""Account managers differ: skill, training, effort and pay."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city
from sim.history import hours, yuan
from sim.manager import ManagerSettings, bonus, effort, hire, trained, visiting_hours
from sim.market import Market, run_market, simulate
from sim.names import OWN
from sim.programme import nothing
from sim.testing import cloned, tiny_scenario

ALIKE = {"skill_spread": 0.0, "training": 0.0, "training_gain": 0.0, "bonus_share": 0.0}


def visited(customers: int, visits: int = 12):
    turn = nothing(customers)
    turn.visits[:] = visits
    return turn


def hired(managers: int, **changes):
    each = np.arange(managers, dtype=np.int32)
    return hire(3, managers, each, each.astype(np.uint64) * 7, ManagerSettings(**changes))


def test_skill_has_mean_one_and_the_spread_asked_for():
    skill = hired(20_000, skill_spread=0.3, training=0.0).skill
    assert abs(skill.mean() - 1) < 4 * skill.std() / np.sqrt(skill.size)
    assert np.log(skill).std() == pytest.approx(0.3, rel=0.02)


def test_a_manager_keeps_the_skill_when_customers_are_listed_otherwise():
    manager = np.array([0, 0, 1, 1, 1], dtype=np.int32)
    key = np.array([5, 3, 9, 2, 8], dtype=np.uint64)
    usual = hire(3, 2, manager, key, ManagerSettings()).skill
    order = np.array([4, 1, 3, 0, 2])
    np.testing.assert_array_equal(hire(3, 2, manager[order], key[order], ManagerSettings()).skill, usual)
    alone = hire(3, 1, manager[2:] - 1, key[2:], ManagerSettings()).skill
    assert alone[0] == usual[1]


def test_training_raises_skill_with_diminishing_returns_and_takes_time():
    gains = np.diff([trained(ManagerSettings(training=float(hours))) for hours in range(0, 500, 50)])
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()
    assert trained(ManagerSettings(training=2000.0)) == pytest.approx(1.15)
    assert visiting_hours(440.0, ManagerSettings(training=40.0)) == 400.0
    assert visiting_hours(20.0, ManagerSettings(training=40.0)) == 0.0


def test_effort_is_most_at_target_and_bounded_by_the_share_of_pay():
    rules = ManagerSettings(bonus_share=0.4, reaction=0.5)
    results = np.linspace(0, 2, 2001)
    hours = effort(results, rules)
    assert results[hours.argmax()] == pytest.approx(rules.target)
    assert (hours.min(), hours.max()) == (pytest.approx(0.8), pytest.approx(1.2))
    np.testing.assert_array_equal(effort(results, ManagerSettings(bonus_share=0.0)), 1.0)


def test_a_bonus_rises_with_results_up_to_a_cap():
    paid = bonus(np.linspace(0, 2, 2001), ManagerSettings())
    assert (np.diff(paid) >= 0).all()
    assert (paid.min(), paid.max()) == (0.0, 2.0)


def test_goodwill_left_by_a_visit_is_the_managers_skill():
    scenario = tiny_scenario(burn_in=0, visit={"hours": 5000.0, "skill": 1.5}, manager={"bonus_share": 0.0})
    market = run_market(scenario, draw_city(scenario), visited(60), seed=1, months=150)
    skill = market.staff.skill[market.city.customers.manager]
    assert np.unique(skill).size > 2
    wanted = 1.5 * skill / (1 - scenario.visit.goodwill_kept)
    np.testing.assert_allclose(market.city.state.goodwill[OWN, 0], wanted, rtol=1e-5)


def test_managers_who_are_alike_untrained_and_paid_by_the_hour_are_as_before():
    scenario = tiny_scenario(manager=ALIKE)
    off = scenario.model_copy(update={"mechanisms": scenario.mechanisms.model_copy(update={"managers": False})})
    city = draw_city(scenario)
    one, other = (simulate(s, city, visited(60), seed=3) for s in (scenario, off))
    for name in one._fields[:-1]:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def market_of(**changes) -> Market:
    scenario = tiny_scenario(burn_in=0, mechanisms={"attention": False, "growth": False}, **changes)
    return Market(scenario, draw_city(scenario), {0: visited(60)}, seed=1, months=12)


def test_where_nothing_moves_results_are_one_and_pay_follows():
    """No line moves and nothing grows: each quarter ends where it began, and rules say what that is worth."""
    market = market_of(manager={"target": 0.9, "payout": 5.0, "bonus_share": 0.4, "reaction": 0.5, "reach": 0.1})
    market.city.state.carrier[:] = OWN
    market.run()
    paid, worked = 1 + 0.4 * (1.5 - 1), 1 + 0.4 * 0.5 * (2 * np.exp(-1.0) - 1)
    np.testing.assert_allclose(market.staff.wage, paid)
    np.testing.assert_allclose(market.staff.effort, worked)
    cost = hours(market.record.visit_hours) * market.scenario.visit.hour_cost
    later = np.arange(12) >= 3
    np.testing.assert_allclose(yuan(market.record.visit_cost), cost * np.where(later, paid, 1.0), rtol=1e-6)
    np.testing.assert_allclose(yuan(market.record.bonus), cost * 0.4 * np.where(later, 1.5, 1.0), rtol=1e-6)


def test_effort_and_training_set_the_hours_of_a_month():
    """480 hours a year less 48 of training are 36 a month, more or less by effort; what doesn't fit in is left over."""
    scenario = tiny_scenario(
        burn_in=0,
        visit={"hours": 480.0},
        manager={"training": 48.0},
        mechanisms={"attention": False, "preemption": False},
    )
    market = Market(scenario, draw_city(scenario), {0: visited(60, 300)}, seed=1, months=1)
    market.staff = market.staff._replace(effort=np.array([0.5, 1.0, 1.5]))
    market.run()
    worked = np.bincount(market.city.customers.manager, weights=market.hours_spent, minlength=3)
    np.testing.assert_allclose(worked + market.hours_left, [18.0, 36.0, 54.0])
    assert (market.hours_left < 4).all()


def test_a_territory_without_revenue_has_neither_bonus_nor_penalty():
    market = market_of()
    market.city.state.carrier[:] = 1
    market.run()
    np.testing.assert_array_equal(market.staff.wage, 1.0)
    np.testing.assert_array_equal(market.staff.effort, 1.0)


def test_copies_of_a_city_have_managers_of_their_own():
    scenario = tiny_scenario(burn_in=0)
    city = cloned(draw_city(scenario), 3)
    market = Market(scenario, city, {}, seed=1, months=1)
    assert np.unique(market.staff.skill).size == city.managers
