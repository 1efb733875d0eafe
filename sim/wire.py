"""Messages between shards and the table where they meet: a word and whole numbers, and nothing that could be run."""

from __future__ import annotations

import socket
import struct
from math import prod
from typing import NamedTuple

import numpy as np

from sim.exchange import Whole

_HEAD = struct.Struct("!IB")
"""Bytes of the word, and how many arrays follow."""
_AXES = struct.Struct("!B")
_LENGTH = struct.Struct("!Q")
_SMALL = 1 << 16
"""Bytes up to which a message goes out in one piece."""


class Message(NamedTuple):
    """A word, such as the purpose of a meeting, and arrays."""

    word: str
    arrays: tuple[Whole, ...] = ()


def send(line: socket.socket, message: Message) -> int:
    """Send a message and return its size, bytes; an `OSError` if nobody is there to take it."""
    word = message.word.encode()
    numbers = [np.asarray(array, dtype="<i8", order="C") for array in message.arrays]
    shapes = [_AXES.pack(array.ndim) + b"".join(map(_LENGTH.pack, array.shape)) for array in numbers]
    head = b"".join([_HEAD.pack(len(word), len(numbers)), word, *shapes])
    size = len(head) + sum(array.nbytes for array in numbers)
    if size <= _SMALL:
        line.sendall(b"".join([head, *(array.tobytes() for array in numbers)]))
        return size
    line.sendall(head)
    for array in numbers:
        line.sendall(array.reshape(-1).view(np.uint8).data)
    return size


def receive(line: socket.socket) -> tuple[Message, int]:
    """Return the next message and its size, bytes; an `EOFError` if the line has been closed."""
    length, count = _HEAD.unpack(take(line, _HEAD.size))
    word = take(line, length).decode()
    shapes = []
    for _ in range(count):
        (axes,) = _AXES.unpack(take(line, _AXES.size))
        shapes.append(tuple(_LENGTH.unpack(take(line, _LENGTH.size))[0] for _ in range(axes)))
    arrays = tuple(_numbers(line, shape) for shape in shapes)
    heads = sum(_AXES.size + len(shape) * _LENGTH.size for shape in shapes)
    return Message(word, arrays), _HEAD.size + length + heads + sum(array.nbytes for array in arrays)


def take(line: socket.socket, size: int) -> bytes:
    """Return just so many bytes; an `EOFError` if the line is closed before."""
    taken = bytearray(size)
    _fill(line, memoryview(taken))
    return bytes(taken)


def _numbers(line: socket.socket, shape: tuple[int, ...]) -> Whole:
    array = np.empty(prod(shape), dtype="<i8")
    _fill(line, array.view(np.uint8).data)
    return array.astype(np.int64, copy=False).reshape(shape)


def _fill(line: socket.socket, room: memoryview) -> None:
    while len(room):
        got = line.recv_into(room)
        if not got:
            raise EOFError("the other side has closed the line")
        room = room[got:]
