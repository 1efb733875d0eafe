"""Leaving: reasons and triggers in expectation, beside closed answers and what the market records."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import Decision
from optimize.leaving import expected_leaving, expected_looks
from sim.city import found
from sim.composing.compose import compose
from sim.founding import todays_practice
from sim.market import simulate
from sim.names import OWN, REASONS, TRIGGERS
from sim.programme import Programme
from sim.testing import LINES, cloned, tiny_tree

ALL_ALIKE = {"price": dict.fromkeys(LINES, 1.0), "quality": dict.fromkeys(LINES, 0.8)}


def decision(**changes):
    return compose(Decision, tiny_tree(**{"city": {"customers": 200}, "burn_in": 24, **changes})).settings


def leaving(chosen, **book):
    return expected_leaving(chosen, found(chosen).book._replace(**book))


def shares(found_, axis):
    by_cause = found_.lines.sum(axis=(1, 2) if axis == "reason" else (0, 2))
    names = REASONS if axis == "reason" else TRIGGERS
    return dict(zip(names, by_cause / by_cause.sum(), strict=True))


def test_nobody_leaves_where_nobody_looks_around():
    assert not leaving(decision(mechanisms={"attention": False})).lines.any()


def test_nothing_leaves_an_account_that_has_nothing_of_ours_and_no_more_than_it_has():
    chosen = decision()
    book = found(chosen).book
    expected = expected_leaving(chosen, book)
    lines = expected.lines.sum(axis=(0, 1))
    assert (lines <= book.ours.sum(axis=0)).all()
    assert (lines[book.ours.any(axis=0)] > 0).all()
    assert not lines[~book.ours.any(axis=0)].any()
    np.testing.assert_array_equal(expected.main("reason") >= 0, book.ours.any(axis=0))


def test_where_rivals_differ_in_price_alone_price_is_the_only_reason():
    cheap = {**ALL_ALIKE, "price": dict.fromkeys(LINES, 0.8)}
    chosen = decision(
        own={**ALL_ALIKE, "service": 0.6, "image": 0.5, "hassle": 0.4},
        rivals={"netcom": cheap, "unicom": cheap},
        visit={"rival_goodwill": 0.0},
        mechanisms={"bundle": False},
    )
    assert shares(leaving(chosen), "reason")["price"] == pytest.approx(1.0)


def test_without_calls_terms_and_luck_only_a_low_satisfaction_prompts_a_look():
    quiet = {"netcom": {"contact": 0.0}, "unicom": {"contact": 0.0}}
    chosen = decision(rivals=quiet, mechanisms={"contracts": False})
    found_ = shares(leaving(chosen), "trigger")
    assert found_["dissatisfaction"] + found_["unprompted"] == pytest.approx(1.0)
    assert found_["dissatisfaction"] > found_["unprompted"]


def test_a_term_that_ends_prompts_looks_and_a_longer_one_holds_the_line():
    chosen = decision()
    book = found(chosen).book
    ends = np.where(book.ours, 3, -1).astype(np.int16)
    soon = expected_leaving(chosen, book._replace(months_left=ends))
    late = expected_leaving(chosen, book._replace(months_left=np.where(book.ours, 30, -1).astype(np.int16)))
    assert shares(soon, "trigger")["term_ended"] > 0.2
    assert shares(late, "trigger")["term_ended"] == 0.0
    assert late.lines.sum() < 0.2 * soon.lines.sum()


def test_customers_look_as_often_as_the_market_counts():
    even = {"luck": False, "incidents": False, "contracts": False}
    chosen = decision(mechanisms=even, experience={"desire_spread": 0.0})
    start, copies = found(chosen), 200
    looks = expected_looks(chosen, start.book, start.city.state.satisfaction[OWN].astype(float), 1)
    expected = (looks.free + looks.bound).sum(axis=0)[start.book.ours].sum() * copies
    city = cloned(start.city, copies)
    lived = simulate(chosen, city, practice_of(chosen, start.city, copies), seed=2, months=1).looked[0, OWN]
    assert lived == pytest.approx(expected, abs=3 * np.sqrt(expected))


def practice_of(chosen, city, copies):
    own = np.where(city.state.carrier == OWN, city.state.demand, 0).sum(axis=0)
    return Programme(*(np.tile(lever, copies) for lever in todays_practice(chosen, own, city.customers.decision)))


def test_reasons_and_triggers_are_those_for_which_lines_leave_in_the_market():
    chosen = decision(months=12, visit={"hours": 3000.0}, book={"information": "oracle"})
    start, copies = found(chosen), 30
    expected = expected_leaving(chosen, start.book)
    city = cloned(start.city, copies)
    lived = simulate(chosen, city, practice_of(chosen, start.city, copies), seed=5)
    for axis, seen in (("reason", lived.reasons.sum(axis=(0, 1))), ("trigger", lived.triggers.sum(axis=0))):
        told = np.array(list(shares(expected, axis).values()))
        np.testing.assert_allclose(told, seen / seen.sum(), atol=0.06)
    assert expected.lines.sum() == pytest.approx(lived.reasons.sum() / copies, rel=0.12)
