"""Messages: what is sent is what arrives, and nothing else can be."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sim.wire import Message, receive, send

Line = tuple[socket.socket, socket.socket]


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def carried(line: Line, message: Message) -> Message:
    """Return what arrives at the other end; both sides must agree on its size."""
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, line[0], message)
        arrived, size = receive(line[1])
        assert sending.result() == size
    return arrived


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=20),
    st.lists(arrays(np.int64, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)), max_size=3),
)
def test_any_word_and_arrays_arrive_as_they_were_sent(line, word, given_arrays):
    arrived = carried(line, Message(word, tuple(given_arrays)))
    assert arrived.word == word
    for got, sent in zip(arrived.arrays, given_arrays, strict=True):
        assert got.dtype == np.int64
        assert got.shape == sent.shape
        assert np.array_equal(got, sent)


def test_arrays_larger_than_a_socket_takes_at_once_arrive_in_their_shape(line):
    rows = np.arange(3_000_000).reshape(-1, 3)
    arrived = carried(line, Message("gather", (rows, rows[::-7])))
    assert np.array_equal(arrived.arrays[0], rows)
    assert np.array_equal(arrived.arrays[1], rows[::-7])


def test_a_line_closed_within_a_message_is_told():
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"\0\0\0\x05\x01tot")
        one.close()
        with pytest.raises(EOFError, match="closed"):
            receive(other)


def test_what_is_no_text_is_no_word():
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"\0\0\0\x02\0\xff\xfe")
        with pytest.raises(UnicodeDecodeError):
            receive(other)
