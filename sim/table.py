"""The table to which shards in other processes, or on other machines, come over a socket: a meeting with a door."""

from __future__ import annotations

import secrets
import socket
import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from socketserver import ThreadingTCPServer
from typing import Any, NamedTuple, Self

from sim.errors import KeystayError
from sim.invitation import BROKEN, FAILED, PATIENCE, WELCOME, WRONG, Invitation, admit, spoken, stay_in_touch
from sim.meeting import DONE, GATHER, Meeting, MeetingBrokenError
from sim.wire import Message, receive, send

HERE = "127.0.0.1"
"""The address of this machine for itself: nobody else can come to a table there."""


class LostShardError(KeystayError):
    """A shard went away without a word: its process was killed, or its machine can't be reached any more."""


class Traffic(NamedTuple):
    """What went over a table."""

    meetings: int
    """How often all shards met."""
    received: int
    """Bytes that shards gave, all of them together."""
    sent: int
    """Bytes that they got back."""


class Table:
    """A meeting with a door: each shard that comes in is seated in a thread, which speaks for it.

    Only who holds the invitation is let in, one for each number. What is said isn't encrypted.
    """

    def __init__(self, parts: int, host: str = HERE):
        self.parts, self.meeting, self._key = parts, Meeting(parts), secrets.token_bytes(32)
        self.over: Future[None] = Future()
        """Ends when all shards have come to their end, or with an error as soon as one of them is lost or fails."""
        self._seated: dict[int, socket.socket] = {}
        self._seating = threading.Lock()
        self._meetings, self._received, self._sent = ([0] * parts for _ in range(3))
        try:
            self._door = _Door((host, 0), self)
        except OSError as error:
            raise KeystayError(
                f"host: no table can be set up at '{host}' ({error.strerror or error}); give an address of this "
                "machine at which the workers reach it"
            ) from error
        self.invitation = Invitation(host, self._door.server_address[1], self._key)
        threading.Thread(target=self._door.serve_forever, args=(0.05,), name="table", daemon=True).start()

    @property
    def joined(self) -> int:
        """Return how many shards have come so far."""
        return len(self._seated)

    @property
    def traffic(self) -> Traffic:
        """Return what went over the table so far."""
        return Traffic(max(self._meetings), sum(self._received), sum(self._sent))

    def end(self, error: Exception | None = None) -> None:
        """Let nobody wait any more, nor meet again."""
        with suppress(InvalidStateError):  # the first to end it says why
            self.over.set_exception(error or MeetingBrokenError())
        self.meeting.end()

    def close(self) -> None:
        """End the meeting if it isn't over, and send everybody away."""
        self.end()
        self._door.shutdown()
        self._door.server_close()
        with self._seating:
            for line in self._seated.values():
                with suppress(OSError):  # who has left needn't be sent away
                    line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def attend(self, line: socket.socket) -> None:
        """Let in who comes, and speak for it until it leaves; who has no key, or no seat, is sent away."""
        line.settimeout(PATIENCE)
        if not admit(line, self._key):
            return
        (word, (number,)), _ = receive(line)
        part = int(number)
        refusal = self._refusal(part, word, line)
        send(line, Message(refusal or WELCOME))
        if refusal:
            return
        try:
            stay_in_touch(line)
            while self._answer(part, line):
                pass
        except (OSError, EOFError):
            self.end(LostShardError(_lost(part, self.parts)))
        except MemoryError:
            self.end(KeystayError("the table has not enough memory for what the shards tell each other in one meeting"))

    def _refusal(self, part: int, word: str, line: socket.socket) -> str:
        """Seat a shard, or return why it can't be."""
        if word != spoken():
            return f"it runs {word} and is asked to meet {spoken()}; install the same version everywhere"
        with self._seating:
            if self.over.done():
                return "the meeting is over"
            if part in self._seated or not 0 <= part < self.parts:
                return f"no seat {part} is free among {self.parts}"
            self._seated[part] = line
        return ""

    def _answer(self, part: int, line: socket.socket) -> bool:
        """Take what a shard gives, bring back what follows from that of all, and return whether it stays."""
        asked, size = receive(line)
        if asked.word == FAILED:
            self.end()
            return False
        self._received[part] += size
        self._sent[part] += send(line, self._outcome(part, asked))
        self._meetings[part] += 1
        return asked.word != DONE

    def _outcome(self, part: int, asked: Message) -> Message:
        try:
            outcome = self.meeting.meet(part, asked.word, *asked.arrays)
        except MeetingBrokenError:
            return Message(BROKEN)
        except RuntimeError as error:
            return Message(f"{WRONG} {error}")
        if asked.word == DONE:
            with suppress(InvalidStateError):  # all threads come by here
                self.over.set_result(None)
            return Message(WELCOME)
        return Message(WELCOME, tuple(outcome) if asked.word == GATHER else (outcome,))


def _lost(part: int, parts: int) -> str:
    return (
        f"shard {part} of {parts} (counted from 0) was lost: its process ended before its work was done, perhaps for "
        "want of memory; ask for more and so smaller shards, or for workers with more memory"
    )


class _Door(ThreadingTCPServer):
    """Takes what comes from the network to a table, each in a thread of its own."""

    daemon_threads, block_on_close = True, False

    def __init__(self, address: tuple[str, int], table: Table):
        self.table = table
        self.request_queue_size = max(table.parts, 5)
        super().__init__(address, _nobody)  # type: ignore[arg-type]

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Bring somebody to the table; who doesn't speak as a shard does is sent away."""
        with suppress(OSError, EOFError, ValueError):
            self.table.attend(request)


def _nobody(*_: object) -> None:
    """Stand in for the handler that a server asks for; the door handles what comes by itself."""
