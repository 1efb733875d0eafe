"""The simulated market against what paper and pencil say of it (model.md, section 9)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.choice import attention_probability, choice_probabilities, stationary_law
from sim.city import draw_city
from sim.market import run_market, simulate
from sim.names import LEVELS
from sim.programme import nothing
from sim.rates import posted_tariff
from sim.testing import cloned, only, tiny_scenario
from sim.value import delivered_value

COPIES = 4000
STILL = only("attention", "freeze_stocks")


def frozen(**changes):
    """Return a market of 5 customers whose lines move, while nothing else does."""
    return tiny_scenario(
        burn_in=0,
        city={"customers": 5},
        mechanisms=STILL,
        attention={"base": -0.5},
        **{"rivals": {"netcom": {"contact": 0.0}, "unicom": {"contact": 0.0}}, **changes},
    )


def chains(scenario, city):
    """Return (1 - a) I + a P of each line, shape (from, to, lines, customers)."""
    value = delivered_value(city.customers, city.state, posted_tariff(scenario), without_bundle(scenario))
    missing = np.maximum(0, scenario.attention.threshold - city.state.satisfaction)
    look = attention_probability(scenario.attention.base + scenario.attention.dissatisfaction * missing)
    rows = []
    for c in range(len(value)):
        stay = np.zeros_like(value)
        stay[c] = 1
        current = np.full(value.shape[1:], c)
        chosen = choice_probabilities(value, current, city.customers.switching_cost)
        rows.append((1 - look[c]) * stay + look[c] * chosen)
    return np.array(rows)


def without_bundle(scenario):
    return scenario.value.model_copy(update={"bundle": 0.0})


def shares(city, carriers=3):
    """Return the share of copies of each customer's line that a carrier serves, shape (carriers, lines, customers)."""
    by_copy = city.state.carrier.reshape(len(city.state.carrier), COPIES, -1)
    return np.array([(by_copy == c).mean(axis=1) for c in range(carriers)])


def worst(found, wanted, size=COPIES):
    """Return the largest deviation of a share in standard errors, where the share isn't next to certain."""
    error = np.sqrt(wanted * (1 - wanted) / size)
    seen = wanted * (1 - wanted) * size > 10
    return (np.abs(found - wanted)[seen] / error[seen]).max()


def tolerance(comparisons, risk=1e-3):
    """Return the standard errors that the worst of so many comparisons exceeds with this risk (Bonferroni)."""
    return stats.norm.isf(risk / 2 / comparisons)


@pytest.fixture(scope="module")
def market():
    """A frozen market lived for four years, and the city it started from."""
    scenario = frozen()
    city = draw_city(scenario)
    city.state.carrier[:] = 0
    return scenario, city, run_market(scenario, cloned(city, COPIES), nothing(5 * COPIES), seed=9, months=48)


def test_carrier_shares_follow_the_chain_month_by_month():
    scenario = frozen()
    city = draw_city(scenario)
    start = np.array([city.state.carrier == c for c in range(3)]).astype(float)
    wanted = np.einsum("ild,ijld,jkld->kld", start, *[chains(scenario, city)] * 2)
    lived = run_market(scenario, cloned(city, COPIES), nothing(5 * COPIES), seed=8, months=2).city
    assert worst(shares(lived), wanted) < tolerance(wanted.size)


def test_carrier_shares_converge_to_the_stationary_law_of_the_chain(market):
    scenario, city, lived = market
    step = chains(scenario, city)
    wanted = np.empty(step.shape[1:])
    for line, customer in np.ndindex(step.shape[2:]):
        wanted[:, line, customer] = np.linalg.matrix_power(step[:, :, line, customer], 48)[0]
    assert worst(shares(lived.city), wanted) < 4


def test_the_stationary_law_of_the_tastes_is_that_of_the_simulated_chain(market):
    scenario, city, _ = market
    step = chains(scenario, city)
    value = delivered_value(city.customers, city.state, posted_tariff(scenario), without_bundle(scenario))
    missing = np.maximum(0, scenario.attention.threshold - city.state.satisfaction)
    look = attention_probability(scenario.attention.base + scenario.attention.dissatisfaction * missing)
    law = stationary_law(value, look[:, None], city.customers.switching_cost)
    np.testing.assert_allclose(np.einsum("ild,ijld->jld", law, step), law, atol=1e-6)


def test_the_time_until_a_line_first_leaves_is_geometric(market):
    scenario, city, lived = market
    stays = chains(scenario, city)[0, 0]
    months = np.arange(1, 49)
    wanted = (stays[..., None] ** months).sum(axis=(0, 1)) * COPIES
    error = np.sqrt((stays[..., None] ** months * (1 - stays[..., None] ** months)).sum(axis=(0, 1)) * COPIES)
    assert (np.abs(lived.record.kept - wanted) / error).max() < tolerance(months.size)


def test_lines_are_reconsidered_as_often_as_attention_says(market):
    scenario, city, lived = market
    missing = max(0.0, scenario.attention.threshold - float(city.state.satisfaction[0, 0]))
    look = float(
        attention_probability(np.array(scenario.attention.base + scenario.attention.dissatisfaction * missing))
    )
    lines = city.state.carrier.size * COPIES
    assert abs(lived.record.looked[0, 0] - look * lines) < 4 * np.sqrt(look * (1 - look) * lines)


