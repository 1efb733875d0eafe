"""The steps of a month, in order, and programmes that follow one another."""

from __future__ import annotations

import numpy as np
import pytest

from sim import month
from sim.channel import ChannelSettings, call_gain
from sim.market import run_market
from sim.names import CHANNELS, CLASSES
from sim.programme import PracticeSettings, nothing, practice
from sim.testing import tiny_scenario


def test_a_month_is_its_phases_in_the_order_they_are_listed():
    assert month.PHASES == month.OPENING + month.WEEKLY + month.CLOSING
    assert [phase.__name__ for phase in month.PHASES] == [
        "begin_programme",
        "rivals_move",
        "buy_settlement",
        "grant_discounts",
        "faults_arise",
        "contacts_due",
        "events_announced",
        "managers_called_out",
        "managers_visit",
        "seats_call",
        "desk_works",
        "desk_closes",
        "agents_call",
        "halls_serve",
        "learn",
        "customers_live",
        "keep_records",
        "agents_earn",
        "asked_discounts_end",
        "spread_news",
        "record",
        "results_known",
    ]


def test_every_phase_says_what_it_does():
    assert all(phase.__doc__ for phase in month.PHASES)


@pytest.fixture(scope="module")
def quiet():
    return tiny_scenario(mechanisms={"talk": False, "attention": False})


def discounts(quiet, city, *rates):
    """Return the discount in force after programmes of two months each with these unit discounts."""
    idle = nothing(city.customers.key.size)
    turns = {2 * n: idle._replace(discount=np.full_like(idle.discount, rate)) for n, rate in enumerate(rates)}
    return float(run_market(quiet, city, turns, seed=1, months=2 * len(rates)).city.state.discount.max())


def test_a_programme_may_raise_a_discount(quiet, tiny_start):
    assert discounts(quiet, tiny_start.city, 0.05, 0.1) == pytest.approx(0.1)


def test_a_programme_without_a_discount_ends_it(quiet, tiny_start):
    assert discounts(quiet, tiny_start.city, 0.1, 0.0) == 0


def test_a_programme_may_lower_a_discount(quiet, tiny_start):
    assert discounts(quiet, tiny_start.city, 0.1, 0.05) == pytest.approx(0.05)


def test_visits_left_over_do_not_outlive_their_programme(quiet, tiny_start):
    idle = nothing(60)
    many = idle._replace(visits=np.full_like(idle.visits, 52))
    backlog = run_market(quiet, tiny_start.city, {0: many, 4: idle}, seed=1, months=6).record.backlog
    assert backlog[3] > 0
    assert backlog[4] == 0


def test_a_call_does_less_for_who_does_not_expect_the_telephone():
    gain = call_gain(np.array([CHANNELS.index("telephone"), CHANNELS.index("hall")], dtype=np.int8), ChannelSettings())
    np.testing.assert_allclose(gain, [0.3, 0.15])


def test_practice_gives_each_class_its_tier():
    classes = np.arange(len(CLASSES), dtype=np.int8)
    today = practice(classes, np.zeros(5, dtype=np.int8), PracticeSettings())
    assert today.tier.tolist() == [2, 1, 0, 0, 0]
    assert (today.visits.tolist(), today.calls.tolist(), today.mail.tolist()) == (
        [12, 4, 0, 0, 0],
        [0, 0, 2, 0, 0],
        [0, 0, 0, 2, 0],
    )


def test_practice_may_send_managers_to_a_level_that_does_not_decide():
    wrong = PracticeSettings.model_validate({"tiers": {"A": {"visits": 12, "level": "working"}}})
    today = practice(np.zeros(3, dtype=np.int8), np.array([0, 1, 2], dtype=np.int8), wrong)
    assert today.level.tolist() == [2, 2, 2]
