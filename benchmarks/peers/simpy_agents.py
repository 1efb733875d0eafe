"""The minimal market in SimPy: one process per customer."""

from __future__ import annotations

from collections.abc import Generator
from random import Random

import simpy
from minimal import MONTHS, Outcome, World
from peers.person import Market, Person, people


def months(clock: simpy.Environment, market: Market) -> Generator[simpy.Event, None, None]:
    """Open every month, before anybody lives in it."""
    for month in range(MONTHS):
        market.begin(month)
        yield clock.timeout(1)


def life(clock: simpy.Environment, person: Person, market: Market, rng: Random) -> Generator[simpy.Event, None, None]:
    """Live every month."""
    while True:
        person.live(market, rng.random)
        yield clock.timeout(1)


def run(world: World, seed: int) -> Outcome:
    """Run the minimal market."""
    clock, market, rng = simpy.Environment(), Market(world), Random(f"simpy {seed}")  # noqa: S311 - luck, not secrets
    clock.process(months(clock, market))
    for person in people(world):
        clock.process(life(clock, person, market, rng))
    clock.run(until=MONTHS)
    return market.outcome()
