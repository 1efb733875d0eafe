"""Poaching: whom a rival goes after, and what it wins by it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import found
from sim.history import lost_lines, retained_revenue
from sim.market import simulate
from sim.poach import PoachSettings, lures, targets
from sim.programme import nothing
from sim.testing import tiny_scenario

SIZE = {"city": {"customers": 300}, "months": 12}


@pytest.fixture(scope="module")
def start():
    return found(tiny_scenario(**SIZE))


def chosen(start, month=0, **settings):
    return targets(PoachSettings(**settings), 1, month, 5, start.city.customers, start.city.state)


def test_no_territory_is_visited_more_often_than_the_budget_allows(start):
    visited = chosen(start, visits=2.0)
    assert 0 < np.bincount(start.city.customers.manager, weights=visited).max() <= 2


def test_without_noise_the_biggest_of_who_is_due_are_visited(start):
    everybody_due = chosen(start, visits=3.0, noise=0.0, rest=1)
    spend = start.book.own_spend
    for manager in range(start.city.managers):
        territory = start.city.customers.manager == manager
        assert set(spend[territory & everybody_due]) == set(np.sort(spend[territory])[-3:])


def test_nobody_is_visited_twice_within_the_rest(start):
    visits = sum(chosen(start, month=month, visits=1000.0, rest=4).astype(int) for month in range(4))
    assert visits.max() == 1


def test_who_has_no_line_with_us_is_left_alone(start):
    assert not chosen(start, visits=1000.0, rest=1)[start.book.own_spend == 0].any()


def test_poaching_starts_in_its_month(start):
    late = PoachSettings(month=6, visits=9.0)
    assert not targets(late, 1, 5, 5, start.city.customers, start.city.state).any()
    assert targets(late, 1, 6, 5, start.city.customers, start.city.state).any()


def test_the_better_of_two_bonuses_counts(start):
    poor, rich = PoachSettings(visits=1000.0, rest=1, bonus=0.05), PoachSettings(visits=1000.0, rest=1, bonus=0.2)
    found_lures = lures([poor, rich], 0, 5, start.city.customers, start.city.state)
    ours = start.book.own_spend > 0
    assert (found_lures.carrier[ours] == 2).all()
    assert (found_lures.bonus[~ours] == 0).all()


def test_a_poacher_costs_us_lines_and_revenue_of_the_customers_it_visits(start):
    poached = tiny_scenario(**SIZE, rivals={"netcom": {"poach": {"visits": 5.0, "bonus": 0.3}}})
    quiet = tiny_scenario(**SIZE)
    leave = nothing(start.book.key.size)
    pairs = [
        (simulate(poached, start.city, leave, seed=s), simulate(quiet, start.city, leave, seed=s)) for s in range(8)
    ]
    revenue = np.array([retained_revenue(a) - retained_revenue(b) for a, b in pairs])
    lines = np.array([lost_lines(a).sum() - lost_lines(b).sum() for a, b in pairs])
    assert revenue.mean() + 2 * revenue.std(ddof=1) / np.sqrt(8) < 0
    assert lines.mean() - 2 * lines.std(ddof=1) / np.sqrt(8) > 0


def test_a_poacher_without_visits_changes_nothing_bit_for_bit(start):
    idle = tiny_scenario(**SIZE, rivals={"netcom": {"poach": {"visits": 0.0}}})
    leave = nothing(start.book.key.size)
    one, other = (simulate(scenario, start.city, leave, seed=1) for scenario in (idle, tiny_scenario(**SIZE)))
    np.testing.assert_array_equal(one.revenue, other.revenue)
