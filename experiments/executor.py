"""Where futures are lived: in this process, or in several that end when asked to."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from sim.errors import InputError


def usual_workers() -> int:
    """Return how many processes are used unless asked otherwise: two, or one where there is one processor."""
    return min(2, os.cpu_count() or 1)


@contextmanager
def executor(workers: int) -> Iterator[Executor | None]:
    """Yield an executor of this many processes, none for one; an interruption kills them.

    What is computed doesn't depend on it. The processes begin to load while the caller still prepares.
    """
    if workers < 1:
        raise InputError(f"workers: {workers} is below 1; give the number of processes to use")
    if workers == 1:
        yield None
        return
    from loky import ProcessPoolExecutor

    pool: Executor = ProcessPoolExecutor(max_workers=workers, initializer=_begin)
    done = False
    try:
        pool.submit(_load)
        yield pool
        done = True
    finally:
        pool.shutdown(wait=True, kill_workers=not done)  # type: ignore[call-arg]


def _begin() -> None:
    """Leave an interruption to the process that asked for the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _load() -> None:
    """Load what living through a future needs."""
    import optimize.worth  # noqa: F401  imported for what it loads
