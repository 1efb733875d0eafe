"""The default market's time and bytes as the city grows, and the minimal market beside peers of the same model."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from contest import OURS, TOLERANCE, Played, agent_peers, array_peers, figures_of, gaps, play
from growth import growth
from minimal import MEASURES, minimal_world, ours
from report import Figure, report

AGENTS, ARRAYS = 10_000, 100_000
"""Customers of the minimal market where agents take part, and where arrays do: there their targets are set."""
REPETITIONS = 5


class Measured(NamedTuple):
    """What one run of the benchmark brought; `played` is by customers."""

    figures: list[Figure]
    notes: list[str]
    played: dict[int, dict[str, Played]]


@pytest.fixture(scope="module")
def measured() -> Measured:
    arrays, notes = array_peers()
    agents, missing = agent_peers()
    ours(minimal_world(100), 0)
    figures, played = growth(), {}
    shown = [peer._replace(target=None) for peer in arrays]
    for customers, peers in ((AGENTS, [*shown, *agents]), (ARRAYS, arrays)):
        played[customers] = play(minimal_world(customers), peers, REPETITIONS)
        figures += figures_of(customers, played[customers], peers)
    return Measured(figures, [*notes, *missing], played)


def test_the_market_is_measured_and_written(measured: Measured) -> None:
    path = report("market", measured.figures, measured.notes)
    assert path.exists()


def test_peers_agree_with_ours_within_sampling_error(measured: Measured) -> None:
    apart = [
        f"{name}, {customers} customers: {measure} is {gap:+.1f} standard errors from ours"
        for customers, played in measured.played.items()
        for name, by_measure in gaps(played).items()
        for measure, gap in zip(MEASURES, by_measure, strict=True)
        if not abs(gap) <= TOLERANCE
    ]
    assert not apart


def test_ours_is_timed_at_every_size(measured: Measured) -> None:
    assert all((played[OURS].seconds > 0).all() for played in measured.played.values())
