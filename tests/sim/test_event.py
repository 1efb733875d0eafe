"""Promotion events: dates that compete for presenters, who comes, and what stays."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city
from sim.event import FACE_TO_FACE, EventSettings, invitations
from sim.history import yuan
from sim.market import Market, run_market
from sim.names import OWN
from sim.programme import nothing
from sim.testing import only, tiny_scenario

STILL = only("events")


def held(events=12, months=12, customers=60, per_centre=30.0, seed=1, **settings):
    """Return a city after events to which everybody was invited, and the market that held them."""
    scenario = tiny_scenario(
        city={"customers": customers, "per_centre": per_centre}, event=settings, mechanisms=STILL, visit={"hours": 0.0}
    )
    city = draw_city(scenario)
    city.state.adstock[:] = 0
    city.state.goodwill[:] = 0
    turn = nothing(customers)
    turn.events[:] = events
    return city, run_market(scenario, city, turn, seed=seed, months=months)


def test_every_centre_holds_the_events_that_the_programme_asks_for():
    city, market = held(events=4)
    number = np.bincount([event.centre for event in market.held], minlength=city.centres)
    assert city.centres == 2
    assert (number == 4).all()


def test_all_customers_of_a_centre_are_invited_to_the_same_dates():
    centre = np.repeat(np.arange(5, dtype=np.int16), 20)
    events = np.full(100, 2, dtype=np.int8)
    for month in range(12):
        invited = invitations(events, centre, month)
        assert set(np.bincount(centre[invited], minlength=5)) <= {0, 20}
        assert (np.diff(centre[invited]) >= 0).all()


def test_a_year_brings_the_invitations_asked_for():
    centre, events = np.zeros(4, dtype=np.int16), np.array([0, 1, 4, 12], dtype=np.int8)
    invited = np.concatenate([invitations(events, centre, month) for month in range(12)])
    assert np.bincount(invited, minlength=4).tolist() == [0, 1, 4, 12]


def test_few_teams_put_events_off_to_the_next_free_week():
    """Ten centres want an event a month; one team holds one a week, so 48 a year in the order in which they asked."""
    _, many = held(customers=300, centres_per_team=1.0)
    _, one = held(customers=300, centres_per_team=10.0)
    assert len(many.held) == 120
    assert all(event.month == event.due for event in many.held)
    weeks = [(event.month, event.week) for event in one.held]
    assert len(set(weeks)) == len(weeks)
    assert 45 <= len(weeks) <= 48
    assert max(event.month - event.due for event in one.held) > 6
    assert [event.due for event in one.held] == sorted(event.due for event in one.held)


def test_no_more_come_than_the_venue_holds():
    _, market = held(months=3, attendance=1.0, venue=12)
    assert all(event.attended == 12 for event in market.held)
    assert sum(event.no_room for event in market.held) > 0


def test_who_expects_to_be_met_comes_more_often():
    city, market = held(months=1, customers=4000, per_centre=4000.0, attendance=0.4, venue=4000)
    came = market.city.state.adstock[OWN] > 0
    welcome = np.isin(city.customers.expected_channel, FACE_TO_FACE)
    assert came[welcome].mean() == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / welcome.sum()))
    assert came[~welcome].mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / (~welcome).sum()))


def test_those_who_came_are_aware_of_us_and_bound_at_the_working_level():
    _, market = held(months=1, attendance=1.0)
    state, settings = market.city.state, EventSettings()
    came = state.adstock[OWN] > 0
    assert came.sum() == sum(event.attended for event in market.held)
    np.testing.assert_allclose(state.adstock[OWN, came], settings.gain)
    np.testing.assert_allclose(state.goodwill[OWN, 2, came], settings.bond)
    assert not state.goodwill[OWN, 2, ~came].any()
    assert not state.goodwill[OWN, :2].any()


def test_the_review_adds_up_to_the_history_and_the_accounts():
    _, market = held()
    record, settings = market.record, EventSettings()
    for name in ("invited", "attended"):
        assert sum(getattr(event, name) for event in market.held) == getattr(record, name).sum()
    assert sum(event.cost for event in market.held) == record.event_cost.sum() == record.account.programme_cost.sum()
    wanted = [settings.fixed + settings.cost * event.attended for event in market.held]
    np.testing.assert_allclose([float(yuan(event.cost)) for event in market.held], wanted, atol=0.01)


def test_events_switched_off_are_events_that_nobody_is_invited_to():
    scenario = tiny_scenario(mechanisms={"events": False})
    city, turn = draw_city(scenario), nothing(60)
    asked = turn._replace(events=turn.events + 4)
    off, none = (run_market(scenario, city, each, seed=1).record for each in (asked, turn))
    on = run_market(tiny_scenario(), city, turn, seed=1).record
    for name in ("revenue", "event_cost", "invited", "satisfaction"):
        np.testing.assert_array_equal(getattr(off, name), getattr(none, name))
        np.testing.assert_array_equal(getattr(off, name), getattr(on, name))


def test_the_calendar_carries_events_and_weeks_but_no_customers():
    """Ten times the customers in as many centres put no more on SimPy's calendar."""
    scheduled = []
    for customers in (60, 600):
        scenario = tiny_scenario(
            city={"customers": customers, "per_centre": customers / 2}, campaigns={"ours": {}, "theirs": {"month": 3}}
        )
        turn = nothing(customers)
        turn.events[:], turn.calls[:], turn.agents[:], turn.visits[:] = 2, 4, 4, 4
        market = Market(scenario, draw_city(scenario), {0: turn}, seed=1, months=12)
        count = Counting(market.clock.schedule)
        market.clock.schedule = count
        market.run()
        assert len(market.held) == 4
        scheduled.append(count.calls)
    assert scheduled[0] == scheduled[1] > 12


class Counting:
    """A function that counts its calls."""

    def __init__(self, inner):
        self.inner, self.calls = inner, 0

    def __call__(self, *given, **named):
        self.calls += 1
        return self.inner(*given, **named)