def test_equal_carriers_share_the_market_equally():
    level = dict.fromkeys(("local_voice", "long_distance", "data", "mobile"), 0.7)
    same = {"price": level, "quality": level, "service": 0.6, "image": 0.5, "hassle": 0.4}
    scenario = frozen(own=same, rivals={name: {**same, "contact": 0.0} for name in ("netcom", "unicom")})
    city = draw_city(scenario)
    city.state.carrier[:] = 0
    city.state.goodwill[:] = 0
    lived = run_market(scenario, cloned(city, COPIES), nothing(5 * COPIES), seed=4, months=60).city
    assert worst(shares(lived), np.full((3, 4, 5), 1 / 3)) < tolerance(60)


def test_everyone_who_looks_goes_to_the_cheapest_when_only_price_counts():
    price = {name: dict.fromkeys(("local_voice", "long_distance", "data", "mobile"), p) for name, p in PRICES.items()}
    scenario = frozen(
        own={"price": price["own"]},
        rivals={name: {"price": price[name]} for name in ("netcom", "unicom")},
        value={"price_sensitivity": 200.0, "price_sensitivity_spread": 0.0},
        choice={"switching_cost": 0.0},
    )
    city = draw_city(scenario)
    city.state.carrier[:] = np.arange(20).reshape(4, 5) % 3
    flows = simulate(scenario, cloned(city, 200), nothing(1000), seed=4, months=6).flows.sum(axis=(0, 1))
    moves = flows - np.diag(np.diag(flows))
    assert moves[:, 1].sum() > 1000
    assert moves[:, [0, 2]].sum() == 0


PRICES = {"own": 1.0, "netcom": 0.5, "unicom": 0.7}


def test_with_two_carriers_a_move_is_a_binary_logit():
    scenario = frozen(rivals={"netcom": {"contact": 0.0}, "unicom": None})
    city = draw_city(scenario)
    city.state.carrier[:] = 0
    lived = run_market(scenario, cloned(city, COPIES), nothing(5 * COPIES), seed=6, months=1).city
    value = delivered_value(city.customers, city.state, posted_tariff(scenario), without_bundle(scenario))
    look = attention_probability(
        scenario.attention.base
        + scenario.attention.dissatisfaction * np.maximum(0, scenario.attention.threshold - city.state.satisfaction[0])
    )
    wanted = look * attention_probability(value[1] - value[0] - city.customers.switching_cost)
    assert worst(shares(lived, 2)[1], wanted) < tolerance(wanted.size)


@pytest.mark.parametrize("level", range(3))
def test_goodwill_under_a_monthly_visit_settles_at_skill_over_what_is_lost(level):
    scenario = tiny_scenario(
        burn_in=0,
        city={"customers": 3},
        visit={"hours": 5000.0, "skill": 1.5},
        mechanisms={"managers": False},
    )
    turn = nothing(3)
    turn.visits[:] = 12
    turn.level[:] = level
    goodwill = run_market(scenario, draw_city(scenario), turn, seed=1, months=120).city.state.goodwill
    wanted = scenario.visit.skill / (1 - scenario.visit.goodwill_kept)
    np.testing.assert_allclose(goodwill[0, level], wanted, rtol=1e-5)
    assert not goodwill[0, [other for other in range(len(LEVELS)) if other != level]].any()


def test_rivals_maintain_their_goodwill():
    scenario = tiny_scenario(burn_in=0, city={"customers": 3})
    city = draw_city(scenario)
    city.state.goodwill[1:] = 0
    goodwill = run_market(scenario, city, nothing(3), seed=1, months=120).city.state.goodwill
    np.testing.assert_allclose(goodwill[1:], scenario.visit.rival_goodwill, rtol=1e-5)


def test_awareness_under_monthly_letters_settles_at_gain_over_what_is_lost():
    scenario = tiny_scenario(burn_in=0, city={"customers": 3})
    turn = nothing(3)
    turn.mail[:] = 12
    adstock = run_market(scenario, draw_city(scenario), turn, seed=1, months=120).city.state.adstock
    wanted = scenario.channel.mail_gain / (1 - scenario.channel.adstock_kept)
    np.testing.assert_allclose(adstock[0], wanted, rtol=1e-5)


def test_contracts_end_as_a_chain_of_terms_says():
    """Lines that nobody reconsiders sign anew with the probability given, each time their term ends."""
    scenario = tiny_scenario(
        burn_in=0,
        city={"customers": 5},
        mechanisms={"attention": False, "talk": False},
        contract={"term_months": 3, "resigning": 0.5},
    )
    city = cloned(draw_city(scenario), 400)
    city.state.months_left[:] = 3
    state = run_market(scenario, city, nothing(2000), seed=2, months=7).city.state
    bound = (state.months_left > 0).mean()
    assert abs(bound - 0.25) < 4 * np.sqrt(0.25 * 0.75 / state.months_left.size)
