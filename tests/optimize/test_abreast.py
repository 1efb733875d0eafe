"""The recursion on lanes abreast: it brings what the same recursion brings a lane at a time, whatever is going on."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.beside import Beside, reach
from optimize.decision import Decision
from optimize.recursion import inputs_of
from optimize.treatment import choices, menu
from sim.city import found
from sim.composing.compose import compose
from sim.kernels import expect as kernel
from sim.kernels.abreast import expect_abreast
from sim.kernels.abreast_lanes import best_width
from sim.oracle import true_book
from sim.testing import tiny_tree

SIZE = 24
LEVERS = {"visits": [0, 2, 12], "audiences": ["decider"], "mail": [0, 4], "calls": [0, 6], "offers": ["A", "C"]}
TREATMENTS = {"treatments": {**LEVERS, "unit_discounts": [0.1]}}
EVERYTHING = ("contracts", "growth", "points", "substitution", "early_leaving", "events", "agents", "bonds", "loyalty")
"""Mechanisms that the tiny market may leave out."""


def decision(**changes):
    on = dict.fromkeys(EVERYTHING, True) | changes.pop("mechanisms", {})
    city, draws = {"customers": SIZE}, {"draws": 3}
    return compose(
        Decision, tiny_tree(**TREATMENTS, city=city, response=draws, burn_in=12, mechanisms=on, **changes)
    ).settings


def inputs(chosen, book, beside=None):
    treatments = menu(chosen.treatments)
    offered = choices(book, treatments, chosen.treatments, chosen.city, chosen.contract.rival_share)
    given = inputs_of(chosen, book, treatments, offered)
    return given if beside is None else given._replace(beside=reach(chosen, book, beside))


def lane_by_lane(given):
    treatments, size = given.menu.allowed.shape
    brought = np.zeros((size, treatments, kernel.OUTCOMES))
    kernel.expect(0, size, *given, brought)
    return brought.transpose(2, 1, 0)


def abreast(given, blocks=((0, SIZE),)):
    brought = np.full((kernel.OUTCOMES, *given.menu.allowed.shape), np.nan)
    for first, last in blocks:
        expect_abreast(first, last, *given, brought)
    return brought


def assert_alike(given):
    wanted = lane_by_lane(given)
    scale = np.abs(wanted).max(axis=(1, 2), keepdims=True)
    np.testing.assert_array_less(np.abs(abreast(given) - wanted), 1e-6 * np.abs(wanted) + 1e-9 * scale + 1e-12)


MARKETS = {
    "everything on": {},
    "without terms": {"mechanisms": {"contracts": False}},
    "frozen stocks": {"mechanisms": {"freeze_stocks": True}},
    "X by the bill": {"contract": {"x_basis": "bill"}},
    "prices that move": {"rivals": {"netcom": {"policy": {"name": "price_war", "month": 3, "drop": 0.3}}}},
}


@pytest.mark.parametrize("changes", list(MARKETS.values()), ids=list(MARKETS))
def test_lanes_abreast_bring_what_one_at_a_time_does(changes):
    chosen = decision(**changes)
    assert_alike(inputs(chosen, found(chosen).book))


@pytest.fixture(scope="module")
def usual():
    chosen = decision()
    return chosen, found(chosen)


def test_so_they_do_with_the_truth(usual):
    chosen, start = usual
    assert_alike(inputs(chosen, true_book(start.book, start.city, chosen)))


def test_so_they_do_where_some_are_on_a_plan_today(usual):
    chosen, start = usual
    plan = (np.arange(SIZE) % 4).astype(start.book.plan.dtype)
    usage = start.book.recent_usage.mean(axis=0)
    x = np.where(plan > 0, usage * np.linspace(0.7, 1.4, SIZE), 0.0).astype(start.book.plan_x.dtype)
    age = (np.arange(SIZE) % 6).astype(start.book.plan_age.dtype)
    assert_alike(inputs(chosen, start.book._replace(plan=plan, plan_x=x, plan_age=age)))


def test_so_they_do_with_events_agents_and_letters_beside(usual):
    chosen, start = usual
    each = np.arange(SIZE)
    beside = Beside(events=each % 3 * 6, agents=each % 4 * 4, letters=each % 2 * 3)
    assert_alike(inputs(chosen, start.book, beside))


def test_blocks_of_customers_bring_the_same_bits_as_all_at_once(usual):
    given = inputs(usual[0], usual[1].book)
    np.testing.assert_array_equal(abreast(given, ((0, 5), (5, SIZE))), abreast(given))


def test_what_is_not_allowed_brings_nothing(usual):
    given = inputs(usual[0], usual[1].book)
    assert not abreast(given)[:, ~given.menu.allowed].any()
    assert (~given.menu.allowed).any()


def test_a_block_is_as_wide_as_wastes_least():
    assert best_width(np.array([32])) == 32
    assert best_width(np.array([128, 128, 31])) == 128
    assert best_width(np.array([2 * 192])) == 192
