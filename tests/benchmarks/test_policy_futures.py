"""Plans with 10 % less: what is less of."""

from __future__ import annotations

import pytest
from policy_futures import budgets_cut, everything_cut

from experiments.experiment import load


def test_every_budget_that_is_set_is_cut_and_no_other():
    asked = load("shenzhen", ["budgets.mail=50000"]).settings
    budgets = budgets_cut(asked).budgets
    assert budgets.mail == pytest.approx(45_000)
    assert budgets.discount == pytest.approx(0.9 * asked.budgets.discount)
    assert budgets.calls is None
    assert budgets_cut(asked).visit == asked.visit


def test_with_everything_cut_managers_and_seats_work_less_too():
    asked = load("shenzhen").settings
    cut = everything_cut(asked)
    assert cut.budgets == budgets_cut(asked).budgets
    assert cut.visit.hours == pytest.approx(0.9 * asked.visit.hours)
    assert cut.channel.seat_minutes == pytest.approx(0.9 * asked.channel.seat_minutes)
