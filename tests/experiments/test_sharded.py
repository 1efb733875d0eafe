"""One market over an executor: as in one piece to the bit, and no worker waits for one that doesn't come."""

from __future__ import annotations

import importlib
import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import loky
import numpy as np
import pytest

from experiments.sharded import simulate_drawn_over, simulate_over
from sim import simulate
from sim.city import found
from sim.errors import InputError
from sim.exchange import ALONE
from sim.founding import practice_of_part
from sim.history import History
from sim.process import process_kinds
from sim.scenario import Scenario
from sim.state import City
from sim.table import LostShardError
from sim.testing import tiny_scenario

OWN_PARTS = '''
import os, signal
from sim.process import process_kinds
from sim.quantities import Settings

@process_kinds.register("test_gives_up")
class GivesUp(Settings):
    """Fails, or ends its whole process, in the second month where customer 0 lives."""
    killed: bool = False
    def run(self, market, clock):
        yield clock.timeout(1)
        if (market.city.customers.key == 0).any():
            if self.killed:
                os.kill(os.getpid(), signal.SIGKILL)
            raise ZeroDivisionError("customer 0")
'''


@pytest.fixture(scope="module", autouse=True)
def own_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Write a researcher's module, which workers find where this process finds it."""
    folder: Path = tmp_path_factory.mktemp("parts")
    (folder / "parts_that_give_up.py").write_text(OWN_PARTS, encoding="utf-8")
    sys.path.append(str(folder))
    importlib.import_module("parts_that_give_up")
    yield
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Return two processes."""
    with loky.ProcessPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return tiny_scenario(city={"customers": 200}, visit={"accounts_per_manager": 20}, months=5)


@pytest.fixture(scope="module")
def city(scenario: Scenario) -> City:
    return found(scenario).city


@pytest.fixture(scope="module")
def alone(scenario: Scenario, city: City) -> History:
    """Return the market under today's practice in one piece."""
    record = simulate(scenario, city, practice_of_part(scenario, city, ALONE), seed=5)
    assert min(record.visits_made.sum(), record.calls.sum(), record.complaints.sum(), record.hall_handled.sum()) > 0
    return record


def same(one: History, other: History, accounts: bool = True) -> bool:
    parts = zip(one._replace(account=()), other._replace(account=()), strict=True)
    each = zip(one.account, other.account, strict=True) if accounts else ()
    return all(np.array_equal(a, b) for a, b in [*parts, *each])


def over(executor: Executor, scenario: Scenario, city: City, **asked: Any) -> History:
    return simulate_over(
        executor, scenario, city, practice_of_part(scenario, city, ALONE), seed=5, **{"shards": 2, **asked}
    ).record


def giving_up(scenario: Scenario, **how: bool) -> Scenario:
    return scenario.model_copy(update={"processes": {"own": process_kinds["test_gives_up"](**how)}})


# The same market.


@pytest.mark.parametrize("shards", [1, 2])
def test_a_market_in_processes_of_their_own_is_that_in_one_piece(scenario, city, alone, pool, shards):
    assert same(over(pool, scenario, city, shards=shards), alone)


def test_a_city_drawn_and_burnt_in_by_processes_is_that_in_one_piece(scenario, alone, pool):
    assert same(simulate_drawn_over(pool, scenario, seed=5, shards=2).record, alone)


@pytest.mark.parametrize("shards", [1, 4])
def test_a_market_over_any_executor_is_that_in_one_piece(scenario, city, alone, shards):
    with ThreadPoolExecutor(shards) as threads:
        assert same(over(threads, scenario, city, shards=shards), alone)
        assert same(simulate_drawn_over(threads, scenario, seed=5, shards=shards).record, alone)


def test_programmes_of_several_months_reach_each_shard(scenario, city):
    turn = practice_of_part(scenario, city, ALONE)
    turns = {0: turn, 2: turn._replace(visits=turn.visits[::-1])}
    with ThreadPoolExecutor(3) as threads:
        apart = simulate_over(threads, scenario, city, turns, seed=5, months=4, shards=3)
    assert same(apart.record, simulate(scenario, city, turns, seed=5, months=4))


