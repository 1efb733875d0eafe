"""One market over the workers of any executor: each shard is one long task, and all meet at a table over sockets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, BrokenExecutor, Executor, Future, wait
from typing import Any, NamedTuple

from experiments.shard_cost import ShardCost, most_memory
from sim.city_part import found_part
from sim.delegate import Delegate
from sim.errors import InputError, KeystayError
from sim.exchange import Exchange, Whole
from sim.founding import practice_of_part
from sim.history import Account, History
from sim.invitation import Invitation, UnreachableTableError
from sim.meeting import MeetingBrokenError, Shared
from sim.programme import Programme
from sim.scenario import Scenario
from sim.shards import Members, divided, joined, live_part, part_of, turns_of
from sim.state import City
from sim.table import HERE, LostShardError, Table, Traffic

Decide = Callable[[Scenario, City, Exchange], Programme]
"""Returns the programme of a part of a city; it can be pickled, and asks the exchange alike in every part."""
GRACE = 10.0
"""Seconds that the error is waited for from which a shard stopped; of one that is lost none will come."""


class Sharded(NamedTuple):
    """A market that lived in shards."""

    record: History
    """That of the city in one piece, bit for bit; accounts are empty where none were asked for."""
    costs: tuple[ShardCost, ...]
    traffic: Traffic


class Shard(NamedTuple):
    """What a worker is handed."""

    invitation: Invitation
    part: int
    parts: int
    scenario: Scenario
    city: City | None
    """Its customers; None where it draws them."""
    turns: Mapping[int, Programme] | Decide
    """Their programmes by month, or what decides on one once they are drawn."""
    seed: int
    months: int
    threads: int
    accounts: bool


class ShardRun(NamedTuple):
    """What a worker hands back."""

    members: Members
    """Numbers of the customers in the whole city if it was drawn; none where no accounts were asked for."""
    record: History
    cost: ShardCost


def simulate_over(
    executor: Executor,
    scenario: Scenario,
    city: City,
    programmes: Programme | Mapping[int, Programme],
    *,
    seed: int,
    shards: int,
    months: int | None = None,
    threads: int = 1,
    accounts: bool = True,
    host: str = HERE,
    join_within: float = 120.0,
) -> Sharded:
    """Run like `simulate`, with the city divided among as many workers of an executor as there are shards.

    The executor must run all shards at once, in processes or machines of its own: loky's or the standard library's
    pools, Dask's `client.get_executor()`. `host` is the address at which the workers reach this machine, `join_within`
    how many seconds they may take to begin, and `threads` are those of each shard. Without `accounts`, arrays by
    customer aren't brought back. `InputError` if there are too few workers, `KeystayError` if one of them is lost.
    """
    schedule = {0: programmes} if isinstance(programmes, Programme) else programmes
    members = divided(city, shards)
    length = scenario.months if months is None else months
    _check_room(executor, len(members))
    with Table(len(members), host) as table:

        def shard(part: int) -> Shard:
            mine = members[part]
            here, turns = part_of(city, mine), turns_of(schedule, mine)
            told = (table.invitation, part, len(members), scenario)
            return Shard(*told, here, turns, seed, length, threads, accounts)

        lived = _live_all(executor, table, shard, join_within)
        return _together(lived, members if accounts else [mine[:0] for mine in members], table.traffic)


def simulate_drawn_over(
    executor: Executor,
    scenario: Scenario,
    decide: Decide = practice_of_part,
    *,
    seed: int,
    shards: int,
    months: int | None = None,
    threads: int = 1,
    accounts: bool = True,
    host: str = HERE,
    join_within: float = 120.0,
) -> Sharded:
    """Run like `simulate_over` a synthetic city that nobody holds as a whole: each worker draws its own part of it.

    The burn-in is lived in shards too. `decide` returns the programme of a part, today's practice unless another is
    given.
    """
    if shards < 1:
        raise InputError(f"shards: {shards} is below 1; give the number of workers that share the city")
    length = scenario.months if months is None else months
    _check_room(executor, shards)
    with Table(shards, host) as table:

        def shard(part: int) -> Shard:
            told = (table.invitation, part, shards, scenario)
            return Shard(*told, None, decide, seed, length, threads, accounts)

        lived = _live_all(executor, table, shard, join_within)
        return _together(lived, [one.members for one in lived], table.traffic)


def _together(lived: Sequence[ShardRun], members: Sequence[Members], traffic: Traffic) -> Sharded:
    record = joined(members, [one.record for one in lived])
    return Sharded(record, tuple(one.cost for one in lived), traffic)


def _check_room(executor: Executor, shards: int) -> None:
    """Raise an `InputError` if an executor that tells how many workers it has can't run all shards at once."""
    workers = getattr(getattr(executor, "pool", executor), "_max_workers", None)
    if isinstance(workers, int) and workers < shards:
        raise InputError(
            f"shards: {shards} can't meet on {workers} worker{'' if workers == 1 else 's'}, since each waits for all "
            f"others; ask for at most {workers}, or for an executor with more workers"
        )


