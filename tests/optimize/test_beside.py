"""What a group decision brings beside treatments: events, agents and letters, and what is expected to come of them."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.beside import Beside, expected_attendance, nobody, reach, share_called
from optimize.decision import Decision
from optimize.response import estimate
from sim.city import found
from sim.composing.compose import compose
from sim.market import run_market
from sim.names import CHANNELS
from sim.programme import nothing
from sim.testing import only, tiny_tree

CUSTOMERS = 300
SIZES = {"customers": CUSTOMERS, "per_centre": 100.0, "channels": [0.3, 0.2, 0.2, 0.1, 0.2]}
SHORT = {"treatments": {"visits": [0, 12], "audiences": ["decider"], "mail": [0, 4], "calls": [0], "offers": ["B"]}}


def decision(**changes):
    settled = {"city": SIZES, "burn_in": 24, "response": {"draws": 3}, **SHORT, **changes}
    return compose(Decision, tiny_tree(**settled)).settings


def asking(customers=CUSTOMERS, **contacts):
    """Return so many contacts a year of each kind with every account."""
    return nobody(customers)._replace(**{name: np.full(customers, number) for name, number in contacts.items()})


@pytest.fixture(scope="module")
def case():
    chosen = decision()
    return chosen, found(chosen).book


@pytest.fixture(scope="module")
def alone(case):
    return estimate(*case)


@pytest.fixture(scope="module")
def invited(case):
    return estimate(*case, asking(events=6))


@pytest.fixture(scope="module")
def covered(case):
    return estimate(*case, asking(agents=6))


FIGURES = ("retained", "won_back", "contribution", "lines_lost", "hours", "discount", "cost", "satisfaction", "served")


@pytest.mark.parametrize("name", FIGURES)
def test_who_is_asked_for_nothing_beside_is_estimated_to_the_bit_as_without_it(case, alone, name):
    np.testing.assert_array_equal(getattr(estimate(*case, nobody(CUSTOMERS)), name), getattr(alone, name))


def test_an_event_never_lowers_what_an_account_that_is_ours_is_expected_to_retain(case, alone, invited):
    ours = case[1].ours.any(axis=0)
    # A unit discount is charged with what its news costs at others, whom events reach too.
    without = np.array([treatment.discount == 0 for treatment in alone.treatments])[:, None]
    allowed = alone.choices.allowed[:, ours] & without
    more = (invited.retained - alone.retained)[:, ours][allowed]
    assert more.min() >= -1e-6
    assert more.mean() > 0


def test_agents_are_expected_to_win_lines_back(alone, covered):
    assert covered.won_back[0].sum() > 1.1 * alone.won_back[0].sum()


def test_letters_beside_are_worth_those_of_a_treatment_and_cost_it_nothing(case, alone):
    written = estimate(*case, asking(letters=4))
    b = next(b for b, treatment in enumerate(alone.treatments) if treatment.name == "4 letters")
    np.testing.assert_array_equal(written.retained[0], alone.retained[b])
    assert not written.cost[0].any()
    assert not written.group_cost.any()


@pytest.mark.parametrize("name", ["hours", "channel", "seat_minutes", "cost"])
def test_a_treatment_is_charged_nothing_of_what_a_group_decision_brings(alone, invited, covered, name):
    np.testing.assert_array_equal(getattr(invited, name)[0], getattr(alone, name)[0])
    np.testing.assert_array_equal(getattr(covered, name)[0], getattr(alone, name)[0])


def test_attendance_costs_what_those_expected_to_come_cost(case, invited):
    chosen, book = case
    cost = 6 * chosen.event.cost * expected_attendance(chosen, book, asking(events=6).events)
    np.testing.assert_allclose(invited.group_cost[0], cost)


def test_commissions_go_by_what_agents_are_expected_to_win(alone, covered):
    assert not alone.group_cost.any()
    assert (covered.group_cost[0] > 0).all()
    assert np.corrcoef(covered.group_cost[0], (covered.won_back - alone.won_back)[0])[0, 1] > 0.5


def test_a_fixed_commission_is_expected_for_each_line_won(case):
    chosen, book = case
    once, twice = (
        chosen.agent.model_copy(update={"pay": "one_off", "one_off": each, "stay": 1}) for each in (100.0, 200.0)
    )
    small, large = (
        estimate(chosen.model_copy(update={"agent": agent}), book, asking(agents=6)).group_cost
        for agent in (once, twice)
    )
    assert (small[0] > 0).all()
    np.testing.assert_allclose(large, 2 * small)


def test_a_period_of_half_the_horizon_costs_half_the_attendance(case):
    chosen, book = case
    half = estimate(chosen.model_copy(update={"period": 6}), book, asking(events=12))
    whole = estimate(chosen, book, asking(events=12))
    np.testing.assert_allclose(2 * half.group_cost, whole.group_cost)


@pytest.mark.parametrize("venue", [200, 15, 5], ids=["room for all", "about full", "crowded"])
def test_as_many_are_expected_at_events_as_attend_them_in_the_market(venue):
    chosen = decision(event={"venue": venue, "centres_per_team": 0.5}, mechanisms=only("events"))
    start = found(chosen)
    asked = nothing(CUSTOMERS)._replace(events=np.full(CUSTOMERS, 4, dtype=np.int8))
    attended = np.array(
        [
            sum(event.attended for event in run_market(chosen, start.city, asked, seed=seed, months=12).held)
            for seed in range(12)
        ]
    )
    wanted = 4 * expected_attendance(chosen, start.book, asked.events).sum()
    assert abs(attended.mean() - wanted) <= 4 * attended.std(ddof=1) / np.sqrt(12) + 0.01 * wanted


def test_a_venue_is_shared_by_those_who_are_invited_to_the_same_date(case):
    chosen, book = case
    crowded = chosen.model_copy(update={"event": chosen.event.model_copy(update={"venue": 5})})
    here = book.centre == 0
    few = here & (np.cumsum(here) <= 10)
    alone, with_all = (expected_attendance(crowded, book, np.where(some, 4, 0))[few] for some in (few, here))
    assert (alone > 2 * with_all).all()


def test_agents_make_no_more_contacts_than_their_capacity(case):
    chosen, _ = case
    half = chosen.agent.model_copy(update={"capacity": 0.5})
    assert share_called(asking(agents=6).agents, half) == 1
    assert share_called(asking(agents=12).agents, half) == pytest.approx(0.5)
    assert share_called(asking(agents=0).agents, half) == 1


def test_who_expects_agents_is_sure_to_be_reached_by_them(case):
    chosen, book = case
    shy = chosen.model_copy(update={"agent": chosen.agent.model_copy(update={"reach": 0.0})})
    more = estimate(shy, book, asking(agents=6)).won_back[0] > estimate(shy, book).won_back[0]
    np.testing.assert_array_equal(more, book.expected_channel == CHANNELS.index("agent"))


@pytest.mark.parametrize(("lever", "switch"), [("events", "events"), ("agents", "agents")])
def test_a_mechanism_that_is_off_brings_nothing(case, alone, lever, switch):
    chosen, book = case
    off = chosen.model_copy(update={"mechanisms": chosen.mechanisms.model_copy(update={switch: False})})
    response = estimate(off, book, asking(**{lever: 12}))
    np.testing.assert_array_equal(response.retained, alone.retained)
    assert not response.group_cost.any()


def test_events_of_todays_practice_after_the_period_are_reckoned_with(case):
    chosen, book = case
    halfway = chosen.model_copy(update={"period": 6})
    tiers = {name: tier.model_copy(update={"events": 12}) for name, tier in chosen.practice.tiers.items()}
    keen = halfway.model_copy(update={"practice": chosen.practice.model_copy(update={"tiers": tiers})})
    more = estimate(keen, book)
    assert more.retained[0].sum() > estimate(halfway, book).retained[0].sum()
    assert not more.group_cost.any()


@pytest.mark.parametrize(
    ("contacts", "told"),
    [
        (np.zeros(3, dtype=int), "shape"),
        (np.full(CUSTOMERS, -1), "whole numbers"),
        (np.zeros(CUSTOMERS), "whole numbers"),
    ],
)
def test_contacts_that_make_no_sense_are_refused(case, contacts, told):
    with pytest.raises(ValueError, match=told):
        reach(*case, nobody(CUSTOMERS)._replace(agents=contacts))


def test_satisfaction_is_a_share_and_visits_raise_it_where_we_serve(case, alone):
    allowed = alone.choices.allowed
    assert ((alone.satisfaction >= 0) & (alone.satisfaction <= 1)).all()
    assert (alone.served[allowed] <= case[0].months + 1e-9).all()
    b = next(b for b, treatment in enumerate(alone.treatments) if treatment.name == "12 visits to the decider")
    ours = case[1].ours.any(axis=0)
    assert (alone.satisfaction[b] > alone.satisfaction[0])[ours].all()


def test_beside_is_all_that_a_group_decision_may_bring():
    assert Beside._fields == ("events", "agents", "letters")
