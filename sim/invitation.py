"""Who may come to a table: who shows that it holds the key, which never goes over the line, and runs what we run."""

from __future__ import annotations

import hmac
import secrets
import socket
from dataclasses import dataclass, field
from importlib.metadata import version

from sim.errors import KeystayError
from sim.wire import take

NONCE = 32
"""Bytes of what each side makes up for the other to sign; as many as a signature has."""
PATIENCE = 30.0
"""Seconds in which the other side must show who it is."""
SILENCE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 120_000))
"""After what silence a machine has gone: some two minutes, seconds but for the last."""
WELCOME, BROKEN, WRONG, FAILED = "welcome", "broken", "wrong", "failed"
"""What table and shard say to each other beside the purposes of a meeting."""


class UnreachableTableError(KeystayError):
    """A shard found no table, or one that doesn't let it in."""


@dataclass(frozen=True)
class Invitation:
    """What a shard needs to come to a table; whoever prints it doesn't see the key."""

    host: str
    port: int
    key: bytes = field(repr=False)


def spoken() -> str:
    """Return what both sides must run alike, or one city would live two models."""
    return f"keystay {version('keystay')}"


def admit(line: socket.socket, key: bytes) -> bool:
    """Return whether the other side holds the key, and show it that we do."""
    ours = secrets.token_bytes(NONCE)
    line.sendall(ours)
    theirs, signed = take(line, NONCE), take(line, NONCE)
    if not hmac.compare_digest(signed, _signature(key, b"shard", ours, theirs)):
        return False
    line.sendall(_signature(key, b"table", theirs, ours))
    return True


def introduce(line: socket.socket, key: bytes) -> bool:
    """Show the other side, which admits us, that we hold the key, and return whether it holds it too."""
    theirs, ours = take(line, NONCE), secrets.token_bytes(NONCE)
    line.sendall(ours + _signature(key, b"shard", theirs, ours))
    return hmac.compare_digest(take(line, NONCE), _signature(key, b"table", ours, theirs))


def _signature(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key, b"".join(parts), "sha256")


def stay_in_touch(line: socket.socket) -> None:
    """Wait for answers as long as they take, send small messages at once, and notice a machine that has gone."""
    line.settimeout(None)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in SILENCE:
        if hasattr(socket, option):  # systems differ in what they let one set
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
