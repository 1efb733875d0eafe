"""Run as a script: the `optimize` command's stages on a book of so many customers, as JSON with its peak memory."""

from __future__ import annotations

import json
import resource
import sys
import time

from experiments import load
from optimize.plan import make_plan
from optimize.response import estimate
from optimize.worth import try_out
from sim import found
from sim.programme import nothing

FUTURES = 2
"""Futures of the simulated check, each of the plan and of doing nothing."""


def main(customers: int) -> None:
    """Print seconds by stage, by the clock on the wall, and bytes of the most memory ever held, after each stage."""
    settings = load("shenzhen_full", [f"city.customers={customers}"]).settings
    seconds, peak, began = {}, {}, time.perf_counter()

    def note(stage: str) -> None:
        nonlocal began
        seconds[stage] = time.perf_counter() - began
        peak[stage] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        began = time.perf_counter()

    start = found(settings)
    note("found the city and its book")
    response = estimate(settings, start.book)
    note("response")
    plan = make_plan(settings, start.book, response)
    note("allocation")
    try_out(settings, start.city, {"plan": plan.programme, "nothing": nothing(customers)}, FUTURES, seed=1)
    note(f"check on {FUTURES} futures")
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
