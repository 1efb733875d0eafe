"""Campaigns: who hears them, of whom they speak, and what a promise does."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city, found
from sim.errors import InputError
from sim.history import yuan
from sim.market import run_market, simulate
from sim.names import OWN
from sim.programme import nothing
from sim.testing import only, tiny_scenario

STILL = only("campaigns")


def told(months=1, customers=60, **campaign):
    """Return the city before and the market after a campaign."""
    scenario = tiny_scenario(
        city={"customers": customers}, mechanisms=STILL, campaigns={"spring": campaign}, channel={"adstock_kept": 1.0}
    )
    city = draw_city(scenario)
    city.state.adstock[:] = 0
    return city, run_market(scenario, city, nothing(customers), seed=1, months=months)


@pytest.mark.parametrize(("carrier", "index"), [("own", 0), ("netcom", 1), ("unicom", 2)])
def test_a_campaign_makes_its_own_carrier_known_and_no_other(carrier, index):
    _, market = told(carrier=carrier, reach=1.0, gain=0.25)
    assert (market.city.state.adstock[index] == 0.25).all()
    assert not np.delete(market.city.state.adstock, index, axis=0).any()


def test_a_campaign_is_heard_by_its_reach():
    _, market = told(customers=4000, reach=0.3)
    assert (market.city.state.adstock[OWN] > 0).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 4000))


def test_a_campaign_is_on_air_from_its_launch_on_and_again_after_a_while():
    heard = [told(n, reach=1.0, gain=1.0, month=2, every=5)[1].city.state.adstock[OWN, 0] for n in range(1, 10)]
    assert heard == [0, 0, 1, 2, 2, 2, 2, 3, 4]


def test_a_promise_raises_what_is_expected_and_its_disappointment_costs_satisfaction():
    _, modest = told(months=6, reach=1.0, promise=0.0)
    _, boastful = told(months=6, reach=1.0, promise=0.5)
    ours = (modest.city.state.carrier == OWN).any(axis=0)
    assert (boastful.city.state.expectation[OWN] > modest.city.state.expectation[OWN])[ours].all()
    assert (boastful.city.state.satisfaction[OWN] < modest.city.state.satisfaction[OWN])[ours].all()


def test_a_promise_goes_a_share_of_the_way_to_the_best():
    """Who has no line with the carrier has no experience to correct it."""
    city, market = told(carrier="netcom", reach=1.0, promise=0.5)
    away = ~(city.state.carrier == 1).any(axis=0)
    hoped = city.state.expectation[1, away]
    np.testing.assert_allclose(market.city.state.expectation[1, away], hoped + 0.5 * (1 - hoped), rtol=1e-6)


def test_our_campaign_costs_by_who_hears_it_and_a_rivals_costs_us_nothing():
    _, ours = told(reach=1.0, cost=0.75)
    _, theirs = told(carrier="netcom", reach=1.0, cost=0.75)
    assert yuan(ours.record.campaign_cost).tolist() == [45.0]
    assert (yuan(ours.record.account.programme_cost) == 0.75).all()
    assert theirs.record.account.programme_cost.sum() == 0


def test_a_rivals_campaign_takes_lines_from_us():
    loud = {"carrier": "netcom", "reach": 1.0, "gain": 2.0, "months": 12, "promise": 0.0}
    kept = []
    for campaigns in ({}, {"loud": loud}):
        scenario = tiny_scenario(city={"customers": 2000}, burn_in=0, campaigns=campaigns)
        kept.append(simulate(scenario, draw_city(scenario), nothing(2000), seed=2).kept[-1])
    assert kept[1] < kept[0]


def test_campaigns_switched_off_are_no_campaigns():
    tree = {"campaigns": {"loud": {"carrier": "netcom", "reach": 1.0}}}
    off, none = tiny_scenario(mechanisms={"campaigns": False}, **tree), tiny_scenario()
    city = draw_city(none)
    histories = [simulate(scenario, city, nothing(60), seed=2) for scenario in (off, none)]
    for name in ("revenue", "satisfaction", "campaign_cost"):
        np.testing.assert_array_equal(*(getattr(history, name) for history in histories))


def test_frozen_stocks_hear_nothing():
    scenario = tiny_scenario(mechanisms={"freeze_stocks": True}, campaigns={"loud": {"reach": 1.0, "promise": 1.0}})
    city = draw_city(scenario)
    state = run_market(scenario, city, nothing(60), seed=2, months=3).city.state
    np.testing.assert_array_equal(state.expectation, city.state.expectation)
    np.testing.assert_array_equal(state.adstock, city.state.adstock)


def test_the_burn_in_hears_no_campaign():
    quiet, loud = tiny_scenario(), tiny_scenario(campaigns={"loud": {"reach": 1.0, "months": 100}})
    np.testing.assert_array_equal(found(quiet).city.state.adstock, found(loud).city.state.adstock)


def test_a_campaign_of_a_carrier_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"netcom"):
        tiny_scenario(campaigns={"loud": {"carrier": "netcm"}})
