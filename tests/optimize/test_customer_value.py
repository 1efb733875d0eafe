"""Customer value: parts that add up, and tables that say the same."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.customer_value import (
    AS_TODAY,
    PARTS,
    class_table,
    contact_cost,
    customer_values,
    parts_table,
    revenue_at_rivals,
    value_table,
)
from optimize.response import estimate
from sim.city import found


@pytest.fixture(scope="module")
def case(tiny_decision):
    start = found(tiny_decision)
    return tiny_decision, start, customer_values(tiny_decision, start.book)


def test_a_value_is_the_sum_of_its_parts_in_every_table(case):
    _, start, value = case
    table = value_table(value, start.book)
    np.testing.assert_allclose(table["value"], table[list(PARTS)].sum(axis=1))
    assert table["value"].is_monotonic_decreasing
    assert parts_table(table)["yuan"].sum() == pytest.approx(value.total.sum())
    classes = class_table(table)
    assert classes["value"].sum() == pytest.approx(value.total.sum())
    assert classes["accounts"].sum() == start.book.key.size


def test_parts_are_drawn_in_the_order_of_accounts_and_of_parts(case):
    _, start, value = case
    table = value_table(value, start.book)
    tidy = parts_table(table)
    assert list(tidy["part"].head(len(PARTS))) == list(PARTS)
    assert list(tidy["id"].iloc[:: len(PARTS)]) == list(table["id"])


def test_without_growth_nothing_is_put_down_to_growth_and_current_and_growth_make_up_today(case):
    decision, start, value = case
    still = decision.model_copy(update={"mechanisms": {"growth": False}})
    alone = customer_values(still, start.book)
    np.testing.assert_allclose(alone.growth, 0.0, atol=1e-6)
    np.testing.assert_allclose(alone.current, value.current)


def test_potential_is_what_the_best_treatment_adds_to_today_and_never_below_nothing(case):
    decision, start, value = case
    response = estimate(decision, start.book)
    assert (value.potential >= 0).all()
    better = value.best >= 0
    assert better.any()
    assert not value.potential[~better].any()
    account = np.flatnonzero(better)
    at_best = response.contribution[value.best[account], account]
    others = np.where(response.choices.allowed, response.contribution, -np.inf)[:, account]
    assert (at_best >= others - 1e-9).all()
    now = value.today.contribution[0] - contact_cost(decision, start.book, decision.period)
    np.testing.assert_allclose(value.potential[account], at_best - now[account])


def test_doing_on_as_today_is_best_where_the_menu_holds_nothing_else(tiny_decision):
    treatments = {"visits": [0], "offers": [], "unit_discounts": [], "mail": [0], "calls": [0]}
    only = tiny_decision.model_copy(update={"treatments": treatments, "practice": {"tiers": {}}})
    book = found(only).book
    value = customer_values(only, book)
    assert set(value_table(value, book)["best_treatment"]) == {AS_TODAY}
    assert not value.potential.any()


def test_only_lines_at_rivals_count_as_what_could_be_won(case):
    decision, start, value = case
    everything = start.book.ours.all(axis=0)
    assert everything.any()
    assert not value.at_rivals[everything].any()
    assert (value.at_rivals[~everything] > 0).all()
    still = decision.model_copy(update={"mechanisms": {"growth": False}})
    spends = np.where(start.book.ours, np.nan, start.book.rival_spend)
    alone = ~everything & ~np.isnan(np.where(start.book.ours, 0.0, start.book.rival_spend)).any(axis=0)
    listed = revenue_at_rivals(still, start.book)[alone] / decision.months
    cheaper = np.nansum(spends, axis=0)[alone]
    assert (listed >= cheaper * (1 - 1e-6)).all()  # rivals charge less than we do


def test_practice_costs_what_its_visits_letters_and_calls_cost(case):
    decision, start, _ = case
    year = contact_cost(decision, start.book, 12)
    letters = start.book.value_class == 3
    assert letters.any()
    np.testing.assert_allclose(year[letters], 2 * decision.channel.mail_cost)
    np.testing.assert_allclose(contact_cost(decision, start.book, 6), year / 2)
