"""Sums over lines: a customer's is the same whoever else stands in the array."""

from __future__ import annotations

import numpy as np

from sim.summing import over_lines


def test_a_customer_s_sum_does_not_depend_on_who_stands_beside_it():
    amount = np.random.default_rng(4).lognormal(7, 2, (13, 500)).astype(np.float32)
    together = over_lines(amount)
    alone = [over_lines(np.ascontiguousarray(amount[:, n : n + 1]))[0] for n in range(500)]
    assert together.tolist() == alone
    np.testing.assert_allclose(together, amount.sum(axis=0, dtype=float), rtol=1e-5)


def test_a_sum_leaves_the_amounts_as_they_were():
    amount = np.ones((2, 3))
    over_lines(amount)
    assert (amount == 1).all()
