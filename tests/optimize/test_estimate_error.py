"""What estimates err by: lines followed one by one, and few draws."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.estimate_error import draws_error, law_error, sampled
from sim.book import rows_of_book
from sim.city import found
from sim.composing.compose import compose
from sim.errors import InputError
from sim.testing import tiny_tree

SHORT = {"visits": [0, 12], "audiences": ["decider"], "mail": [0], "calls": [0], "offers": ["B"]}


def world(**changes):
    tree = tiny_tree(city={"customers": 60}, burn_in=12, treatments=SHORT, response={"draws": 2}, **changes)
    chosen = compose(Decision, tree).settings
    return chosen, found(chosen).book


@pytest.fixture(scope="module")
def case():
    return world()


def test_accounts_sampled_are_of_all_sizes_and_the_same_again(case):
    _, book = case
    some = sampled(book, 6)
    rank = np.sort(np.argsort(np.argsort(book.own_spend, kind="stable"))[some])
    assert (rank // 10 == np.arange(6)).all()
    np.testing.assert_array_equal(some, sampled(book, 6))
    np.testing.assert_array_equal(sampled(book, 1000), np.arange(60))
    np.testing.assert_array_equal(rows_of_book(book, some).own_spend, book.own_spend[some])


def test_more_draws_change_estimates_less(case):
    chosen, book = case
    few, many = (
        draws_error(chosen.model_copy(update={"response": chosen.response.model_copy(update={"draws": n})}), book)
        for n in (1, 64)
    )
    assert few.effective == pytest.approx(1)
    assert 1 < many.effective_lowest_tenth <= many.effective <= 64
    assert many.changes["nothing"].abs().max() < few.changes["nothing"].abs().max() < 0.5
    assert many.changes["nothing"].abs().max() < 0.02


def test_the_truth_needs_no_draws():
    told = draws_error(*world(book={"information": "oracle"}), accounts=20)
    assert (told.draws, told.accounts, told.effective) == (1, 20, 1.0)
    assert (told.changes[["nothing", "best"]].dropna().to_numpy() == 0).all()


def test_following_lines_one_by_one_errs_nothing_where_nothing_couples_them():
    apart = dict.fromkeys(
        ("bundle", "loyalty", "bonds", "contracts", "points", "substitution", "visits", "early_leaving", "talk"), False
    )
    errors = law_error(*world(mechanisms=apart), accounts=12)
    alone = errors[errors["treatments"] == "nothing"]
    # What is too slight to be told apart isn't moved by the joint law.
    assert alone[["retained", "won_back", "cost_to_serve", "account"]].abs().max().max() < 1e-4


def test_following_lines_one_by_one_errs_a_little_where_lines_are_worth_more_together(case):
    errors = law_error(*case, accounts=12)
    whole = errors[(errors["lines"] == -1) & (errors["treatments"] == "nothing")].iloc[0]
    assert whole["accounts"] == 12
    assert 1e-4 < whole["account"] < 0.1
    assert errors.groupby("treatments")["accounts"].first().loc["nothing"] == 12
    assert set(errors["treatments"]) >= {"nothing", "visit", "offer"}


def test_more_ways_than_are_followed_are_told(case, monkeypatch):
    monkeypatch.setattr("optimize.estimate_error.MOST_STATES", 100)
    with pytest.raises(InputError, match="256 ways"):
        law_error(*case)
