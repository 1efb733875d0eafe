"""Living a sweep: what is missing is handed out in shards to processes, until all is there or too much has failed."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from experiments.executor import executor as processes
from experiments.executor import is_lost
from experiments.sweeps.agenda import Agenda, Sweep
from experiments.sweeps.folder import FACTS, FAILED, note_event
from experiments.sweeps.model import Run
from experiments.sweeps.shard import MOST_RUNS, MOST_SECONDS, Shard, Task, live_shard
from sim.errors import KeystayError

POLL = 1.0
"""Seconds after which progress is told anew though nothing has come in."""
SHORTEST = 0.25
"""Seconds of living that a shard is worth writing for, while there is more."""
SHARDS_EACH = 3
"""How many shards a process gets at least, so that none is idle long at the end."""


class Count(NamedTuple):
    """How far a sweep is."""

    done: int
    failed: int
    left: int
    seconds: float
    """Since this call began."""
    here: int
    """Runs lived by this call."""
    best: str
    """The policy that leads by now, and its mean, in words."""

    @property
    def total(self) -> int:
        """How many runs there will be, by what is known now."""
        return self.done + self.failed + self.left

    @property
    def remaining(self) -> float:
        """Seconds that what is left will take, by the runs lived so far; not a number before there are any."""
        return self.left * self.seconds / self.here if self.here else float("nan")


Tell = Callable[[Count], None]


class SweepStoppedError(KeystayError):
    """A sweep that stopped before its end; what was written is kept, and the same command continues."""


class InterruptedSweepError(SweepStoppedError):
    """A sweep that was interrupted."""

    exit_code = 130


class Here(Executor):
    """An executor that does the work at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  a future holds whatever was raised
            future.set_exception(error)
        return future


@contextmanager
def pool_of(given: Executor | None, workers: int) -> Iterator[tuple[Executor, int]]:
    """Yield where to live and how many tasks to have there: an executor of one's own, or this many processes."""
    if given is not None:
        yield given, 2 * max(workers, 1)
        return
    with processes(workers, load=live_shard.__module__) as pool:
        yield (Here(), 1) if pool is None else (pool, 2 * workers)


class Cost:
    """What runs and the preparation of cells take, as far as that has been seen."""

    def __init__(self) -> None:
        self.first, self.cells, self.other, self.runs = 0.0, 0, 0.0, 0

    def add(self, shard: Shard) -> None:
        """Take in what a shard took."""
        self.first, self.cells = self.first + shard.first, self.cells + shard.cells
        self.other, self.runs = self.other + shard.living - shard.first, self.runs + len(shard.rows) - shard.cells

    @property
    def least(self) -> int:
        """How many runs take as long as preparing a cell; those of a whole shard as long as that isn't known."""
        if not self.cells or not self.runs or self.other <= 0:
            return MOST_RUNS
        each = self.other / self.runs
        return min(MOST_RUNS, max(1, math.ceil(max(self.first / self.cells - each, SHORTEST) / each)))