def _live_all(executor: Executor, table: Table, shard: Callable[[int], Shard], join_within: float) -> list[ShardRun]:
    """Hand all shards to the executor and return what they came to, or raise the first error of one of them."""
    runs: list[Future[ShardRun]] = []
    try:
        for part in range(table.parts):
            runs += [executor.submit(live_shard, shard(part))]  # those handed over are known if one can't be
        failed = _wait_for_all(runs, table, join_within)
    except BaseException:  # such as an interruption from the keyboard
        _stop(runs, table, wait_for=0.0)
        raise
    if failed:
        if all(isinstance(error, BrokenExecutor) for error in failed):
            wait([table.over], timeout=1.0)  # the table may be about to say whose process it was
        lost = any(isinstance(error, LostShardError) for error in _errors([table.over]))
        _stop(runs, table, wait_for=0.0 if lost else GRACE)
        first = _first_error([*failed, *_errors([*runs, table.over])])
        raise first from first.__cause__  # which tells where in the worker it was raised
    return [run.result() for run in runs]


def _stop(runs: Sequence[Future[ShardRun]], table: Table, wait_for: float) -> None:
    """Send all shards away, those that haven't begun from the executor too; wait some seconds for them to go."""
    table.close()
    wait([run for run in runs if not run.cancel()], timeout=wait_for)


def _wait_for_all(runs: Sequence[Future[ShardRun]], table: Table, join_within: float) -> list[BaseException]:
    """Wait until all have lived; return errors as soon as one fails, is lost or doesn't come to the table in time."""
    watched: list[Future[Any]] = [*runs, table.over]
    failed = _errors(wait(watched, timeout=join_within, return_when=FIRST_EXCEPTION).done)
    if not failed and table.joined < table.parts:
        late = (
            f"shards: {table.joined} of {table.parts} had come to the table within {join_within:g} s; all of them "
            "must run at once, so ask for no more than the executor has free workers, or give more time (join_within)"
        )
        return [InputError(late)]
    return failed or _errors(wait(watched, return_when=FIRST_EXCEPTION).done)


def _errors(runs: Iterable[Future[Any]]) -> list[BaseException]:
    """Return the errors of those that have ended with one."""
    ended = [run for run in runs if run.done() and not run.cancelled()]
    return [error for run in ended if (error := run.exception()) is not None]


def _first_error(errors: Sequence[BaseException]) -> BaseException:
    """Return the error from which the others follow."""
    first = min(errors, key=_remoteness)
    if isinstance(first, BrokenExecutor):
        return KeystayError("a worker ended before its shard's end, perhaps for want of memory; ask for more shards")
    return first


def _remoteness(error: BaseException) -> int:
    """Return how many others an error may follow from."""
    follows = (LostShardError, BrokenExecutor, UnreachableTableError, MeetingBrokenError)
    return next((number for number, kind in enumerate(follows, 1) if isinstance(error, kind)), 0)


def live_shard(shard: Shard) -> ShardRun:
    """Live a shard to its end in this process, in step with the others."""
    began, worked = time.perf_counter(), time.process_time()
    with Delegate(shard.invitation, shard.part) as delegate:
        timed = _Timed(delegate)
        exchange = Shared(timed, shard.part)
        city, turns = _ready(shard, exchange)
        ready = time.perf_counter()
        market = live_part(shard.scenario, city, turns, exchange, shard.seed, shard.months, shard.threads)
    ended = time.perf_counter()
    record, members = market.record, city.customers.key.astype("int64")
    computing = time.process_time() - worked
    cost = ShardCost(members.size, ready - began, ended - ready, timed.waited, computing, most_memory())
    if not shard.accounts:
        record = record._replace(account=Account(*(array[:0] for array in record.account)))
    return ShardRun(members[: record.account.retained.size], record, cost)


def _ready(shard: Shard, exchange: Shared) -> tuple[City, Mapping[int, Programme]]:
    """Return the part of the city that lives here, and its programmes."""
    if shard.city is not None and not callable(shard.turns):
        return shard.city, shard.turns
    assert callable(shard.turns)
    city = found_part(shard.scenario, shard.part, shard.parts, exchange)
    return city, {0: shard.turns(shard.scenario, city, exchange)}


class _Timed:
    """The way to the table, and how long it has been waited for."""

    def __init__(self, delegate: Delegate):
        self.delegate, self.waited = delegate, 0.0

    def meet(self, part: int, purpose: str, given: Whole) -> Any:
        """Wait for all parts and return what follows for this one from the numbers that all gave."""
        began = time.perf_counter()
        try:
            return self.delegate.meet(part, purpose, given)
        finally:
            self.waited += time.perf_counter() - began
