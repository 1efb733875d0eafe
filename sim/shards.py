"""A city in shards: unions of account managers' territories that live in step and come to the same history.

A shard is a market of its own with its own customers, calendar and records. What spans the city goes through the
exchange, in whole numbers and canonical order, so how the city is divided changes no bit of the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sim.history import Account, History
from sim.kernels.live import BLOCK
from sim.market import Market, run_market
from sim.meeting import Meeting, MeetingBrokenError, Shared
from sim.programme import Programme
from sim.scenario import Scenario
from sim.state import City, Customers, State

Members = NDArray[np.int64]
"""Customers of one shard by their index in the city, ascending."""


class Lived(NamedTuple):
    """What shards came to, put together again in the city's order."""

    record: History
    city: City
    """The city with the state that the run ended in."""


def neighbourhoods(city: City) -> NDArray[np.int32]:
    """Return what can't be divided, an index a customer: territories, and together where they share a building.

    In a synthetic city they are the managers' territories; a user's file may give one building to two managers.
    """
    who = city.customers
    tenants = np.flatnonzero(who.building >= 0)
    ties = (np.ones(tenants.size, dtype=np.int8), (who.manager[tenants], city.managers + who.building[tenants]))
    size = city.managers + city.buildings
    _, label = connected_components(coo_array(ties, shape=(size, size)), directed=False)
    return np.asarray(label[who.manager], dtype=np.int32)


def divided(city: City, shards: int) -> list[Members]:
    """Return the customers of each shard: whole neighbourhoods, about as many customers in each.

    There are fewer shards than asked for where there are fewer neighbourhoods.
    """
    if shards < 1:
        raise ValueError(f"a city can't live in {shards} shards; ask for 1 or more")
    _, unit, sizes = np.unique(neighbourhoods(city), return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - sizes / 2
    of_unit = np.minimum((middle * shards / sizes.sum()).astype(np.int64), shards - 1)
    return [np.flatnonzero(of_unit[unit] == shard) for shard in np.unique(of_unit)]


def simulate_sharded(
    scenario: Scenario,
    city: City,
    programmes: Programme | Mapping[int, Programme],
    *,
    seed: int,
    months: int | None = None,
    shards: int = 4,
    threads: int = 1,
) -> History:
    """Run like `simulate`, with the city divided among shards that live in step, each in a thread of its own.

    The history equals that of `simulate` bit for bit, whatever the number of shards; `threads` are those of each shard.
    """
    parts = divided(city, shards)
    return live_apart(scenario, city, programmes, parts, seed=seed, months=months, threads=threads).record


def live_apart(
    scenario: Scenario,
    city: City,
    programmes: Programme | Mapping[int, Programme],
    parts: Sequence[Members],
    *,
    seed: int,
    months: int | None = None,
    threads: int = 1,
    block: int = BLOCK,
) -> Lived:
    """Run the city in the parts given: every customer in one of them, no territory and no building cut in two."""
    check_parts(city, parts)
    schedule = {0: programmes} if isinstance(programmes, Programme) else programmes
    length = scenario.months if months is None else months
    meeting = Meeting(len(parts))

    def live(number: int) -> Market:
        mine = parts[number]
        here, turns = part_of(city, mine), turns_of(schedule, mine)
        try:
            return live_part(scenario, here, turns, Shared(meeting, number), seed, length, threads, block)
        except BaseException:
            meeting.end()
            raise

    with ThreadPoolExecutor(len(parts), thread_name_prefix="shard") as pool:
        runs = [pool.submit(live, number) for number in range(len(parts))]
        try:
            wait(runs)
        except BaseException:  # such as an interrupt from the keyboard, which only this thread sees
            meeting.end()
            raise
    markets = _results(runs)
    record = joined(parts, [market.record for market in markets])
    state = _placed(parts, [market.city.state for market in markets])
    return Lived(record, city._replace(state=State(*state)))


def live_part(
    scenario: Scenario,
    part: City,
    turns: Mapping[int, Programme],
    exchange: Shared,
    seed: int,
    months: int,
    threads: int = 1,
    block: int = BLOCK,
) -> Market:
    """Run one part of a city to its end, and wait there for all others."""
    market = run_market(
        scenario, part, turns, seed=seed, months=months, threads=threads, block=block, exchange=exchange
    )
    exchange.done()
    return market


def _results(runs: Sequence[Future[Market]]) -> list[Market]:
    """Return the markets, or raise the error that ended one of them; of several the first shard's."""
    errors = [error for run in runs if (error := run.exception()) is not None]
    for error in errors:
        if not isinstance(error, MeetingBrokenError):
            raise error
    return [run.result() for run in runs]


def part_of(city: City, mine: Members) -> City:
    """Return a city with some of the customers; managers, buildings and centres keep their numbers."""
    return city._replace(
        customers=cast("Customers", _part(city.customers, mine)),
        state=cast("State", _part(city.state, mine)),
        ids=city.ids[mine],
    )


def turns_of(schedule: Mapping[int, Programme], mine: Members) -> dict[int, Programme]:
    """Return what a schedule of programmes has for some of the customers."""
    return {month: cast("Programme", _part(turn, mine)) for month, turn in schedule.items()}


def _part(whole: Any, mine: Members) -> Any:
    """Return a record of arrays for some of the customers, who are on the last axis of every array."""
    return type(whole)(*(np.ascontiguousarray(array[..., mine]) for array in whole))


def check_parts(city: City, parts: Sequence[Members]) -> None:
    """Raise a `ValueError` unless every customer is in one part, and no territory and no building is cut in two."""
    customers = city.customers.key.size
    shard = np.full(customers, -1, dtype=np.int64)
    for number, mine in enumerate(parts):
        shard[mine] = number
    if sum(len(mine) for mine in parts) != customers or (shard < 0).any():
        raise ValueError(f"each of the {customers} customers has to be in one shard")
    unit = neighbourhoods(city)
    first = np.zeros(unit.max(initial=-1) + 1, dtype=np.int64)
    first[unit] = shard
    if (first[unit] != shard).any():
        manager = city.customers.manager[np.argmax(first[unit] != shard)]
        raise ValueError(
            f"a shard has to hold whole territories and buildings; that of manager {manager} is cut in two"
        )


def joined(parts: Sequence[Members], records: Sequence[History]) -> History:
    """Return the history of the whole city: totals summed, what is by customer put in its place."""
    summed = {
        name: sum(getattr(record, name) for record in records)
        for name in History._fields
        if name not in ("seed", "account")
    }
    accounts = _placed(parts, [record.account for record in records])
    return History(seed=records[0].seed, account=Account(*accounts), **summed)


def _placed(parts: Sequence[Members], records: Sequence[Any]) -> list[NDArray[Any]]:
    """Return the arrays of several parts' records in one, customers in the city's order on the last axis."""
    customers, placed = sum(mine.size for mine in parts), []
    for arrays in zip(*records, strict=True):
        whole = np.empty((*arrays[0].shape[:-1], customers), dtype=arrays[0].dtype)
        for mine, array in zip(parts, arrays, strict=True):
            whole[..., mine] = array
        placed.append(whole)
    return placed
