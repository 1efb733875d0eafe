"""Prices by a bundle: the lowest point of a convex function that is only known where it was asked."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.prices import Cut, Region, bundle


def knapsacks(prices):
    """Return two parts: each sells its unit while the price is below what it is worth to it."""
    worth, used = [], []
    for brings in (3.0, 1.0):
        worth.append(max(0.0, brings - float(prices[0])))
        used.append([1.0 if brings > prices[0] else 0.0])
    return Cut(np.array(worth), np.array(used))


def start(scale=1.0):
    return Region(np.zeros(1), 1.0, np.array([scale]))


def test_the_bound_is_that_of_the_relaxed_knapsack():
    dual = bundle(knapsacks, np.array([1.5]), start(), 0.0, 1e-9, 100)
    assert dual.bound == pytest.approx(3.5)
    assert dual.price[0] == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_unit_that_prices_start_from_is_of_no_consequence(scale):
    dual = bundle(knapsacks, np.array([0.5]), start(scale), 0.0, 1e-9, 200)
    assert dual.bound == pytest.approx(1.5)


def test_what_is_in_plenty_costs_nothing():
    dual = bundle(knapsacks, np.array([5.0]), start(), 0.0, 1e-9, 100)
    assert dual.price[0] == 0.0
    assert dual.bound == pytest.approx(4.0)


def test_few_passes_still_give_a_bound():
    assert bundle(knapsacks, np.array([1.5]), start(), 0.0, 1e-9, 2).bound >= 3.5
