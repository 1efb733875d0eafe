"""What would run."""

from __future__ import annotations

from experiments.experiment import load
from experiments.preview import preview


def test_a_preview_counts_what_a_run_would_do() -> None:
    shown = preview(load("shenzhen", ["city.customers=60", "comparison.replications=3"]))
    assert (shown.customers, shown.policies, shown.futures, shown.runs) == (60, 10, 3, 30)
    assert shown.choices == 60 * shown.treatments


def test_more_futures_are_expected_to_take_longer() -> None:
    short, long = (preview(load("shenzhen", [f"comparison.replications={n}"])).seconds for n in (40, 4000))
    assert long > 10 * short