@pytest.mark.parametrize("drawn", [False, True])
def test_totals_come_without_accounts_where_nobody_asks_for_them(scenario, city, alone, drawn):
    with ThreadPoolExecutor(2) as threads:
        if drawn:
            record = simulate_drawn_over(threads, scenario, seed=5, shards=2, accounts=False).record
        else:
            record = over(threads, scenario, city, accounts=False)
    assert same(record, alone, accounts=False)
    assert [array.size for array in record.account] == [0] * len(record.account)


def test_each_shard_tells_what_it_took(scenario, city):
    with ThreadPoolExecutor(2) as threads:
        _, costs, traffic = simulate_over(
            threads, scenario, city, practice_of_part(scenario, city, ALONE), seed=5, shards=2
        )
    assert sum(cost.customers for cost in costs) == 200
    assert all(0 < cost.waiting < cost.founding + cost.living for cost in costs)
    assert traffic.meetings > scenario.months


@pytest.mark.slow
def test_a_market_in_the_standard_librarys_processes_is_that_in_one_piece(scenario, city, alone):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as spawned:
        assert same(over(spawned, scenario, city), alone)


@pytest.mark.slow
def test_a_market_on_a_dask_cluster_is_that_in_one_piece(scenario, city, alone):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, processes=True, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        assert same(over(executor, scenario, city), alone)
        assert same(simulate_drawn_over(executor, scenario, seed=5, shards=2).record, alone)


# Errors.


def test_an_error_in_one_process_ends_all_shards_with_that_error(scenario, city, pool):
    with pytest.raises(ZeroDivisionError, match="customer 0"):
        over(pool, giving_up(scenario), city)


def test_an_error_while_a_shard_is_founded_ends_all_shards_with_that_error(scenario, pool):
    few = scenario.model_copy(update={"visit": scenario.visit.model_copy(update={"accounts_per_manager": 200})})
    with pytest.raises(InputError, match="shards: 2 are more than the 1 account manager"):
        simulate_drawn_over(pool, few, seed=5, shards=2)


@pytest.mark.slow
def test_a_dask_worker_that_is_killed_ends_all_shards(scenario, city):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, processes=True, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
        pytest.raises(LostShardError, match=r"shard [01] of 2"),
    ):
        over(executor, giving_up(scenario, killed=True), city)


def test_more_shards_than_workers_are_refused(scenario, city):
    with ThreadPoolExecutor(2) as threads, pytest.raises(InputError, match="shards: 3 can't meet on 2 workers"):
        over(threads, scenario, city, shards=3)


class Busy(Executor):
    """An executor that runs the first task only, and doesn't tell how many it can run."""

    def __init__(self, threads: Executor) -> None:
        self.threads, self.tasks = threads, list[Future[Any]]()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand over the first task, and keep the others."""
        self.tasks += [Future() if self.tasks else self.threads.submit(fn, *args, **kwargs)]
        return self.tasks[-1]


def test_shards_that_cannot_run_at_once_do_not_wait_for_ever(scenario, city):
    with ThreadPoolExecutor(1) as threads:
        busy = Busy(threads)
        with pytest.raises(InputError, match=r"of 2 had come to the table within 0\.2 s"):
            over(busy, scenario, city, join_within=0.2)
    assert busy.tasks[1].cancelled()


def test_fewer_shards_than_one_are_refused(scenario):
    with ThreadPoolExecutor(1) as threads, pytest.raises(InputError, match="shards: 0 is below 1"):
        simulate_drawn_over(threads, scenario, seed=5, shards=0)


def test_a_process_that_is_killed_ends_all_shards(scenario, city, pool):  # the last one, since it breaks the pool
    with pytest.raises(LostShardError, match=r"shard [01] of 2"):
        over(pool, giving_up(scenario, killed=True), city)
