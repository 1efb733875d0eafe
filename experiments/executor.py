"""Where futures are lived: in this process, or in several that end when asked to."""

from __future__ import annotations

import importlib
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import Any

from sim.errors import InputError, KeystayError, did_you_mean

LIVING, SWEEPING = "optimize.worth", "experiments.sweeps.market"
"""Modules with all that living a future needs, and what a sweep's cells need."""


def usual_workers() -> int:
    """Return how many processes are used unless asked otherwise: two, or one where there is one processor."""
    return min(2, os.cpu_count() or 1)


@contextmanager
def executor(workers: int, load: str = LIVING) -> Iterator[Executor | None]:
    """Yield an executor of this many processes, none for one; an interruption kills them.

    What is computed doesn't depend on it. Every process begins at once to load a module while the caller prepares.
    """
    if workers < 1:
        raise InputError(f"workers: {workers} is below 1; give the number of processes to use")
    if workers == 1:
        yield None
        return
    from loky import ProcessPoolExecutor

    pool: Any = ProcessPoolExecutor(max_workers=workers, initializer=_begin, initargs=(load,))
    done = False
    try:
        with _quiet_tracker():
            pool.submit(abs, 0)  # all processes begin with the first task
        yield InOrder(pool, ahead=2 * workers)
        done = True
    except BrokenExecutor as error:
        raise KeystayError("a process ended before its work was done, perhaps for want of memory; use -w 1") from error
    finally:
        pool.shutdown(wait=True, kill_workers=not done)


SERIAL, LOKY, DASK = "serial", "loky", "dask"
EXECUTORS = (LOKY, SERIAL, DASK)
RETRIES = 3
"""How often a task is handed out again whose process was lost, where the executor can do that."""


@contextmanager
def chosen(name: str, workers: int, scheduler: str | None = None) -> Iterator[Executor | None]:
    """Yield the executor of a name: this process, loky's processes, or Dask's workers; none means this process.

    Dask's are those of the scheduler at an address such as tcp://10.0.0.1:8786, or of a cluster of `workers` processes
    that is begun here and ended again.
    """
    if name not in EXECUTORS:
        raise InputError(f"--executor {name}: unknown; {did_you_mean(name, EXECUTORS)}")
    if scheduler and name != DASK:
        raise InputError(f"--scheduler {scheduler}: only Dask has one; give --executor dask with it")
    if name == DASK:
        with _dask(workers, scheduler) as pool:
            yield pool
    else:
        with executor(1 if name == SERIAL else workers, SWEEPING) as pool:
            yield pool


@contextmanager
def _dask(workers: int, scheduler: str | None) -> Iterator[Executor]:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError("--executor dask: Dask isn't installed; pip install 'keystay[dask]'") from None
    if scheduler is None:
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)
        with cluster, Client(cluster) as client:
            yield client.get_executor(pure=False, retries=RETRIES)
        return
    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"--scheduler {scheduler}: can't be reached ({reason}); see that it runs there") from None
    with client:
        yield client.get_executor(pure=False, retries=RETRIES)


def is_lost(error: BaseException) -> bool:
    """Return whether an error tells that a process was lost, rather than that its work failed."""
    lost = isinstance(error, BrokenExecutor) or isinstance(error.__cause__, BrokenExecutor)
    return lost or type(error).__name__ in ("KilledWorker", "CancelledError")


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


def _begin(load: str) -> None:
    """Leave an interruption to the process that asked for the work, and load what that needs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    importlib.import_module(load)
