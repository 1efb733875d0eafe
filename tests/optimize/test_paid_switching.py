"""Paying rivals' customers to switch: best responses against the closed form of Chen (1997)."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.paid_switching import PaidSwitching, answer_each_other, carriers, closed_form, reached, staying
from sim.city import found
from sim.errors import InputError
from sim.history import lost_lines
from sim.market import simulate
from sim.names import OWN
from sim.programme import nothing
from sim.testing import only, tiny_scenario

TOLERANCE = 0.002
MARKETS = [PaidSwitching(), PaidSwitching(cost=0.35, most=0.6, held=0.7), PaidSwitching(cost=0.0, most=2.0, held=0.2)]


def starts(market):
    """Return starts by name: at cost, far above, and each carrier at another end."""
    low, high = market.cost - market.most, market.cost + 3 * market.most
    return {
        "at cost": ((market.cost, market.cost),) * 2,
        "far above": ((high, high),) * 2,
        "apart": ((high, high), (market.cost, low)),
    }


@pytest.mark.parametrize("begun", ["at cost", "far above", "apart"])
@pytest.mark.parametrize("market", MARKETS)
def test_best_responses_get_to_the_closed_form_from_anywhere(market, begun):
    path = answer_each_other(market, starts(market)[begun])
    assert path.ending == "fixed point"
    for prices in reached(market, path):
        np.testing.assert_allclose(prices, closed_form(market), atol=TOLERANCE)


def test_carriers_who_answer_at_once_get_there_too_but_later():
    market, start = MARKETS[0], starts(MARKETS[0])["at cost"]
    turns, once = answer_each_other(market, start), answer_each_other(market, start, at_once=True)
    assert len(once.rounds) > len(turns.rounds)
    np.testing.assert_allclose(reached(market, once)[0], closed_form(market), atol=TOLERANCE)


@pytest.mark.parametrize(("theirs", "answer"), [(1.0, 1.5), (1.2, 1.6), (3.5, 3.5)])
def test_the_price_to_own_customers_is_the_best_against_an_offer(theirs, answer):
    market = PaidSwitching()  # above 3 nobody leaves at the offer itself, so that it is matched
    found_price, _ = carriers(market)[0].answer(((1.0, 1.0), (1.0, theirs)), 0).action
    assert found_price == pytest.approx(answer, abs=TOLERANCE)


@pytest.mark.parametrize(("own", "share"), [(0.9, 1.0), (1.0, 1.0), (1.25, 0.75), (1.5, 0.5), (2.5, 0.0)])
def test_as_many_stay_as_the_difference_leaves(own, share):
    assert staying(own, 1.0, 1.0) == pytest.approx(share, abs=TOLERANCE)


def test_in_the_market_itself_one_third_switch_at_these_prices():
    theory, customers, sharp = closed_form(PaidSwitching(cost=0.5, most=0.6)), 600, 2000.0
    alike = {"quality": {"mobile": 0.5}, "service": 0.5, "image": 0.5, "hassle": 0.4}
    others = {"local_voice": None, "long_distance": None, "data": None}
    scenario = tiny_scenario(
        lines={**others, "mobile": {"share": 1}},
        own={"price": {**others, "mobile": theory.own}, "quality": {**others, "mobile": 0.5}, **_rest(alike)},
        rivals={
            "netcom": {
                "price": {**others, "mobile": theory.offer},
                "quality": {**others, "mobile": 0.5},
                **_rest(alike),
            },
            "unicom": None,
        },
        attention={"base": 20.0},
        mechanisms=only("attention", "freeze_stocks"),
        substitution={"flows": {}, "ip": None},
        city={"customers": customers},
        burn_in=0,
        months=1,
    )
    city = found(scenario).city
    switching = (np.arange(customers) + 0.5) * (0.6 / customers)
    city.state.carrier[:] = OWN
    city.state.months_left[:] = 0
    city.state.goodwill[:] = 0
    city.customers.price_sensitivity[:] = sharp
    city.customers.switching_cost[:] = sharp * np.log1p(switching / theory.offer)
    left = lost_lines(simulate(scenario, city, nothing(customers), seed=1)).sum()
    assert left / customers == pytest.approx(theory.switching, abs=TOLERANCE)


def _rest(carrier):
    return {name: value for name, value in carrier.items() if name != "quality"}


@pytest.mark.parametrize("market", [PaidSwitching(most=0.0), PaidSwitching(held=1.0)])
def test_a_market_without_customers_to_win_is_refused(market):
    with pytest.raises(InputError, match="switching cost must be above 0"):
        carriers(market)
