"""Where the shards of a city meet at what spans it: an exchange for threads of one process."""

from __future__ import annotations

import threading
from typing import Any, Protocol

import numpy as np

from sim.exchange import Gathered, Whole, in_order


class MeetingBrokenError(Exception):
    """Another shard has failed, and its error is the one to tell; this shard only stopped waiting."""


class Meeting:
    """A table at which each of several parts lays down numbers, and gets what follows from those of all.

    What follows is worked out once, from the parts in their order, when the last has come; so it doesn't depend on who
    comes when. Where one part fails, or asks for something else than the others, all of them stop with an error.
    """

    def __init__(self, parts: int):
        self._laid: list[tuple[str, Whole]] = [("", np.empty(0, dtype=np.int64))] * parts
        self._outcome: Any = None
        self._barrier = threading.Barrier(parts, action=self._work_out)

    def meet(self, part: int, purpose: str, given: Whole) -> Any:
        """Wait for all parts and return what follows for this one from the numbers that all gave."""
        self._laid[part] = (purpose, given)
        try:
            self._barrier.wait()
        except threading.BrokenBarrierError:
            raise MeetingBrokenError from None
        outcome = self._outcome  # the next one can't be worked out before every part has come back
        if isinstance(outcome, Exception):
            raise outcome
        return outcome[part]

    def end(self) -> None:
        """Let nobody wait any more, nor meet again."""
        self._barrier.abort()

    def _work_out(self) -> None:
        purposes = {purpose for purpose, _ in self._laid}
        shapes = {given.shape[1:] if purpose == GATHER else given.shape for purpose, given in self._laid}
        alike = len(purposes) == 1 and len(shapes) == 1
        numbers = [given for _, given in self._laid]
        self._outcome = WORK_OUT[purposes.pop()](numbers) if alike else RuntimeError(_unlike(self._laid))


def _unlike(laid: list[tuple[str, Whole]]) -> str:
    asked = ", ".join(f"shard {part}: {purpose} {given.shape}" for part, (purpose, given) in enumerate(laid))
    return (
        f"shards of a city asked their exchange for different things ({asked}); every shard must ask alike, whatever "
        "its own customers are like"
    )


def _total(numbers: list[Whole]) -> list[Whole]:
    return [_shared(np.sum(numbers, axis=0, dtype=np.int64))] * len(numbers)


def _highest(numbers: list[Whole]) -> list[Whole]:
    return [_shared(np.max(numbers, axis=0))] * len(numbers)


def _gathered(numbers: list[Whole]) -> list[Gathered]:
    rows, place = in_order(np.concatenate(numbers))
    edges = np.cumsum([len(given) for given in numbers])[:-1]
    return [Gathered(_shared(rows), mine) for mine in np.split(place, edges)]


def _done(numbers: list[Whole]) -> list[None]:
    return [None] * len(numbers)


def _shared(numbers: Any) -> Whole:
    """Return numbers that several threads see, so that none of them may change them."""
    array = np.asarray(numbers)
    array.flags.writeable = False
    return array


TOTAL, HIGHEST, GATHER, DONE = "total", "highest", "gather", "done"
WORK_OUT = {TOTAL: _total, HIGHEST: _highest, GATHER: _gathered, DONE: _done}


class MeetingPlace(Protocol):
    """Where a part meets the others: a `Meeting` of threads, or the way to one in another process."""

    def meet(self, part: int, purpose: str, given: Whole) -> Any:
        """Wait for all parts and return what follows for this one from the numbers that all gave."""
        ...


class Shared:
    """The exchange of one shard, by its number."""

    def __init__(self, meeting: MeetingPlace, part: int):
        self.meeting, self.part = meeting, part

    def total(self, counted: Whole) -> Whole:
        """Return the sum over all parts, shape as given."""
        return np.asarray(self.meeting.meet(self.part, TOTAL, counted))

    def highest(self, counted: Whole) -> Whole:
        """Return the largest of all parts, entry by entry, shape as given."""
        return np.asarray(self.meeting.meet(self.part, HIGHEST, counted))

    def gather(self, rows: Whole) -> Gathered:
        """Return the rows of all parts in canonical order."""
        return Gathered(*self.meeting.meet(self.part, GATHER, rows))

    def done(self) -> None:
        """Wait until every part has come to its end."""
        self.meeting.meet(self.part, DONE, np.empty(0, dtype=np.int64))
