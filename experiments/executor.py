"""Where futures are lived: in this process, or in several that end when asked to."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import Any

from sim.errors import InputError, KeystayError


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

    pool: Any = ProcessPoolExecutor(max_workers=workers, initializer=_begin)
    done = False
    try:
        with _quiet_tracker():
            pool.submit(_load)
        yield InOrder(pool, ahead=2 * workers)
        done = True
    except BrokenExecutor as error:
        raise KeystayError("a process ended before its work was done, perhaps for want of memory; use -w 1") from error
    finally:
        pool.shutdown(wait=True, kill_workers=not done)


@contextmanager
def _quiet_tracker() -> Iterator[None]:
    """Let loky's tracker, which starts now, clean up after killed processes without telling the user."""
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [before, "ignore:resource_tracker"]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


class InOrder(Executor):
    """Another executor's map with only a few tasks ahead of what was asked for, so that no end takes long."""

    def __init__(self, pool: Executor, ahead: int) -> None:
        self.pool, self.ahead = pool, ahead

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a task over."""
        return self.pool.submit(fn, *args, **kwargs)

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any], **_: Any) -> Iterator[Any]:
        """Yield what a function returns for each entry, in order."""
        waiting: deque[Future[Any]] = deque()
        for arguments in zip(*iterables, strict=False):
            waiting.append(self.submit(fn, *arguments))
            if len(waiting) > self.ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin() -> None:
    """Leave an interruption to the process that asked for the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _load() -> None:
    """Load what living through a future needs."""
    import optimize.worth  # noqa: F401  imported for what it loads
