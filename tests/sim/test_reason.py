"""Reasons for leaving: worlds in which there is only one."""

from __future__ import annotations

import numpy as np
import pytest

from sim.city import draw_city
from sim.history import lost_lines
from sim.market import run_market
from sim.names import REASONS, TRIGGERS
from sim.programme import nothing
from sim.testing import LINES, only, tiny_scenario

ALIKE = {
    "price": dict.fromkeys(LINES, 1.0),
    "quality": dict.fromkeys(LINES, 0.8),
    "service": 0.6,
    "image": 0.5,
    "hassle": 0.5,
}
BETTER = {
    "price": {"price": dict.fromkeys(LINES, 0.7)},
    "quality": {"quality": dict.fromkeys(LINES, 1.0)},
    "image": {"image": 1.0},
    "convenience": {"hassle": 0.0},
}


def left(rival, **changes):
    """Return the market after a year in which two rivals that differ from us by `rival` only took lines of ours."""
    scenario = tiny_scenario(
        own=ALIKE,
        rivals={name: {**ALIKE, "contact": 0.0, **rival} for name in ("netcom", "unicom")},
        mechanisms=only("attention", "freeze_stocks", "reasons"),
        attention={"base": 0.0, "dissatisfaction": 0.0},
        city={"customers": 200},
        **changes,
    )
    city = draw_city(scenario)
    for stock in (city.state.satisfaction, city.state.goodwill):
        stock[:] = 0.5
    return run_market(scenario, city, nothing(200), seed=3)


@pytest.mark.parametrize("reason", BETTER)
def test_lines_leave_for_what_rivals_are_better_in(reason):
    market = left(BETTER[reason])
    told = market.record.reasons.sum(axis=(0, 1))
    assert told[REASONS.index(reason)] == told.sum() > 50
    assert set(np.unique(market.city.state.left_for)) <= {0, REASONS.index(reason) + 1}


def test_where_rivals_are_better_in_nothing_lines_leave_for_other_reasons():
    told = left({}).record.reasons.sum(axis=(0, 1))
    assert told[REASONS.index("other")] == told.sum() > 50


def test_every_lost_line_has_one_reason_and_one_trigger():
    scenario = tiny_scenario(city={"customers": 500}, attention={"base": -1.0})
    history = run_market(scenario, draw_city(scenario), nothing(500), seed=3).record
    assert history.reasons.sum() > 100
    np.testing.assert_array_equal(history.reasons.sum(axis=(1, 2)), lost_lines(history))
    np.testing.assert_array_equal(history.triggers.sum(axis=1), lost_lines(history))


@pytest.mark.parametrize(("contact", "trigger"), [(0.0, "unprompted"), (1.0, "rival_called")])
def test_a_rivals_call_is_what_makes_customers_look_wherever_there_is_one(contact, trigger):
    told = left({**BETTER["price"], "contact": contact}).record.triggers.sum(axis=0)
    assert told[TRIGGERS.index(trigger)] == told.sum() > 50


def test_reasons_left_unrecorded_change_nothing_else():
    records = ("reasons", "triggers")
    lives = []
    for on in (True, False):
        scenario = tiny_scenario(mechanisms={"reasons": on}, attention={"base": -1.0})
        lives.append(run_market(scenario, draw_city(scenario), nothing(60), seed=3))
    told, untold = (life.record for life in lives)
    assert told.reasons.sum() > 0
    assert untold.reasons.sum() == untold.triggers.sum() == lives[1].city.state.left_for.sum() == 0
    for name in set(told._fields) - {*records, "account"}:
        np.testing.assert_array_equal(getattr(told, name), getattr(untold, name), err_msg=name)
    for name in set(lives[0].city.state._fields) - {"left_for"}:
        np.testing.assert_array_equal(*(getattr(life.city.state, name) for life in lives), err_msg=name)
