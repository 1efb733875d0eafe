"""A shard's delegate: takes what the shard gives to the table in another process, and brings back what follows."""

from __future__ import annotations

import socket
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import numpy as np

from sim.exchange import Whole
from sim.invitation import (
    FAILED,
    PATIENCE,
    WELCOME,
    WRONG,
    Invitation,
    UnreachableTableError,
    introduce,
    spoken,
    stay_in_touch,
)
from sim.meeting import MeetingBrokenError
from sim.wire import Message, receive, send


class Delegate:
    """The way to a table for one shard, for as long as the `with` block lasts; a failure in it ends the meeting."""

    def __init__(self, invitation: Invitation, part: int):
        self.invitation, self.part = invitation, part

    def __enter__(self) -> Self:
        try:
            self._line = socket.create_connection((self.invitation.host, self.invitation.port), PATIENCE)
        except OSError as error:
            raise UnreachableTableError(self._unreachable(error)) from error
        try:
            answer = self._ask_in()
        except (OSError, EOFError) as error:
            self._line.close()
            raise UnreachableTableError(self._unreachable(error)) from error
        if answer != WELCOME:
            self._line.close()
            raise UnreachableTableError(f"shard {self.part} isn't let in: {answer}")
        stay_in_touch(self._line)
        return self

    def _unreachable(self, error: Exception) -> str:
        where = f"{self.invitation.host}, port {self.invitation.port}"
        return (
            f"shard {self.part} can't reach the table at {where} ({error}); give as `host` an address of the machine "
            "that asks, at which the workers reach it"
        )

    def _ask_in(self) -> str:
        if not introduce(self._line, self.invitation.key):
            return "who keeps the table doesn't know its key"
        send(self._line, Message(spoken(), (np.array(self.part),)))
        return receive(self._line)[0].word

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            with suppress(OSError):  # the table may have gone already
                send(self._line, Message(FAILED))
        self._line.close()

    def meet(self, part: int, purpose: str, given: Whole) -> Any:
        """Wait for all parts and return what follows for this one from the numbers that all gave."""
        whole = np.asarray(given).astype(np.int64, casting="safe", copy=False)
        try:
            send(self._line, Message(purpose, (whole,)))
            (word, arrays), _ = receive(self._line)
        except (OSError, EOFError):
            raise MeetingBrokenError from None
        if word.startswith(WRONG):
            raise RuntimeError(word.removeprefix(WRONG).strip())
        if word != WELCOME:
            raise MeetingBrokenError
        for array in arrays:
            array.flags.writeable = False
        return arrays[0] if len(arrays) == 1 else arrays