class Living:
    """A sweep while it is lived."""

    def __init__(
        self, sweep: Sweep, agenda: Agenda, folder: Path, tell: Tell, max_failures: int | None, workers: int
    ) -> None:
        self.sweep, self.agenda, self.folder, self.tell = sweep, agenda, folder, tell
        self.max_failures, self.workers = max_failures, max(workers, 1)
        self.begun = time.monotonic()
        self.sums = {policy: [0.0, 0] for policy in sweep.policies}
        self.done = self.failed = self.here = self.failed_here = 0
        self.waiting: dict[Future[Shard], tuple[Run, ...]] = {}
        self.queue: deque[tuple[Run, ...]] = deque()
        self.left = 0
        self.cost = Cost()

    def count(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take in runs that are there."""
        rows = list(rows)
        self.agenda.add(rows)
        for row in rows:
            if row[len(FACTS) - 1] == FAILED:
                self.failed += 1
            else:
                self.done += 1
                total = self.sums[row[2]]
                total[0] += row[len(FACTS)]
                total[1] += 1

    def live(self, pool: Executor, ahead: int) -> None:
        """Live all that is missing."""
        self.live_these(pool, ahead, list(self.agenda.wanted()))

    def live_these(self, pool: Executor, ahead: int, runs: Sequence[Run]) -> None:
        """Live some runs, and more replications where a cell wants them."""
        self.left = len(runs)
        self.queue.extend(shards_of(runs, self.workers))
        self._told()
        while self.queue or self.waiting:
            while self.queue and len(self.waiting) < ahead:
                runs = self._next()
                self.waiting[pool.submit(live_shard, self._task(runs))] = runs
            finished, _ = wait(self.waiting, timeout=POLL, return_when=FIRST_COMPLETED)
            for future in finished:
                self._take(future)
            self._told()

    def _next(self) -> tuple[Run, ...]:
        """Return the runs of the next shard: fewer towards the end, so that all processes end about together.

        A cell is only divided where its preparation takes less than what is divided.
        """
        runs = self.queue.popleft()
        fair = math.ceil((len(runs) + sum(map(len, self.queue))) / (SHARDS_EACH * self.workers))
        size = max(fair, self.cost.least)
        if size < len(runs):
            self.queue.appendleft(runs[size:])
        return runs[:size]

    def _take(self, future: Future[Shard]) -> None:
        asked = self.waiting.pop(future)
        shard = future.result()
        self.count(shard.rows)
        failed = [row for row in shard.rows if row[len(FACTS) - 1] == FAILED]
        self.here += len(shard.rows)
        self.failed_here += len(failed)
        self.left -= len(shard.rows)
        self.cost.add(shard)
        facts = {"runs": len(shard.rows), "failed": len(failed), "living": round(shard.living, 3)}
        note_event(self.folder, "shard", name=shard.name, **facts, seconds=round(shard.seconds, 3))
        if shard.left:
            self.queue.appendleft(shard.left)
        if self.sweep.precision:
            self._extend({run.cell for run in asked})
        if self.max_failures is not None and self.failed_here > self.max_failures:
            raise SweepStoppedError(_too_many(failed[-1], self.failed_here, self.max_failures, self.folder))

    def _extend(self, cells: set[int]) -> None:
        """Ask for more replications of cells of which none is on its way, where differences aren't known yet."""
        busy = {run.cell for runs in (*self.waiting.values(), *self.queue) for run in runs}
        more = [run for cell in sorted(cells - busy) for run in self.agenda.wanted_of(self.sweep.cells[cell])]
        self.left += len(more)
        self.queue.extend(shards_of(more, 1))

    def _task(self, runs: tuple[Run, ...]) -> Task:
        cells = {run.cell: self.sweep.cells[run.cell] for run in runs}
        return Task(self.sweep.model, cells, runs, self.folder, MOST_SECONDS)

    def _told(self) -> None:
        seconds = time.monotonic() - self.begun
        self.tell(Count(self.done, self.failed, self.left, seconds, self.here, self._best()))

    def _best(self) -> str:
        means = {policy: total / count for policy, (total, count) in self.sums.items() if count}
        if len(means) < 2:
            return ""
        best = max(means, key=lambda policy: means[policy])
        return f"{best} {means[best]:,.0f}"


@contextmanager
def lived_in(living: Living, given: Executor | None, workers: int) -> Iterator[tuple[Executor, int]]:
    """Lend the processes asked for to live a sweep in; whatever stops it is told with how to go on."""
    folder = living.folder
    try:
        with pool_of(given, workers) as lent:
            yield lent
    except KeyboardInterrupt:
        note_event(folder, "interrupted")
        raise InterruptedSweepError(f"interrupted; {_kept(living)}") from None
    except MemoryError:
        raise SweepStoppedError(f"no memory left; take fewer workers with -w; {_kept(living)}") from None
    except Exception as error:
        if not is_lost(error):
            raise
        told = " ".join(str(error).split()) or type(error).__name__
        raise SweepStoppedError(f"a process was lost before its work was done ({told}); {_kept(living)}") from None


def _kept(living: Living) -> str:
    there = living.done + living.failed
    return f"{there} of {there + living.left} runs are kept in {living.folder}, and the same command continues"


def _too_many(row: Sequence[Any], failed: int, most: int, folder: Path) -> str:
    return (
        f"{failed} runs failed, and at most {most} were to; the last one, {row[0]}: {row[-3]}; see it with "
        f"'keystay rerun {folder} {row[0]}', mend it or raise --max-failures, and the same command continues"
    )


def shards_of(runs: Sequence[Run], workers: int) -> Iterator[tuple[Run, ...]]:
    """Yield runs in shards: whole cells where several fit, and enough shards that no process is idle long.

    >>> runs = [Run(f"{cell}-{n}", cell, "plan", n) for cell in range(3) for n in range(40)]
    >>> [len(shard) for shard in shards_of(runs, 1)]
    [40, 40, 40]
    """
    size = min(MOST_RUNS, math.ceil(len(runs) / (SHARDS_EACH * workers)))
    held: list[Run] = []
    for _, group in groupby(runs, key=lambda run: run.cell):
        cell = list(group)
        if held and len(held) + len(cell) > size:
            yield tuple(held)
            held = []
        held += cell
        while len(held) > MOST_RUNS or (len(held) > size and len(cell) > 2 * size):
            yield tuple(held[:size])
            held = held[size:]
    if held:
        yield tuple(held)
