"""What the shipped city must show of the world: regularities that others have published, and the building problem."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import found
from sim.composing.compose import compose
from sim.founding import todays_practice
from sim.history import yearly_loss, yuan
from sim.market import simulate
from sim.names import OWN, PLANS
from sim.programme import Programme, nothing
from sim.scenario import Scenario
from sim.testing import cloned


@pytest.fixture(scope="module")
def lives(shelf):
    """Three futures of a city of 4000 under today's practice, and three without any."""
    scenario = compose(Scenario, "shenzhen", ["city.customers=4000", "months=12"], shelves=(shelf,)).settings
    city = found(scenario).city
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    today = todays_practice(scenario, own, city.customers.decision)
    return [
        [simulate(scenario, city, programme, seed=seed) for seed in range(3)] for programme in (today, nothing(4000))
    ]


def test_about_an_eighth_of_our_lines_is_lost_in_a_year(lives):
    assert 0.08 < np.mean([yearly_loss(run) for run in lives[0]]) < 0.2


def test_practice_loses_fewer_lines_than_doing_nothing(lives):
    today, idle = (np.array([yearly_loss(run) for run in runs]) for runs in lives)
    assert (today < idle).all()


def test_few_customers_look_around_in_a_month(lives):
    looked = np.mean([run.looked.sum() / run.flows.sum() for run in lives[0]])
    assert 0.02 < looked < 0.09


def test_most_lines_stay_where_they_are_from_month_to_month(lives):
    flows = lives[0][0].flows.sum(axis=(0, 1))
    assert (np.diag(flows) / flows.sum(axis=1) > 0.97).all()


COPIES = 30


@pytest.fixture(scope="module")
def building(shelf):
    """A building of 100 tenants, thirty times over, and three of its ordinary tenants who buy from rivals too."""
    scenario = compose(Scenario, "building", ["months=12"], shelves=(shelf,)).settings
    city = found(scenario).city
    elsewhere = np.flatnonzero((city.state.carrier != OWN).sum(axis=0) >= 2)
    spend = city.state.demand.sum(axis=0)
    ordinary = elsewhere[np.argsort(spend[elsewhere])]
    middle = ordinary.size // 2
    return scenario, city, ordinary[middle - 1 : middle + 2]


def gained(building, programme):
    """Return what a programme adds to the contribution of a building in a year, by copy, and the run."""
    scenario, city, _ = building
    many = cloned(city, COPIES)
    runs = [
        simulate(scenario, many, Programme(*(np.tile(array, COPIES) for array in turn)), seed=3)
        for turn in (programme, nothing(100))
    ]
    brought = [
        yuan(a.retained + a.won_back + a.shortfall + a.breakage - a.programme_cost - a.cost_to_serve)
        for a in (run.account for run in runs)
    ]
    return (brought[0] - brought[1]).reshape(COPIES, -1).sum(axis=1), runs[0]


def test_a_discount_for_three_of_100_tenants_costs_more_than_it_saves(building):
    turn = nothing(100)
    turn.discount[building[2]] = 0.1
    gain, run = gained(building, turn)
    assert gain.mean() < -4 * gain.std(ddof=1) / np.sqrt(COPIES)
    assert run.discounted[-1] > 50 * COPIES


def test_plans_for_the_three_do_not_travel_through_the_building(building):
    _, city, three = building
    turn = nothing(100)
    turn.visits[three], turn.offer[three] = 2, PLANS.index("A")
    turn.offer_x[three] = city.state.demand.sum(axis=0)[three]
    gain, run = gained(building, turn)
    assert run.plans_accepted.sum() > 0
    assert run.discounted.sum() == 0
    discount = nothing(100)
    discount.discount[three] = 0.1
    assert gain.mean() > gained(building, discount)[0].mean()
