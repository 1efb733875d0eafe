"""The minimal market as the engine and its peers run it: timed in turns in one run, and held against each other."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Literal, NamedTuple

import numpy as np
from minimal import MONTHS, Outcome, World, ours
from numpy.typing import NDArray
from peers import c_market, numpy_blocks, numpy_market, simpy_agents
from report import Figure

Side = Literal["at most", "at least"]
OURS = "ours, whole run"
TOLERANCE = 4.0
"""Standard errors, from the spread between seeds within all implementations, by which a peer's mean may differ."""


class Peer(NamedTuple):
    """An implementation of the minimal market, and what is wanted of ours beside it."""

    name: str
    run: Callable[[World, int], Outcome]
    target: float | None
    """Its time over ours, or where `wanted` is 'at most', ours over its."""
    wanted: Side = "at least"


class Played(NamedTuple):
    """What an implementation took and found, by repetition."""

    seconds: NDArray[np.float64]
    """CPU time, shape (repetitions,)."""
    found: NDArray[np.float64]
    """Shape (repetitions, measures)."""


def array_peers() -> tuple[list[Peer], list[str]]:
    """Return the peers that work on arrays, and what is missing here.

    The target against numpy is set for numpy as one writes it first; tuned in blocks it is shown to know how far numpy
    can be taken.
    """
    peers = [
        Peer("numpy, whole arrays, float64", partial(numpy_market.run, kind=np.float64), None),
        Peer("numpy, whole arrays, float32", partial(numpy_market.run, kind=np.float32), 4.0),
        Peer("numpy, tuned in blocks, float64", partial(numpy_blocks.run, kind=np.float64), None),
        Peer("numpy, tuned in blocks, float32", partial(numpy_blocks.run, kind=np.float32), None),
    ]
    if c_market.compiler() is None:
        return peers, ["C kernel skipped: there is no compiler here; install cc, gcc or clang"]
    try:
        c_market.library()
    except (OSError, RuntimeError) as problem:
        return peers, [f"C kernel skipped: {problem}"]
    return [*peers, Peer("C kernel", c_market.run, 3.0, "at most")], []


def agent_peers() -> tuple[list[Peer], list[str]]:
    """Return the peers with one agent per customer, and what is missing here."""
    peers = [Peer("SimPy, a process per customer", simpy_agents.run, 200.0)]
    if find_spec("mesa") is None:
        return peers, ["Mesa skipped: it isn't installed here; install keystay[bench]"]
    from peers import mesa_agents

    return [*peers, Peer("Mesa, an agent per customer", mesa_agents.run, 200.0)], []


def play(world: World, peers: Sequence[Peer], repetitions: int) -> dict[str, Played]:
    """Let ours and the peers run in turns, each repetition with a seed of its own."""
    runs = {OURS: ours, **{peer.name: peer.run for peer in peers}}
    seconds = np.empty((len(runs), repetitions))
    found = [[np.empty(0)] * repetitions for _ in runs]
    for seed in range(repetitions):
        for i, run in enumerate(runs.values()):
            gc.collect()
            began = time.process_time()
            outcome = run(world, seed)
            seconds[i, seed] = time.process_time() - began
            found[i][seed] = outcome.summary()
    return {name: Played(seconds[i], np.array(found[i])) for i, name in enumerate(runs)}


def gaps(played: dict[str, Played]) -> dict[str, NDArray[np.float64]]:
    """Return by how many standard errors each peer's means differ from ours, shape (measures,) each."""
    pooled = np.sqrt(np.mean([p.found.var(axis=0, ddof=1) for p in played.values()], axis=0))
    error = pooled * np.sqrt(2 / len(played[OURS].seconds))
    mean = played[OURS].found.mean(axis=0)
    return {name: (p.found.mean(axis=0) - mean) / error for name, p in played.items() if name != OURS}


def figures_of(customers: int, played: dict[str, Played], peers: Sequence[Peer]) -> list[Figure]:
    """Return times a customer-month, ratios to ours (medians over repetitions) and gaps to ours."""
    scale = 1e9 / customers / MONTHS
    figures = [
        Figure(f"minimal market: {name}", customers, float(np.median(p.seconds)) * scale, "ns/customer-month")
        for name, p in played.items()
    ]
    for peer in peers:
        ratio = played[peer.name].seconds / played[OURS].seconds
        value, said = (ratio, "this over ours") if peer.wanted == "at least" else (1 / ratio, "ours over this")
        figures.append(
            Figure(f"{said}: {peer.name}", customers, float(np.median(value)), "times", peer.target, peer.wanted)
        )
    for name, gap in gaps(played).items():
        size = float(np.abs(gap).max())
        figures.append(Figure(f"largest gap to ours: {name}", customers, size, "standard errors", TOLERANCE))
    return figures
