"""Processes: what else happens on the market's calendar; a researcher adds one in a file of its own."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import simpy

from sim.registry import Registry

if TYPE_CHECKING:
    from sim.market import Market

Steps = Generator[simpy.Event, None, None]


@runtime_checkable
class Process(Protocol):
    """Something that goes on beside the calendar: a settings class with this one method, a SimPy process.

    It starts when the first month has opened, and is woken by the events that it waits for: `yield clock.timeout(1)`
    waits for the next month to have opened. It may change the market's arrays and rates; its luck comes from
    `sim.draws`, keyed by the customer.

    Where a city lives in shards, it runs in each of them, on that shard's customers only. So it must act on customers,
    buildings or managers by what is theirs, ask `market.exchange` for whatever spans managers, ask in every shard
    alike, and keep nothing on itself or in a global variable.
    """

    def run(self, market: Market, clock: simpy.Environment) -> Steps:
        """Return the process."""
        ...


process_kinds: Registry[Process] = Registry("process")
