"""Response: what treatments would bring, estimated from the book alone and compared with the market."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.response import estimate
from optimize.type_draws import account_types, start_law
from optimize.worth import try_out
from sim.book import rows_of_book
from sim.city import found
from sim.composing.compose import compose
from sim.programme import nothing
from sim.testing import tiny_tree


def decision(**changes):
    return compose(Decision, tiny_tree(**changes)).settings


SHORT = {"treatments": {"visits": [0, 12], "audiences": ["decider"], "mail": [0, 4], "calls": [0], "offers": ["B"]}}


@pytest.fixture(scope="module")
def case():
    chosen = decision(**SHORT, city={"customers": 400}, visit={"hours": 2000.0}, response={"draws": 4}, burn_in=24)
    return chosen, found(chosen)


@pytest.fixture(scope="module")
def response(case):
    return estimate(case[0], case[1].book)


def column(response, name):
    return next(b for b, t in enumerate(response.treatments) if t.name == name)


def test_retained_revenue_of_doing_nothing_is_predicted_to_within_a_few_hundredths(case, response):
    chosen, start = case
    trials = try_out(chosen, start.city, {"nothing": nothing(400)}, 12, seed=5)
    lived = trials.values[:, 0, trials.measures.index("retained_revenue")]
    assert response.retained[0].sum() == pytest.approx(lived.mean(), rel=0.05)


def test_founding_and_estimating_again_gives_the_same_figures(case, response):
    chosen, _ = case
    np.testing.assert_array_equal(estimate(chosen, found(chosen).book).retained, response.retained)


def test_an_account_is_estimated_alike_whoever_else_is_in_the_book(case):
    chosen, start = case
    some = np.arange(40, 60)
    part = rows_of_book(start.book, some)
    # A class is a rank in the book, so that today's practice afterwards would change with the book.
    apart = chosen.response.model_copy(update={"match_shares": False})
    # News of a discount reaches those who are in the book.
    silent = chosen.mechanisms.model_copy(update={"talk": False})
    alone = chosen.model_copy(update={"period": chosen.months, "response": apart, "mechanisms": silent})
    np.testing.assert_array_equal(estimate(alone, part).retained, estimate(alone, start.book).retained[:, some])


def test_visits_and_letters_never_lower_what_is_retained(response):
    for name in ("12 visits to the decider", "4 letters"):
        b = column(response, name)
        assert (response.retained[b] >= response.retained[0] - 1e-6).all()
        assert (response.lines_lost[b] <= response.lines_lost[0] + 1e-9).all()


def test_doing_nothing_takes_nothing(response):
    for use in (response.hours, response.channel, response.seat_minutes, response.cost, response.discount):
        assert not use[0].any()


def test_a_treatment_takes_its_hours_and_its_money(case, response):
    chosen, _ = case
    visits, letters = column(response, "12 visits to the decider"), column(response, "4 letters")
    assert (response.hours[visits] >= 12 * 1.8).all()
    np.testing.assert_allclose(response.cost[visits], response.hours[visits] * chosen.visit.hour_cost)
    np.testing.assert_allclose(response.channel[letters], 4 * chosen.channel.mail_cost)


def test_an_offer_takes_more_hours_than_the_visits_alone(response):
    offer, visits = column(response, "12 visits to the decider, offer B"), column(response, "12 visits to the decider")
    allowed = response.choices.allowed[offer]
    assert (response.hours[offer] > response.hours[visits])[allowed].all()


def test_a_period_of_half_the_horizon_takes_half_the_hours(case, response):
    chosen, start = case
    half = estimate(chosen.model_copy(update={"period": 6}), start.book)
    b = column(response, "12 visits to the decider")
    np.testing.assert_allclose(half.hours[b], response.hours[b] / 2)


def test_a_discount_draws_its_share_of_what_is_paid(case):
    _, start = case
    tenth = decision(
        **{**SHORT, "treatments": {**SHORT["treatments"], "unit_discounts": [0.1]}},
        city={"customers": 400},
        mechanisms={"talk": False},
    )
    response = estimate(tenth, start.book)
    b = column(response, "10% off")
    allowed = response.choices.allowed[b]
    paid = (response.retained[b] + response.won_back[b])[allowed]
    np.testing.assert_allclose(response.discount[b, allowed], paid / 9, rtol=1e-6)


def test_types_are_weighted_to_one_and_know_which_lines_are_ours(case):
    chosen, start = case
    types = account_types(chosen, start.book)
    np.testing.assert_allclose(types.weight.sum(axis=0), 1)
    np.testing.assert_allclose(types.law.sum(axis=1), 1)
    np.testing.assert_array_equal(types.law[:, 0] == 1, np.repeat(start.book.ours[None], 4, axis=0))


def test_a_rival_seen_in_settlement_data_is_certain(case):
    law = start_law(np.full((3, 4, 400), 1 / 3), case[1].book)
    seen = case[1].book.rival > 0
    carrier = case[1].book.rival[seen]
    assert (np.moveaxis(law, 0, -1)[seen][np.arange(carrier.size), carrier] == 1).all()
    unseen = (case[1].book.rival == -1) & ~case[1].book.ours
    assert np.allclose(law[1:, unseen], 0.5)


def test_more_draws_stand_behind_an_estimate_than_one_and_at_most_all(response):
    assert ((response.effective_draws >= 1) & (response.effective_draws <= 4 + 1e-9)).all()


def test_a_terminal_value_is_worth_the_last_month_again(case):
    chosen, start = case
    longer = chosen.model_copy(update={"response": chosen.response.model_copy(update={"terminal_months": 12.0})})
    gain = estimate(longer, start.book).retained[0].sum() / estimate(chosen, start.book).retained[0].sum()
    assert 1.7 < gain < 2.0


def test_a_price_war_to_come_is_reckoned_with(case):
    _, start = case
    war = {"netcom": {"policy": {"name": "price_war", "month": 0, "drop": 0.3}}}
    warned = estimate(decision(**SHORT, city={"customers": 400}, rivals=war, response={"draws": 4}), start.book)
    calm = estimate(decision(**SHORT, city={"customers": 400}, response={"draws": 4}), start.book)
    assert warned.retained[0].sum() < 0.98 * calm.retained[0].sum()


def with_switch(case, **switches):
    chosen, start = case
    return estimate(chosen.model_copy(update={"mechanisms": chosen.mechanisms.model_copy(update=switches)}), start.book)


def test_where_nobody_looks_around_no_line_is_expected_to_leave(case):
    assert with_switch(case, attention=False).lines_lost[0].sum() == pytest.approx(0, abs=1e-9)


def test_where_nobody_visits_a_visit_is_expected_to_bring_nothing(case):
    response = with_switch(case, visits=False)
    visits = column(response, "12 visits to the decider")
    np.testing.assert_allclose(response.retained[visits], response.retained[0])


def test_where_stocks_are_frozen_letters_are_expected_to_bring_nothing(case):
    response = with_switch(case, freeze_stocks=True)
    np.testing.assert_allclose(response.retained[column(response, "4 letters")], response.retained[0])
