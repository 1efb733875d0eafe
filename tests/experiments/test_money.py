"""Amounts as people read them."""

from __future__ import annotations

import pytest

from experiments.money import money_for


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (0.0, "0 yuan"),
        (-0.4, "0 yuan"),
        (1999.0, "1,999 yuan"),
        (2_000.0, "2.0 thousand yuan"),
        (-5e9, "-5,000.0 million yuan"),
    ],
)
def test_an_amount_is_told_in_a_scale_that_fits_it(amount: float, told: str) -> None:
    assert money_for(amount).full(amount) == told


def test_no_amounts_have_a_scale_too() -> None:
    assert money_for().full(3.0) == "3 yuan"
