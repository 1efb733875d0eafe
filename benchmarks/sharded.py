"""What the default market takes in one process and in shards: seconds, memory, and bytes over the table.

`python benchmarks/sharded.py whole|given|drawn CUSTOMERS SHARDS MONTHS` lives it in one process, in shards of a city
founded here, or in shards that draw their own customers, each shard in a process of its own; 3 months of burn-in.
"""

from __future__ import annotations

import sys
import time

import conftest  # noqa: F401  one thread for every library
from growth import ready
from loky import ProcessPoolExecutor

from experiments import load, simulate_drawn_over, simulate_over
from experiments.shard_cost import ShardCost, most_memory
from sim import Scenario, simulate

SEED = 7
SMALL = 2_000
"""Customers of a run before the one that is measured, in which compiled code is loaded."""
MILLION = 1e6
GB = 1e9


def market(customers: int, months: int) -> Scenario:
    """Return the default market."""
    return load("shenzhen", [f"city.customers={customers}", "burn_in=3", f"months={months}"]).settings


def whole(customers: int, months: int) -> ShardCost:
    """Live the market in this process."""
    simulate(*ready(SMALL, months), seed=SEED)
    began, worked = time.perf_counter(), time.process_time()
    city = ready(customers, months)
    founded, settled = time.perf_counter(), time.process_time()
    simulate(*city, seed=SEED)
    say("founding, processor seconds", settled - worked)
    say("living, processor seconds", time.process_time() - settled)
    ended = time.perf_counter()
    return ShardCost(customers, founded - began, ended - founded, 0.0, time.process_time() - worked, most_memory())


def in_shards(customers: int, shards: int, months: int, drawn: bool) -> list[ShardCost]:
    """Live the market in shards and say what went over the table."""
    with ProcessPoolExecutor(shards) as pool:
        simulate_drawn_over(pool, market(SMALL, months), seed=SEED, shards=shards)
        if drawn:
            apart = simulate_drawn_over(pool, market(customers, months), seed=SEED, shards=shards, accounts=False)
        else:
            scenario, city, practice = ready(customers, months)
            say("memory here before shards are handed out, GB", most_memory() / GB)
            began = time.perf_counter()
            apart = simulate_over(pool, scenario, city, practice, seed=SEED, shards=shards)
            say("seconds, handing out and bringing back included", time.perf_counter() - began)
        say("memory here, GB", most_memory() / GB)
    traffic, lived = apart.traffic, customers * (months + 3 * drawn)
    say("meetings", traffic.meetings)
    say("bytes from shards a customer and month", traffic.received / lived)
    say("bytes to shards a customer and month", traffic.sent / lived)
    return list(apart.costs)


def say(what: str, number: float) -> None:
    """Print a figure."""
    sys.stdout.write(f"{what:55} {number:12.3f}\n")


def main(how: str, customers: int, shards: int, months: int) -> None:
    """Measure one market and print what it took, shard by shard."""
    costs = [whole(customers, months)] if how == "whole" else in_shards(customers, shards, months, how == "drawn")
    for cost in costs:
        years = cost.customers * months / 12 / MILLION
        say("customers", cost.customers)
        say("  founding, s", cost.founding)
        say("  living, s", cost.living)
        say("  waiting in both, s", cost.waiting)
        say("  processor seconds in both", cost.computing)
        say("  processor seconds a million customer-years", cost.computing / years)
        say("  memory, GB", cost.memory / GB)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
